// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// What a list of senders means.
///
/// The corresponding C constants are `MCAST_INCLUDE` and `MCAST_EXCLUDE`.
public enum SourceFilterMode: UInt32, Hashable, Sendable {
  /// All senders but those of the list.
  case exclude = 0
  /// The senders of the list alone.
  case include = 1
}

/// The senders of an IPv4 group that are taken, or left out.
///
/// The corresponding C type is `struct ip_msfilter`.
public struct IPv4SourceFilter: Hashable, Sendable {
  /// What the list means.
  public var mode: SourceFilterMode
  /// The senders.
  public var sources: [IPv4Address]

  /// Puts a filter together.
  public init(_ mode: SourceFilterMode, _ sources: [IPv4Address]) {
    self.mode = mode
    self.sources = sources
  }
}

/// The senders of a group that are taken, or left out.
///
/// The corresponding C type is `struct group_filter`.
public struct GroupSourceFilter: Hashable, Sendable {
  /// What the list means.
  public var mode: SourceFilterMode
  /// The senders, of the group's family.
  public var sources: [IPAddress]

  /// Puts a filter together.
  public init(_ mode: SourceFilterMode, _ sources: [IPAddress]) {
    self.mode = mode
    self.sources = sources
  }
}

/// The most senders that are read; the system's own limit is smaller unless it was raised
/// (`net.ipv4.igmp_max_msf`, `net.ipv6.mld_max_msf`).
private let mostSources = 128

extension OptionCoding where Value == IPv4SourceFilter {
  /// `struct ip_msfilter`; reading asks with the same first fields.
  static func sourceFilter(
    group: IPv4Address, interface: IPv4Address
  ) -> OptionCoding<IPv4SourceFilter> {
    let write: @Sendable (UInt32, Int, [IPv4Address]) -> [UInt8] = { mode, count, sources in
      var writer = FieldWriter()
      writer.put(group)
      writer.put(interface)
      writer.put(mode)
      writer.put(UInt32(clamping: count))
      for source in sources { writer.put(source) }
      return writer.bytes
    }
    var coding = OptionCoding(
      capacity: 16 + 4 * mostSources,
      encode: { write($0.mode.rawValue, $0.sources.count, $0.sources) },
      decode: { bytes in
        guard bytes.count >= 16 else { return nil }
        var reader = FieldReader(bytes)
        reader.skip(8)
        guard let mode = SourceFilterMode(rawValue: reader.take()) else { return nil }
        let count = Int(reader.take(UInt32.self))
        var sources: [IPv4Address] = []
        while sources.count < count, reader.remaining >= 4 {
          sources.append(reader.takeIPv4Address())
        }
        return IPv4SourceFilter(mode, sources)
      })
    coding.question = write(0, mostSources, [])
    return coding
  }
}

extension OptionCoding where Value == GroupSourceFilter {
  /// `struct group_filter`; reading asks with the same first fields.
  static func groupSourceFilter(_ membership: GroupMembership) -> OptionCoding<GroupSourceFilter> {
    let write: @Sendable (UInt32, Int, [IPAddress]) -> [UInt8] = { mode, count, sources in
      var writer = FieldWriter()
      writer.put(membership.interface.rawValue)
      writer.pad(4)
      writer.put(storage: membership.group)
      writer.put(mode)
      writer.put(UInt32(clamping: count))
      for source in sources { writer.put(storage: source) }
      return writer.bytes
    }
    var coding = OptionCoding(
      capacity: 144 + SocketAddress.maximumByteCount * mostSources,
      encode: { write($0.mode.rawValue, $0.sources.count, $0.sources) },
      decode: { bytes in
        guard bytes.count >= 144 else { return nil }
        var reader = FieldReader(bytes)
        reader.skip(136)
        guard let mode = SourceFilterMode(rawValue: reader.take()) else { return nil }
        let count = Int(reader.take(UInt32.self))
        var sources: [IPAddress] = []
        while sources.count < count, let address = reader.takeSocketAddress(),
          let source = IPSocketAddress(socketAddress: address)
        {
          sources.append(source.address)
        }
        return GroupSourceFilter(mode, sources)
      })
    coding.question = write(0, mostSources, [])
    return coding
  }
}
