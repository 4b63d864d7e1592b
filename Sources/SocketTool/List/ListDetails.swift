// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// What `--details` adds to a socket, piece by piece, the most wanted first.
enum ListDetails {
  static func words(_ row: SocketRow, _ details: SocketDetails, _ text: ListText) -> [String] {
    var words: [String] = []
    if let tcp = details.tcp, row.state != .listening {
      words += connection(tcp)
      if let name = details.congestionControl { words.append(ForeignText.shown(name)) }
      words += traffic(tcp)
    }
    if let memory = details.memory { words += buffers(memory) }
    if let shutdown = details.shutdown, !shutdown.isEmpty {
      let names =
        (shutdown.contains(.read) ? ["reading"] : [])
        + (shutdown.contains(.write) ? ["writing"] : [])
      if !names.isEmpty { words.append("shut down for \(names.joined(separator: " and "))") }
    }
    if details.isIPv6Only == true { words.append("IPv6 only") }
    if let mark = details.mark, mark != 0 { words.append("mark 0x" + String(mark, radix: 16)) }
    if let userID = row.userID {
      words.append("made by " + ForeignText.shown(text.users.text(of: userID)))
    }
    if row.inode != 0 { words.append("inode \(row.inode)") }
    if let peer = row.peerInode { words.append("peer's inode \(peer)") }
    if row.holders.count > 1 {
      let list = row.holders.prefix(16).map { "\($0.process.processID) as \($0.descriptor)" }
      let rest = row.holders.count > list.count ? " and others" : ""
      words.append("open in " + list.joined(separator: ", ") + rest)
    } else if let holder = row.holders.first {
      words.append("descriptor \(holder.descriptor)")
    }
    return words
  }

  /// How the connection is.
  private static func connection(_ tcp: TCPInformation) -> [String] {
    var words: [String] = []
    if tcp.roundTripTime > .zero {
      words.append(
        "rtt \(ListText.length(tcp.roundTripTime)) ±\(ListText.length(tcp.roundTripTimeVariation))")
    }
    words.append("rto \(ListText.length(tcp.retransmissionTimeout))")
    if tcp.backoffCount > 0 { words.append("backoff \(tcp.backoffCount)") }
    words.append("cwnd \(tcp.congestionWindowSegmentCount)")
    if tcp.slowStartThresholdSegmentCount < 0x7fff_ffff {
      words.append("ssthresh \(tcp.slowStartThresholdSegmentCount)")
    }
    words.append("mss \(tcp.sendSegmentByteCount)")
    words.append("mtu \(tcp.pathMTU)")
    if tcp.agreements.contains(.windowScaling) {
      words.append("wscale \(tcp.sendWindowScale)/\(tcp.receiveWindowScale)")
    }
    if tcp.agreements.contains(.selectiveAcknowledgements) { words.append("sack") }
    if tcp.agreements.contains(.timestamps) { words.append("timestamps") }
    if tcp.agreements.contains(.congestionNotification) { words.append("ecn") }
    if tcp.agreements.contains(.synData) { words.append("fast open") }
    switch tcp.congestionState {
    case .disorder: words.append("disorder")
    case .windowReduction: words.append("reducing its window")
    case .recovery: words.append("recovering")
    case .loss: words.append("loss")
    case .open, nil: break
    }
    return words
  }

  /// What went over it.
  private static func traffic(_ tcp: TCPInformation) -> [String] {
    var words = [
      "sent \(bytes(tcp.sentByteCount)) in \(tcp.sentSegmentCount) segments",
      "received \(bytes(tcp.receivedByteCount)) in \(tcp.receivedSegmentCount)",
    ]
    if tcp.totalRetransmittedSegmentCount > 0 {
      words.append(
        "retransmitted \(tcp.totalRetransmittedSegmentCount)"
          + " (\(bytes(tcp.retransmittedByteCount)))")
    }
    if tcp.unacknowledgedSegmentCount > 0 {
      words.append("unacknowledged \(tcp.unacknowledgedSegmentCount)")
    }
    if tcp.lostSegmentCount > 0 { words.append("lost \(tcp.lostSegmentCount)") }
    if tcp.notSentByteCount > 0 { words.append("not sent \(bytes(UInt64(tcp.notSentByteCount)))") }
    if tcp.outOfOrderSegmentCount > 0 {
      words.append("out of order \(tcp.outOfOrderSegmentCount)")
    }
    for (name, rate) in [("delivered", tcp.deliveryRate), ("paced at", tcp.pacingRate)]
    where rate > 0 && rate != .max {
      words.append("\(name) \(bytes(rate))/s")
    }
    let idle = min(tcp.sinceLastSend, tcp.sinceLastReceive)
    if idle > .seconds(1) { words.append("idle for \(ListText.length(idle))") }
    if tcp.receiveWindowLimitedTime > .zero {
      words.append("held up by the peer's window \(ListText.length(tcp.receiveWindowLimitedTime))")
    }
    return words
  }

  private static func buffers(_ memory: SocketMemory) -> [String] {
    var words = [
      "receive buffer \(bytes(UInt64(memory.receiveQueueByteCount)))"
        + " of \(bytes(UInt64(memory.receiveBufferByteCount)))",
      "send buffer \(bytes(UInt64(memory.sendQueueByteCount)))"
        + " of \(bytes(UInt64(memory.sendBufferByteCount)))",
    ]
    if memory.dropCount > 0 { words.append("dropped \(memory.dropCount)") }
    return words
  }

  private static func bytes(_ count: UInt64) -> String { ByteText.count(Int(clamping: count)) }
}
