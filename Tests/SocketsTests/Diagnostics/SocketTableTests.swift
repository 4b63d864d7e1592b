// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets
import SystemPackage
import TestSupport
import Testing

/// Our own sockets, found in the kernel's table by their inodes.
@Suite(.requires(.kernelFeature("sock_diag for TCP, UDP and Unix", isPresent: hasSocketTables)))
struct SocketTableTests {
  /// What `/proc/self/fd` calls the socket.
  private func inode(of socket: borrowing some SocketOwner & ~Copyable) throws -> UInt32 {
    var status = stat()
    // SAFETY: the structure is the one that the call fills.
    let result = unsafe fstat(socket.descriptor.rawValue, &status)
    try #require(result == 0)
    return UInt32(truncatingIfNeeded: status.st_ino)
  }

  private func entry(
    _ part: SocketTable.Part,
    _ inode: UInt32,
    states: SocketStates = .all
  ) throws -> SocketTable.Entry? {
    try SocketTable.entries(of: [part], states: states).first { $0.inode == inode }
  }

  /// The socket's entry, held against what the socket says of itself.
  private func checkedEntry(
    _ part: SocketTable.Part,
    of socket: borrowing some SocketOwner & ~Copyable
  ) throws -> SocketTable.Entry {
    let entry = try #require(try entry(part, inode(of: socket)))
    #expect(entry.family == socket.family)
    #expect(entry.type == socket.type)
    #expect(entry.localAddress == (try socket.localAddress()))
    #expect(entry.cookie == (try socket.option(.cookie)))
    #expect(entry.ownerUserID == geteuid())
    #expect(entry.interface == .any)
    return entry
  }

  private static let loopbacks: [(SocketTable.Part, SocketAddress)] = [
    (.tcpIPv4, .ipv4(.loopback, port: 0)), (.tcpIPv6, .ipv6(.loopback, port: 0)),
  ]

  @Test(arguments: loopbacks)
  func aListenerHasItsQueueAndBacklog(part: SocketTable.Part, address: SocketAddress) throws {
    let listener = try Socket(part.family).bind(to: address).listen(backlog: 7)
    let before = try checkedEntry(part, of: listener)
    #expect(before.state == .listening)
    #expect(before.protocolNumber == .tcp)
    #expect(before.peerAddress == nil)
    #expect(before.queues == .connections(waiting: 0, backlog: 7))
    #expect(before.timer == nil)
    #expect(before.shutdown == [])
    let first = try ConnectedSocket.connected(to: listener.localAddress())
    let second = try ConnectedSocket.connected(to: listener.localAddress())
    #expect(
      try checkedEntry(part, of: listener).queues == .connections(waiting: 2, backlog: 7))
    // A connection that nobody has accepted is no process's yet.
    let (peer, local) = (try first.localAddress(), try listener.localAddress())
    let waiting = try SocketTable.entries(of: [part]).first {
      $0.peerAddress == peer && $0.localAddress == local
    }
    #expect(waiting?.inode == 0)
    #expect(waiting?.state == .established)
    try second.close()
  }

  @Test(arguments: loopbacks)
  func aConnectionHasWhatItsOptionsSay(part: SocketTable.Part, address: SocketAddress) throws {
    let listener = try Socket(part.family).bind(to: address).listen()
    let client = try ConnectedSocket.connected(to: listener.localAddress())
    let server = try listener.accept()
    try client.write([UInt8](repeating: 1, count: 1000))
    try client.shutdown(.write)
    var byte: [UInt8] = [0]
    try server.read(exactlyInto: &byte)
    // Until the end is acknowledged, so that the state lasts.
    #expect(try settles { try client.option(.tcpInformation).state == .finWait2 })

    let called = try checkedEntry(part, of: server)
    #expect(called.state == .closeWait)
    #expect(called.peerAddress == (try client.localAddress()))
    // The end of the stream counts as one.
    #expect(called.queues == .bytes(received: 1000, sent: 0))
    #expect(called.shutdown == .read)
    #expect(called.congestionControl == (try server.option(.congestionControl)))
    let information = try #require(called.tcp)
    let expected = try server.option(.tcpInformation)
    #expect(information.state == .closeWait)
    #expect(information.receivedByteCount == expected.receivedByteCount)
    #expect(information.receivedByteCount >= 1000)
    #expect(information.sendSegmentByteCount == expected.sendSegmentByteCount)
    #expect(information.agreements == expected.agreements)
    let memory = try #require(called.memory)
    #expect(memory == (try server.option(.memory)))
    #expect(memory.receiveQueueByteCount > 0)

    let caller = try checkedEntry(part, of: client)
    #expect(caller.state == .finWait2)
    #expect(caller.shutdown == .write)
    #expect(caller.peerAddress == (try listener.localAddress()))
  }

  @Test func aTimerHasItsKindAndWhenItRunsOut() throws {
    let listener = try Socket(.ipv4).bind(to: .ipv4(.loopback, port: 0)).listen()
    let client = try ConnectedSocket.connected(to: listener.localAddress())
    let server = try listener.accept()
    try client.setOption(.keepAlive, to: true)
    try client.setOption(.keepAliveIdle, to: .seconds(1000))
    let timer = try #require(try checkedEntry(.tcpIPv4, of: client).timer)
    #expect(timer.kind == .keepAlive)
    #expect(timer.retransmitCount == 0)
    #expect(timer.expiry > .seconds(900) && timer.expiry <= .seconds(1000))
    let address = try client.localAddress()
    // Who ends first remembers.
    try client.shutdown(.write)
    try client.close()
    try server.close()
    // A process that another test starts has a copy of the server's until it runs its program.
    var found: SocketTable.Entry?
    _ = try settles {
      found = try SocketTable.entries(of: [.tcpIPv4], states: SocketStates(.timeWait))
        .first { $0.localAddress == address }
      return found != nil
    }
    let past = try #require(found)
    #expect(past.state == .timeWait)
    #expect(past.inode == 0 && past.ownerUserID == nil)
    #expect(past.timer?.kind == .timeWait)
    #expect(past.memory == nil)
    #expect(past.tcp == nil)
  }

  @Test func datagramSocketsHaveAPeerOrNone() throws {
    let cases: [(SocketTable.Part, SocketAddress)] = [
      (.udpIPv4, .ipv4(.loopback, port: 0)), (.udpIPv6, .ipv6(.loopback, port: 0)),
    ]
    for (part, address) in cases {
      let receiver = try MessageSocket.bound(to: address)
      let sender = try MessageSocket(part.family)
      try sender.connect(to: receiver.localAddress())
      try sender.write([UInt8](repeating: 1, count: 100))
      let waiting = try checkedEntry(part, of: receiver)
      #expect(waiting.state == .closed)
      #expect(waiting.protocolNumber == .udp)
      #expect(waiting.peerAddress == nil)
      guard case .bytes(let received, _) = waiting.queues else {
        Issue.record("a datagram socket does not listen")
        return
      }
      #expect(received >= 100)
      #expect(waiting.memory == (try receiver.option(.memory)))
      #expect(waiting.congestionControl == nil)
      #expect(waiting.tcp == nil)
      let connected = try checkedEntry(part, of: sender)
      #expect(connected.state == .established)
      #expect(connected.peerAddress == (try receiver.localAddress()))
    }
  }

  @Test func aSocketForIPv6AloneSaysSo() throws {
    for only in [true, false] {
      let socket = try Socket(.ipv6)
      try socket.setOption(.v6Only, to: only)
      let listener = try socket.bind(to: .ipv6(.any, port: 0)).listen()
      #expect(try checkedEntry(.tcpIPv6, of: listener).isIPv6Only == only)
    }
  }

  @Test(.requires(.capability(.netAdmin))) func theMarkIsToldToThoseWhoMaySetIt() throws {
    let socket = try MessageSocket.bound(to: .ipv4(.loopback, port: 0))
    try socket.setOption(.mark, to: 4711)
    #expect(try checkedEntry(.udpIPv4, of: socket).mark == 4711)
  }

  @Test func aSocketOfAnInterfaceHasItsNumber() throws {
    let socket = try MessageSocket(.ipv4)
    let loopback = try #require(InterfaceIndex(name: "lo"))
    try socket.setOption(.boundInterface, to: loopback)
    try socket.bind(to: .ipv4(.loopback, port: 0))
    #expect(try entry(.udpIPv4, inode(of: socket))?.interface == loopback)
  }

  @Test func unixListenersHaveTheirNames() throws {
    let folder = try ScratchFolder()
    let addresses = [
      try SocketAddress.unix(path: folder.path + "/listener"),
      try SocketAddress.unix(abstract: folder.path + "/abstract"),
      try SocketAddress.unix(
        path: folder.path + "/" + String(repeating: "n", count: 106 - folder.path.count)),
    ]
    for type in [SocketType.stream, .sequencedPacket] {
      for (number, address) in addresses.enumerated() {
        let listener = try Socket(.unix, type).bind(to: address).listen(backlog: 3)
        let caller = try Socket(.unix, type).connect(to: address)
        let entry = try checkedEntry(.unix, of: listener)
        #expect(entry.state == .listening, "\(number)")
        #expect(entry.localAddress == address)
        #expect(entry.queues == .connections(waiting: 1, backlog: 3))
        #expect(entry.peerInode == nil)
        // The peer is a socket already, though nobody has accepted it.
        #expect(try checkedEntry(.unix, of: caller).state == .established)
        if let path = address.unix?.path { unsafe unlink(path.string) }
      }
    }
  }

  @Test func unixPairsKnowEachOther() throws {
    let pair = try ConnectedSocket.pair()
    try pair.first.write([1, 2, 3])
    try pair.second.shutdown(.write)
    let first = try checkedEntry(.unix, of: pair.first)
    let second = try checkedEntry(.unix, of: pair.second)
    #expect(first.state == .established)
    #expect(first.localAddress == .unix(.unnamed))
    #expect(first.peerAddress == nil)
    #expect(first.peerInode == second.inode)
    #expect(second.peerInode == first.inode)
    #expect(second.queues == .bytes(received: 3, sent: 0))
    #expect(first.shutdown == .read)
    #expect(second.shutdown == .write)
    #expect(second.memory == (try pair.second.option(.memory)))
    let lonely = try MessageSocket(.unix)
    let alone = try checkedEntry(.unix, of: lonely)
    #expect(alone.state == .closed)
    #expect(alone.type == .datagram)
    #expect(alone.peerInode == nil)
  }

  @Test func theKernelLeavesOutOtherStates() throws {
    let listener = try Socket(.ipv4).bind(to: .ipv4(.loopback, port: 0)).listen()
    let client = try ConnectedSocket.connected(to: listener.localAddress())
    let unix = try ConnectedSocket.pair()
    let cases: [(SocketTable.Part, UInt32, SocketState)] = [
      (.tcpIPv4, try inode(of: listener), .listening),
      (.tcpIPv4, try inode(of: client), .established),
      (.unix, try inode(of: unix.first), .established),
    ]
    for (part, inode, state) in cases {
      let chosen = try SocketTable.entries(of: [part], states: SocketStates(state))
      #expect(chosen.contains { $0.inode == inode })
      #expect(chosen.allSatisfy { $0.state == state })
      #expect(
        try entry(part, inode, states: SocketStates.all.subtracting(SocketStates(state))) == nil)
    }
    #expect(try SocketTable.entries(of: [.tcpIPv4, .unix], states: []).isEmpty)
  }

  /// More than one datagram's worth.
  @Test func aLongTableIsReadToItsEnd() throws {
    var inodes: Set<UInt32> = []
    var sockets: [FileDescriptor] = []
    defer { for socket in sockets { try? socket.close() } }
    for _ in 0..<400 {
      let socket = try MessageSocket.bound(to: .ipv4(.loopback, port: 0))
      inodes.insert(try inode(of: socket))
      sockets.append(socket.release())
    }
    let found = Set(try SocketTable.entries(of: [.udpIPv4]).map(\.inode))
    #expect(found.isSuperset(of: inodes))
  }

  @Test func everyPartIsListedOrSaysWhatIsMissing() throws {
    let available = try SocketTable.availableParts()
    #expect(available.contains(.tcpIPv4) && available.contains(.unix))
    for part in SocketTable.Part.allCases where !available.contains(part) {
      let error = try #require(throws: SocketError.self) {
        _ = try SocketTable.entries(of: [part])
      }
      #expect(error.operation == .diagnose)
      #expect(error.errno == .noSuchFileOrDirectory)
      #expect(error.description.contains("_diag' (modprobe "))
    }
    #expect(throws: Never.self) { try SocketTable.entries(states: .listening) }
  }

  @Test(.requires(.socket(.ipv4, .stream, .mptcp))) func multipathListenersAreListed() throws {
    try #require(try SocketTable.availableParts().contains(.multipathIPv4))
    let listener = try Socket(.ipv4, .stream, .mptcp).bind(to: .ipv4(.loopback, port: 0)).listen()
    let entry = try #require(try entry(.multipathIPv4, inode(of: listener)))
    #expect(entry.state == .listening)
    #expect(entry.protocolNumber == .mptcp)
    #expect(entry.localAddress == (try listener.localAddress()))
    #expect(entry.tcp == nil)
  }

  @Test(.requires(.socket(.packet, .raw, .automatic), .capability(.netRaw)))
  func packetSocketsHaveTheirInterfaceAndType() throws {
    try #require(try SocketTable.availableParts().contains(.packet))
    let socket = try MessageSocket(.packet, .raw, .etherType(0x88b5))
    let loopback = try #require(InterfaceIndex(name: "lo"))
    try socket.bind(to: .packet(LinkLayerAddress(interface: loopback, etherType: 0x88b5)))
    let found = try #require(try entry(.packet, inode(of: socket)))
    #expect(found.family == .packet)
    #expect(found.type == .raw)
    #expect(found.protocolNumber.rawValue == 0x88b5)
    #expect(found.interface == loopback)
    #expect(
      found.localAddress == .packet(LinkLayerAddress(interface: loopback, etherType: 0x88b5)))
    #expect(found.ownerUserID == geteuid())
    #expect(found.cookie == (try socket.option(.cookie)))
    #expect(found.memory == (try socket.option(.memory)))
    #expect(found.state == .closed)
    #expect(try entry(.packet, inode(of: socket), states: .established) == nil)
  }

  @Test func netlinkSocketsHaveTheirNumberAndGroups() throws {
    try #require(try SocketTable.availableParts().contains(.netlink))
    // NETLINK_ROUTE and its first group, which tells of links.
    let socket = try MessageSocket(.netlink, .raw, .automatic)
    try socket.bind(to: .netlink(NetlinkAddress(portID: 0, groups: 1)))
    let found = try #require(try entry(.netlink, inode(of: socket)))
    #expect(found.family == .netlink)
    #expect(found.localAddress == (try socket.localAddress()))
    #expect(found.localAddress.netlink?.groups == 1)
    #expect(found.peerAddress == nil)
    #expect(found.cookie == (try socket.option(.cookie)))
    #expect(found.state == .closed)
    // The kernel's own end of the same protocol.
    #expect(
      try SocketTable.entries(of: [.netlink]).contains {
        $0.localAddress.netlink?.portID == 0 && $0.protocolNumber == .automatic
      })
  }

  @Test func whatWasNotAskedForIsNotTold() throws {
    let listener = try Socket(.ipv4).bind(to: .ipv4(.loopback, port: 0)).listen()
    let unix = try ConnectedSocket.pair()
    let cases = [
      (SocketTable.Part.tcpIPv4, try inode(of: listener)), (.unix, try inode(of: unix.first)),
    ]
    for (part, inode) in cases {
      for details in [SocketTable.Details.all, [], .memory, .tcp] {
        let found = try #require(
          try SocketTable.entries(of: [part], details: details).first { $0.inode == inode })
        #expect((found.memory != nil) == details.contains(.memory))
        #expect((found.tcp != nil) == (details.contains(.tcp) && part == .tcpIPv4))
        #expect((found.congestionControl != nil) == (details.contains(.tcp) && part == .tcpIPv4))
      }
    }
  }

  @Test func statesPrintAsInC() {
    #expect(SocketState.listening.description == "TCP_LISTEN")
    #expect(SocketState(rawValue: 200).description == "TCP_(200)")
    #expect(SocketStates(.listening, .established).rawValue == 1 << 10 | 1 << 1)
    #expect(SocketStates(SocketState(rawValue: 200)) == [])
    #expect(!SocketStates.connected.contains(.listening))
  }
}

/// Whether the kernel lists what the suite asks for.
private func hasSocketTables() -> Bool {
  guard let parts = try? SocketTable.availableParts() else { return false }
  return parts.contains(.tcpIPv4) && parts.contains(.udpIPv4) && parts.contains(.unix)
}
