// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

/// A netlink message to send: the header, a fixed part, attributes, in this order.
package struct NetlinkRequest {
  /// What answers to this request carry.
  package static let sequence: UInt32 = 1

  /// The message as the kernel reads it.
  package private(set) var bytes: [UInt8] = []

  /// Asks for all that there is.
  ///
  /// The corresponding C constant is `NLM_F_DUMP`.
  package static func all(_ type: Int32) -> NetlinkRequest {
    NetlinkRequest(type, flags: CS_NLM_F_REQUEST | CS_NLM_F_DUMP)
  }

  /// Asks for one thing; the answer ends with an acknowledgement.
  ///
  /// The corresponding C constant is `NLM_F_ACK`.
  package static func one(_ type: Int32) -> NetlinkRequest {
    NetlinkRequest(type, flags: CS_NLM_F_REQUEST | CS_NLM_F_ACK)
  }

  private init(_ type: Int32, flags: Int32) {
    bytes.appendNumber(UInt32(0))
    bytes.appendNumber(UInt16(truncatingIfNeeded: type))
    bytes.appendNumber(UInt16(truncatingIfNeeded: flags))
    bytes.appendNumber(Self.sequence)
    bytes.appendNumber(UInt32(0))
    writeLength()
  }

  /// Appends fields of the fixed part.
  package mutating func append<Number: FixedWidthInteger>(_ numbers: Number...) {
    for number in numbers { bytes.appendNumber(number) }
    writeLength()
  }

  /// Appends zeroes to the fixed part.
  package mutating func pad(_ count: Int) {
    bytes += repeatElement(0, count: count)
    writeLength()
  }

  /// Appends an attribute, whose value is far below the 65531 bytes that fit.
  package mutating func append(attribute type: Int32, _ value: [UInt8]) {
    let count = NetlinkFormat.attributeHeaderByteCount + value.count
    bytes.appendNumber(UInt16(truncatingIfNeeded: count))
    bytes.appendNumber(UInt16(truncatingIfNeeded: type))
    bytes += value
    while bytes.count % 4 != 0 { bytes.append(0) }
    writeLength()
  }

  /// Appends an attribute that is a number.
  package mutating func append(attribute type: Int32, _ value: UInt32) {
    var bytes: [UInt8] = []
    bytes.appendNumber(value)
    append(attribute: type, bytes)
  }

  private mutating func writeLength() {
    for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: bytes.count >> (8 * index)) }
  }
}
