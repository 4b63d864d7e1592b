// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// What is internal can be tested in a debug build alone.
#if DEBUG

import Foundation
import Sockets
import SystemPackage
import TestSupport
import Testing

@testable import SocketTool

/// The parts of `sockets list` that ask nobody.
@Suite struct ListTests {
  private func row(
    _ kind: ListProtocol, _ state: SocketState, _ local: SocketAddress,
    _ peer: SocketAddress? = nil, _ queues: SocketTable.Queues = .bytes(received: 0, sent: 0),
    inode: UInt32 = 7
  ) -> SocketRow {
    SocketRow(
      kind: kind, family: local.family, type: .stream, protocolNumber: .automatic, state: state,
      local: local, peer: peer, interface: .any, queues: queues, timer: nil, userID: 0,
      inode: inode, cookie: 1, peerInode: nil, details: nil)
  }

  private func process(_ number: Int32, _ name: String) -> SocketHolder {
    SocketHolder(
      process: ListedProcess(processID: number, name: name, userID: 0), descriptor: 3)
  }

  /// A table of everything that is long.
  private func rows() throws -> [SocketRow] {
    let documented = try #require(IPAddress("2001:db8:85a3:1234:5678:8a2e:370:7334"))
    var rows = [
      row(
        .tcp, .listening, .ipv4(.any, port: 80), nil, .connections(waiting: 3, backlog: 4096)),
      row(
        .tcp, .established, .ip(documented, port: 65443), .ip(documented, port: 51234),
        .bytes(received: 12, sent: 3_456_789)),
      row(.udp, .closed, .ipv4(.loopback, port: 53)),
      row(.unix, .listening, try .unix(path: "/run/systemd/journal/a-long-name/stdout.socket")),
      row(.unix, .established, .unix(.unnamed), inode: 4711),
    ]
    rows[0].holders = [process(1234, "nginx"), process(1235, "nginx")]
    rows[1].holders = [process(99, "a\u{1b}[31m name\n")]
    rows[1].timer = SocketTable.Timer(kind: .keepAlive, expiry: .seconds(7199), retransmitCount: 2)
    rows[4].peerInode = 4712
    return rows
  }

  private func table(width: Int?) throws -> [String] {
    let text = ListText(showsNames: false, users: UserNames())
    return ListTable(try rows(), text).lines(width: width, .plain)
  }

  @Test func aTableFitsIntoEightyColumns() throws {
    let lines = try table(width: 80)
    #expect(lines.allSatisfy { $0.count <= 80 }, "\(lines.joined(separator: "\n"))")
    #expect(lines.joined(separator: "\n") == Self.eighty)
  }

  private static let eighty = #"""
    PROTO  STATE   RECV     SEND  LOCAL            PEER             PROCESS
    tcp    listen     3     4096  0.0.0.0:80       *                1234/nginx +1
    tcp    estab     12  3456789  [2001:db…:65443  [2001:db…:51234  99/a\x1b[31m na…
    udp    unconn     0        0  127.0.0.1:53     *
    unix   listen     0        0  …/stdout.socket  *
    unix   estab      0        0  #4711            #4712
    """#

  @Test(arguments: [1, 10, 20, 40, 60, 79, 100, 120, 200])
  func noLineIsWiderThanTheWindow(width: Int) throws {
    // What cannot become narrower than its minimum is left out, but for the first column.
    for line in try table(width: width) { #expect(line.count <= max(width, 6)) }
  }

  @Test func withoutAWindowNothingIsCut() throws {
    let text = try table(width: nil).joined(separator: "\n")
    #expect(!text.contains("…"))
    #expect(text.contains("[2001:db8:85a3:1234:5678:8a2e:370:7334]:51234"))
    #expect(text.contains("/run/systemd/journal/a-long-name/stdout.socket"))
    #expect(text.contains("keep-alive 120 min (2)"))
    #expect(text.contains("99/a\\x1b[31m name\\x0a  root"))
    #expect(text.contains("#4711") && text.contains("#4712"))
  }

  @Test func foreignTextActsOnNoTerminal() {
    #expect(ForeignText.shown("nginx: worker") == "nginx: worker")
    #expect(ForeignText.shown("a\u{1b}]0;x\u{7}\n\\") == "a\\x1b]0;x\\x07\\x0a\\\\")
    #expect(ForeignText.shown("\u{202e}\u{9b}é") == "\\xe2\\x80\\xae\\xc2\\x9bé")
  }

  @Test func everyStateHasItsWords() throws {
    for number in UInt8(1)...13 where number != 12 {
      let state = SocketState(rawValue: number)
      #expect(try StateWords.states(StateWords.short(state)).contains(SocketStates(state)))
      #expect(
        try StateWords.states(StateWords.whole(state).uppercased()).contains(SocketStates(state)))
    }
    #expect(try StateWords.states("listen,closed") == SocketStates(.listening, .closed))
    #expect(try StateWords.states("all") == .all)
    #expect(!(try StateWords.states("synchronized")).contains(SocketStates(.synSent)))
    #expect(try StateWords.states("connected").contains(SocketStates(.synSent, .timeWait)))
    for wrong in ["", "listn", "listening,", ",", "13"] {
      #expect(throws: (any Error).self) { try StateWords.states(wrong) }
    }
  }

  @Test func portsAndAddressesAreReadOrRefused() throws {
    #expect(try ListFilter.ports("80,8000-8999") == [80...80, 8000...8999])
    for wrong in ["", "65536", "9-8", "-1", "80-", "1-2-3", "no such service", "80x", " 80"] {
      #expect(throws: (any Error).self, "\(wrong)") { try ListFilter.ports(wrong) }
    }
    #expect(try ListFilter.address("10.1.2.3/8").description == "10.0.0.0/8")
    #expect(try ListFilter.address("::1").description == "::1/128")
    for wrong in ["", "10.0.0.0/33", "10.0.0", "::/129", "localhost", "10.0.0.0/-1", "10.0.0.0/08"]
    {
      #expect(throws: (any Error).self, "\(wrong)") { try ListFilter.address(wrong) }
    }
  }

  @Test func anIPv4AddressInIPv6IsAskedForToo() throws {
    let ends = ["::ffff:127.0.0.1", "127.0.0.1"].compactMap(IPAddress.init)
    #expect(ends.count == 2)
    for text in ["::ffff:127.0.0.1", "::ffff:127.0.0.0/104"] {
      var filter = ListFilter()
      filter.addresses = [try ListFilter.address(text)]
      for end in ends { #expect(filter.takes(row(.tcp, .established, .ip(end, port: 1)))) }
      #expect(!filter.takes(row(.tcp, .established, .ipv6(.loopback, port: 1))))
    }
    #expect(try ListFilter.address("::/0").description == "::/0")
  }

  @Test func usersAreReadOrRefused() throws {
    #expect(try ArgumentText.user("root") == 0)
    #expect(try ArgumentText.user("4000000000") == 4_000_000_000)
    for wrong in ["", "no-such-user", "-1", "4294967296"] {
      #expect(throws: (any Error).self, "\(wrong)") { try ArgumentText.user(wrong) }
    }
  }

  @Test func theUserCountsWithoutProcessesToo() throws {
    // All sockets of the host are this process's or root's; nobody has this number.
    let socket = try ListeningSocket.bound(to: .ipv4(.loopback, port: 0))
    var request = SocketSnapshot.Request(hasProcesses: false)
    let address = try socket.localAddress()
    request.filter.ports = [try #require(address.ip).port.rawValue].map { $0...$0 }
    // A connection of another test may have the port as well, at either end.
    func count(_ request: SocketSnapshot.Request) throws -> Int {
      try SocketSnapshot.read(request).rows
        .count { $0.local == address && $0.state == .listening }
    }
    #expect(try count(request) == 1)
    request.filter.users = [4_000_000_000]
    #expect(try SocketSnapshot.read(request).rows.isEmpty)
    request.filter.users = [getuid()]
    #expect(try count(request) == 1)
    _ = consume socket
  }

  @Test(.requires(.kernel(6, 8))) func whoIsOnlyBoundIsFoundByThatState() throws {
    let socket = try Socket(.ipv4, .stream).bind(to: .ipv4(.loopback, port: 0))
    let address = try socket.localAddress()
    var request = SocketSnapshot.Request(hasProcesses: false)
    for (states, count) in [("bound", 1), ("all", 1), ("listening", 0), ("connected", 0)] {
      request.filter.states = try StateWords.states(states)
      let rows = try SocketSnapshot.read(request).rows.filter { $0.local == address }
      #expect(rows.count { $0.state == .boundInactive } == count, "\(states)")
    }
    _ = consume socket
  }

  @Test func aReaderThatHasSeenEnoughIsNoNews() async throws {
    let folder = try ScratchFolder()
    let path = folder.path
    let (code, text) = try await BackgroundThread.run {
      let program = try ChildProcess(
        "/bin/sh",
        [
          "-c",
          """
          { until [ -e "$1/gone" ]; do :; done; "$0" list --all; echo "code $?" >"$1/code"; } |
            { exec <&-; : >"$1/gone"; }
          """,
          try builtProgram("sockets"), path,
        ])
      return (try program.waitForExit(), program.text)
    }
    #expect(code == 0 && text == "", "\(text)")
    #expect(try readFile("\(path)/code") == "code 1\n")
  }

  @Test func thatOwnersAreMissingIsSaid() throws {
    // Two sockets of this process, of which one is remembered.
    let first = try Socket(.ipv4)
    let second = try Socket(.ipv4)
    let inodes = try [first.descriptor, second.descriptor].map { descriptor in
      let link = try FileManager.default.destinationOfSymbolicLink(
        atPath: "/proc/self/fd/\(descriptor.rawValue)")
      return try #require(ProcessTable.inode(Array(link.utf8)))
    }
    #expect(!ProcessTable(Set(inodes)).isCut)
    let table = ProcessTable(Set(inodes), limit: 1)
    #expect(table.isCut && table.holders.count == 1)
    let summary = ListSummary(SocketSnapshot(rows: try rows(), isCut: true))
    #expect(summary.line.contains("owners are missing"))
    _ = consume first
    _ = consume second
  }

  @Test func anIPv4AddressInIPv6IsFoundToo() throws {
    var filter = ListFilter()
    filter.addresses = [try ListFilter.address("127.0.0.0/8")]
    let mapped = try #require(IPAddress("::ffff:127.0.0.1"))
    #expect(filter.takes(row(.tcp, .established, .ip(mapped, port: 1))))
    #expect(!filter.takes(row(.tcp, .established, .ipv6(.loopback, port: 1))))
    #expect(!filter.takes(row(.unix, .established, .unix(.unnamed))))
  }

  @Test func theTextTableOfRawSocketsIsReadAndItsLiesAreLeftOut() throws {
    let head = "  sl  local_address rem_address   st tx_queue rx_queue tr ...\n"
    let right =
      "  1: 0100007F:0001 00000000:0000 07 00000000:000000FF 00:00000000 00000000  1000 0 4711 2 x 0"
    let lines = RawTable.lines(head + right)
    #expect(
      lines == [
        RawTable.Line(
          state: .closed, local: .ipv4(.loopback, port: 1), peer: nil, receiveQueue: 255,
          sendQueue: 0, userID: 1000, inode: 4711)
      ])
    let long =
      "  58: 00000000000000000000000001000000:003A 00000000000000000000000001000000:0000 01 "
      + "00000001:00000000 00:00000000 00000000 0 0 5 2 x 0"
    #expect(RawTable.lines(head + long).first?.local == .ipv6(.loopback, port: 58))
    var random = SeededGenerator(seed: .random(in: 0...UInt64.max))
    for _ in 0..<5000 {
      var bytes = Array((head + right + "\n" + long).utf8)
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
      }
      bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
      #expect(RawTable.lines(String(decoding: bytes, as: UTF8.self)).count <= 20)
    }
  }

  @Test func theInodeOfADescriptorIsRead() {
    #expect(ProcessTable.inode(Array("socket:[4294967295]".utf8)) == .max)
    for wrong in [
      "", "socket:[", "socket:[12", "socket:[4294967296]", "socket:[1x]", "pipe:[12]",
      "socket:[99999999999999999999]", "/dev/null",
    ] {
      #expect(ProcessTable.inode(Array(wrong.utf8)) == nil, "\(wrong)")
    }
  }

  @Test func sortingKeepsEqualsInTheirOrder() throws {
    let text = ListText(showsNames: false, users: UserNames())
    let rows = (0..<20).map { number in
      row(
        .tcp, .established, .ipv4(.loopback, port: Port(rawValue: UInt16(number))), nil,
        .bytes(received: UInt32(number % 3), sent: 0))
    }
    let sorted = ListSort.recv.sorted(rows, text)
    #expect(sorted.map(\.receiveQueue) == rows.map(\.receiveQueue).sorted(by: >))
    let ports = sorted.filter { $0.receiveQueue == 1 }.compactMap { $0.local.ip?.port.rawValue }
    #expect(ports == ports.sorted())
    for key in ListSort.allCases { #expect(key.sorted(try self.rows(), text).count == 5) }
  }

  @Test func aSummaryCountsByProtocolAndState() throws {
    let summary = ListSummary(SocketSnapshot(rows: try rows(), hiddenProcessCount: 2))
    #expect(
      summary.line
        == "5 sockets: 2 tcp (1 listen, 1 estab), 1 udp (1 unconn), 2 unix (1 listen, 1 estab)"
        + "; 2 processes of other users do not show theirs")
    #expect(summary.processCount == 3)
  }
}

#endif
