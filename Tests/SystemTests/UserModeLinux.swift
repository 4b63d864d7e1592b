// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import TestSupport

/// A second kernel, Debian's `user-mode-linux`, which boots as a process in about three seconds and has
/// families that the machine's own kernel may lack.
///
/// Its root is the machine's own file system, read-only, so that paths mean the same on both sides. Its
/// first program is `UserModeLinuxMachine`, beside this test's own program.
enum UserModeLinux {
  /// What a run of the machine left behind.
  struct Run: Sendable {
    /// All that came to the console.
    var console: String
    /// The exit code of the first program, or `nil` when the kernel ended without it.
    var exitCode: Int?

    /// The lines of the console that begin with a word, without it.
    func lines(after word: String) -> [String] {
      console.split(whereSeparator: \.isNewline).filter { $0.hasPrefix(word + " ") }
        .map { String($0.dropFirst(word.count + 1)) }
    }
  }

  /// What the machine does once it is up.
  enum Task {
    /// Checks of `UserModeLinuxMachine`, by name.
    case checks([String])
    /// A program and its arguments.
    case program(String, [String])
  }

  /// Why a machine could not be run.
  struct Unusable: Error, CustomStringConvertible {
    let description: String
  }

  /// The kernel's program, as the package installs it.
  static let kernel = "linux.uml"

  /// Whether programs run in the kernel on this machine's processor.
  ///
  /// It asks for the floating-point registers in the room that processors of its time needed; where a processor has more of them,
  /// the first program in it dies (`ptrace set fp regs failed`).
  static let runsPrograms: Bool = {
    let words = [
      "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", "mem=64M", "init=/bin/true",
    ]
    guard let process = try? ChildProcess(kernel, words + ["con=null", "con0=null,fd:1"]) else {
      return false
    }
    process.closeInput()
    _ = try? process.waitForExit(seconds: 240)
    return !process.text.contains("set fp regs failed")
  }()

  /// Boots the kernel, runs the task, and powers off.
  ///
  /// - Parameters:
  ///   - task: what to do.
  ///   - modules: kernel modules by name, for example `x25`; what they depend on comes first by itself.
  ///   - hasX25Link: whether two devices joined by a null-modem are made; needs `tun` and `x25`.
  ///   - seconds: the time limit.
  /// - Returns: what came to the console, and how it ended.
  /// - Throws: ``Unusable``, or ``ChildProcess/Failure`` with the console's text when the time is up.
  static func run(
    _ task: Task,
    modules: [String],
    hasX25Link: Bool = false,
    seconds: Double = 240
  ) throws -> Run {
    let scratch = try ScratchFolder()
    var words = [try builtProgram("UserModeLinuxMachine")]
    for path in try modulePaths(modules) { words += ["--module", path] }
    if hasX25Link { words.append("--x25-link") }
    switch task {
    case .checks(let names): words += names
    case .program(let program, let arguments): words += ["--run", program] + arguments
    }
    let script = """
      #!/bin/sh
      export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/run TMPDIR=/run
      export NO_COLOR=1 SWIFT_BACKTRACE=enable=no
      # A Swift program reads its arguments from /proc.
      mount -t proc proc /proc
      mount -t sysfs sysfs /sys
      mount -t tmpfs tmpfs /run
      \(words.map(quoted).joined(separator: " "))
      echo "machine: exit code $?"
      echo o > /proc/sysrq-trigger
      read -r forever

      """
    try scratch.write(script, to: "init", mode: 0o755)
    let process = try ChildProcess(
      kernel,
      [
        "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", "mem=256M", "quiet",
        "con=null", "con0=null,fd:1", "uml_dir=\(scratch.path)/", "umid=machine",
        "init=\(scratch.path)/init",
      ]
    )
    process.closeInput()
    _ = try process.waitForExit(seconds: seconds)
    let console = String(
      decoding: process.output.filter { $0 != UInt8(ascii: "\r") },
      as: UTF8.self
    )
    let code = console.split(whereSeparator: \.isNewline)
      .first { $0.hasPrefix("machine: exit code ") }
      .flatMap { Int($0.dropFirst("machine: exit code ".count)) }
    return Run(console: console, exitCode: code)
  }

  // MARK: Modules

  private static let release: String = {
    guard let version = try? ChildProcess(kernel, ["--version"]) else { return "unknown" }
    _ = try? version.waitForExit()
    return version.text.trimmingNewlines
  }()

  private static let moduleFolder = "/usr/lib/uml/modules/\(release)"

  /// The files of modules and of what they depend on, in the order in which they can be loaded.
  private static func modulePaths(_ names: [String]) throws -> [String] {
    var paths: [String] = []
    for line in try readFile(moduleFolder + "/modules.dep").split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard let file = parts.first,
        names.contains(where: { file.hasSuffix("/\($0).ko") })
      else { continue }
      // modules.dep names what a module needs, its own need last.
      let needed = parts.count > 1 ? parts[1].split(separator: " ").reversed() : []
      for path in needed + [file] where !paths.contains("\(moduleFolder)/\(path)") {
        paths.append("\(moduleFolder)/\(path)")
      }
    }
    for name in names where !paths.contains(where: { $0.hasSuffix("/\(name).ko") }) {
      throw Unusable(description: "the kernel's package has no module \(name)")
    }
    return paths
  }

  /// A word as the shell takes it for itself.
  private static func quoted(_ word: String) -> String {
    "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }
}

extension String {
  /// The text without the ends of lines around it.
  fileprivate var trimmingNewlines: String {
    String(drop(while: \.isNewline).reversed().drop(while: \.isNewline).reversed())
  }
}
