// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// The first program of a User-Mode Linux kernel that a system test boots: it makes the kernel usable
// (modules, loopback, an X.25 link), and then either checks our own types on families that
// the outer kernel lacks, or runs a program there. It prints a line for each check.

import CTestSupport
import Glibc

@main
struct Machine {
  static func main() {
    let report = Report()
    var arguments = Array(CommandLine.arguments.dropFirst())
    report.check("loopback is up") { try unsafe succeed(cts_interface_up("lo")) }
    while arguments.count >= 2, arguments[0] == "--module" {
      let path = arguments[1]
      arguments.removeFirst(2)
      report.check("module \(fileName(of: path)) is loaded") {
        try unsafe succeed(cts_load_module(path))
      }
    }
    let hasLink = arguments.first == "--x25-link"
    if hasLink {
      arguments.removeFirst()
      report.check("an X.25 link is up") { try NullModem.start() }
    }
    if arguments.first == "--run" {
      runProgram(Array(arguments.dropFirst()), report)
    } else {
      for name in arguments { runChecks(name, report) }
    }
    report.say("failures: \(report.failures)")
    exit(report.failures == 0 ? 0 : 1)
  }

  private static func runChecks(_ name: String, _ report: Report) {
    switch name {
    case "x25": checkX25(report)
    case "vsock": checkVsock(report)
    case "vsock-socat": checkVsockWithSocat(report)
    case "sctp": checkSCTP(report)
    default: report.check("there are checks called \(name)") { throw Failure("there are none") }
    }
  }

  /// Runs a program to its end, with this program's output.
  private static func runProgram(_ command: [String], _ report: Report) {
    report.check("the program ended with 0") {
      guard let program = command.first else { throw Failure("no program was named") }
      var words: [UnsafeMutablePointer<CChar>?] = unsafe command.map { unsafe strdup($0) } + [nil]
      defer { unsafe words.forEach { unsafe free($0) } }
      var number: pid_t = 0
      // SAFETY: the words end with nil and outlive the call.
      try succeed(-(unsafe posix_spawnp(&number, program, nil, nil, &words, environ)))
      var status: CInt = 0
      unsafe waitpid(number, &status, 0)
      guard status == 0 else { throw Failure("its wait status is \(status)") }
    }
  }

  private static func fileName(of path: String) -> String {
    String(path.split(separator: "/").last ?? "")
  }
}
