// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// What is internal can be tested in a debug build alone.
#if DEBUG

import Foundation
import Sockets
import TestSupport
import Testing

@testable import SocketTool

/// The packets of a capture: read by our own decoder, and by tshark, which others wrote.
@Suite(.blocking) struct RelayCaptureTests {
  private static let client = IPSocketAddress(IPv4Address.loopback, port: 40_000)
  private static let server = IPSocketAddress(IPv4Address(10, 0, 0, 1), port: 7000)

  @Test func aConversationHasOneRowOfNumbersEachWay() throws {
    var conversation = SyntheticConversation(client: Self.client, server: Self.server, number: 5)
    var packets = conversation.open()
    packets += conversation.data([UInt8](repeating: 7, count: 3000)[...], .toTarget)
    packets += conversation.data([1, 2, 3], .toClient)
    packets += conversation.end(.toTarget) + conversation.end(.toClient)
    #expect(packets.allSatisfy { $0.count <= 1500 })
    var next: [UInt16: UInt32] = [:]
    var payload: [UInt16: [UInt8]] = [:]
    for bytes in packets {
      let packet = Packet(ipv4: bytes)
      #expect(packet.problem == nil)
      let tcp = try #require(packet.tcp)
      let ports = try #require(packet.ports)
      if let expected = next[ports.source] { #expect(tcp.sequence == expected) }
      if let other = next[ports.destination] { #expect(tcp.acknowledgment == other) }
      let marks = packet.title.contains("SYN") || packet.title.contains("FIN") ? 1 : 0
      next[ports.source] = tcp.sequence &+ UInt32(packet.payload.count + marks)
      payload[ports.source, default: []] += packet.payload
    }
    #expect(payload[40_000]?.count == 3000)
    #expect(payload[7000] == [1, 2, 3])
    #expect(conversation.reset(.toTarget).count == 1)
    #expect(conversation.data([1], .toTarget).isEmpty && conversation.end(.toClient).isEmpty)
  }

  @Test func peersWithoutAddressesGetInventedOnes() throws {
    let unix = try SocketAddress.unix(path: "/tmp/x")
    let invented = CaptureAddresses(client: unix, server: unix, number: 3)
    #expect(invented.client.description == "127.0.0.1:32770")
    #expect(invented.server.description == "127.0.0.1:1")
    let mapped = CaptureAddresses(
      client: .ipv6(IPv6Address(mapping: .loopback), port: 5), server: .ipv6(.any, port: 80),
      number: 1)
    #expect(mapped.client.description == "127.0.0.1:5")
    #expect(mapped.server.description == "127.0.0.1:80")
    for number in [1, 28_000, 28_001, Int.max] {
      let port = CaptureAddresses(client: nil, server: nil, number: number).client.port.rawValue
      #expect(port >= 32_768)
    }
  }

  /// Those packets to which tshark has something to say that is worse than a note, by the numbers of its severities.
  private static let warning = "_ws.expert.severity > 4194304 || _ws.malformed"

  /// Runs tshark with all its checks, and returns what it says without a word of who runs it.
  ///
  /// The payload is bytes at random, which some protocol's dissector would take for its own, malformed, now and then.
  private func tshark(_ arguments: String...) async throws -> String {
    let checks = ["ip", "tcp", "udp"].flatMap { ["-o", "\($0).check_checksum:TRUE"] }
    let payload = ["tcp", "udp"].flatMap { ["-d", "\($0).port==1-65535,data"] }
    let arguments = ["-n"] + checks + payload + arguments
    return try await BackgroundThread.run {
      let program = try ChildProcess("tshark", arguments)
      program.closeInput()
      let code = try program.waitForExit()
      #expect(code == 0, "\(program.text)")
      return program.text.split(separator: "\n").filter { !$0.contains("Running as user") }
        .joined(separator: "\n")
    }
  }

  private func relay(
    _ from: String, _ peer: RelayPeer, _ file: String, _ options: String...
  ) throws -> ChildProcess {
    try ChildProcess(
      builtProgram("sockets"), ["relay", from, peer.target, "--capture", file] + options)
  }

  /// Ends a relay, which has a part of a second for the rest of its capture: that may be too little on a busy machine.
  ///
  /// - Returns: whether the capture is whole.
  private func endsWhole(_ relay: ChildProcess) throws -> Bool {
    kill(relay.processIdentifier, SIGTERM)
    let code = try relay.waitForExit()
    #expect([0, 1, 128 + SIGTERM].contains(code), "\(relay.text)")
    return code == 0
  }

  /// Captures a stream each way into a file `capture`.
  private func captured(
    _ family: String
  ) throws -> (isWhole: Bool, folder: ScratchFolder, target: String) {
    let folder = try ScratchFolder()
    let peer = try RelayPeer(family, path: "\(folder.path)/target", "both", "300000")
    let from =
      family == "unix" ? "unix:\(folder.path)/from" : family == "tcp6" ? "tcp6://:0" : "tcp4://:0"
    let relay = try relay(from, peer, "\(folder.path)/capture")
    _ = try peer.run(through: relay.listeningEndpoint())
    return (try endsWhole(relay), folder, peer.target)
  }

  @Test(.requires(.program("tshark"), .program("python3")), arguments: ["tcp4", "tcp6", "unix"])
  func tsharkReadsAStreamWithoutAWarning(_ family: String) async throws {
    var capture = try captured(family)
    for _ in 0..<2 where !capture.isWhole { capture = try captured(family) }
    let (isWhole, folder, target) = capture
    try #require(isWhole)
    let file = "\(folder.path)/capture"
    let warnings = try await tshark("-r", file, "-Y", Self.warning, "-V")
    #expect(warnings == "")
    let lengths = try await tshark(
      "-r", file, "-T", "fields", "-e", "tcp.len", "-e", "frame.len", "-e", "tcp.checksum.status",
      "-E", "separator=,")
    var sum = 0
    for line in lengths.split(separator: "\n") {
      let fields = line.split(separator: ",").compactMap { Int($0) }
      try #require(fields.count == 3, "\(line)")
      sum += fields[0]
      #expect(fields[1] <= 1500 && fields[2] == 1)
    }
    #expect(sum == 600_000)
    let flags = try await tshark("-r", file, "-Y", "tcp.flags.fin == 1 || tcp.flags.syn == 1")
    #expect(flags.split(separator: "\n").count == 4, "\(flags)")
    let comment = try await tshark("-r", file, "-T", "fields", "-e", "frame.comment", "-c", "1")
    #expect(comment.hasPrefix("connection 1: ") && comment.hasSuffix(" to \(target)"))
  }

  @Test(.requires(.program("tshark"), .program("python3")))
  func tsharkReadsDatagramsWithoutAWarning() async throws {
    var isWhole = false
    for _ in 0..<3 where !isWhole { isWhole = try await tsharkReadsDatagrams() }
    #expect(isWhole)
  }

  /// - Returns: whether the capture was whole at the relay's end, too.
  private func tsharkReadsDatagrams() async throws -> Bool {
    let folder = try ScratchFolder()
    let file = "\(folder.path)/capture"
    let peer = try RelayPeer("udp6", "messages", "50")
    let relay = try relay("udp4://:0", peer, file)
    _ = try peer.run(through: relay.listeningEndpoint())
    // What is in memory is written on request.
    kill(relay.processIdentifier, SIGUSR1)
    _ = try relay.waitForLine(containing: "relay: ")
    let warnings = try await tshark("-r", file, "-Y", Self.warning, "-V")
    #expect(warnings == "")
    let rows = try await tshark(
      "-r", file, "-T", "fields", "-e", "udp.length", "-e", "udp.checksum.status")
    #expect(rows.split(separator: "\n").count == 102)
    #expect(rows.split(separator: "\n").allSatisfy { $0.hasSuffix("\t1") }, "\(rows)")
    return try endsWhole(relay)
  }

  /// A pipe whose reader does not read holds up neither the numbers nor the end.
  @Test(.requires(.program("mkfifo"), .program("python3")))
  func aCaptureThatNobodyTakesEndsInTime() async throws {
    // The time that it has may be too little on a busy machine: not three times.
    let isInTime = try (0..<3).contains { _ in try endsThoughNobodyTakesTheCapture() }
    #expect(isInTime)
  }

  /// - Returns: whether the relay says what it could not write, and ends by itself.
  private func endsThoughNobodyTakesTheCapture() throws -> Bool {
    let folder = try ScratchFolder()
    let pipe = "\(folder.path)/pipe"
    let reader = try ChildProcess(
      "sh", ["-c", "mkfifo \"$0\"; echo made; exec 9<\"$0\"; read line", pipe])
    _ = try reader.waitForLine(containing: "made")
    let peer = try RelayPeer("tcp4", "both", "1000000")
    let relay = try relay("0", peer, pipe)
    _ = try peer.run(through: relay.listeningEndpoint())
    kill(relay.processIdentifier, SIGUSR1)
    _ = try relay.waitForLine(containing: "relay: ", seconds: 30)
    kill(relay.processIdentifier, SIGTERM)
    let code = try relay.waitForExit(seconds: 30)
    #expect([1, 128 + SIGTERM].contains(code), "\(relay.text)")
    return code == 1 && relay.text.contains("/pipe: the last ")
      && relay.text.contains("bytes could not be written in time")
  }

  @Test func aCaptureThatCannotBeWrittenIsSaidOnceAndEndsNothing() async throws {
    let run = try await sockets("relay", "0", "1", "--capture", "/no/such/folder/file")
    #expect(run.exitCode == 1)
    #expect(
      run.errors == "sockets: /no/such/folder/file: no such file or directory (ENOENT)\n")
    let peer = try RelayPeer("tcp4", "both", "1000000")
    let relay = try startSockets("relay", "0", peer.target, "--capture", "/dev/full")
    let endpoint = try relay.listeningEndpoint()
    _ = try peer.run(through: endpoint)
    kill(relay.processIdentifier, SIGTERM)
    #expect(try relay.waitForExit() == 1)
    #expect(relay.text.split(separator: "\n").count { $0.contains("(ENOSPC)") } == 1)
  }
}

#endif
