// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// Datagrams on our own loops, in batches.
//
//   udp-sockets echo PORT BUFFER [ENGINE]     answers each
//   udp-sockets send PORT SECONDS [ENGINE]    sends 1,200 bytes at a time, by GSO
//   udp-sockets receive PORT SECONDS [ENGINE] receives them, by GRO
//
// send and receive print one line of JSON: bytes, and the processor time that they took.
import AsyncSockets
import Glibc
import Sockets

/// Not at the top level of a file, where code belongs to the main actor.
@main struct Program {
  private static let piece = 1200
  private static let pieces = 50

  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 4, let port = UInt16(arguments[2]), let length = Double(arguments[3])
    else { fatalError("usage: udp-sockets echo|send|receive PORT BUFFER|SECONDS [ENGINE]") }
    let engine = arguments.dropFirst(4).lazy.compactMap { EngineKind(rawValue: $0) }.first
    let loop = try EventLoop(EventLoop.Configuration(engine: engine))
    let address = SocketAddress.ipv4(.loopback, port: Port(port))
    try await loop.run {
      switch arguments[1] {
      case "echo": try await echo(address, loop)
      case "send": try await report(send(to: address, loop, .after(.seconds(length))), length)
      default: try await report(receive(at: address, loop, .after(.seconds(length))), length)
      }
    }
  }

  private static func echo(_ address: SocketAddress, _ loop: EventLoop) async throws {
    let socket = try await DatagramSocket.bind(to: address, on: loop)
    var batch = DatagramBatch(capacity: 64, datagramSize: 2048)
    while true {
      try await socket.receiveBatch(into: &batch)
      try await socket.sendBatch(&batch)
    }
  }

  private static func send(
    to address: SocketAddress, _ loop: EventLoop, _ end: Deadline
  ) async throws -> Int {
    let socket = try await DatagramSocket.connect(to: address, on: loop)
    try socket.setOption(.segmentSize, to: Int32(piece))
    let message = [UInt8](repeating: 0, count: piece * pieces)
    var bytes = 0
    while !end.hasPassed {
      for _ in 0..<16 {
        try await socket.send(message.span.bytes)
        bytes += message.count
      }
    }
    return bytes
  }

  private static func receive(
    at address: SocketAddress, _ loop: EventLoop, _ end: Deadline
  ) async throws -> Int {
    let socket = try await DatagramSocket.bind(to: address, on: loop)
    try socket.setOption(.receiveBufferSize, to: 4 << 20)
    try socket.setOption(.receivesCoalescedDatagrams, to: true)
    var batch = DatagramBatch(capacity: 16, datagramSize: 65535)
    var bytes = 0
    while !end.hasPassed {
      do throws(SocketError) {
        try await socket.receiveBatch(into: &batch, deadline: .milliseconds(100))
      } catch {
        guard error.cause == .deadlinePassed else { throw error }
        continue
      }
      for index in 0..<batch.count { bytes += batch[index].byteCount }
      batch.removeAll()
    }
    return bytes
  }

  private static func report(_ bytes: Int, _ seconds: Double) {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    let processor = Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    print("{\"bytes\": \(bytes), \"processor\": \(processor), \"seconds\": \(seconds)}")
  }
}
