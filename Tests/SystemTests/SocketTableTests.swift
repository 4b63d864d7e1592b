// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import TestSupport
import Testing

/// The sockets of a host of our own, beside what `ss` says of them at the same moment.
@Suite(
  .blocking, .requires(.networkNamespaces, .program("ip"), .program("ss")), .timeLimit(.minutes(5)))
struct SocketTableAgreementTests {
  private static let states: [SocketState: String] = [
    .established: "ESTAB", .synSent: "SYN-SENT", .synReceived: "SYN-RECV",
    .finWait1: "FIN-WAIT-1", .finWait2: "FIN-WAIT-2", .timeWait: "TIME-WAIT", .closed: "UNCONN",
    .closeWait: "CLOSE-WAIT", .lastAcknowledgement: "LAST-ACK", .listening: "LISTEN",
    .closing: "CLOSING",
  ]

  /// An entry as a line of `ss` has it, cookie or inode last.
  private static func line(_ entry: SocketTable.Entry) -> String {
    let (first, second) =
      switch entry.queues {
      case .bytes(let received, let sent): (received, sent)
      case .connections(let waiting, let backlog): (waiting, backlog)
      }
    var parts = [kind(entry), states[entry.state] ?? "?", "\(first)", "\(second)"]
    if entry.family == .unix {
      let name = entry.localAddress.unix?.description ?? "?"
      parts += [entry.localAddress == .unix(.unnamed) ? "*" : name]
      parts += ["\(entry.inode)", "\(entry.peerInode ?? 0)"]
    } else {
      let nobody = entry.family == .ipv4 ? "0.0.0.0:*" : "[::]:*"
      parts += [entry.localAddress.description, entry.peerAddress?.description ?? nobody]
      parts += ["\(entry.inode)", String(entry.cookie, radix: 16)]
    }
    return parts.joined(separator: " ")
  }

  private static func kind(_ entry: SocketTable.Entry) -> String {
    switch (entry.family, entry.type) {
    case (.unix, .stream): "u_str"
    case (.unix, .datagram): "u_dgr"
    case (.unix, _): "u_seq"
    default: entry.type == .stream ? "tcp" : "udp"
    }
  }

  /// A line of `ss -tuaxnOeH` in the same form; the last two columns of IP are `ino:` and `sk:`.
  private static func line(ss text: Substring) -> String {
    let words = text.split(separator: " ")
    guard words.count >= 6 else { return "short: \(text)" }
    if words[0].hasPrefix("u_") {
      return (words[...5] + words[7...7]).joined(separator: " ")
    }
    func value(_ name: String) -> Substring {
      words.first { $0.hasPrefix(name) }?.dropFirst(name.count) ?? "0"
    }
    // `ss` writes a star for the unspecified address of a socket that serves both versions of IP.
    let addresses = words[4...5].map { $0.hasPrefix("*:") ? "[::]" + $0.dropFirst() : $0 }
    return (words[...3] + addresses + [value("ino:"), value("sk:")]).joined(separator: " ")
  }

  private static func ours() throws -> Set<String> {
    let parts: [SocketTable.Part] = [.tcpIPv4, .tcpIPv6, .udpIPv4, .udpIPv6, .unix]
    // `ss` leaves out what is bound and does nothing.
    let states = SocketStates.all.subtracting(SocketStates(.boundInactive))
    return Set(try SocketTable.entries(of: parts, states: states).map(line))
  }

  private static func theirs() throws -> Set<String> {
    let process = try ChildProcess("ss", ["-tuaxneOH"])
    #expect(try process.waitForExit() == 0)
    return Set(process.text.split(separator: "\n").map(line(ss:)))
  }

  /// Sockets of many kinds and states, kept open while the block runs.
  private static func withSockets(
    _ folder: ScratchFolder,
    _ body: () throws -> Void
  ) throws {
    let four = try Socket(.ipv4).bind(to: .ipv4(.loopback, port: 0)).listen(backlog: 9)
    let six = try Socket(.ipv6).bind(to: .ipv6(.any, port: 0)).listen()
    let client = try ConnectedSocket.connected(to: four.localAddress())
    let server = try four.accept()
    try server.write([UInt8](repeating: 7, count: 300))
    let port = try port(of: six)
    let half = try ConnectedSocket.connected(to: .ipv6(.loopback, port: port))
    let other = try six.accept()
    try half.shutdown(.write)
    // The one of IPv6 that serves both has an IPv4-mapped peer.
    let mapped = try ConnectedSocket.connected(to: .ipv4(.loopback, port: port))
    let past = try ConnectedSocket.connected(to: four.localAddress())
    let pastPeer = try four.accept()
    try past.close()
    try pastPeer.close()
    let waiting = try ConnectedSocket.connected(to: four.localAddress())
    let receiver = try MessageSocket.bound(to: .ipv4(.any, port: 0))
    let sender = try MessageSocket(.ipv6)
    try sender.connect(to: .ipv6(.loopback, port: 9))
    let path = try Socket(.unix).bind(to: .unix(path: folder.path + "/s")).listen()
    let caller = try Socket(.unix).connect(to: .unix(path: folder.path + "/s"))
    let name = try MessageSocket.bound(to: .unix(abstract: folder.path + "/d"))
    let pair = try ConnectedSocket.pair(.sequencedPacket)
    // Until the ends are acknowledged, so that the states last.
    let passing = SocketStates(.finWait1, .lastAcknowledgement, .closing)
    #expect(
      try settles {
        try SocketTable.entries(of: [.tcpIPv4, .tcpIPv6], states: passing).isEmpty
      })
    try body()
    // All of them live to here.
    for descriptor in [
      four.descriptor, six.descriptor, client.descriptor, server.descriptor, half.descriptor,
      other.descriptor, mapped.descriptor, waiting.descriptor, receiver.descriptor,
      sender.descriptor, path.descriptor, caller.descriptor, name.descriptor,
      pair.first.descriptor, pair.second.descriptor,
    ] {
      #expect(descriptor.rawValue >= 0)
    }
  }

  @Test func weAndSSSeeTheSameSockets() throws {
    let host = try NetworkHost()
    let folder = try ScratchFolder()
    try host.run {
      try Self.withSockets(folder) {
        // Timers go on meanwhile: what is compared is a moment at which nothing changed.
        var before: Set<String> = []
        var theirs: Set<String> = []
        let isStill = try settles {
          before = try Self.ours()
          theirs = try Self.theirs()
          return try Self.ours() == before
        }
        #expect(isStill)
        #expect(before.count >= 18)
        #expect(before.subtracting(theirs) == [])
        // What `ss` alone sees is the socket pair that is its own input.
        let more = theirs.subtracting(before)
        #expect(more.count <= 2 && more.allSatisfy { $0.hasPrefix("u_str ESTAB 0 0 * ") })
      }
    }
  }

  /// The table is that of the calling thread's host, and of no other.
  @Test func theTableOfAFreshHostIsEmpty() throws {
    let listener = try Socket(.ipv4).bind(to: .ipv4(.loopback, port: 0)).listen()
    let host = try NetworkHost()
    // The kernel has its own ends of netlink on every host, and asking is a socket too.
    let found = try host.run { try SocketTable.entries() }
    #expect(found.filter { $0.family != .netlink } == [])
    #expect(try SocketTable.entries(of: [.tcpIPv4]).contains { $0.state == .listening })
    #expect(listener.descriptor.rawValue >= 0)
  }
}
