// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

extension NetworkInterface {
  /// What an interface is and can do.
  ///
  /// An open set, since the kernel owns the list.
  ///
  /// The corresponding C constants are `IFF_…`.
  public struct Flags: OptionSet, Hashable, Sendable {
    /// The kernel's bits.
    public var rawValue: UInt32

    /// Makes a set from the kernel's bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Somebody has switched it on.
    ///
    /// The corresponding C constant is `IFF_UP`.
    public static let up = Flags(rawValue: 0x1)
    /// The link has an address for all stations.
    ///
    /// The corresponding C constant is `IFF_BROADCAST`.
    public static let broadcast = Flags(rawValue: 0x2)
    /// The driver says more than usual.
    ///
    /// The corresponding C constant is `IFF_DEBUG`.
    public static let debug = Flags(rawValue: 0x4)
    /// What goes out comes back in: the machine itself.
    ///
    /// The corresponding C constant is `IFF_LOOPBACK`.
    public static let loopback = Flags(rawValue: 0x8)
    /// The link has two ends.
    ///
    /// The corresponding C constant is `IFF_POINTOPOINT`.
    public static let pointToPoint = Flags(rawValue: 0x10)
    /// No trailers are used; Linux has none at all.
    ///
    /// The corresponding C constant is `IFF_NOTRAILERS`.
    public static let noTrailers = Flags(rawValue: 0x20)
    /// It could carry packets now, as far as the driver knows.
    ///
    /// The corresponding C constant is `IFF_RUNNING`.
    public static let running = Flags(rawValue: 0x40)
    /// Neighbours are not asked for their link addresses.
    ///
    /// The corresponding C constant is `IFF_NOARP`.
    public static let noAddressResolution = Flags(rawValue: 0x80)
    /// It takes packets that are for others.
    ///
    /// The corresponding C constant is `IFF_PROMISC`.
    public static let promiscuous = Flags(rawValue: 0x100)
    /// It takes the packets of all groups.
    ///
    /// The corresponding C constant is `IFF_ALLMULTI`.
    public static let allMulticast = Flags(rawValue: 0x200)
    /// It bundles others.
    ///
    /// The corresponding C constant is `IFF_MASTER`.
    public static let master = Flags(rawValue: 0x400)
    /// It is one of a bundle.
    ///
    /// The corresponding C constant is `IFF_SLAVE`.
    public static let slave = Flags(rawValue: 0x800)
    /// It can carry packets for groups.
    ///
    /// The corresponding C constant is `IFF_MULTICAST`.
    public static let multicast = Flags(rawValue: 0x1000)
    /// The kind of medium can be chosen.
    ///
    /// The corresponding C constant is `IFF_PORTSEL`.
    public static let portSelection = Flags(rawValue: 0x2000)
    /// The driver chooses the medium.
    ///
    /// The corresponding C constant is `IFF_AUTOMEDIA`.
    public static let automaticMedia = Flags(rawValue: 0x4000)
    /// Its addresses go when it is switched off.
    ///
    /// The corresponding C constant is `IFF_DYNAMIC`.
    public static let dynamic = Flags(rawValue: 0x8000)
    /// The layer below is up: there is a carrier.
    ///
    /// The corresponding C constant is `IFF_LOWER_UP`.
    public static let lowerUp = Flags(rawValue: 0x10000)
    /// It waits for something, for example for a login.
    ///
    /// The corresponding C constant is `IFF_DORMANT`.
    public static let dormant = Flags(rawValue: 0x20000)
    /// What is sent comes back too.
    ///
    /// The corresponding C constant is `IFF_ECHO`.
    public static let echo = Flags(rawValue: 0x40000)

    /// The named bits with their C names.
    static let names: [(Flags, String)] = [
      (.up, "IFF_UP"),
      (.broadcast, "IFF_BROADCAST"),
      (.debug, "IFF_DEBUG"),
      (.loopback, "IFF_LOOPBACK"),
      (.pointToPoint, "IFF_POINTOPOINT"),
      (.noTrailers, "IFF_NOTRAILERS"),
      (.running, "IFF_RUNNING"),
      (.noAddressResolution, "IFF_NOARP"),
      (.promiscuous, "IFF_PROMISC"),
      (.allMulticast, "IFF_ALLMULTI"),
      (.master, "IFF_MASTER"),
      (.slave, "IFF_SLAVE"),
      (.multicast, "IFF_MULTICAST"),
      (.portSelection, "IFF_PORTSEL"),
      (.automaticMedia, "IFF_AUTOMEDIA"),
      (.dynamic, "IFF_DYNAMIC"),
      (.lowerUp, "IFF_LOWER_UP"),
      (.dormant, "IFF_DORMANT"),
      (.echo, "IFF_ECHO"),
    ]
  }
}

extension NetworkInterface.Flags: CustomStringConvertible {
  /// The C constants joined by `|`, or `0`.
  public var description: String { FlagText.of(rawValue, Self.names.map { ($0.rawValue, $1) }) }
}

extension NetworkInterface {
  /// Whether an interface could carry packets now (RFC 2863).
  ///
  /// An open set, since the kernel owns the list.
  ///
  /// The corresponding C constants are `IF_OPER_…`.
  public struct OperationalState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The kernel's number.
    public var rawValue: UInt8

    /// Makes a value from the kernel's number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The driver does not say; the usual state of loopback.
    ///
    /// The corresponding C constant is `IF_OPER_UNKNOWN`.
    public static let unknown = OperationalState(rawValue: 0)
    /// The hardware is not there.
    ///
    /// The corresponding C constant is `IF_OPER_NOTPRESENT`.
    public static let notPresent = OperationalState(rawValue: 1)
    /// It cannot carry packets.
    ///
    /// The corresponding C constant is `IF_OPER_DOWN`.
    public static let down = OperationalState(rawValue: 2)
    /// It cannot since an interface below cannot.
    ///
    /// The corresponding C constant is `IF_OPER_LOWERLAYERDOWN`.
    public static let lowerLayerDown = OperationalState(rawValue: 3)
    /// It is in a test.
    ///
    /// The corresponding C constant is `IF_OPER_TESTING`.
    public static let testing = OperationalState(rawValue: 4)
    /// It waits for something, for example for a login.
    ///
    /// The corresponding C constant is `IF_OPER_DORMANT`.
    public static let dormant = OperationalState(rawValue: 5)
    /// It can carry packets.
    ///
    /// The corresponding C constant is `IF_OPER_UP`.
    public static let up = OperationalState(rawValue: 6)

    /// The C constant; a nameless one prints as `IF_OPER_(9)`.
    public var cName: String {
      switch self {
      case .unknown: "IF_OPER_UNKNOWN"
      case .notPresent: "IF_OPER_NOTPRESENT"
      case .down: "IF_OPER_DOWN"
      case .lowerLayerDown: "IF_OPER_LOWERLAYERDOWN"
      case .testing: "IF_OPER_TESTING"
      case .dormant: "IF_OPER_DORMANT"
      case .up: "IF_OPER_UP"
      default: "IF_OPER_(\(rawValue))"
      }
    }

    /// The C constant.
    public var description: String { cName }
  }
}
