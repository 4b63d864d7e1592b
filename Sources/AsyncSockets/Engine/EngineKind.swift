// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import Sockets

/// The engines: the ways in which a loop can wait for its kernel.
///
/// To add one: a case here, its row in each switch below, and a folder with the type that conforms to
/// `Engine`.
public enum EngineKind: String, CaseIterable, Hashable, Sendable, CustomStringConvertible {
  /// Readiness by `epoll(7)`, edge-triggered: every Linux has it.
  case epoll
  /// Completions by `io_uring(7)`: Linux 6.1 or later, where it is not forbidden.
  case ioUring = "io_uring"
  /// Readiness by `poll(2)`: the smallest engine, an example for who ports this package.
  case poll

  /// The name, as the environment variable has it.
  public var description: String { rawValue }

  /// The variable of the environment that chooses the engine of all loops whose configuration does not:
  /// `epoll`, `io_uring` or `poll`.
  public static let environmentVariable = "SOCKETS_ENGINE"

  /// What is known of an engine on this machine.
  public struct Probe: Hashable, Sendable {
    /// Which engine.
    public var kind: EngineKind
    /// Why it cannot be used here, or `nil` when it can.
    public var obstacle: String?
    /// Whether loops use it when nobody says otherwise.
    public var isAutomatic: Bool
  }

  /// Asks what works here, and why the rest does not.
  ///
  /// - Returns: one answer for each engine, the best first.
  public static func probe() -> [Probe] {
    let chosen = automatic()
    return allCases.map { kind in
      Probe(kind: kind, obstacle: kind.obstacle(), isAutomatic: kind == chosen)
    }
  }

  /// The engine of a loop whose configuration names none.
  ///
  /// It is the one that ``environmentVariable`` names, if it works here, and ``epoll`` otherwise, which measured best
  /// over all (see Documentation/Performance.md).
  public static func automatic() -> EngineKind { choice }

  /// Asked once: the environment and the kernel do not change under a program.
  private static let choice: EngineKind = {
    guard let name = Syscall.environmentValue(environmentVariable),
      let kind = EngineKind(rawValue: name), kind.obstacle() == nil
    else { return .epoll }
    return kind
  }()

  /// Why the engine cannot be used here.
  private func obstacle() -> String? {
    switch self {
    case .epoll, .poll: nil
    case .ioUring: UringProbe.obstacle()
    }
  }

  /// Makes an engine of the kind.
  ///
  /// - Parameter ringEntries: how many operations a ring may hold that are not yet submitted.
  /// - Returns: the engine.
  /// - Throws: `SocketError` when the system has no room for it, or when it does not work here.
  func make(ringEntries: UInt32) throws(SocketError) -> any Engine {
    switch self {
    case .epoll: try EpollEngine()
    case .ioUring: try UringEngine(entryCount: ringEntries)
    case .poll: try PollEngine()
    }
  }
}
