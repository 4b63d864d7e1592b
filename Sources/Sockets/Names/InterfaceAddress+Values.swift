// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

extension InterfaceAddress {
  /// How far away an address means something.
  ///
  /// An open set, since the kernel owns the list.
  ///
  /// The corresponding C constants are `RT_SCOPE_…`.
  public struct Scope: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The kernel's number.
    public var rawValue: UInt8

    /// Makes a value from the kernel's number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Everywhere; `ip` calls it global.
    ///
    /// The corresponding C constant is `RT_SCOPE_UNIVERSE`.
    public static let universe = Scope(rawValue: 0)
    /// Inside one site.
    ///
    /// The corresponding C constant is `RT_SCOPE_SITE`.
    public static let site = Scope(rawValue: 200)
    /// On one link.
    ///
    /// The corresponding C constant is `RT_SCOPE_LINK`.
    public static let link = Scope(rawValue: 253)
    /// In this machine.
    ///
    /// The corresponding C constant is `RT_SCOPE_HOST`.
    public static let host = Scope(rawValue: 254)
    /// Nowhere.
    ///
    /// The corresponding C constant is `RT_SCOPE_NOWHERE`.
    public static let nowhere = Scope(rawValue: 255)

    /// The C constant; a nameless one prints as `RT_SCOPE_(9)`.
    public var cName: String {
      switch self {
      case .universe: "RT_SCOPE_UNIVERSE"
      case .site: "RT_SCOPE_SITE"
      case .link: "RT_SCOPE_LINK"
      case .host: "RT_SCOPE_HOST"
      case .nowhere: "RT_SCOPE_NOWHERE"
      default: "RT_SCOPE_(\(rawValue))"
      }
    }

    /// The C constant.
    public var description: String { cName }
  }
}

extension InterfaceAddress {
  /// What an address is, and in which state.
  ///
  /// An open set, since the kernel owns the list.
  ///
  /// The corresponding C constants are `IFA_F_…`.
  public struct Flags: OptionSet, Hashable, Sendable {
    /// The kernel's bits.
    public var rawValue: UInt32

    /// Makes a set from the kernel's bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Of IPv4, not the first of its network; of IPv6, a temporary one (RFC 8981).
    ///
    /// The corresponding C constant is `IFA_F_SECONDARY`.
    public static let secondary = Flags(rawValue: 0x1)
    /// Nobody asks whether another host has it (RFC 4862).
    ///
    /// The corresponding C constant is `IFA_F_NODAD`.
    public static let noDuplicateDetection = Flags(rawValue: 0x2)
    /// It is in use while others are being asked (RFC 4429).
    ///
    /// The corresponding C constant is `IFA_F_OPTIMISTIC`.
    public static let optimistic = Flags(rawValue: 0x4)
    /// Another host has it.
    ///
    /// The corresponding C constant is `IFA_F_DADFAILED`.
    public static let duplicate = Flags(rawValue: 0x8)
    /// It is the home of a mobile node (RFC 6275).
    ///
    /// The corresponding C constant is `IFA_F_HOMEADDRESS`.
    public static let home = Flags(rawValue: 0x10)
    /// New connections should not use it.
    ///
    /// The corresponding C constant is `IFA_F_DEPRECATED`.
    public static let deprecated = Flags(rawValue: 0x20)
    /// Others are still being asked whether they have it.
    ///
    /// The corresponding C constant is `IFA_F_TENTATIVE`.
    public static let tentative = Flags(rawValue: 0x40)
    /// It was not learned, and does not run out.
    ///
    /// The corresponding C constant is `IFA_F_PERMANENT`.
    public static let permanent = Flags(rawValue: 0x80)
    /// Temporary addresses are made beside it.
    ///
    /// The corresponding C constant is `IFA_F_MANAGETEMPADDR`.
    public static let managesTemporary = Flags(rawValue: 0x100)
    /// It brings no route to its network.
    ///
    /// The corresponding C constant is `IFA_F_NOPREFIXROUTE`.
    public static let noPrefixRoute = Flags(rawValue: 0x200)
    /// The interface joins the group that this address is.
    ///
    /// The corresponding C constant is `IFA_F_MCAUTOJOIN`.
    public static let joinsMulticast = Flags(rawValue: 0x400)
    /// It was made so that it tells nothing about the machine (RFC 7217).
    ///
    /// The corresponding C constant is `IFA_F_STABLE_PRIVACY`.
    public static let stablePrivacy = Flags(rawValue: 0x800)

    /// The named bits with their C names.
    static let names: [(Flags, String)] = [
      (.secondary, "IFA_F_SECONDARY"),
      (.noDuplicateDetection, "IFA_F_NODAD"),
      (.optimistic, "IFA_F_OPTIMISTIC"),
      (.duplicate, "IFA_F_DADFAILED"),
      (.home, "IFA_F_HOMEADDRESS"),
      (.deprecated, "IFA_F_DEPRECATED"),
      (.tentative, "IFA_F_TENTATIVE"),
      (.permanent, "IFA_F_PERMANENT"),
      (.managesTemporary, "IFA_F_MANAGETEMPADDR"),
      (.noPrefixRoute, "IFA_F_NOPREFIXROUTE"),
      (.joinsMulticast, "IFA_F_MCAUTOJOIN"),
      (.stablePrivacy, "IFA_F_STABLE_PRIVACY"),
    ]
  }
}

extension InterfaceAddress.Flags: CustomStringConvertible {
  /// The C constants joined by `|`, or `0`.
  public var description: String { FlagText.of(rawValue, Self.names.map { ($0.rawValue, $1) }) }
}

/// The text of a set of bits.
enum FlagText {
  /// The names of the bits that have one, then the rest as a number, joined by `|`; `0` for none.
  static func of<Number: FixedWidthInteger>(_ bits: Number, _ names: [(Number, String)]) -> String {
    var parts: [String] = []
    var rest = bits
    for (bit, name) in names where bits & bit == bit {
      parts.append(name)
      rest &= ~bit
    }
    if rest != 0 { parts.append("0x" + String(rest, radix: 16)) }
    return parts.isEmpty ? "0" : parts.joined(separator: "|")
  }
}
