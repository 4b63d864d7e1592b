// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets

/// Runs what must fail, and prints how it did.
func show(_ what: String, _ body: () throws -> Void) {
  do {
    try body()
    print("\(what): nothing went wrong")
  } catch {
    print("\(what):\n  \(error)")
  }
}

do {
  let listener = try ListeningSocket.bound(to: .ipv4(.loopback, port: 0))
  let address = try listener.localAddress()
  // A port that is bound and on which nobody listens.
  let deaf = try Socket(.ipv4).bind(to: .ipv4(.loopback, port: 0))
  let deafAddress = try deaf.localAddress()
  var buffer = [UInt8](repeating: 0, count: 100)

  show("nobody listens") { _ = try ConnectedSocket.connected(to: deafAddress) }
  show("two listeners on one port") { _ = try ListeningSocket.bound(to: address) }
  show("an address of another machine") {
    _ = try Socket(.ipv4).bind(to: .ipv4(IPv4Address(192, 0, 2, 1), port: 0))
  }
  show("no such path") { _ = try ConnectedSocket.connected(to: .unix(path: "/nowhere/a.socket")) }
  show("nothing to read for a tenth of a second") {
    let wire = try ConnectedSocket.pair()
    _ = try wire.first.read(into: &buffer, deadline: .milliseconds(100))
  }
  show("the end before all had come") {
    let wire = try ConnectedSocket.pair()
    try wire.second.write("half".utf8)
    try wire.second.shutdown(.write)
    try wire.first.read(exactlyInto: &buffer)
  }
  show("writing when the reader is gone") {
    let wire = try ConnectedSocket.pair()
    let reader = wire.second
    try reader.close()
    try wire.first.write("hello?".utf8)
  }
  show("the peer reset the connection") {
    let client = try ConnectedSocket.connected(to: address)
    try listener.accept().reset()
    _ = try client.read(into: &buffer)
  }
  show("a datagram that is too large") {
    let socket = try MessageSocket(.ipv4, .datagram)
    try socket.sendDatagram([UInt8](repeating: 0, count: 70_000), to: address)
  }
  show("nobody receives datagrams there") {
    let socket = try MessageSocket(.ipv4, .datagram)
    try socket.connect(to: deafAddress)
    try socket.write("anybody?".utf8)
    _ = try socket.read(into: &buffer, deadline: .seconds(5))
  }
  show("a text that is no address") { _ = try IPSocketAddress(parsing: "127.0.0.1:70000") }
} catch {
  print("failures:", error)
  exit(1)
}
