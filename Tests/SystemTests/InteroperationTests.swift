// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import TestSupport
import Testing

/// Talking with programs that we did not write, as their client and as their server, over each kind of
/// socket that they speak.
@Suite(.blocking, .timeLimit(.minutes(5)))
struct InteroperationTests {
  @Test(.requires(.program("socat")), arguments: Carrier.allCases)
  func socatAnswersUs(over carrier: Carrier) throws {
    try answersUs(.socat, carrier)
  }

  @Test(.requires(.program("socat")), arguments: Carrier.allCases)
  func weAnswerSocat(over carrier: Carrier) throws {
    try weAnswer(.socat, carrier)
  }

  @Test(
    .requires(.program("ncat"), .networkNamespaces),
    arguments: Carrier.allCases.filter(ForeignProgram.ncat.speaks)
  )
  func ncatAnswersUs(over carrier: Carrier) throws {
    try answersUs(.ncat, carrier)
  }

  @Test(
    .requires(.program("ncat")),
    arguments: Carrier.allCases.filter(ForeignProgram.ncat.speaks)
  )
  func weAnswerNcat(over carrier: Carrier) throws {
    try weAnswer(.ncat, carrier)
  }

  @Test(
    .requires(.program("nc")),
    arguments: Carrier.allCases.filter(ForeignProgram.nc.speaks))
  func weAnswerNetcat(over carrier: Carrier) throws {
    try weAnswer(.nc, carrier)
  }

  @Test(.requires(.program("python3")), arguments: Carrier.allCases)
  func pythonAnswersUs(over carrier: Carrier) throws {
    try answersUs(.python3, carrier)
  }

  @Test(.requires(.program("python3")), arguments: Carrier.allCases)
  func weAnswerPython(over carrier: Carrier) throws {
    try weAnswer(.python3, carrier)
  }

  private let message = "a line of a talk, \u{fe}\n"

  private func answersUs(_ program: ForeignProgram, _ carrier: Carrier) throws {
    let message = Array(message.utf8)
    let folder = try ScratchFolder()
    // Where the program cannot choose a port, it has a host of its own, where every port is free.
    let host = program == .ncat ? try NetworkHost() : nil
    func there<R: ~Copyable>(_ work: () throws -> R) throws -> R {
      if let host { try host.run(work) } else { try work() }
    }
    let place = carrier.freshPlace(in: folder, "server")
    let (process, served) = try there {
      try program.serve(carrier, at: program == .ncat ? place.with(port: 7007) : place)
    }
    defer { process.end() }
    if carrier.type == .datagram {
      let socket = try there { try MessageSocket(carrier.family) }
      // A Unix client that has no name cannot be answered.
      if carrier.family == .unix {
        try socket.bind(to: try carrier.freshPlace(in: folder, "client").address())
      }
      try socket.connect(to: try served.address())
      try socket.write(message)
      #expect(try nextBytes(of: socket) == message)
    } else {
      let socket = try there {
        try Socket(carrier.family, carrier.type)
          .connect(to: served.address(), deadline: .patience)
      }
      try socket.write(message)
      #expect(try bytes(message.count, of: socket) == message)
      try socket.shutdown(.write)
      #expect(try nextBytes(of: socket) == [])
      #expect(try process.waitForExit() == 0)
    }
  }

  private func weAnswer(_ program: ForeignProgram, _ carrier: Carrier) throws {
    let text = message
    let folder = try ScratchFolder()
    let place = carrier.freshPlace(in: folder, "server")
    let own = carrier.freshPlace(in: folder, "client")
    if carrier.type == .datagram {
      let socket = try MessageSocket.bound(to: try place.address())
      let served = place.with(port: try socket.localAddress().ip?.port.rawValue ?? 0)
      let process = try program.call(carrier, at: served, from: own)
      defer { process.end() }
      process.write(text)
      var buffer = [UInt8](repeating: 0, count: 65536)
      let request = try socket.receiveDatagram(into: &buffer, deadline: .patience)
      #expect(String(decoding: buffer[..<request.byteCount], as: UTF8.self) == text)
      try socket.sendDatagram(buffer[..<request.byteCount], to: request.sender)
      try process.waitForOutput(byteCount: text.utf8.count)
      #expect(process.text == text)
    } else {
      let listener = try Socket(carrier.family, carrier.type).bind(to: place.address()).listen()
      let served = place.with(port: try listener.localAddress().ip?.port.rawValue ?? 0)
      let process = try program.call(carrier, at: served, from: own)
      defer { process.end() }
      process.write(text)
      let socket = try listener.accept(deadline: .patience)
      let request = try nextBytes(of: socket)
      #expect(String(decoding: request, as: UTF8.self) == text)
      try socket.write(request)
      try process.waitForOutput(byteCount: text.utf8.count)
      #expect(process.text == text)
      process.closeInput()
      #expect(try nextBytes(of: socket) == [])
      try socket.close()
      #expect(try process.waitForExit() == 0)
    }
  }
}
