// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// A socket as data.
enum ListJSON {
  static func value(_ snapshot: SocketSnapshot, _ text: ListText) -> JSON {
    .array(snapshot.rows.map { value($0, text) })
  }

  private static func value(_ row: SocketRow, _ text: ListText) -> JSON {
    var members: [(String, JSON)] = [
      ("protocol", .string(text.kind(row))), ("family", .string(row.family.cName)),
      ("type", .string(row.type.cName)), ("state", .string(StateWords.whole(row.state))),
      ("local", address(row.local, row)),
      ("peer", row.peer.map { address($0, row) } ?? .null),
      ("receiveQueue", .number(row.receiveQueue)), ("sendQueue", .number(row.sendQueue)),
      ("timer", row.timer.map(timer) ?? .null),
      ("user", row.userID.map { user($0, text) } ?? .null),
      ("inode", .number(Int(row.inode))),
      // A number that no other socket has had; as text, since it may have more digits than a number keeps.
      ("cookie", .string(String(row.cookie))),
    ]
    if row.interface != .any {
      members.append(("interface", .string(row.interface.name ?? "\(row.interface.rawValue)")))
    }
    if row.kind == .unix { members.append(("peerInode", .optional(row.peerInode.map { Int($0) }))) }
    members.append(("processes", .array(row.holders.map { holder($0, text) })))
    if let details = row.details { members += self.details(details) }
    return .object(members)
  }

  private static func address(_ address: SocketAddress, _ row: SocketRow) -> JSON {
    if let ip = address.ip {
      return .object([
        ("text", .string(ip.description)), ("address", .string(ip.address.description)),
        ("port", .number(Int(ip.port.rawValue))),
      ])
    }
    if let netlink = address.netlink {
      return .object([
        ("text", .string(netlink.description)),
        ("protocol", .string(ListText.netlinkName(row.protocolNumber))),
        ("port", .number(Int(netlink.portID))),
      ])
    }
    return .object([("text", .string(address.description))])
  }

  private static func timer(_ timer: SocketTable.Timer) -> JSON {
    .object([
      ("kind", .string(ListText.name(of: timer.kind))), ("seconds", seconds(timer.expiry)),
      ("retransmits", .number(Int(timer.retransmitCount))),
    ])
  }

  private static func user(_ userID: UInt32, _ text: ListText) -> JSON {
    .object([("id", .number(Int(userID))), ("name", .optional(text.users.name(of: userID)))])
  }

  private static func holder(_ holder: SocketHolder, _ text: ListText) -> JSON {
    .object([
      ("pid", .number(Int(holder.process.processID))), ("name", .string(holder.process.name)),
      ("descriptor", .number(Int(holder.descriptor))),
      ("user", holder.process.userID.map { user($0, text) } ?? .null),
    ])
  }

  private static func seconds(_ duration: Duration) -> JSON {
    .decimal(duration / .seconds(1), digits: 6)
  }

  private static func amount(_ number: some BinaryInteger) -> JSON {
    .number(Int(clamping: number))
  }

  private static func details(_ details: SocketDetails) -> [(String, JSON)] {
    var members: [(String, JSON)] = []
    if let memory = details.memory {
      members.append(
        (
          "memory",
          .object([
            ("receiveQueue", amount(memory.receiveQueueByteCount)),
            ("receiveBuffer", amount(memory.receiveBufferByteCount)),
            ("sendQueue", amount(memory.sendQueueByteCount)),
            ("sendBuffer", amount(memory.sendBufferByteCount)),
            ("forward", amount(memory.forwardByteCount)),
            ("queued", amount(memory.queuedByteCount)),
            ("options", amount(memory.optionByteCount)),
            ("backlog", amount(memory.backlogByteCount)), ("drops", amount(memory.dropCount)),
          ])
        ))
    }
    if let shutdown = details.shutdown {
      members.append(
        (
          "shutdown",
          .array(
            (shutdown.contains(.read) ? [.string("read")] : [])
              + (shutdown.contains(.write) ? [.string("write")] : []))
        ))
    }
    if let mark = details.mark { members.append(("mark", amount(mark))) }
    if let only = details.isIPv6Only { members.append(("ipv6Only", .bool(only))) }
    if let tcp = details.tcp { members.append(("tcp", connection(tcp, details))) }
    return members
  }

  private static func connection(_ tcp: TCPInformation, _ details: SocketDetails) -> JSON {
    .object([
      ("congestionControl", .optional(details.congestionControl)),
      ("roundTripSeconds", seconds(tcp.roundTripTime)),
      ("roundTripVariationSeconds", seconds(tcp.roundTripTimeVariation)),
      ("minimumRoundTripSeconds", seconds(tcp.minimumRoundTripTime)),
      ("retransmissionTimeoutSeconds", seconds(tcp.retransmissionTimeout)),
      ("congestionWindow", amount(tcp.congestionWindowSegmentCount)),
      ("slowStartThreshold", amount(tcp.slowStartThresholdSegmentCount)),
      ("segmentSize", amount(tcp.sendSegmentByteCount)),
      ("receivedSegmentSize", amount(tcp.receiveSegmentByteCount)),
      ("pathMTU", amount(tcp.pathMTU)), ("sendWindowScale", amount(tcp.sendWindowScale)),
      ("receiveWindowScale", amount(tcp.receiveWindowScale)),
      ("sentBytes", amount(tcp.sentByteCount)),
      ("acknowledgedBytes", amount(tcp.acknowledgedByteCount)),
      ("receivedBytes", amount(tcp.receivedByteCount)),
      ("retransmittedBytes", amount(tcp.retransmittedByteCount)),
      ("sentSegments", amount(tcp.sentSegmentCount)),
      ("receivedSegments", amount(tcp.receivedSegmentCount)),
      ("retransmits", amount(tcp.totalRetransmittedSegmentCount)),
      ("unacknowledgedSegments", amount(tcp.unacknowledgedSegmentCount)),
      ("lostSegments", amount(tcp.lostSegmentCount)),
      ("notSentBytes", amount(tcp.notSentByteCount)),
      ("pacingBytesPerSecond", tcp.pacingRate == .max ? .null : amount(tcp.pacingRate)),
      ("deliveryBytesPerSecond", amount(tcp.deliveryRate)),
      ("sinceLastSendSeconds", seconds(tcp.sinceLastSend)),
      ("sinceLastReceiveSeconds", seconds(tcp.sinceLastReceive)),
      ("busySeconds", seconds(tcp.busyTime)),
    ])
  }
}
