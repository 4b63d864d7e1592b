// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The address of a socket between a virtual machine and its host: a context and a port.
///
/// The corresponding C type is `struct sockaddr_vm`; the rules are those of `vsock(7)`.
public struct VsockAddress: Hashable, Sendable {
  /// Which machine.
  public var contextID: ContextID
  /// Which socket there, 32 bits; ``anyPort`` lets the kernel choose.
  public var port: UInt32
  /// Whether the packets of a nested virtual machine go to its host, whatever the context.
  ///
  /// The corresponding C constant is `VMADDR_FLAG_TO_HOST`.
  public var goesToHost: Bool

  /// Any port: bound to, it has the kernel choose.
  ///
  /// The corresponding C constant is `VMADDR_PORT_ANY`.
  public static let anyPort = UInt32.max

  /// Puts a context and a port together.
  ///
  /// - Parameters:
  ///   - contextID: which machine.
  ///   - port: which socket there.
  ///   - goesToHost: whether the packets go to the host, whatever the context.
  public init(contextID: ContextID, port: UInt32, goesToHost: Bool = false) {
    self.contextID = contextID
    self.port = port
    self.goesToHost = goesToHost
  }

  /// The number of a virtual machine on its host, or one of the reserved numbers.
  public struct ContextID: RawRepresentable, Hashable, Sendable, ExpressibleByIntegerLiteral {
    /// The number.
    public var rawValue: UInt32

    /// Makes a context from its number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Makes a context from a number in the program's text.
    public init(integerLiteral value: UInt32) { rawValue = value }

    /// Any context: what a listener binds to.
    ///
    /// The corresponding C constant is `VMADDR_CID_ANY`.
    public static let any = ContextID(rawValue: .max)
    /// The hypervisor.
    ///
    /// The corresponding C constant is `VMADDR_CID_HYPERVISOR`.
    public static let hypervisor = ContextID(rawValue: 0)
    /// This machine itself, by loopback.
    ///
    /// The corresponding C constant is `VMADDR_CID_LOCAL`.
    public static let local = ContextID(rawValue: 1)
    /// The host of this machine.
    ///
    /// The corresponding C constant is `VMADDR_CID_HOST`.
    public static let host = ContextID(rawValue: 2)
  }
}

// MARK: The C structure

extension VsockAddress: SocketAddressConvertible {
  /// ``AddressFamily/vsock``.
  public var family: AddressFamily { .vsock }

  /// The address as a `struct sockaddr_vm` of 16 bytes.
  public var socketAddress: SocketAddress {
    var address = SocketAddress(family: .vsock, byteCount: 16)
    address.setNative(port, at: 4)
    address.setNative(contextID.rawValue, at: 8)
    address.setByte(goesToHost ? 1 : 0, at: 12)
    return address
  }

  /// Reads a `struct sockaddr_vm`.
  ///
  /// The result is `nil` when the family is another, there are not 16 bytes, or a flag is unknown
  /// here.
  ///
  /// - Parameter socketAddress: an address of any family.
  public init?(socketAddress: SocketAddress) {
    guard socketAddress.family == .vsock, socketAddress.byteCount == 16,
      socketAddress.byte(at: 12) & ~1 == 0
    else { return nil }
    self.init(
      contextID: ContextID(rawValue: socketAddress.native(at: 8)),
      port: socketAddress.native(at: 4),
      goesToHost: socketAddress.byte(at: 12) == 1
    )
  }
}

// MARK: Text

extension VsockAddress: LosslessStringConvertible {
  /// Parses a context, a colon and a port, `2:5000`; `*` stands for any.
  ///
  /// The result is `nil` when the text is no address; ``init(parsing:)`` says why.
  ///
  /// - Parameter text: the address.
  public init?(_ text: String) {
    guard let address = try? VsockAddress(parsing: text) else { return nil }
    self = address
  }

  /// Parses a context, a colon and a port, `2:5000`; `*` stands for any.
  ///
  /// `/to-host` may follow, see ``goesToHost``.
  ///
  /// - Parameter text: the address.
  /// - Throws: ``AddressParseError`` with the reason and its place.
  public init(parsing text: String) throws(AddressParseError) {
    self = try AddressParseError.parsing(text) { bytes throws(ParseFailure) in
      try VsockAddress.parse(bytes, bytes.indices)
    }
  }

  /// The context, a colon and the port.
  public var description: String {
    let context = contextID == .any ? "*" : String(contextID.rawValue)
    let port = port == Self.anyPort ? "*" : String(port)
    return "\(context):\(port)\(goesToHost ? "/to-host" : "")"
  }

  /// Parses the address that fills the range.
  static func parse(_ text: Span<UInt8>, _ range: Range<Int>) throws(ParseFailure) -> VsockAddress {
    guard !range.isEmpty else { throw ParseFailure(.empty, at: range.lowerBound) }
    let colon = text.position(of: ASCII.colon, in: range) ?? range.upperBound
    let context = try number(text, range.lowerBound..<colon)
    guard colon < range.upperBound else { throw ParseFailure(.portMissing, at: colon) }
    let rest = colon + 1..<range.upperBound
    let slash = text.position(of: ASCII.slash, in: rest) ?? range.upperBound
    let port = try number(text, rest.lowerBound..<slash, missing: .portMissing)
    let hasFlag = slash < range.upperBound
    guard !hasFlag || text.equals("/to-host", in: slash..<range.upperBound) else {
      throw ParseFailure(.unexpectedCharacter, at: slash)
    }
    return VsockAddress(
      contextID: ContextID(rawValue: context),
      port: port,
      goesToHost: hasFlag
    )
  }

  /// A number of 32 bits or `*`, which is the largest of them.
  private static func number(
    _ text: Span<UInt8>,
    _ range: Range<Int>,
    missing: AddressParseError.Reason = .numberMissing
  ) throws(ParseFailure) -> UInt32 {
    if text.equals("*", in: range) { return .max }
    return try text.decimal(in: range, maximum: .max, missing: missing)
  }
}
