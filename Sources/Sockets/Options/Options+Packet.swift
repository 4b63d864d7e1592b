// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

// Of packet sockets: packet(7).

extension SocketOption where Value == Bool {
  /// Receives with each frame its status, lengths and VLAN tag.
  ///
  /// The corresponding C constant is `PACKET_AUXDATA`.
  public static var receivesPacketMetadata: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_PACKET, name: CS_PACKET_AUXDATA, cName: "PACKET_AUXDATA", coding: .flag)
  }

  /// Leaves out the frames that this machine sends.
  ///
  /// The corresponding C constant is `PACKET_IGNORE_OUTGOING`.
  public static var packetIgnoreOutgoing: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_PACKET, name: CS_PACKET_IGNORE_OUTGOING, cName: "PACKET_IGNORE_OUTGOING",
      coding: .flag)
  }

  /// With a transmit ring, a malformed frame is skipped instead of stopping the ring.
  ///
  /// The corresponding C constant is `PACKET_LOSS`.
  public static var packetSkipMalformed: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_PACKET, name: CS_PACKET_LOSS, cName: "PACKET_LOSS", coding: .flag)
  }

  /// Addresses tell the interface that a frame came by, below a bond or bridge.
  ///
  /// The corresponding C constant is `PACKET_ORIGDEV`.
  public static var packetOriginalDevice: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_PACKET, name: CS_PACKET_ORIGDEV, cName: "PACKET_ORIGDEV", coding: .flag)
  }

  /// Hands frames straight to the driver, past the queueing discipline.
  ///
  /// The corresponding C constant is `PACKET_QDISC_BYPASS`.
  public static var packetQueueBypass: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_PACKET, name: CS_PACKET_QDISC_BYPASS, cName: "PACKET_QDISC_BYPASS",
      coding: .flag)
  }

  /// Frames of a transmit ring say themselves where their data begin.
  ///
  /// The corresponding C constant is `PACKET_TX_HAS_OFF`.
  public static var packetTransmitOffset: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_PACKET, name: CS_PACKET_TX_HAS_OFF, cName: "PACKET_TX_HAS_OFF", coding: .flag)
  }

  /// Each frame begins with a header about checksum and segmentation offload.
  ///
  /// The corresponding C constant is `PACKET_VNET_HDR`.
  public static var packetOffloadHeader: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_PACKET, name: CS_PACKET_VNET_HDR, cName: "PACKET_VNET_HDR", coding: .flag)
  }
}

extension SocketOption where Value == Int32 {
  /// With a receive ring, frames longer than this are queued whole as well.
  ///
  /// The corresponding C constant is `PACKET_COPY_THRESH`.
  public static var packetCopyThreshold: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_PACKET, name: CS_PACKET_COPY_THRESH, cName: "PACKET_COPY_THRESH",
      coding: .integer(unit: "bytes"))
  }

  /// The size of a frame's header in a ring of that version.
  ///
  /// It can only be read.
  ///
  /// - Parameter version: the layout of the ring.
  /// - Returns: the option.
  ///
  /// The corresponding C constant is `PACKET_HDRLEN`.
  public static func packetHeaderSize(of version: PacketRingVersion) -> SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_PACKET, name: CS_PACKET_HDRLEN, cName: "PACKET_HDRLEN",
      coding: .headerSize(of: version))
  }

  /// The size of the offload header; zero for none.
  ///
  /// 0, 10 or 12.
  ///
  /// Linux 6.5 or later.
  ///
  /// The corresponding C constant is `PACKET_VNET_HDR_SZ`.
  public static var packetOffloadHeaderSize: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_PACKET, name: CS_PACKET_VNET_HDR_SZ, cName: "PACKET_VNET_HDR_SZ",
      coding: .integer(unit: "bytes"))
  }
}

extension SocketOption where Value == UInt32 {
  /// Room before each frame of a receive ring, for the caller.
  ///
  /// The corresponding C constant is `PACKET_RESERVE`.
  public static var packetReservedSpace: SocketOption<UInt32> {
    SocketOption(
      level: CS_SOL_PACKET, name: CS_PACKET_RESERVE, cName: "PACKET_RESERVE",
      coding: .unsigned(unit: "bytes"))
  }
}

extension SocketOption where Value == PacketMembership {
  /// Makes an interface receive frames of a group, or all frames.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `PACKET_ADD_MEMBERSHIP`.
  public static var packetMembershipJoin: SocketOption<PacketMembership> {
    SocketOption(
      level: CS_SOL_PACKET, name: CS_PACKET_ADD_MEMBERSHIP, cName: "PACKET_ADD_MEMBERSHIP",
      coding: .packetMembership)
  }

  /// Takes back what joining did.
  ///
  /// Leaving what was never joined does nothing.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `PACKET_DROP_MEMBERSHIP`.
  public static var packetMembershipLeave: SocketOption<PacketMembership> {
    SocketOption(
      level: CS_SOL_PACKET, name: CS_PACKET_DROP_MEMBERSHIP, cName: "PACKET_DROP_MEMBERSHIP",
      coding: .packetMembership)
  }
}

extension SocketOption where Value == PacketFanout {
  /// Shares the frames among all sockets of a group.
  ///
  /// The socket must be bound. Without a group all fields read as zero.
  ///
  /// The corresponding C constant is `PACKET_FANOUT`.
  public static var packetFanout: SocketOption<PacketFanout> {
    SocketOption(
      level: CS_SOL_PACKET, name: CS_PACKET_FANOUT, cName: "PACKET_FANOUT", coding: .packetFanout)
  }
}

extension SocketOption where Value == [FilterInstruction] {
  /// The classic BPF program by which a fanout group chooses a socket.
  ///
  /// For a group of mode ``PacketFanout/Mode/classicFilter``; `EINVAL` for others.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `PACKET_FANOUT_DATA`.
  public static var packetFanoutFilter: SocketOption<[FilterInstruction]> {
    SocketOption(
      level: CS_SOL_PACKET, name: CS_PACKET_FANOUT_DATA, cName: "PACKET_FANOUT_DATA",
      coding: .program)
  }
}

extension SocketOption where Value == PacketRolloverStatistics {
  /// How often a full socket of a fanout group passed frames on.
  ///
  /// `EINVAL` when the socket is not in a group that rolls over.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `PACKET_ROLLOVER_STATS`.
  public static var packetRolloverStatistics: SocketOption<PacketRolloverStatistics> {
    SocketOption(
      level: CS_SOL_PACKET, name: CS_PACKET_ROLLOVER_STATS, cName: "PACKET_ROLLOVER_STATS",
      coding: .packetRollover)
  }
}

extension SocketOption where Value == PacketRing {
  /// A ring of shared memory for received frames; a ring of zeroes removes it.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `PACKET_RX_RING`.
  public static var packetReceiveRing: SocketOption<PacketRing> {
    SocketOption(
      level: CS_SOL_PACKET, name: CS_PACKET_RX_RING, cName: "PACKET_RX_RING", coding: .packetRing)
  }

  /// A ring of shared memory for frames to send; a ring of zeroes removes it.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `PACKET_TX_RING`.
  public static var packetTransmitRing: SocketOption<PacketRing> {
    SocketOption(
      level: CS_SOL_PACKET, name: CS_PACKET_TX_RING, cName: "PACKET_TX_RING", coding: .packetRing)
  }
}

extension SocketOption where Value == PacketStatistics {
  /// How many frames came and how many were dropped; reading clears both.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `PACKET_STATISTICS`.
  public static var packetStatistics: SocketOption<PacketStatistics> {
    SocketOption(
      level: CS_SOL_PACKET, name: CS_PACKET_STATISTICS, cName: "PACKET_STATISTICS",
      coding: .packetStatistics)
  }
}

extension SocketOption where Value == TimestampingFlags {
  /// Whose clock the timestamps in a ring come from.
  ///
  /// The corresponding C constant is `PACKET_TIMESTAMP`.
  public static var packetTimestampSource: SocketOption<TimestampingFlags> {
    SocketOption(
      level: CS_SOL_PACKET, name: CS_PACKET_TIMESTAMP, cName: "PACKET_TIMESTAMP", coding: .optionSet
    )
  }
}

extension SocketOption where Value == PacketRingVersion {
  /// The layout of the frames in a ring; set it before making one.
  ///
  /// The corresponding C constant is `PACKET_VERSION`.
  public static var packetRingVersion: SocketOption<PacketRingVersion> {
    SocketOption(
      level: CS_SOL_PACKET, name: CS_PACKET_VERSION, cName: "PACKET_VERSION", coding: .packetVersion
    )
  }
}
