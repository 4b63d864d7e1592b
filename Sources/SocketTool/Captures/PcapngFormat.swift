// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The blocks of a capture file as Wireshark and tcpdump read it: pcapng, with whole IP packets and no link below them.
///
/// The format is that of draft-ietf-opsawg-pcapng; numbers are little-endian, times in nanoseconds.
enum PcapngFormat {
  /// `LINKTYPE_RAW`: a packet begins with its IP header, of either version.
  private static let linkType: UInt16 = 101

  /// Begins a file: a section header block and the description of the one interface.
  ///
  /// - Parameters:
  ///   - program: who writes the file.
  ///   - interface: the name of the interface that the packets are said to come from.
  ///   - file: gets the blocks.
  static func begin(program: String, interface: String, into file: inout [UInt8]) {
    var section = little(UInt32(0x1a2b_3c4d)) + little(UInt16(1)) + little(UInt16(0))
    // The length of the section is not known beforehand.
    section += little(UInt64.max)
    section += option(4, Array(program.utf8)) + endOfOptions
    append(0x0a0d_0d0a, section, to: &file)
    var description = little(linkType) + little(UInt16(0)) + little(UInt32(0))
    description += option(2, Array(interface.utf8))
    // Times are in units of 10^-9 seconds.
    description += option(9, [9]) + endOfOptions
    append(1, description, to: &file)
  }

  /// Adds a packet: an enhanced packet block.
  ///
  /// - Parameters:
  ///   - packet: the whole packet.
  ///   - nanoseconds: when it was seen, since the beginning of 1970.
  ///   - comment: what to say about it.
  ///   - file: gets the block.
  static func add(
    _ packet: [UInt8], at nanoseconds: UInt64, comment: String? = nil, into file: inout [UInt8]
  ) {
    let notes = comment.map { option(1, Array($0.utf8)) + endOfOptions } ?? []
    let padding = (4 - packet.count % 4) % 4
    let length = UInt32(clamping: 32 + packet.count + padding + notes.count)
    let size = UInt32(clamping: packet.count)
    let high = UInt32(truncatingIfNeeded: nanoseconds >> 32)
    let low = UInt32(truncatingIfNeeded: nanoseconds)
    for number in [6, length, 0, high, low, size, size] { file += little(number) }
    file += packet
    file += repeatElement(0, count: padding)
    file += notes
    file += little(length)
  }

  private static func append(_ type: UInt32, _ body: [UInt8], to file: inout [UInt8]) {
    let length = UInt32(clamping: body.count + 12)
    file += little(type)
    file += little(length)
    file += body
    file += little(length)
  }

  private static let endOfOptions: [UInt8] = [0, 0, 0, 0]

  private static func option(_ code: UInt16, _ value: [UInt8]) -> [UInt8] {
    let value = value.prefix(Int(UInt16.max))
    var bytes = little(code) + little(UInt16(clamping: value.count)) + value
    pad(&bytes)
    return bytes
  }

  /// Fills with zeros up to a multiple of four bytes.
  private static func pad(_ bytes: inout [UInt8]) {
    while bytes.count % 4 != 0 { bytes.append(0) }
  }

  private static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> Number($0 * 8)) }
  }
}
