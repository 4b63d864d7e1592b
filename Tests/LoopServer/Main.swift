// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Glibc
import Sockets
import Synchronization

/// An echo server, for tests from outside: `LoopServer [ENGINE | blocking] [exposed]`.
///
/// It serves on one loop, or, blocking, by a thread for each connection. It says where it listens, serves until SIGTERM, lets its
/// handlers go on for 20 ms, says what it did, and ends. Signals that are nothing to it are counted; exposed, the loop's thread
/// takes them too.
@main enum LoopServer {
  static func main() async throws {
    raiseDescriptorLimit()
    Signals.count()
    let arguments = CommandLine.arguments.dropFirst()
    if arguments.first == "blocking" { return try serveBlocking() }

    let engine = arguments.first.flatMap { EngineKind(rawValue: $0) }
    let loop = try EventLoop(EventLoop.Configuration(engine: engine))
    if arguments.contains("exposed") { loop.perform { Signals.expose() } }
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
    print("signals taken: \(Signals.taken)")
    print(
      "accepted \(statistics.accepted), active \(statistics.active), pauses \(statistics.pauses),",
      "failures told \(words.withLock { $0 })")
  }

  /// The same by the blocking core, whose threads take signals here.
  private static func serveBlocking() throws {
    let listener = try ListeningSocket.bound(to: .ipv4(.loopback, port: 0))
    let stop = try StopSignal()
    Termination.handle { stop.stop() }
    print("listening on", try listener.localAddress())
    fflush(nil)
    let words = Guarded(0)
    let summary = try listener.serve(
      by: .threads(atMost: 64), until: stop, onFailure: { _ in words.withLock { $0 += 1 } }
    ) { connection, _ in
      Signals.expose()
      var buffer = [UInt8](repeating: 0, count: 4096)
      while case let count = try connection.read(into: &buffer), count > 0 {
        try connection.write(buffer[..<count])
      }
    }
    print("signals taken: \(Signals.taken)")
    print(
      "accepted \(summary.accepted), active 0, pauses \(summary.pauses),",
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

/// Signals that a program may be sent at any time and that are nothing to it.
private enum Signals {
  private static let numbers = [SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT]

  /// Installs a handler that counts, without `SA_RESTART`: the calls that are interrupted say so.
  static func count() {
    // A handler must not be the first to use it.
    number.store(0, ordering: .relaxed)
    var action = sigaction()
    // SAFETY: the structure is this call's own; the handler does nothing but add to a number.
    unsafe action.__sigaction_handler.sa_handler = { _ in
      Signals.number.add(1, ordering: .relaxed)
    }
    for number in numbers { unsafe sigaction(number, &action, nil) }
  }

  /// The calling thread takes them, whatever it did before.
  static func expose() {
    var set = sigset_t()
    // SAFETY: the set is this call's own.
    unsafe sigemptyset(&set)
    for number in numbers { unsafe sigaddset(&set, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  /// How many were taken.
  static var taken: Int { number.load(ordering: .relaxed) }

  private static let number = Atomic<Int>(0)
}
