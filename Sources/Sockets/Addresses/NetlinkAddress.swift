// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The address of a netlink socket: who, and the groups that it hears.
///
/// The corresponding C type is `struct sockaddr_nl`; the rules are those of `netlink(7)`.
public struct NetlinkAddress: Hashable, Sendable {
  /// The socket's own number, chosen by the kernel when 0 is bound; 0 as a destination is the
  /// kernel.
  ///
  /// The corresponding C field is `nl_pid`.
  public var portID: UInt32
  /// The multicast groups 1 to 32, one bit each.
  ///
  /// The corresponding C field is `nl_groups`.
  public var groups: UInt32

  /// The kernel.
  public static let kernel = NetlinkAddress(portID: 0)

  /// Puts a number and groups together.
  ///
  /// - Parameters:
  ///   - portID: the socket's number, 0 for the kernel or the kernel's choice.
  ///   - groups: the multicast groups, one bit each.
  public init(portID: UInt32, groups: UInt32 = 0) {
    self.portID = portID
    self.groups = groups
  }
}

extension NetlinkAddress: SocketAddressConvertible {
  /// ``AddressFamily/netlink``.
  public var family: AddressFamily { .netlink }

  /// The address as a `struct sockaddr_nl` of 12 bytes.
  public var socketAddress: SocketAddress {
    var address = SocketAddress(family: .netlink, byteCount: 12)
    address.setNative(portID, at: 4)
    address.setNative(groups, at: 8)
    return address
  }

  /// Reads a `struct sockaddr_nl`.
  ///
  /// The result is `nil` when the family is another or there are not 12 bytes.
  ///
  /// - Parameter socketAddress: an address of any family.
  public init?(socketAddress: SocketAddress) {
    guard socketAddress.family == .netlink, socketAddress.byteCount == 12 else { return nil }
    self.init(portID: socketAddress.native(at: 4), groups: socketAddress.native(at: 8))
  }
}

// MARK: Text

extension NetlinkAddress: LosslessStringConvertible {
  /// Parses a number and, if there are any, the groups: `1234,groups=0x11`.
  ///
  /// The result is `nil` when the text is no address; ``init(parsing:)`` says why.
  ///
  /// - Parameter text: the address.
  public init?(_ text: String) {
    guard let address = try? NetlinkAddress(parsing: text) else { return nil }
    self = address
  }

  /// Parses a number and, if there are any, the groups: `1234,groups=0x11`.
  ///
  /// - Parameter text: the address.
  /// - Throws: ``AddressParseError`` with the reason and its place.
  public init(parsing text: String) throws(AddressParseError) {
    self = try AddressParseError.parsing(text) { bytes throws(ParseFailure) in
      try NetlinkAddress.parse(bytes, bytes.indices)
    }
  }

  /// The number and the groups, if there are any.
  public var description: String {
    "\(portID)" + (groups == 0 ? "" : ",groups=" + groups.hexadecimalText)
  }

  /// Parses the address that fills the range.
  static func parse(_ text: Span<UInt8>, _ range: Range<Int>) throws(ParseFailure) -> NetlinkAddress
  {
    guard !range.isEmpty else { throw ParseFailure(.empty, at: range.lowerBound) }
    let comma = text.position(of: ASCII.comma, in: range) ?? range.upperBound
    let portID = try text.decimal(in: range.lowerBound..<comma, maximum: .max)
    guard comma < range.upperBound else { return NetlinkAddress(portID: portID) }
    guard text.hasPrefix(",groups=", in: comma..<range.upperBound) else {
      throw ParseFailure(.fieldUnknown, at: comma + 1)
    }
    let groups = try text.hexadecimal(in: comma + 8..<range.upperBound, maximum: .max)
    return NetlinkAddress(portID: portID, groups: groups)
  }
}
