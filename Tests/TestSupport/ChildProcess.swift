// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
internal import Glibc
internal import Sockets

/// A program that a test started: its input and output are pipes, and it never outlives its owner.
///
/// The program leads a process group of its own. The whole group is killed, and the program is reaped,
/// when the owner ends, whatever the test did.
package final class ChildProcess {
  /// Why a program could not be started, or did not do what was waited for.
  package enum Failure: Error, CustomStringConvertible {
    /// `posix_spawn` or `pipe2` failed with this C error.
    case notStarted(program: String, errno: CInt)
    /// The time was up; the output so far is what the program had written.
    case tooSlow(waitedFor: String, output: String)
    /// The output ended before what was waited for came.
    case ended(waitedFor: String, output: String)

    /// One line and the output.
    package var description: String {
      switch self {
      case .notStarted(let program, let errno): "\(program) was not started: errno \(errno)"
      case .tooSlow(let what, let output): "no \(what) in time; the output was:\n\(output)"
      case .ended(let what, let output): "no \(what) before the end; the output was:\n\(output)"
      }
    }
  }

  /// The process's number, which is its group's number too.
  package let processIdentifier: Int32

  /// How much processor time the program has used, in hundredths of a second.
  package var processorTicks: Int {
    get throws {
      // The name, which is the second field, may have spaces in it.
      let text = try readFile("/proc/\(processIdentifier)/stat").drop { $0 != ")" }
      return text.split(separator: " ").dropFirst(12).prefix(2).compactMap { Int($0) }.reduce(0, +)
    }
  }

  /// All that the program has written to its output and its error output so far.
  package private(set) var output: [UInt8] = []

  /// ``output`` as text.
  package var text: String { String(decoding: output, as: UTF8.self) }

  private var inputEnd: CInt
  private let outputEnd: CInt
  private var outputHasEnded = false
  private var exitStatus: Int32?
  /// How much of the output ``waitForLine(containing:seconds:)`` has gone through.
  private var scanned = 0

  /// Starts a program, found by `PATH` unless its name has a slash.
  ///
  /// - Parameters:
  ///   - program: its name or path.
  ///   - arguments: without the name.
  ///   - mergesErrors: whether its error output is part of ``output``; otherwise it is thrown away.
  ///   - passing: a descriptor of ours that becomes the program's descriptor 3.
  /// - Throws: ``Failure/notStarted(program:errno:)``.
  package init(
    _ program: String,
    _ arguments: [String] = [],
    mergesErrors: Bool = true,
    passing: CInt? = nil
  ) throws(Failure) {
    // The input is a Unix socket and not a pipe: writing to a program that is gone then raises no SIGPIPE.
    var input: (CInt, CInt) = (-1, -1)
    guard Syscall.socketpair(AF_UNIX, SocketType.stream.rawValue | O_CLOEXEC, 0, &input) == 0 else {
      throw .notStarted(program: program, errno: errno)
    }
    var output: (CInt, CInt) = (-1, -1)
    guard Syscall.pipe(&output, flags: O_CLOEXEC) == 0 else {
      close(input.0)
      close(input.1)
      throw .notStarted(program: program, errno: errno)
    }
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    // SAFETY: both are initialised before, and destroyed after, their use; the strings outlive the call.
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawnattr_init(&attributes)
    unsafe posix_spawn_file_actions_adddup2(&actions, input.0, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, output.1, 1)
    if mergesErrors {
      unsafe posix_spawn_file_actions_adddup2(&actions, output.1, 2)
    } else {
      unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    }
    if let passing { unsafe posix_spawn_file_actions_adddup2(&actions, passing, 3) }
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    // Signals as a shell would have them: what this process ignores or blocks is not the program's affair.
    var defaults = sigset_t()
    var none = sigset_t()
    unsafe sigfillset(&defaults)
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
    unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
    var number: pid_t = -1
    var words: [UnsafeMutablePointer<CChar>?] =
      unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
    let status = unsafe posix_spawnp(&number, program, &actions, &attributes, &words, environ)
    unsafe words.forEach { unsafe free($0) }
    unsafe posix_spawn_file_actions_destroy(&actions)
    unsafe posix_spawnattr_destroy(&attributes)
    close(input.0)
    close(output.1)
    inputEnd = input.1
    outputEnd = output.0
    processIdentifier = number
    guard status == 0 else {
      exitStatus = 127
      throw .notStarted(program: program, errno: status)
    }
  }

  deinit {
    closeInput()
    if exitStatus == nil { end() }
    close(outputEnd)
  }

  // MARK: Input

  /// Writes text to the program's input; a program that is gone loses it.
  package func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      // SAFETY: the pointer is of the array that it reads.
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Syscall.send(inputEnd, $0, flags: MessageFlags.noSignal.rawValue)
      }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }

  /// Ends the program's input.
  package func closeInput() {
    guard inputEnd >= 0 else { return }
    close(inputEnd)
    inputEnd = -1
  }

  // MARK: Output

  /// Waits for the next line of the output that contains a text, and returns it.
  ///
  /// - Parameters:
  ///   - text: what to look for.
  ///   - seconds: how long at most.
  /// - Returns: the line without its end.
  /// - Throws: ``Failure/tooSlow(waitedFor:output:)`` or ``Failure/ended(waitedFor:output:)``.
  package func waitForLine(containing text: String, seconds: Double = 120) throws(Failure) -> String
  {
    let deadline = Self.instant(after: seconds)
    while true {
      while let end = output[scanned...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: output[scanned..<end], as: UTF8.self)
        scanned = end + 1
        if line.contains(text) { return line }
      }
      guard try readMore(until: deadline, waitingFor: "line with \"\(text)\"") else {
        throw .ended(waitedFor: "line with \"\(text)\"", output: self.text)
      }
    }
  }

  /// Waits for a number of bytes of output in all.
  ///
  /// - Throws: as ``waitForLine(containing:seconds:)``.
  package func waitForOutput(byteCount: Int, seconds: Double = 120) throws(Failure) {
    let deadline = Self.instant(after: seconds)
    while output.count < byteCount {
      guard try readMore(until: deadline, waitingFor: "\(byteCount) bytes") else {
        throw .ended(waitedFor: "\(byteCount) bytes", output: text)
      }
    }
  }

  /// Waits until the program has ended by itself.
  ///
  /// - Returns: its exit code, or 128 and the number of the signal that ended it.
  /// - Throws: ``Failure/tooSlow(waitedFor:output:)``, after which the program is ended.
  package func waitForExit(seconds: Double = 120) throws(Failure) -> Int32 {
    let deadline = Self.instant(after: seconds)
    do throws(Failure) {
      while try readMore(until: deadline, waitingFor: "end") {}
    } catch {
      end()
      throw error
    }
    // The output has ended, so that the program is about to end: what is left is to reap it.
    while exitStatus == nil {
      if reap(WNOHANG) { break }
      guard cs_monotonic_nanoseconds() < deadline else {
        end()
        throw .tooSlow(waitedFor: "end", output: text)
      }
      usleep(1000)
    }
    return exitStatus ?? -1
  }

  /// Ends the program now, and all that it started in its group.
  package func end() {
    guard exitStatus == nil else { return }
    kill(-processIdentifier, SIGKILL)
    kill(processIdentifier, SIGKILL)
    _ = reap(0)
  }

  private func reap(_ options: CInt) -> Bool {
    var status: CInt = 0
    // SAFETY: waits for our own child, which nobody else waits for.
    guard unsafe waitpid(processIdentifier, &status, options) == processIdentifier else {
      return false
    }
    let signal = status & 0x7f
    exitStatus = signal == 0 ? (status >> 8) & 0xff : 128 + signal
    return true
  }

  private static func instant(after seconds: Double) -> Int64 {
    cs_monotonic_nanoseconds() + Int64(seconds * 1e9)
  }

  /// Takes what the pipe has, waiting for it.
  private func readMore(until deadline: Int64, waitingFor what: String) throws(Failure) -> Bool {
    guard !outputHasEnded else { return false }
    var item = cs_pollfd(descriptor: outputEnd, events: Int16(POLLIN), returned_events: 0)
    let rest = deadline - cs_monotonic_nanoseconds()
    // SAFETY: one item.
    guard rest > 0, unsafe cs_poll(&item, 1, rest) != 0 else {
      throw .tooSlow(waitedFor: what, output: text)
    }
    var chunk = [UInt8](repeating: 0, count: 4096)
    let count = unsafe chunk.withUnsafeMutableBytes {
      // SAFETY: the pointer and the count are of one array.
      unsafe read(outputEnd, $0.baseAddress, $0.count)
    }
    if count > 0 { output += chunk[..<count] }
    outputHasEnded = count == 0
    return count != 0
  }
}
