// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

// Each question goes over the items until it meets its answer; none allocates, except for a security label and
// for the forms that make values with bytes in them.
extension ControlBuffer {
  /// Calls a body with each item, in the kernel's order.
  ///
  /// - Parameter body: is handed the item; a malformed buffer ends with ``ControlMessage/malformed(offset:)``.
  /// - Throws: what the body throws.
  ///
  /// The corresponding C macros are `CMSG_FIRSTHDR` and `CMSG_NXTHDR`.
  public func forEach<E: Error>(_ body: (ControlMessage) throws(E) -> Void) throws(E) {
    try ControlQuestions.forEach(storage.span.extracting(first: filledByteCount), body)
  }

  /// All items in an array.
  public var messages: [ControlMessage] {
    var messages: [ControlMessage] = []
    forEach { messages.append($0) }
    return messages
  }

  /// Whether nothing came.
  public var isEmpty: Bool { filledByteCount == 0 }

  /// Who the sender is; see ``ControlMessage/credentials(_:)``.
  public var credentials: ProcessCredentials? {
    payload(CS_SOL_SOCKET, CS_SCM_CREDENTIALS) { ControlPayload.credentials($0, $1) }
  }

  /// The sender's label of the security module, without the final NUL; see
  /// ``ControlMessage/securityLabel(_:)``.
  public var securityLabel: [UInt8]? {
    payload(CS_SOL_SOCKET, CS_SCM_SECURITY) { ControlPayload.securityLabel($0, $1) }
  }

  /// Which way the packet came in; see ``ControlMessage/packetInfo(_:)``.
  public var packetInfo: PacketInfo? {
    withFilled { ControlQuestions.first($0) { ControlPayload.packetInfo($0, $1) } }
  }

  /// The time to live of an IPv4 packet when it arrived.
  public var timeToLive: UInt8? {
    payload(CS_SOL_IP, CS_IP_TTL) { ControlPayload.octet($0, $1) }
  }

  /// The hop limit of an IPv6 packet when it arrived.
  public var hopLimit: UInt8? {
    payload(CS_SOL_IPV6, CS_IPV6_HOPLIMIT) { ControlPayload.octet($0, $1) }
  }

  /// The type of service of an IPv4 packet, or the traffic class of an IPv6 packet.
  public var trafficClass: TrafficClass? {
    let octet =
      payload(CS_SOL_IP, CS_IP_TOS) { ControlPayload.octet($0, $1) }
      ?? payload(CS_SOL_IPV6, CS_IPV6_TCLASS) { ControlPayload.octet($0, $1) }
    return octet.map { TrafficClass(rawValue: $0) }
  }

  /// When the message arrived, or in the error queue: left; see ``ControlMessage/timestamps(_:)``.
  public var timestamps: MessageTimestamps? {
    withFilled { ControlQuestions.timestamps($0) }
  }

  /// The size of the datagrams that the kernel has put together; see
  /// ``ControlMessage/coalescedSegmentSize(_:)``.
  public var coalescedSegmentSize: Int? {
    withFilled { ControlQuestions.coalescedSegmentSize($0) }
  }

  /// How many messages the socket has dropped since it was made; see ``ControlMessage/dropCount(_:)``.
  public var dropCount: UInt32? {
    payload(CS_SOL_SOCKET, CS_SCM_RXQ_OVFL) { $0.number(at: 0, in: $1) }
  }

  /// Where the packet was going before it was redirected.
  public var originalDestination: SocketAddress? {
    withFilled { ControlQuestions.first($0) { ControlPayload.originalDestination($0, $1) } }
  }

  /// The record of the error queue that the message is.
  public var extendedError: ExtendedError? {
    withFilled { ControlQuestions.first($0) { ControlPayload.extendedError($0, $1) } }
  }

  private func payload<R>(
    _ level: Int32,
    _ type: Int32,
    _ read: (borrowing Span<UInt8>, Range<Int>) -> R?
  ) -> R? {
    withFilled { bytes in
      guard let range = ControlFormat.first(level: level, type: type, in: bytes) else {
        return nil
      }
      return read(bytes, range)
    }
  }
}

/// The questions that a control buffer and the slots of a batch have in common.
package enum ControlQuestions {
  /// Reads all the items.
  package static func forEach<E: Error>(
    _ bytes: borrowing Span<UInt8>, _ body: (ControlMessage) throws(E) -> Void
  ) throws(E) {
    var cursor = ControlCursor()
    while true {
      switch cursor.next(in: bytes) {
      case .item(let item): try body(ControlMessage(item, in: bytes))
      case .malformed(let offset): try body(.malformed(offset: offset))
      case .end: return
      }
    }
  }

  /// The first item that can be read in one of the forms.
  static func first<R>(
    _ bytes: borrowing Span<UInt8>,
    _ read: (borrowing Span<UInt8>, ControlItem) -> R?
  ) -> R? {
    var cursor = ControlCursor()
    while case .item(let item) = cursor.next(in: bytes) {
      if let answer = read(bytes, item) { return answer }
    }
    return nil
  }

  /// The instants of all the forms together.
  static func timestamps(_ bytes: borrowing Span<UInt8>) -> MessageTimestamps? {
    var all: MessageTimestamps?
    var cursor = ControlCursor()
    while case .item(let item) = cursor.next(in: bytes) {
      guard let some = ControlPayload.timestamps(bytes, item) else { continue }
      all = MessageTimestamps(
        software: all?.software ?? some.software,
        hardware: all?.hardware ?? some.hardware
      )
    }
    return all
  }

  static func coalescedSegmentSize(_ bytes: borrowing Span<UInt8>) -> Int? {
    guard let range = ControlFormat.first(level: CS_SOL_UDP, type: CS_UDP_GRO, in: bytes),
      let size: Int32 = bytes.number(at: 0, in: range), size > 0
    else { return nil }
    return Int(size)
  }
}
