// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CTestSupport
internal import Glibc

/// A machine of its own as far as sockets can tell: a network namespace.
///
/// It has no name and no process. A thread that enters it makes sockets there, and programs that such a thread
/// starts run there. It ends with its owner and the last of its sockets, even when the test is killed.
package final class NetworkHost: Sendable {
  /// Why a host could not be made or set up.
  package struct Failure: Error, CustomStringConvertible {
    package let description: String

    /// Makes one that says so.
    package init(description: String) { self.description = description }
  }

  private let namespace: CInt

  /// Makes a host that has only a loopback interface, which is up.
  package init() throws {
    namespace = try Self.returning {
      try Self.succeed(cts_new_network_namespace(), "a network namespace cannot be made")
    }
    try configure("link set lo up")
  }

  deinit { close(namespace) }

  /// Does work with the calling thread in this host, and takes it back.
  ///
  /// - Parameter work: what to do; the sockets that it makes belong to this host wherever they go.
  /// - Returns: what the work returned.
  /// - Throws: what the work threw.
  package func run<R: ~Copyable>(_ work: () throws -> R) throws -> R {
    try Self.returning {
      try Self.succeed(
        cts_enter_network_namespace(namespace),
        "the network namespace cannot be entered"
      )
      return try work()
    }
  }

  /// Does work and has the thread back where it was, whatever became of the work.
  private static func returning<R: ~Copyable>(_ work: () throws -> R) throws -> R {
    let home = try succeed(
      unsafe open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC),
      "the thread's own network namespace cannot be opened"
    )
    defer {
      let status = cts_enter_network_namespace(home)
      precondition(status >= 0, "a thread cannot go back to its network namespace: \(status)")
      close(home)
    }
    return try work()
  }

  @discardableResult
  private static func succeed(_ status: CInt, _ text: String) throws -> CInt {
    guard status >= 0 else { throw Failure(description: "\(text): errno \(-status)") }
    return status
  }

  /// Runs commands of `ip`, for example `addr add 10.0.0.1/24 dev left`.
  package func configure(_ commands: String...) throws { try configure(commands) }

  /// Runs commands of `ip`.
  package func configure(_ commands: [String]) throws {
    let text = try run {
      let process = try ChildProcess("ip", ["-batch", "-"])
      process.write(commands.joined(separator: "\n") + "\n")
      process.closeInput()
      return try process.waitForExit() == 0 ? nil : process.text
    }
    if let text { throw Failure(description: "ip: \(text)") }
  }

  /// Joins this host to another by a wire, a pair of `veth` interfaces, both of which are up.
  ///
  /// The kernel tells an interface some time later that it has a carrier, and until then drops what is sent: so that is waited for.
  ///
  /// - Parameters:
  ///   - interface: the name of this host's end.
  ///   - other: the other host.
  ///   - otherInterface: the name of its end.
  /// - Throws: ``Failure`` with what `ip` printed.
  package func connect(_ interface: String, to other: NetworkHost, _ otherInterface: String) throws
  {
    let place = "/proc/\(getpid())/fd/\(other.namespace)"
    try configure(
      "link add \(interface) type veth peer name \(otherInterface) netns \(place)",
      "link set \(interface) addrgenmode none up"
    )
    try other.configure("link set \(otherInterface) addrgenmode none up")
    for (host, name) in [(self, interface), (other, otherInterface)] {
      guard try settles({ try host.isUp(name) }) else {
        throw Failure(description: "\(name) does not come up")
      }
    }
  }

  private func isUp(_ interface: String) throws -> Bool {
    try run {
      let process = try ChildProcess("ip", ["link", "show", interface])
      return try process.waitForExit() == 0 && process.text.contains("state UP")
    }
  }

  /// Sets a value below `/proc/sys/net`.
  package func write(_ value: String, to setting: String) throws {
    let status: CInt = try run {
      let file = unsafe open("/proc/sys/net/\(setting)", O_WRONLY | O_CLOEXEC)
      guard file >= 0 else { return errno }
      defer { close(file) }
      // SAFETY: the text's own bytes and their count.
      return unsafe Glibc.write(file, value, value.utf8.count) < 0 ? errno : 0
    }
    guard status == 0 else { throw Failure(description: "\(setting): errno \(status)") }
  }
}
