// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage

/// The life of a connection: a server and a client, from `socket` to `close`.
///
/// One thread plays both: the kernel completes a connection before the server has accepted it, and keeps what was
/// written until it is read, so neither ever waits for the other.
struct ConnectionStory {
  let row: TourRow
  let narrator: Narrator
  /// Where the server listens.
  let address: SocketAddress
  /// Where the client calls from, if it must say so.
  var clientAddress: SocketAddress?
  /// The file that the server's address leaves behind.
  var path: FilePath?

  private static let greeting = [Array("hello, ".utf8), Array("server".utf8)]
  private static let answer = Array("hello, client".utf8)
  /// The large transfer: more than one packet, every value of a byte in it.
  private static let block = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }

  private var isStream: Bool { row.type == .stream }
  private var isTCP: Bool { row.protocolNumber == .tcp || row.protocolNumber == .mptcp }

  func tell() throws {
    if isTCP {
      narrator.expectedPackets = [.connect: 3, .send: 1, .shutdown: 1]
    }
    defer { if let path { removeFile(path) } }
    let listener = try listen()
    let client = try connect(to: try name(of: listener))
    let server = try accept(from: listener)
    try exchange(client, server)
    try end(client, server, listener)
  }

  // MARK: Making the connection

  private func listen() throws -> ListeningSocket {
    narrator.server(
      "The server makes a socket. So far it is only a number, a descriptor: it has no address.")
    let socket = try Socket(row.family, row.type, row.protocolNumber)
    narrator.say(explainBind)
    let bound = try socket.bind(to: address)
    narrator.explain(
      "It begins to listen. From now on the kernel completes connections by itself and queues them: the backlog. "
        + "The number is only a wish, cut to \(Limits.text("net/core/somaxconn")) (somaxconn).")
    return try bound.listen()
  }

  private var explainBind: String {
    switch address.family {
    case .ipv4, .ipv6: "It asks for an address. Port 0 means: kernel, choose a free one."
    case .unix where path != nil: "Its address is a path. bind makes a file of type socket there."
    case .unix:
      "Its address is a name in no file system (printed with @). It is gone when its socket is gone."
    case .vsock:
      "Its address is a machine, 1 for this one, and a port; * means: kernel, choose one."
    case .x25: "Its address is the number that callers dial."
    default: "It asks for an address."
    }
  }

  /// Asks under which address the server can be reached, and says who chose the port.
  private func name(of listener: borrowing ListeningSocket) throws -> SocketAddress {
    let name = try listener.localAddress()
    if let ip = name.ip {
      narrator.watch(port: ip.port)
      narrator.say(
        "Port \(ip.port) was chosen by the kernel, since the server asked for 0: a free one from "
          + "\(Limits.ephemeralPorts)."
          + (narrator.tellsAll
            ? " A real server asks for a port that its clients know, such as 443." : ""))
    }
    if let vsock = name.vsock { narrator.say("The kernel chose port \(vsock.port).") }
    return name
  }

  private func connect(to address: SocketAddress) throws -> ConnectedSocket {
    narrator.client(
      isTCP
        ? "The client makes a socket and connects. TCP shakes hands: SYN, SYN-ACK, ACK. "
          + "The server has not called accept, and need not."
        : "The client makes a socket and connects. The server need not have called accept.")
    let socket = try Socket(row.family, row.type, row.protocolNumber)
    if let clientAddress { return try socket.bind(to: clientAddress).connect(to: address) }
    let connected = try socket.connect(to: address)
    explainClientPort()
    return connected
  }

  private func explainClientPort() {
    guard let ip = narrator.lastName?.ip else { return }
    narrator.say(
      narrator.tellsAll
        ? "The client never called bind, so connect chose for it: port \(ip.port), from the same range. Nobody "
          + "needs to know it beforehand; it makes the pair of addresses unique. (The library asks for it, to be sure "
          + "that the socket was not joined to itself.)"
        : "The client's port, \(ip.port), was chosen by connect.")
  }

  private func accept(from listener: borrowing ListeningSocket) throws -> ConnectedSocket {
    narrator.server(
      "accept takes the connection out of the queue: a second socket, for this client alone. The first goes on "
        + "listening.")
    return try listener.accept()
  }

  // MARK: Using it

  private func exchange(
    _ client: borrowing ConnectedSocket, _ server: borrowing ConnectedSocket
  ) throws {
    narrator.client(
      isStream
        ? "The client writes twice. The kernel keeps the bytes until the server reads."
        : "The client writes twice: two messages.")
    for part in Self.greeting { try client.write(part) }
    if isStream {
      narrator.server(
        "The server reads once and has both: a stream has no borders, only bytes in order.")
      var bytes = [UInt8](repeating: 0, count: Self.greeting.joined().count)
      try server.read(exactlyInto: &bytes)
      try narrator.check(bytes, is: Array(Self.greeting.joined()), "server")
    } else {
      narrator.server()
      narrator.say("The server reads twice: this type keeps the borders of messages.")
      for part in Self.greeting {
        try narrator.check(try message(from: server), is: part, "server")
      }
    }
    narrator.server("It answers.")
    try server.write(Self.answer)
    narrator.client()
    try narrator.check(try message(from: client), is: Self.answer, "client")
    try exchangeBlock(client, server)
  }

  /// A larger piece, so that there is more than one packet on the way.
  private func exchangeBlock(
    _ client: borrowing ConnectedSocket, _ server: borrowing ConnectedSocket
  ) throws {
    // X.25 and vsock set their own limits of a message; 1000 bytes fit every one of them.
    let block = isStream ? Self.block : Array(Self.block.prefix(1000))
    narrator.client("Now more than a greeting: \(block.count) bytes, in one write.")
    try client.write(block)
    narrator.server()
    var bytes = [UInt8](repeating: 0, count: block.count)
    if isStream {
      try server.read(exactlyInto: &bytes)
      try narrator.check(bytes, is: block, "server")
    } else {
      try narrator.check(try message(from: server), is: block, "server")
    }
  }

  /// What one read gives.
  private func message(from socket: borrowing ConnectedSocket) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = try socket.read(into: &buffer)
    return Array(buffer.prefix(count))
  }

  // MARK: Ending it

  private func end(
    _ client: consuming ConnectedSocket, _ server: consuming ConnectedSocket,
    _ listener: consuming ListeningSocket
  ) throws {
    if row.family == .x25 {
      narrator.client()
      narrator.say("X.25 has no half-close: close clears the call, both ways.")
      try client.close()
      narrator.server()
      try server.close()
      try listener.close()
      return
    }
    narrator.client(
      "The client has no more to say and shuts down writing"
        + (isTCP ? ": a FIN goes out. " : ". ") + "It could still read: a half-close.")
    try client.shutdown(.write)
    narrator.server(
      "The server reads 0 bytes: the end of the data. That is how a peer says goodbye.")
    try narrator.check(try message(from: server), is: [], "server: the end of the data")
    narrator.explain("Each side closes its socket, and the server the one that listened.")
    try server.close()
    narrator.client()
    try client.close()
    narrator.server()
    try listener.close()
  }

  private func removeFile(_ path: FilePath) {
    narrator.server()
    narrator.say("The path stays when its socket is closed: the server removes it.")
    _ = Syscall.unlink(path)
  }
}

extension TourRow {
  static let connectionRows: [TourRow] = [
    TourRow(
      name: "tcp4", title: "TCP over IPv4", family: .ipv4, type: .stream, protocolNumber: .tcp,
      about: "A reliable stream of bytes between two programs, here or across the world.",
      remedy: "Linux without IPv4 is rare: build it with CONFIG_INET.", story: .connection,
      tell: { narrator, row, _ in
        try ConnectionStory(
          row: row, narrator: narrator, address: .ipv4(.loopback, port: .any)
        ).tell()
      }),
    TourRow(
      name: "tcp6", title: "TCP over IPv6", family: .ipv6, type: .stream, protocolNumber: .tcp,
      about: "The same with addresses of 128 bits. ::1 is this machine.",
      remedy: "Switch IPv6 on: sysctl net.ipv6.conf.all.disable_ipv6=0.", story: .connection,
      tell: { narrator, row, _ in
        try ConnectionStory(
          row: row, narrator: narrator, address: .ipv6(.loopback, port: .any)
        ).tell()
      }),
    unixRow("unix-stream", "Unix stream, by path", .stream, isAbstract: false),
    unixRow("unix-stream-abstract", "Unix stream, by abstract name", .stream, isAbstract: true),
    unixRow("unix-packet", "Unix sequenced-packet, by path", .sequencedPacket, isAbstract: false),
    unixRow(
      "unix-packet-abstract", "Unix sequenced-packet, by abstract name", .sequencedPacket,
      isAbstract: true),
    vsockRow("vsock", "Vsock stream", .stream),
    vsockRow("vsock-packet", "Vsock sequenced-packet", .sequencedPacket),
    TourRow(
      name: "x25", title: "X.25", family: .x25, type: .sequencedPacket, protocolNumber: .automatic,
      about: "Calls between numbers on a packet-switched network, since 1976.",
      remedy: "modprobe x25, then give it a link and a route; a User-Mode Linux kernel has both.",
      story: .connection,
      tell: { narrator, row, options in
        try ConnectionStory(
          row: row, narrator: narrator, address: .x25(options.x25Remote),
          clientAddress: .x25(options.x25Local)
        ).tell()
      }),
  ]

  private static func unixRow(
    _ name: String, _ title: String, _ type: SocketType, isAbstract: Bool
  ) -> TourRow {
    TourRow(
      name: name, title: title, family: .unix, type: type, protocolNumber: .automatic,
      about: type == .stream
        ? "A stream of bytes between two processes of one machine."
        : "A connection that keeps the borders of messages, within one machine.",
      remedy: "Load the module: modprobe unix.", story: .connection,
      tell: { narrator, row, options in
        let path = isAbstract ? nil : options.folder.appending(name)
        let address =
          try path.map { try SocketAddress.unix(path: $0) }
          ?? SocketAddress.unix(abstract: options.abstractName(name))
        try ConnectionStory(row: row, narrator: narrator, address: address, path: path).tell()
      })
  }

  private static func vsockRow(_ name: String, _ title: String, _ type: SocketType) -> TourRow {
    TourRow(
      name: name, title: title, family: .vsock, type: type, protocolNumber: .automatic,
      about: "Between a virtual machine and its host; here within one machine, by loopback.",
      remedy: "Load the loopback transport: modprobe vsock_loopback.", story: .connection,
      tell: { narrator, row, _ in
        try ConnectionStory(
          row: row, narrator: narrator,
          address: .vsock(cid: .local, port: VsockAddress.anyPort)
        ).tell()
      })
  }
}

extension TourOptions {
  /// An abstract name that no other tour has: its folder's name is its own.
  func abstractName(_ row: String) -> String {
    "\(folder.lastComponent?.string ?? "sockets-tour")-\(row)"
  }
}
