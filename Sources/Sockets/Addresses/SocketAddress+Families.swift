// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// What a call site writes (`.ipv4(.loopback, port: 80)`) and reads (`address.ip?.port`): one line a
// family here, the work is in the family's own file.

public import SystemPackage

// MARK: Making

extension SocketAddress {
  /// Takes a typed address of any family.
  public init(_ address: some SocketAddressConvertible) { self = address.socketAddress }

  /// Takes the kernel's bytes; `nil` when there are more than ``maximumByteCount``, or exactly one.
  ///
  /// - Parameter bytes: a C socket address, beginning with its family.
  public init?(bytes: [UInt8]) {
    guard bytes.count <= Self.maximumByteCount, bytes.count != 1 else { return nil }
    self.init()
    setByteCount(bytes.count)
    for (offset, byte) in bytes.enumerated() { setByte(byte, at: offset) }
  }

  /// An IPv4 address and a port.
  public static func ipv4(_ address: IPv4Address, port: Port) -> SocketAddress {
    IPSocketAddress(address, port: port).socketAddress
  }

  /// An IPv6 address, with its zone, and a port.
  ///
  /// - Parameters:
  ///   - address: the address.
  ///   - port: the port.
  ///   - flowInformation: the flow label in the low 20 bits, the traffic class in the next 8.
  /// - Returns: the address as a `struct sockaddr_in6`.
  public static func ipv6(
    _ address: IPv6Address,
    port: Port,
    flowInformation: UInt32 = 0
  ) -> SocketAddress {
    IPSocketAddress(address, port: port, flowInformation: flowInformation).socketAddress
  }

  /// An IP address of either version and a port.
  public static func ip(_ address: IPAddress, port: Port) -> SocketAddress {
    IPSocketAddress(address, port: port).socketAddress
  }

  /// An IP address and a port.
  public static func ip(_ address: IPSocketAddress) -> SocketAddress { address.socketAddress }

  /// A Unix address.
  public static func unix(_ address: UnixAddress) -> SocketAddress { address.socketAddress }

  /// A Unix path.
  ///
  /// - Parameter path: the path, taken as it is.
  /// - Returns: the address as a `struct sockaddr_un`.
  /// - Throws: ``AddressParseError`` when the path is empty, has a NUL or more than 107 bytes.
  public static func unix(path: String) throws(AddressParseError) -> SocketAddress {
    try UnixAddress(path: path).socketAddress
  }

  /// A Unix path.
  ///
  /// - Parameter path: the path; its bytes need not be UTF-8.
  /// - Returns: the address as a `struct sockaddr_un`.
  /// - Throws: ``AddressParseError`` when the path is empty or has more than 107 bytes.
  public static func unix(path: FilePath) throws(AddressParseError) -> SocketAddress {
    try UnixAddress(path: path).socketAddress
  }

  /// An abstract Unix name.
  ///
  /// - Parameter name: the name, without the NUL byte that marks it.
  /// - Returns: the address as a `struct sockaddr_un`.
  /// - Throws: ``AddressParseError`` when the name has more than 107 bytes.
  public static func unix(abstract name: String) throws(AddressParseError) -> SocketAddress {
    try UnixAddress(abstract: name).socketAddress
  }

  /// An X.25 address.
  public static func x25(_ address: X25Address) -> SocketAddress { address.socketAddress }

  /// A virtual machine's context and a port.
  public static func vsock(cid: VsockAddress.ContextID, port: UInt32) -> SocketAddress {
    VsockAddress(contextID: cid, port: port).socketAddress
  }

  /// A vsock address.
  public static func vsock(_ address: VsockAddress) -> SocketAddress { address.socketAddress }

  /// A link-layer address.
  public static func packet(_ address: LinkLayerAddress) -> SocketAddress { address.socketAddress }

  /// A netlink address.
  public static func netlink(_ address: NetlinkAddress) -> SocketAddress { address.socketAddress }
}

// MARK: Reading

extension SocketAddress {
  /// The IP address and port, or `nil` when the family is another.
  public var ip: IPSocketAddress? { IPSocketAddress(socketAddress: self) }
  /// The Unix path or name, or `nil` when the family is another.
  public var unix: UnixAddress? { UnixAddress(socketAddress: self) }
  /// The X.25 address, or `nil` when the family is another.
  public var x25: X25Address? { X25Address(socketAddress: self) }
  /// The vsock context and port, or `nil` when the family is another.
  public var vsock: VsockAddress? { VsockAddress(socketAddress: self) }
  /// The link-layer address, or `nil` when the family is another.
  public var packet: LinkLayerAddress? { LinkLayerAddress(socketAddress: self) }
  /// The netlink address, or `nil` when the family is another.
  public var netlink: NetlinkAddress? { NetlinkAddress(socketAddress: self) }

  /// The address's bytes as an array, exactly ``byteCount`` of them.
  public var bytes: [UInt8] { (0..<byteCount).map { byte(at: $0) } }
}

// MARK: Text

extension SocketAddress: CustomStringConvertible {
  /// The address as a person writes it, on one line whatever its bytes are.
  ///
  /// `127.0.0.1:80`, `[fe80::1%eth0]:80`, `/run/a.sock`, `@abstract`, `(unnamed)`, `x25:12345`,
  /// `vsock:2:5000`, `packet:eth0`, `netlink:1234`; `(none)` for no bytes at all. An address that
  /// is none of these prints as its family and its other bytes in hexadecimal: `AF_(29):0a0b`.
  public var description: String {
    if byteCount == 0 { return "(none)" }
    let typed: String? =
      switch family {
      case .ipv4, .ipv6: ip?.description
      case .unix: unix?.description
      case .x25: x25.map { "x25:\($0)" }
      case .vsock: vsock.map { "vsock:\($0)" }
      case .packet: packet.map { "packet:\($0)" }
      case .netlink: netlink.map { "netlink:\($0)" }
      default: nil
      }
    return typed ?? "\(family.cName):" + hexadecimalBytes
  }

  /// The bytes behind the family, two digits each.
  private var hexadecimalBytes: String {
    bytes.dropFirst(2).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
