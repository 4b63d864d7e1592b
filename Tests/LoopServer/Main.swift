// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Glibc
import Sockets

/// An echo server on one loop, for tests from outside: `LoopServer [ENGINE]`.
///
/// It says where it listens, serves until SIGTERM, lets its handlers go on for 20 ms, says what it did, and ends.
@main enum LoopServer {
  static func main() async throws {
    raiseDescriptorLimit()

    let engine = CommandLine.arguments.dropFirst().first.flatMap { EngineKind(rawValue: $0) }
    let loop = try EventLoop(EventLoop.Configuration(engine: engine))
    let listener = try await Listener.bind(to: .ipv4(.loopback, port: .any), on: loop)
    let last = Guarded(ServingStatistics())
    let words = Guarded(0)
    let server = Task {
      try await listener.serve(
        ServingLimits(drain: .milliseconds(20)), onFailure: { _, _ in words.withLock { $0 += 1 } },
        onStatistics: { now in last.withLock { $0 = now } }
      ) { connection in
        while true {
          // Without a buffer while it waits.
          try await connection.waitUntilReadable()
          var buffer = [UInt8](repeating: 0, count: 4096)
          let count = try await connection.read(into: &buffer)
          if count == 0 { return }
          try await connection.write(buffer[..<count])
        }
      }
    }
    Termination.handle { server.cancel() }
    print("listening on", try listener.localAddress())
    fflush(nil)
    try await server.value
    let statistics = last.withLock { $0 }
    print(
      "accepted \(statistics.accepted), active \(statistics.active), pauses \(statistics.pauses),",
      "failures told \(words.withLock { $0 })")
  }

  /// As many descriptors as the system allows, unless it was started with a limit.
  private static func raiseDescriptorLimit() {
    var limit = rlimit()
    unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}

/// SIGTERM, told on a thread of its own.
///
/// The descriptor is made before anything else needs one, and the handler does nothing but write to it: whichever thread the
/// signal interrupts.
private enum Termination {
  // SAFETY: written once, before the handler is installed, and only read from then on.
  nonisolated(unsafe) private static var pipe: (read: CInt, write: CInt) = (-1, -1)

  static func handle(_ body: @escaping @Sendable () -> Void) {
    var ends: (CInt, CInt) = (-1, -1)
    guard Syscall.pipe(&ends, flags: O_CLOEXEC) == 0 else { return }
    unsafe pipe = ends
    signal(SIGTERM) { _ in
      var byte: UInt8 = 1
      _ = unsafe Glibc.write(Termination.pipe.write, &byte, 1)
    }
    _ = Thread.start(named: "signals") {
      var byte: UInt8 = 0
      while unsafe Glibc.read(pipe.read, &byte, 1) != 1 {}
      body()
    }
  }
}
