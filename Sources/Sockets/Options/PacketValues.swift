// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// What a packet socket asks of an interface.
///
/// The corresponding C type is `struct packet_mreq`.
public struct PacketMembership: Hashable, Sendable {
  /// Which frames the interface is to receive.
  ///
  /// The corresponding C constants are `PACKET_MR_…`.
  public enum Kind: UInt16, Hashable, Sendable {
    /// Those of one group.
    case multicast = 0
    /// All frames, whoever they are for.
    case promiscuous = 1
    /// Those of all groups.
    case allMulticast = 2
    /// Those for one more address of its own.
    case unicast = 3
  }

  /// The interface.
  public var interface: InterfaceIndex
  /// Which frames.
  public var kind: Kind
  /// The hardware address of the group, or the own one; at most 8 bytes.
  public var address: [UInt8]

  /// Puts a membership together.
  public init(interface: InterfaceIndex, kind: Kind, address: [UInt8] = []) {
    self.interface = interface
    self.kind = kind
    self.address = address
  }
}

extension OptionCoding where Value == PacketMembership {
  /// `struct packet_mreq`; an address of more than 8 bytes does not fit.
  static var packetMembership: OptionCoding<PacketMembership> {
    OptionCoding(
      capacity: 0,
      encode: { value in
        guard value.address.count <= 8 else { return nil }
        var writer = FieldWriter()
        writer.put(value.interface.rawValue)
        writer.put(value.kind.rawValue)
        writer.put(UInt16(value.address.count))
        writer.put(value.address, padTo: 8)
        return writer.bytes
      }, decode: { _ in nil })
  }
}

/// The group of packet sockets that share their frames.
///
/// The corresponding C type is `struct fanout_args`.
public struct PacketFanout: Hashable, Sendable {
  /// How a frame's socket is chosen.
  ///
  /// The corresponding C constants are `PACKET_FANOUT_…`.
  public enum Mode: UInt8, Hashable, Sendable {
    /// By the flow of the packet.
    case hash = 0
    /// One after the other.
    case roundRobin = 1
    /// By the CPU that the frame came to.
    case cpu = 2
    /// The first that has room.
    case rollover = 3
    /// By chance.
    case random = 4
    /// By the device queue.
    case queue = 5
    /// By a classic BPF program.
    case classicFilter = 6
    /// By a loaded BPF program.
    case program = 7
  }

  /// How the group works besides.
  ///
  /// The corresponding C constants are `PACKET_FANOUT_FLAG_…`.
  public struct Flags: OptionSet, Hashable, Sendable {
    /// The kernel's bits.
    public var rawValue: UInt16

    /// Makes a set from the kernel's bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// A socket without room passes the frame on.
    ///
    /// The corresponding C constant is `PACKET_FANOUT_FLAG_ROLLOVER`.
    public static let rollover = Flags(rawValue: 0x1000)
    /// The kernel chooses a free group number.
    ///
    /// The corresponding C constant is `PACKET_FANOUT_FLAG_UNIQUEID`.
    public static let uniqueGroup = Flags(rawValue: 0x2000)
    /// Sent frames are left out.
    ///
    /// The corresponding C constant is `PACKET_FANOUT_FLAG_IGNORE_OUTGOING`.
    public static let ignoreOutgoing = Flags(rawValue: 0x4000)
    /// Fragments are put together first.
    ///
    /// The corresponding C constant is `PACKET_FANOUT_FLAG_DEFRAG`.
    public static let defragment = Flags(rawValue: 0x8000)
  }

  /// The group's number.
  public var group: UInt16
  /// How a frame's socket is chosen.
  public var mode: Mode
  /// How the group works besides.
  public var flags: Flags
  /// The most sockets of the group; zero for the usual limit, 256.
  ///
  /// Linux 5.11 or later; it reads as zero.
  public var maximumCount: UInt32

  /// Puts a group together.
  public init(group: UInt16, mode: Mode = .hash, flags: Flags = [], maximumCount: UInt32 = 0) {
    self.group = group
    self.mode = mode
    self.flags = flags
    self.maximumCount = maximumCount
  }
}

extension OptionCoding where Value == PacketFanout {
  /// Number, mode and flags in 32 bits, and the limit behind them where there is one.
  static var packetFanout: OptionCoding<PacketFanout> {
    .structure(
      4, capacity: 4,
      write: { value, writer in
        writer.put(
          UInt32(value.group) | UInt32(value.mode.rawValue) << 16
            | UInt32(value.flags.rawValue) << 16)
        if value.maximumCount != 0 { writer.put(value.maximumCount) }
      },
      read: { reader in
        let word: UInt32 = reader.take()
        guard let mode = PacketFanout.Mode(rawValue: UInt8(truncatingIfNeeded: word >> 16))
        else { return nil }
        return PacketFanout(
          group: UInt16(truncatingIfNeeded: word), mode: mode,
          flags: .init(rawValue: UInt16(truncatingIfNeeded: word >> 16) & 0xff00))
      })
  }
}

/// How many frames a packet socket saw since the last reading.
///
/// The corresponding C type is `struct tpacket_stats`.
public struct PacketStatistics: Hashable, Sendable {
  /// Frames that came, the dropped ones included.
  public var packetCount: UInt32
  /// Frames that were dropped for lack of room.
  public var dropCount: UInt32
  /// How often a ring of version 3 stood still; zero for the other versions.
  public var freezeCount: UInt32
}

extension OptionCoding where Value == PacketStatistics {
  /// Two numbers, or three for a ring of version 3.
  static var packetStatistics: OptionCoding<PacketStatistics> {
    .readOnly(8, capacity: 12, unit: "packets") { reader in
      PacketStatistics(
        packetCount: reader.take(), dropCount: reader.take(), freezeCount: reader.take())
    }
  }
}

/// How often a full socket of a fanout group passed frames on.
///
/// The corresponding C type is `struct tpacket_rollover_stats`.
public struct PacketRolloverStatistics: Hashable, Sendable {
  /// Frames that were passed on to this socket's neighbours, or tried to.
  public var attemptCount: UInt64
  /// Those that belonged to a flow of many frames.
  public var largeFlowCount: UInt64
  /// Those that no socket had room for.
  public var failureCount: UInt64
}

extension OptionCoding where Value == PacketRolloverStatistics {
  /// Three numbers of 64 bits.
  static var packetRollover: OptionCoding<PacketRolloverStatistics> {
    .readOnly(24, unit: "packets") { reader in
      PacketRolloverStatistics(
        attemptCount: reader.take(), largeFlowCount: reader.take(), failureCount: reader.take())
    }
  }
}

/// The size of a ring of shared memory.
///
/// The corresponding C type is `struct tpacket_req`.
public struct PacketRing: Hashable, Sendable {
  /// The size of a block in bytes, a multiple of the page size.
  public var blockByteCount: UInt32
  /// How many blocks.
  public var blockCount: UInt32
  /// The size of a frame in bytes, a multiple of 16.
  public var frameByteCount: UInt32
  /// How many frames: as many as fit into all blocks.
  public var frameCount: UInt32

  /// Puts a size together; all zero removes the ring.
  public init(
    blockByteCount: UInt32 = 0, blockCount: UInt32 = 0, frameByteCount: UInt32 = 0,
    frameCount: UInt32 = 0
  ) {
    self.blockByteCount = blockByteCount
    self.blockCount = blockCount
    self.frameByteCount = frameByteCount
    self.frameCount = frameCount
  }
}

extension OptionCoding where Value == PacketRing {
  /// Four numbers, and three more that only a ring of version 3 reads.
  static var packetRing: OptionCoding<PacketRing> {
    .writeOnly { value, writer in
      writer.put(value.blockByteCount)
      writer.put(value.blockCount)
      writer.put(value.frameByteCount)
      writer.put(value.frameCount)
      writer.pad(12)
    }
  }
}

/// The layout of the frames in a ring.
///
/// The corresponding C constants are `TPACKET_V1`, `TPACKET_V2` and `TPACKET_V3`.
public enum PacketRingVersion: Int32, Hashable, Sendable {
  /// The first one.
  case first = 0
  /// With VLAN tags, and the same on 32 and 64 bits.
  case second = 1
  /// With blocks of frames of differing sizes.
  case third = 2
}

extension OptionCoding where Value == PacketRingVersion {
  /// A C `int`.
  static var packetVersion: OptionCoding<PacketRingVersion> { .number }
}

extension OptionCoding where Value == Int32 {
  /// A question that carries a ring version, and the size of its frame's header.
  static func headerSize(of version: PacketRingVersion) -> OptionCoding<Int32> {
    var coding = OptionCoding<Int32>.integer(unit: "bytes")
    coding.question = coding.encode(version.rawValue) ?? []
    coding.encode = { _ in nil }
    return coding
  }
}

extension OptionCoding where Value == [UInt32] {
  /// A set of bits, of which bit zero is group one.
  static var netlinkGroups: OptionCoding<[UInt32]> {
    .readOnly(0, capacity: 512) { reader in
      var groups: [UInt32] = []
      var base: UInt32 = 1
      while reader.remaining >= 4 {
        let word: UInt32 = reader.take()
        groups += (0..<32).filter { word >> $0 & 1 == 1 }.map { base + $0 }
        base += 32
      }
      return groups
    }
  }
}
