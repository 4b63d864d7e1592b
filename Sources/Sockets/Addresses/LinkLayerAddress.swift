// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The address of a packet socket: an interface, what is in its frames, and a device on its link.
///
/// The corresponding C type is `struct sockaddr_ll`; the rules are those of `packet(7)`.
public struct LinkLayerAddress: Hashable, Sendable {
  /// The interface; ``InterfaceIndex/any`` binds to all.
  public var interface: InterfaceIndex
  /// The Ethernet type of the frames, in the machine's own byte order: `0x0800` for IPv4, `0x0003`
  /// for all.
  ///
  /// The corresponding C field is `sll_protocol`, in network byte order.
  public var etherType: UInt16
  /// The kind of the device, for example 1 for Ethernet; only read.
  ///
  /// The C constants are `ARPHRD_…`.
  public var hardwareType: UInt16
  /// To whom the frame went; only read.
  public var packetType: PacketType
  /// The device's address on the link.
  public var hardwareAddress: HardwareAddress

  /// To whom a frame went; an open set.
  public struct PacketType: RawRepresentable, Hashable, Sendable {
    /// The kernel's number.
    public var rawValue: UInt8

    /// Makes a type from the kernel's number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// To this host.
    ///
    /// The corresponding C constant is `PACKET_HOST`.
    public static let host = PacketType(rawValue: 0)
    /// To all hosts of the link.
    ///
    /// The corresponding C constant is `PACKET_BROADCAST`.
    public static let broadcast = PacketType(rawValue: 1)
    /// To a group of hosts.
    ///
    /// The corresponding C constant is `PACKET_MULTICAST`.
    public static let multicast = PacketType(rawValue: 2)
    /// To another host, seen in promiscuous mode.
    ///
    /// The corresponding C constant is `PACKET_OTHERHOST`.
    public static let otherHost = PacketType(rawValue: 3)
    /// Sent by this host.
    ///
    /// The corresponding C constant is `PACKET_OUTGOING`.
    public static let outgoing = PacketType(rawValue: 4)
  }

  /// Puts an address together; what is left out is zero.
  ///
  /// - Parameters:
  ///   - interface: the interface.
  ///   - etherType: the Ethernet type in the machine's own byte order.
  ///   - hardwareType: the kind of the device.
  ///   - packetType: to whom the frame went.
  ///   - hardwareAddress: the device's address on the link.
  public init(
    interface: InterfaceIndex,
    etherType: UInt16 = 0,
    hardwareType: UInt16 = 0,
    packetType: PacketType = .host,
    hardwareAddress: HardwareAddress = HardwareAddress()
  ) {
    self.interface = interface
    self.etherType = etherType
    self.hardwareType = hardwareType
    self.packetType = packetType
    self.hardwareAddress = hardwareAddress
  }
}

// MARK: The C structure

extension LinkLayerAddress: SocketAddressConvertible {
  /// ``AddressFamily/packet``.
  public var family: AddressFamily { .packet }

  /// The address as a `struct sockaddr_ll` of 20 bytes, more if the hardware address has more than
  /// 8.
  public var socketAddress: SocketAddress {
    var address = SocketAddress(
      family: .packet,
      byteCount: 12 + max(8, hardwareAddress.byteCount)
    )
    address.setBigEndian(etherType, at: 2)
    address.setNative(interface.rawValue, at: 4)
    address.setNative(hardwareType, at: 8)
    address.setByte(packetType.rawValue, at: 10)
    address.setByte(UInt8(truncatingIfNeeded: hardwareAddress.byteCount), at: 11)
    for index in 0..<hardwareAddress.byteCount {
      address.setByte(hardwareAddress.byte(at: index), at: 12 + index)
    }
    return address
  }

  /// Reads a `struct sockaddr_ll`, which the kernel gives with 20 bytes or with as many as are
  /// used.
  ///
  /// The result is `nil` when the family is another, the hardware address is longer than the bytes
  /// that are there, or longer than 32.
  ///
  /// - Parameter socketAddress: an address of any family.
  public init?(socketAddress: SocketAddress) {
    guard socketAddress.family == .packet, socketAddress.byteCount >= 12 else { return nil }
    let count = Int(socketAddress.byte(at: 11))
    guard count <= HardwareAddress.maximumByteCount, 12 + count <= socketAddress.byteCount else {
      return nil
    }
    var hardwareAddress = HardwareAddress()
    for index in 0..<count { hardwareAddress.append(socketAddress.byte(at: 12 + index)) }
    self.init(
      interface: InterfaceIndex(rawValue: socketAddress.native(at: 4)),
      etherType: socketAddress.bigEndian(at: 2),
      hardwareType: socketAddress.native(at: 8),
      packetType: PacketType(rawValue: socketAddress.byte(at: 10)),
      hardwareAddress: hardwareAddress
    )
  }
}

// MARK: Text

extension LinkLayerAddress: LosslessStringConvertible {
  /// Parses an interface and the fields that are not zero, in their order.
  ///
  /// The result is `nil` when the text is no address; ``init(parsing:)`` says why.
  ///
  /// - Parameter text: the address.
  public init?(_ text: String) {
    guard let address = try? LinkLayerAddress(parsing: text) else { return nil }
    self = address
  }

  /// Parses an interface and the fields that are not zero, in their order.
  ///
  /// - Parameter text: for example `eth0,ethertype=0x800,address=02:42:ac:11:00:02`; the fields are
  ///   `ethertype`, `hardware`, `packet` and `address`; `*` is any interface.
  /// - Throws: ``AddressParseError`` with the reason and its place.
  public init(parsing text: String) throws(AddressParseError) {
    self = try AddressParseError.parsing(text) { bytes throws(ParseFailure) in
      try LinkLayerAddress.parse(bytes, bytes.indices)
    }
  }

  /// The interface's name and the fields that are not zero.
  public var description: String {
    var text = interface.description
    if etherType != 0 { text += ",ethertype=" + etherType.hexadecimalText }
    if hardwareType != 0 { text += ",hardware=\(hardwareType)" }
    if packetType != .host { text += ",packet=\(packetType.rawValue)" }
    if hardwareAddress.byteCount > 0 { text += ",address=\(hardwareAddress)" }
    return text
  }

  /// Parses the address that fills the range.
  static func parse(
    _ text: Span<UInt8>,
    _ range: Range<Int>
  ) throws(ParseFailure) -> LinkLayerAddress {
    guard !range.isEmpty else { throw ParseFailure(.empty, at: range.lowerBound) }
    var comma = text.position(of: ASCII.comma, in: range) ?? range.upperBound
    let name = range.lowerBound..<comma
    var address = LinkLayerAddress(
      interface: text.equals("*", in: name) ? .any : try InterfaceIndex.parse(text, name)
    )
    var last = -1
    while comma < range.upperBound {
      let start = comma + 1
      comma = text.position(of: ASCII.comma, in: start..<range.upperBound) ?? range.upperBound
      let order = try address.setField(text, start..<comma)
      guard order > last else { throw ParseFailure(.fieldUnknown, at: start) }
      last = order
    }
    return address
  }

  /// Reads one field and says which of the four it is.
  private mutating func setField(
    _ text: Span<UInt8>,
    _ range: Range<Int>
  ) throws(ParseFailure) -> Int {
    let start = range.lowerBound
    let end = range.upperBound
    if text.hasPrefix("ethertype=", in: range) {
      let value = try text.hexadecimal(in: start + 10..<end, maximum: 0xffff)
      etherType = UInt16(truncatingIfNeeded: value)
      return 0
    }
    if text.hasPrefix("hardware=", in: range) {
      let value = try text.decimal(in: start + 9..<end, maximum: 0xffff, tooLarge: .fieldTooLarge)
      hardwareType = UInt16(truncatingIfNeeded: value)
      return 1
    }
    if text.hasPrefix("packet=", in: range) {
      let value = try text.decimal(in: start + 7..<end, maximum: 0xff, tooLarge: .fieldTooLarge)
      packetType = PacketType(rawValue: UInt8(truncatingIfNeeded: value))
      return 2
    }
    guard text.hasPrefix("address=", in: range) else {
      throw ParseFailure(.fieldUnknown, at: start)
    }
    hardwareAddress = try HardwareAddress.parse(text, start + 8..<end)
    return 3
  }
}
