// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Whether packets may be fragmented, and how the largest packet of a path is found.
///
/// The corresponding C constants are `IP_PMTUDISC_…` and `IPV6_PMTUDISC_…`.
public enum PathMTUDiscovery: Int32, CaseIterable, Hashable, Sendable {
  /// Packets may be fragmented on their way.
  case never = 0
  /// As the route says.
  case asRouted = 1
  /// Packets are never fragmented; one that is too long fails with `EMSGSIZE`.
  case always = 2
  /// As ``always``, but what is known of the path is not heeded.
  case probe = 3
  /// The interface's limit counts and no message of the network is believed; packets are not fragmented.
  case interface = 4
  /// As ``interface``, but packets may be fragmented.
  case interfaceOrFragments = 5
}

extension OptionCoding where Value == PathMTUDiscovery {
  /// A C `int`.
  static var pathMTUDiscovery: OptionCoding<PathMTUDiscovery> { .number }
}

/// The ports from which the kernel chooses one for a socket.
///
/// Zero at either end leaves that end to the system, `net.ipv4.ip_local_port_range`.
public struct LocalPortRange: Hashable, Sendable {
  /// The lowest port, or zero.
  public var lowest: UInt16
  /// The highest port, or zero.
  public var highest: UInt16

  /// Puts a range together.
  public init(lowest: UInt16, highest: UInt16) {
    self.lowest = lowest
    self.highest = highest
  }
}

extension OptionCoding where Value == LocalPortRange {
  /// Two numbers of 16 bits in one of 32: the lowest in the low half.
  static var portRange: OptionCoding<LocalPortRange> {
    .structure(
      4, unit: "ports",
      write: { $1.put(UInt32($0.highest) << 16 | UInt32($0.lowest)) },
      read: { reader in
        let both: UInt32 = reader.take()
        return LocalPortRange(
          lowest: UInt16(truncatingIfNeeded: both), highest: UInt16(truncatingIfNeeded: both >> 16))
      })
  }
}

/// What a UDP socket's datagrams wrap.
///
/// An open set, since the kernel owns the list.
///
/// The corresponding C constants are `UDP_ENCAP_…`.
public struct UDPEncapsulation: RawRepresentable, Hashable, Sendable {
  /// The kernel's number.
  public var rawValue: Int32

  /// Makes a value from the kernel's number.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// Nothing: plain datagrams.
  ///
  /// The C value is 0.
  public static let none = UDPEncapsulation(rawValue: 0)
  /// ESP (RFC 3948).
  ///
  /// The corresponding C constant is `UDP_ENCAP_ESPINUDP`.
  public static let esp = UDPEncapsulation(rawValue: 2)
  /// L2TP (RFC 2661).
  ///
  /// The corresponding C constant is `UDP_ENCAP_L2TPINUDP`.
  public static let l2tp = UDPEncapsulation(rawValue: 3)
}

extension OptionCoding where Value == UDPEncapsulation {
  /// A C `int`.
  static var encapsulation: OptionCoding<UDPEncapsulation> { .number }
}

extension OptionCoding where Value == ProtocolNumber {
  /// A C `int`.
  static var protocolNumber: OptionCoding<ProtocolNumber> { .number }
}

extension OptionCoding where Value == SocketType {
  /// A C `int`.
  static var type: OptionCoding<SocketType> { .number }
}

// MARK: IPv6

/// Which of several own addresses is taken to send from (RFC 5014).
///
/// The corresponding C constants are `IPV6_PREFER_SRC_…`.
public struct IPv6AddressPreferences: OptionSet, Hashable, Sendable {
  /// The kernel's bits.
  public var rawValue: Int32

  /// Makes a set from the kernel's bits.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// A temporary address.
  ///
  /// The corresponding C constant is `IPV6_PREFER_SRC_TMP`.
  public static let temporary = IPv6AddressPreferences(rawValue: 0x0001)
  /// A public address.
  ///
  /// The corresponding C constant is `IPV6_PREFER_SRC_PUBLIC`.
  public static let `public` = IPv6AddressPreferences(rawValue: 0x0002)
  /// A care-of address of a mobile host.
  ///
  /// The corresponding C constant is `IPV6_PREFER_SRC_COA`.
  public static let careOf = IPv6AddressPreferences(rawValue: 0x0004)
  /// The system's choice between temporary and public.
  ///
  /// The corresponding C constant is `IPV6_PREFER_SRC_PUBTMP_DEFAULT`.
  public static let systemTemporary = IPv6AddressPreferences(rawValue: 0x0100)
  /// The home address of a mobile host.
  ///
  /// The corresponding C constant is `IPV6_PREFER_SRC_HOME`.
  public static let home = IPv6AddressPreferences(rawValue: 0x0400)
  /// An address that was not made from a key; Linux always reads this.
  ///
  /// The corresponding C constant is `IPV6_PREFER_SRC_NONCGA`.
  public static let notGenerated = IPv6AddressPreferences(rawValue: 0x0800)
}

extension OptionCoding where Value == Int32 {
  /// `struct ip6_mtuinfo`: a destination, which Linux leaves empty, and a number of 32 bits.
  static var pathMTURecord: OptionCoding<Int32> {
    .readOnly(32, unit: "bytes") { reader in
      reader.skip(28)
      return reader.take()
    }
  }
}

/// The own address and the interface of all packets of a socket.
///
/// The corresponding C type is `struct in6_pktinfo`.
public struct IPv6SourceInformation: Hashable, Sendable {
  /// The own address; `::` for none.
  public var address: IPv6Address
  /// The interface; zero for none.
  public var interface: InterfaceIndex

  /// Puts the value together.
  public init(address: IPv6Address = .any, interface: InterfaceIndex = .any) {
    self.address = address
    self.interface = interface
  }
}

extension OptionCoding where Value == IPv6SourceInformation {
  /// An address and a C `int`.
  static var sourceInformation: OptionCoding<IPv6SourceInformation> {
    .writeOnly { value, writer in
      writer.put(value.address)
      writer.put(value.interface.rawValue)
    }
  }
}

/// A request about a flow label, and the answer (RFC 6437).
///
/// The corresponding C type is `struct in6_flowlabel_req`.
public struct IPv6FlowLabel: Hashable, Sendable {
  /// What is asked for.
  ///
  /// The corresponding C constants are `IPV6_FL_A_…`.
  public enum Action: UInt8, Hashable, Sendable {
    /// Take a label.
    case take
    /// Give it back.
    case giveBack
    /// Use it longer.
    case renew
  }

  /// Who may use the label besides the one that took it.
  ///
  /// The corresponding C constants are `IPV6_FL_S_…`.
  public enum Sharing: UInt8, Hashable, Sendable {
    /// Not said.
    case none = 0
    /// Nobody.
    case exclusive = 1
    /// The same process.
    case process = 2
    /// The same user.
    case user = 3
    /// Everybody.
    case any = 255
  }

  /// What is asked for.
  public var action: Action
  /// The label, of 20 bits; zero lets the kernel choose.
  public var label: UInt32
  /// The destination that the label is for.
  public var destination: IPv6Address
  /// Who may use it.
  public var sharing: Sharing
  /// Further wishes: 1 create, 2 fail when it exists, 4 reflect, 8 read the peer's.
  public var flags: UInt16
  /// How long the label may be unused before it is given back, whole seconds.
  public var lifetime: Duration
  /// How long it is kept after that, whole seconds.
  public var linger: Duration

  /// Puts a request together.
  public init(
    _ action: Action, label: UInt32, destination: IPv6Address, sharing: Sharing = .any,
    flags: UInt16 = 1, lifetime: Duration = .zero, linger: Duration = .zero
  ) {
    self.action = action
    self.label = label
    self.destination = destination
    self.sharing = sharing
    self.flags = flags
    self.lifetime = lifetime
    self.linger = linger
  }
}

extension OptionCoding where Value == IPv6FlowLabel {
  /// `struct in6_flowlabel_req`; to read means to ask with an action of "take".
  static var flowLabel: OptionCoding<IPv6FlowLabel> {
    var coding = OptionCoding(
      capacity: 32,
      encode: { (value: IPv6FlowLabel) in
        guard
          let lifetime = value.lifetime.rounded(upToNanoseconds: 1_000_000_000)
            .flatMap({ UInt16(exactly: $0) }),
          let linger = value.linger.rounded(upToNanoseconds: 1_000_000_000)
            .flatMap({ UInt16(exactly: $0) }),
          value.label <= 0xf_ffff
        else { return nil }
        var writer = FieldWriter()
        writer.put(value.destination)
        writer.put(value.label.bigEndian)
        writer.put(value.action.rawValue)
        writer.put(value.sharing.rawValue)
        writer.put(value.flags)
        writer.put(lifetime)
        writer.put(linger)
        writer.put(UInt32(0))
        return writer.bytes
      },
      decode: { bytes in
        guard bytes.count >= 32 else { return nil }
        var reader = FieldReader(bytes)
        let destination = reader.takeIPv6Address()
        let label = UInt32(bigEndian: reader.take())
        guard let action = IPv6FlowLabel.Action(rawValue: reader.take()),
          let sharing = IPv6FlowLabel.Sharing(rawValue: reader.take())
        else { return nil }
        return IPv6FlowLabel(
          action, label: label & 0xf_ffff, destination: destination, sharing: sharing,
          flags: reader.take(), lifetime: .seconds(Int(reader.take(UInt16.self))),
          linger: .seconds(Int(reader.take(UInt16.self))))
      })
    coding.question = [UInt8](repeating: 0, count: 32)
    return coding
  }
}
