// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage

/// The life of two datagram sockets: no connection, each message with its own address.
struct DatagramStory {
  let row: TourRow
  let narrator: Narrator
  /// Where the server receives.
  let address: SocketAddress
  /// Where the client receives answers, if it must say so.
  var clientAddress: SocketAddress?
  /// Files that the addresses leave behind.
  var paths: [FilePath] = []

  private static let question = Array("what time is it?".utf8)
  private static let answer = Array("time to learn sockets".utf8)
  private static let large = (0..<1200).map { UInt8(truncatingIfNeeded: $0 &* 7) }

  func tell() throws {
    if row.family != .unix { narrator.expectedPackets = [.sendto: 1, .send: 1] }
    defer { removeFiles() }
    narrator.server(
      "The server makes a socket and binds it. That is all: there is nothing to listen for.")
    let server = try MessageSocket(row.family, row.type, row.protocolNumber)
    try server.bind(to: address)
    let name = try server.localAddress()
    if let ip = name.ip {
      narrator.watch(port: ip.port)
      narrator.say("Port \(ip.port) was chosen by the kernel, from \(Limits.ephemeralPorts).")
    }
    let client = try makeClient()
    try exchange(client, server, name)
    try exchangeConnected(client, server, name)
    narrator.explain("close says nothing to the other side: a datagram socket has no goodbye.")
    narrator.client()
    try client.close()
    narrator.server()
    try server.close()
  }

  private func makeClient() throws -> MessageSocket {
    narrator.client()
    if clientAddress == nil {
      narrator.explain("The client makes a socket. It needs no address yet.")
    } else {
      narrator.say("The client must bind too: without an address it could not be answered.")
    }
    let client = try MessageSocket(row.family, row.type, row.protocolNumber)
    if let clientAddress { try client.bind(to: clientAddress) }
    return client
  }

  /// The unconnected way: an address with each message.
  private func exchange(
    _ client: borrowing MessageSocket, _ server: borrowing MessageSocket, _ name: SocketAddress
  ) throws {
    narrator.client(
      "It sends one message, with the address on it, and an empty one: also a message.")
    try client.sendDatagram(Self.question, to: name)
    try client.sendDatagram([], to: name)
    if clientAddress == nil, let ip = try client.localAddress().ip {
      narrator.say("Sending gave the client a port, \(ip.port): where answers go.")
    }
    narrator.server("The server receives each whole, and learns who sent it.")
    let (question, sender) = try receive(server)
    try narrator.check(question, is: Self.question, "server")
    try narrator.check(try receive(server).bytes, is: [], "server: the empty message")
    narrator.explain("It answers to the sender's address.")
    try server.sendDatagram(Self.answer, to: sender)
    narrator.client()
    try narrator.check(try receive(client).bytes, is: Self.answer, "client")
  }

  /// The connected way: one default peer, and write and read like a file.
  private func exchangeConnected(
    _ client: borrowing MessageSocket, _ server: borrowing MessageSocket, _ name: SocketAddress
  ) throws {
    narrator.client(
      "connect on a datagram socket sends nothing. It sets the default peer, so that write and read will do."
    )
    try client.connect(to: name)
    try client.write(Self.large)
    narrator.server()
    try narrator.check(try receive(server).bytes, is: Self.large, "server")
  }

  private func receive(
    _ socket: borrowing MessageSocket
  ) throws -> (bytes: [UInt8], sender: SocketAddress) {
    var buffer = [UInt8](repeating: 0, count: 2048)
    let datagram = try socket.receiveDatagram(into: &buffer)
    return (Array(buffer.prefix(datagram.byteCount)), datagram.sender)
  }

  private func removeFiles() {
    guard !paths.isEmpty else { return }
    narrator.server()
    narrator.say("The paths stay when their sockets are closed: who made one removes it.")
    for path in paths { _ = Syscall.unlink(path) }
  }
}

extension TourRow {
  static let datagramRows: [TourRow] = [
    TourRow(
      name: "udp4", title: "UDP over IPv4", family: .ipv4, type: .datagram, protocolNumber: .udp,
      about: "Single messages that may be lost, doubled or reordered on the way.",
      remedy: "Linux without IPv4 is rare: build it with CONFIG_INET.", story: .datagrams,
      tell: { narrator, row, _ in
        try DatagramStory(
          row: row, narrator: narrator, address: .ipv4(.loopback, port: .any)
        ).tell()
      }),
    TourRow(
      name: "udp6", title: "UDP over IPv6", family: .ipv6, type: .datagram, protocolNumber: .udp,
      about: "The same with addresses of 128 bits.",
      remedy: "Switch IPv6 on: sysctl net.ipv6.conf.all.disable_ipv6=0.", story: .datagrams,
      tell: { narrator, row, _ in
        try DatagramStory(
          row: row, narrator: narrator, address: .ipv6(.loopback, port: .any)
        ).tell()
      }),
    TourRow(
      name: "unix-datagram", title: "Unix datagram, by path", family: .unix, type: .datagram,
      protocolNumber: .automatic,
      about: "Single messages within one machine: none is lost, doubled or reordered.",
      remedy: "Load the module: modprobe unix.", story: .datagrams,
      tell: { narrator, row, options in
        let paths = ["server", "client"].map { options.folder.appending("datagram-\($0)") }
        try DatagramStory(
          row: row, narrator: narrator, address: .unix(path: paths[0]),
          clientAddress: .unix(path: paths[1]), paths: paths
        ).tell()
      }),
    TourRow(
      name: "unix-datagram-abstract", title: "Unix datagram, by abstract name", family: .unix,
      type: .datagram, protocolNumber: .automatic,
      about: "The same by names that are in no file system.",
      remedy: "Load the module: modprobe unix.", story: .datagrams,
      tell: { narrator, row, options in
        try DatagramStory(
          row: row, narrator: narrator,
          address: .unix(abstract: options.abstractName("datagram-server")),
          clientAddress: .unix(abstract: options.abstractName("datagram-client"))
        ).tell()
      }),
  ]
}
