// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import TestSupport
import Testing

/// What both say of a socket.
private struct Fact: Hashable, CustomStringConvertible {
  var kind: String
  var state: String
  var queues: [Int]
  var local: String
  var peer: String
  var inode: Int
  var timer: String
  var holders: Set<String>
  /// What TCP knows of an established connection, in the order of `TCPInternals.names`.
  var internals: [Int]

  var description: String {
    "\(kind) \(state) \(queues) \(local) > \(peer) inode \(inode) timer \(timer) \(holders.sorted()) \(internals)"
  }
}

/// Those measurements of TCP that stay as they are while nothing is sent, by the names of both.
private enum TCPInternals {
  static let names = [
    ("mss", "segmentSize"), ("pmtu", "pathMTU"), ("rcvmss", "receivedSegmentSize"),
    ("cwnd", "congestionWindow"), ("bytes_sent", "sentBytes"),
    ("bytes_acked", "acknowledgedBytes"), ("bytes_received", "receivedBytes"),
  ]
}

/// `sockets list` beside `ss`, on sockets in every state, at one moment.
@Suite(
  .requires(
    .networkNamespaces, .program("python3"), .program("ss"), .program("ip"), .program("unshare"),
    .program("setpriv")))
struct ListAgreementTests {
  @Test func theListAgreesWithSsInEveryField() async throws {
    let answer = try await scene()
    for question in ["sockets", "raw", "packet"] {
      let both = try #require(answer[question] as? [String: Any])
      let text = try #require(both["ss"] as? String)
      let rows = try #require(both["list"] as? [[String: Any]])
      let theirs = Set(try text.split(separator: "\n").map { try SsLine($0).fact })
      // A socket that is only bound: the ss of today does not ask the kernel for them.
      let ours = Set(try rows.filter { $0["state"] as? String != "bound-inactive" }.map(Self.fact))
      #expect(ours.subtracting(theirs) == [], "\(question): ours alone")
      #expect(theirs.subtracting(ours) == [], "\(question): ss alone")
      #expect(ours.count >= (question == "sockets" ? 45 : 2))
      #expect(question != "sockets" || ours.contains { $0.internals.dropFirst(4).contains(5) })
    }
    let both = try #require(answer["sockets"] as? [String: Any])
    let rows = try #require(both["list"] as? [[String: Any]])
    let states = Set(
      rows.filter { $0["protocol"] as? String == "tcp" }.map { $0["state"] as? String })
    #expect(
      states.isSuperset(of: [
        "listening", "established", "syn-sent", "syn-recv", "fin-wait-1", "fin-wait-2", "time-wait",
        "close-wait", "last-ack",
      ]))
    try filtersKeepWhatTheySay(answer)
    try othersProcessesAreNoFailure(answer)
    try theTableHasALineASocket(answer)
  }

  private func scene() async throws -> [String: Any] {
    try await BackgroundThread.run {
      let folder = try ScratchFolder()
      let program = try ChildProcess(
        "unshare",
        ["-n", "python3", "-c", ListScene.program, try builtProgram("sockets"), folder.path])
      let code = try program.waitForExit()
      let object = try? JSONSerialization.jsonObject(with: Data(program.text.utf8))
      try #require(code == 0 && object != nil, "\(program.text)")
      return Answer(object as? [String: Any] ?? [:])
    }.value
  }

  /// The answer on its way between threads; nobody changes it.
  private struct Answer: @unchecked Sendable {
    let value: [String: Any]
    init(_ value: [String: Any]) { self.value = value }
  }

  private static func fact(_ row: [String: Any]) throws -> Fact {
    let inode = try #require(row["inode"] as? Int)
    let kind = try #require(row["protocol"] as? String)
    let holders = try #require(row["processes"] as? [[String: Any]])
    let timer = (row["timer"] as? [String: Any])?["kind"] as? String
    func end(_ name: String) -> String {
      let object = row[name] as? [String: Any]
      var text = object?["text"] as? String ?? "*"
      if let port = object?["port"] as? Int, port == 0, kind != "raw" { text = "*" }
      if kind == "packet", name == "local" { return Self.link(text) }
      return text == "(unnamed)" ? "*" : text
    }
    return Fact(
      kind: kind, state: try #require(row["state"] as? String),
      queues: [
        try #require(row["receiveQueue"] as? Int), try #require(row["sendQueue"] as? Int),
      ],
      local: end("local"),
      peer: kind.hasPrefix("unix") ? "\(row["peerInode"] as? Int ?? 0)" : end("peer"),
      // For raw sockets ss does not print it.
      inode: kind == "raw" ? 0 : inode, timer: timer ?? "",
      holders: Set(holders.map { "\($0["pid"] ?? "")/\($0["descriptor"] ?? "")" }),
      internals: internals(row))
  }

  private static func internals(_ row: [String: Any]) -> [Int] {
    guard row["protocol"] as? String == "tcp", row["state"] as? String == "established",
      let tcp = row["tcp"] as? [String: Any]
    else { return [] }
    return TCPInternals.names.map { tcp[$0.1] as? Int ?? 0 }
  }

  /// The interface and the Ethernet type of `packet:lo,ethertype=0x800`.
  private static func link(_ text: String) -> String {
    let parts = text.dropFirst("packet:".count).split(separator: ",ethertype=0x")
    return "\(parts.first ?? "?")/\(parts.last.flatMap { Int($0, radix: 16) } ?? -1)"
  }

  // MARK: Filters

  private func filtersKeepWhatTheySay(_ answer: [String: Any]) throws {
    let filters = try #require(answer["filters"] as? [String: [[String: Any]]])
    func rows(_ words: String) throws -> [[String: Any]] {
      try #require(filters[words], "\(words)")
    }
    func texts(_ words: String, _ member: String) throws -> Set<String> {
      Set(try rows(words).compactMap { $0[member] as? String })
    }
    #expect(try texts("--state listening", "state") == ["listening"])
    #expect(try texts("--state connected --only tcp", "state").isDisjoint(with: ["listening"]))
    #expect(try texts("--state connected --only tcp", "state").isSuperset(of: ["syn-sent"]))
    #expect(try texts("--state bucket --only tcp", "state") == ["time-wait", "syn-recv"])
    #expect(try texts("--only unix --state listening", "protocol") == ["unix", "unix-packet"])
    let port = try #require(answer["port"] as? Int)
    let ends = try rows("--port \(port)").map { row in
      ["local", "peer"].map { (row[$0] as? [String: Any])?["port"] as? Int }
    }
    #expect(ends.count == 2 && ends.allSatisfy { $0.contains(port) })
    #expect(try rows("--address ::1").count >= 4)
    for row in try rows("--address ::1") {
      let local = (row["local"] as? [String: Any])?["address"] as? String
      let peer = (row["peer"] as? [String: Any])?["address"] as? String
      #expect([local, peer].contains("::1"))
    }
    #expect(try texts("--address 127.0.0.0/8 --only udp", "protocol") == ["udp"])
    let pid = try #require(answer["pid"] as? Int)
    let own = try rows("--process \(pid)")
    #expect(own.count > 15)
    #expect(
      own.allSatisfy { row in
        (row["processes"] as? [[String: Any]])?.contains { $0["pid"] as? Int == pid } ?? false
      })
    #expect(try rows("--process no-such-process").isEmpty)
    #expect(
      try rows("--all --no-processes").allSatisfy { ($0["processes"] as? [Any])?.isEmpty ?? false })
    #expect(
      try texts("--all --no-processes", "protocol").isSuperset(of: ["packet", "unix", "raw"]))
    #expect(try rows("--user root").count > 20)
    let queues = try rows("--sort recv").compactMap { $0["receiveQueue"] as? Int }
    #expect(queues == queues.sorted(by: >) && (queues.first ?? 0) > 0)
    let forward = try rows("--sort local --reverse").compactMap { row in
      (row["local"] as? [String: Any])?["address"] as? String
    }
    #expect(forward.first?.contains(":") == true && forward.last?.contains(":") == false)
    let times = try rows("--sort rtt --only tcp").map { row in
      (row["tcp"] as? [String: Any])?["roundTripSeconds"] as? Double ?? -1
    }
    #expect(times == times.sorted(by: >) && (times.first ?? 0) > 0)
  }

  private func othersProcessesAreNoFailure(_ answer: [String: Any]) throws {
    let rows = try #require(answer["blind"] as? [[String: Any]])
    #expect(rows.count > 5)
    #expect(rows.allSatisfy { ($0["processes"] as? [Any])?.isEmpty ?? false })
  }

  private func theTableHasALineASocket(_ answer: [String: Any]) throws {
    let lines = try #require(answer["table"] as? String).split(separator: "\n")
    let summary = try #require(answer["summary"] as? [String: Any])
    #expect(lines.first?.hasPrefix("PROTO") == true)
    #expect(lines.count - 1 == summary["total"] as? Int)
    #expect(lines.contains { $0.hasPrefix("tcp") && $0.contains("fin-wait-1") })
  }
}

/// A line of `ss -anopeOH`.
private struct SsLine {
  let fact: Fact

  private static let kinds = [
    "u_str": "unix", "u_dgr": "unix-datagram", "u_seq": "unix-packet", "p_raw": "packet",
    "p_dgr": "packet",
  ]
  private static let states = [
    "LISTEN": "listening", "ESTAB": "established", "UNCONN": "unconnected", "SYN-SENT": "syn-sent",
    "SYN-RECV": "syn-recv", "FIN-WAIT-1": "fin-wait-1", "FIN-WAIT-2": "fin-wait-2",
    "TIME-WAIT": "time-wait", "CLOSE-WAIT": "close-wait", "LAST-ACK": "last-ack",
    "CLOSING": "closing",
  ]
  private static let timers = [
    "on": "retransmit", "keepalive": "keep-alive", "timewait": "time-wait", "persist": "probe",
  ]

  init(_ line: Substring) throws {
    var fields = line.split(separator: " ").map(String.init)
    // With one kind of sockets there is no column for it.
    let isAlone = Self.states[fields[0]] != nil
    if isAlone { fields.insert("raw", at: 0) }
    try #require(fields.count >= 6, "\(line)")
    let kind = Self.kinds[fields[0]] ?? fields[0]
    let isUnix = kind.hasPrefix("unix")
    let inode = fields.first { $0.hasPrefix("ino:") }.flatMap { Int($0.dropFirst(4)) }
    let timer = line.firstMatch(of: /timer:\(([a-z]+),/).map { String($0.output.1) }
    let holders = line.matches(of: /pid=([0-9]+),fd=([0-9]+)/).map {
      "\($0.output.1)/\($0.output.2)"
    }
    var local = isUnix ? fields[4] : Self.end(fields[4])
    var peer = isUnix ? fields[7] : Self.end(fields[5])
    if kind == "packet" { (local, peer) = (Self.link(fields[4]), "*") }
    fact = Fact(
      kind: kind, state: try #require(Self.states[fields[1]]),
      queues: [try #require(Int(fields[2])), try #require(Int(fields[3]))],
      local: local, peer: peer, inode: isUnix ? try #require(Int(fields[5])) : inode ?? 0,
      timer: timer.map { Self.timers[$0] ?? $0 } ?? "", holders: Set(holders),
      internals: kind == "tcp" && fields[1] == "ESTAB" ? Self.internals(fields) : [])
  }

  /// What is zero is not printed.
  private static func internals(_ fields: [String]) -> [Int] {
    TCPInternals.names.map { name in
      fields.lazy.compactMap { field in
        field.hasPrefix("\(name.0):") ? Int(field.dropFirst(name.0.count + 1)) : nil
      }.first ?? 0
    }
  }

  /// The interface and the Ethernet type of `[2048]:lo`.
  private static func link(_ text: String) -> String {
    let parts = text.split(separator: ":")
    let type = parts[0] == "*" ? 3 : Int(parts[0].dropFirst().dropLast()) ?? -1
    return "\(parts[1])/\(type)"
  }

  /// An address as we write it: without the interface, nobody is `*`, and every IPv6 address is `[::]`.
  private static func end(_ text: String) -> String {
    if text.hasSuffix(":*") { return "*" }
    var text = text.replacing(/%[a-z0-9]+/, with: "")
    if text.hasPrefix("*:") { text = "[::]" + text.dropFirst() }
    return text
  }
}
