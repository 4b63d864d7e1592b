// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport

/// X.25 over the null-modem: a call to an address that begins with 2 leaves by one device and arrives by
/// the other.
func checkX25(_ report: Report) {
  guard let called = X25Address("2001"), let calling = X25Address("1001"),
    let otherCalling = X25Address("1002"), let deaf = X25Address("2999"),
    let unrouted = X25Address("777")
  else {
    return report.check("x25: addresses are digits") { throw Failure("they are not") }
  }
  let checks = X25Checks(
    called: called,
    calling: calling,
    otherCalling: otherCalling,
    deaf: deaf,
    unrouted: unrouted
  )
  checks.checkCalls(report)
  checks.checkData(report)
  checks.checkRefusals(report)
}

/// The addresses of the calls, and the checks that use them.
private struct X25Checks {
  /// Where somebody listens.
  let called: X25Address
  let calling: X25Address
  let otherCalling: X25Address
  /// Where nobody listens.
  let deaf: X25Address
  /// Where no route leads.
  let unrouted: X25Address

  /// Making sockets, listening, calling, accepting.
  func checkCalls(_ report: Report) {
    report.check("x25: only sequenced packets exist") {
      try expectError(.socket, .socketTypeNotSupported) { _ = try Socket(.x25, .stream) }
      try expectError(.socket, .socketTypeNotSupported) { _ = try Socket(.x25, .datagram) }
    }
    report.check("x25: a call needs a calling address") {
      try expectError(.connect, .invalidArgument) {
        _ = try Socket(.x25, .sequencedPacket).connect(to: .x25(called))
      }
    }
    report.check("x25: a call is accepted, and both sides know both addresses") {
      let listener = try listenX25(called)
      let client = try callX25(called, from: calling)
      var peer = SocketAddress()
      let server = try listener.accept(from: &peer, deadline: .seconds(5))
      try expect("the accepted peer", peer.x25, calling)
      try expect("the client's peer", try client.peerAddress().x25, called)
      try expect("the client's own address", try client.localAddress().x25, calling)
      try expect("the server's peer", try server.peerAddress().x25, calling)
      try expect("the server's own address", try server.localAddress().x25, called)
      try expect("the listener's address", try listener.localAddress().x25, called)
    }
    report.check("x25: several calls wait until they are accepted") {
      let listener = try listenX25(called)
      let first = try callX25(called, from: calling)
      let second = try callX25(called, from: otherCalling)
      try first.write([1])
      try second.write([2])
      var peers: [X25Address?: [UInt8]] = [:]
      for _ in 0..<2 {
        // The kernel hands out the newest call first, so the order says nothing.
        let server = try listener.accept(deadline: .seconds(5))
        peers[try server.peerAddress().x25] = try nextBytes(of: server)
      }
      try expect("what each call sent", peers, [calling: [1], otherCalling: [2]])
    }
  }

  /// Records both ways, and the end of a call.
  func checkData(_ report: Report) {
    report.check("x25: records go both ways, each by itself") {
      let listener = try listenX25(called)
      let client = try callX25(called, from: calling)
      let server = try listener.accept(deadline: .seconds(5))
      try client.write("first".utf8)
      try client.write("second".utf8)
      try expect("the first record", try nextBytes(of: server), Array("first".utf8))
      try expect("the second record", try nextBytes(of: server), Array("second".utf8))
      // Longer than a packet of the network (128 bytes): it travels in pieces and comes as one.
      let long = (0..<3000).map { UInt8(truncatingIfNeeded: $0) }
      try server.write(long)
      try expect("the long record", try nextBytes(of: client), long)
      try expect("whether nothing is left", try isEmpty(client), true)
    }
    report.check("x25: a cleared call tells its cause, and writing to it raises no signal") {
      let listener = try listenX25(called)
      let client = try callX25(called, from: calling)
      let server = try listener.accept(deadline: .seconds(5))
      try server.setClearCause(ClearCause(cause: 9, diagnostic: 7))
      try server.close()
      try expectError(.read, .socketNotConnected) { _ = try nextBytes(of: client) }
      try expect("the cause", try client.clearCause(), ClearCause(cause: 9, diagnostic: 7))
      try expectError(.write, .brokenPipe) { try client.write([1]) }
    }
  }

  /// Calls that do not come about.
  func checkRefusals(_ report: Report) {
    report.check("x25: a call is refused where nobody listens") {
      try expectError(.connect, .connectionRefused) { _ = try callX25(deaf, from: calling) }
    }
    report.check("x25: a call that can wait for nobody is refused before its deadline") {
      try expectError(.connect, .connectionRefused) {
        _ = try callX25(deaf, from: calling, deadline: .seconds(5))
      }
    }
    report.check("x25: a call without a route is refused") {
      try expectError(.connect, .networkUnreachable) { _ = try callX25(unrouted, from: calling) }
    }
  }
}

private func listenX25(_ address: X25Address) throws -> ListeningSocket {
  try Socket(.x25, .sequencedPacket).bind(to: .x25(address)).listen()
}

private func callX25(
  _ address: X25Address,
  from own: X25Address,
  deadline: Deadline = .never
) throws -> ConnectedSocket {
  try Socket(.x25, .sequencedPacket).bind(to: .x25(own)).connect(
    to: .x25(address),
    deadline: deadline
  )
}

/// Why a call was cleared, or is to be: the codes of ITU-T X.25, tables 5-7 and annex E.
private struct ClearCause: Equatable {
  var cause: UInt8 = 0
  var diagnostic: UInt8 = 0
}

extension ConnectedSocket {
  /// Sets what the peer is told when this side clears the call: `SIOCX25SCAUSEDIAG`.
  fileprivate func setClearCause(_ cause: ClearCause) throws {
    var cause = cause
    // SAFETY: the structure has the two bytes of struct x25_causediag.
    let status = unsafe Syscall.ioctl(
      descriptor.rawValue,
      request: 0x89ec,
      cName: "SIOCX25SCAUSEDIAG",
      &cause
    )
    guard status >= 0 else { throw SocketError(.deviceControl, result: status) }
  }

  /// What the peer said when it cleared the call: `SIOCX25GCAUSEDIAG`.
  fileprivate func clearCause() throws -> ClearCause {
    var cause = ClearCause()
    // SAFETY: as above.
    let status = unsafe Syscall.ioctl(
      descriptor.rawValue,
      request: 0x89e6,
      cName: "SIOCX25GCAUSEDIAG",
      &cause
    )
    guard status >= 0 else { throw SocketError(.deviceControl, result: status) }
    return cause
  }
}
