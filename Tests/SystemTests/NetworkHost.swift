// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import CTestSupport
import Glibc
import TestSupport

/// A machine of its own as far as sockets can tell: a network namespace.
///
/// It has no name and no process. A thread that enters it makes sockets there, and programs that such a thread
/// starts run there. It ends with its owner and the last of its sockets, even when the test is killed.
final class NetworkHost: Sendable {
  /// Why a host could not be made or set up.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let namespace: CInt

  /// Makes a host that has only a loopback interface, which is up.
  init() throws {
    namespace = try onThread {
      let descriptor = cts_new_network_namespace()
      guard descriptor >= 0 else {
        throw Failure(description: "no network namespace: errno \(-descriptor)")
      }
      return descriptor
    }
    try configure("link set lo up")
  }

  deinit { close(namespace) }

  /// Does work on a thread of this host, and waits for it.
  ///
  /// - Parameter work: what to do; the sockets that it makes belong to this host wherever they go.
  /// - Returns: what the work returned.
  /// - Throws: what the work threw.
  func run<R: ~Copyable>(_ work: () throws -> R) throws -> R {
    try onThread {
      let status = cts_enter_network_namespace(self.namespace)
      guard status >= 0 else {
        throw Failure(description: "the network namespace cannot be entered: errno \(-status)")
      }
      return try work()
    }
  }

  /// Runs commands of `ip`, for example `addr add 10.0.0.1/24 dev left`.
  func configure(_ commands: String...) throws {
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
  /// - Parameters:
  ///   - interface: the name of this host's end.
  ///   - other: the other host.
  ///   - otherInterface: the name of its end.
  /// - Throws: ``Failure`` with what `ip` printed.
  func connect(_ interface: String, to other: NetworkHost, _ otherInterface: String) throws {
    let place = "/proc/\(getpid())/fd/\(other.namespace)"
    try configure(
      "link add \(interface) type veth peer name \(otherInterface) netns \(place)",
      "link set \(interface) addrgenmode none up"
    )
    try other.configure("link set \(otherInterface) addrgenmode none up")
  }

  /// Sets a value below `/proc/sys/net`.
  func write(_ value: String, to setting: String) throws {
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

/// Does work on a fresh thread and waits for it: what the work changes of its thread ends with it.
private func onThread<R: ~Copyable>(_ work: () throws -> R) throws -> R {
  var result: Result<R, any Error>?
  try withoutActuallyEscaping(work) { work in
    try unsafe withUnsafeMutablePointer(to: &result) { place in
      let job = Job { unsafe place.pointee = Result { try work() } }
      var thread = pthread_t()
      // SAFETY: the job and what it points to outlive the thread, which is joined here.
      let status = unsafe pthread_create(
        &thread,
        nil,
        { argument in
          if let argument = unsafe argument {
            unsafe Unmanaged<Job>.fromOpaque(argument).takeUnretainedValue().body()
          }
          return nil
        },
        Unmanaged.passUnretained(job).toOpaque()
      )
      guard status == 0 else {
        throw NetworkHost.Failure(description: "no thread: errno \(status)")
      }
      pthread_join(thread, nil)
    }
  }
  guard let outcome = result.take() else {
    preconditionFailure("a joined thread has done its work")
  }
  return try outcome.get()
}

/// What a thread does, as something that a pointer can point to.
private final class Job {
  let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
}
