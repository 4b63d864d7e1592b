// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport

/// Vsock within one machine, by the loopback transport.
func checkVsock(_ report: Report) {
  for type in [SocketType.stream, .sequencedPacket] {
    report.check("vsock: \(type) sockets connect within the machine") {
      let listener = try Socket(.vsock, type).bind(
        to: .vsock(cid: .any, port: VsockAddress.anyPort)
      ).listen()
      guard let port = try listener.localAddress().vsock?.port else {
        throw Failure("the listener's address is not of vsock")
      }
      let target = SocketAddress.vsock(cid: .local, port: port)
      let client = try Socket(.vsock, type)
        .connect(to: target, deadline: .seconds(5))
      let server = try listener.accept(deadline: .seconds(5))
      try expect("the client's peer", try client.peerAddress(), target)
      try client.write("ping".utf8)
      try expect("what the server read", try nextBytes(of: server), Array("ping".utf8))
      try server.write("pong".utf8)
      try expect("what the client read", try nextBytes(of: client), Array("pong".utf8))
      try client.shutdown(.write)
      try expect("the end of the data", try nextBytes(of: server), [])
    }
  }
  report.check("vsock: a port where nobody listens refuses by a reset") {
    try expectError(.connect, .connectionReset) {
      _ = try Socket(.vsock).connect(to: .vsock(cid: .local, port: 77), deadline: .seconds(5))
    }
  }
}

/// Vsock with a program that we did not write, in both roles.
func checkVsockWithSocat(_ report: Report) {
  report.check("vsock: socat answers us") {
    let socat = try ChildProcess("socat", ["-d", "-d", "VSOCK-LISTEN:5000", "PIPE"])
    _ = try socat.waitForLine(containing: "listening")
    let socket = try Socket(.vsock)
      .connect(to: .vsock(cid: .local, port: 5000), deadline: .seconds(5))
    try socket.write("to socat".utf8)
    try expect("the echo", try bytes(8, of: socket), Array("to socat".utf8))
    try socket.shutdown(.write)
    try expect("the end of the data", try nextBytes(of: socket), [])
    try expect("socat's exit code", try socat.waitForExit(), 0)
  }
  report.check("vsock: we answer socat") {
    let listener = try Socket(.vsock).bind(to: .vsock(cid: .any, port: 5001)).listen()
    let socat = try ChildProcess("socat", ["-", "VSOCK-CONNECT:1:5001"], mergesErrors: false)
    socat.write("from socat")
    let socket = try listener.accept(deadline: .seconds(5))
    try expect("the request", try bytes(10, of: socket), Array("from socat".utf8))
    try socket.write("an answer".utf8)
    try socat.waitForOutput(byteCount: 9)
    try expect("socat's output", socat.text, "an answer")
    socat.closeInput()
    try expect("the end of the data", try nextBytes(of: socket), [])
    try socket.close()
    try expect("socat's exit code", try socat.waitForExit(), 0)
  }
}

/// SCTP in its one-to-one form, which has the calls of TCP and keeps the borders of messages.
func checkSCTP(_ report: Report) {
  report.check("sctp: messages go both ways") {
    let listener = try Socket(.ipv4, .stream, .sctp).bind(to: .ipv4(.loopback, port: 0)).listen()
    let client = try Socket(.ipv4, .stream, .sctp)
      .connect(to: try listener.localAddress(), deadline: .seconds(5))
    let server = try listener.accept(deadline: .seconds(5))
    try client.write("one".utf8)
    try client.write("two".utf8)
    try expect("the first message", try nextBytes(of: server), Array("one".utf8))
    try expect("the second message", try nextBytes(of: server), Array("two".utf8))
    try server.write("three".utf8)
    try expect("the answer", try nextBytes(of: client), Array("three".utf8))
    try client.close()
    try expect("the end of the data", try nextBytes(of: server), [])
  }
  report.check("sctp: a port where nobody listens refuses") {
    try expectError(.connect, .connectionRefused) {
      _ = try Socket(.ipv4, .stream, .sctp).connect(
        to: .ipv4(.loopback, port: 9),
        deadline: .seconds(5)
      )
    }
  }
}
