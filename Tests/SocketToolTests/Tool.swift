// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import TestSupport
import Testing

/// One run of the tool.
struct ToolRun {
  var exitCode: Int32
  var output: String
  var errors: String

  /// The output as data.
  func json() throws -> Any {
    try JSONSerialization.jsonObject(with: Data(output.utf8))
  }
}

extension ToolRun {
  /// The output as data, an object a line.
  func jsonLines() throws -> [[String: Any]] {
    try output.split(separator: "\n").map { line in
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
    }
  }
}

/// Runs a program to its end, and tells its two outputs apart.
///
/// - Parameters:
///   - words: the program and its arguments.
///   - host: where; `nil` for this machine.
///   - shell: how a shell runs the words, which are its arguments.
/// - Returns: what it wrote and how it ended.
/// - Throws: when it could not be started or did not end.
func run(
  _ words: [String], in host: NetworkHost? = nil, shell: String = "exec \"$@\""
) async throws -> ToolRun {
  try await BackgroundThread.run {
    let folder = try ScratchFolder()
    let errors = "\(folder.path)/errors"
    func start() throws -> ChildProcess {
      // The shell puts standard error into a file.
      try ChildProcess(
        "/bin/sh", ["-c", "exec 2>\"$0\"; \(shell)", errors] + words, mergesErrors: false)
    }
    let program = try host?.run(start) ?? start()
    var run = try program.run()
    run.errors = try readFile(errors)
    return run
  }
}

/// Runs the built tool to its end.
///
/// - Parameters:
///   - arguments: the command line.
///   - environment: variables to set, `NAME=value`.
///   - descriptors: how many descriptors it may have; `nil` for as many as this process.
/// - Returns: what it wrote and how it ended.
/// - Throws: when it could not be started or did not end.
func sockets(
  _ arguments: String..., environment: [String] = [], descriptors: Int? = nil
) async throws -> ToolRun {
  try await sockets(arguments, environment: environment, descriptors: descriptors)
}

func sockets(
  _ arguments: [String], environment: [String] = [], descriptors: Int? = nil
) async throws -> ToolRun {
  // A tour has all the time that it needs, beside all other tests.
  let isTour = arguments.first == "tour" && !arguments.contains("--timeout")
  let patience = isTour ? ["--timeout", "100"] : []
  let limit = descriptors.map { "ulimit -n \($0); " } ?? ""
  return try await run(
    environment + [try builtProgram("sockets")] + arguments + patience,
    shell: limit + "exec env \"$@\"")
}

/// Runs the built tool with a wrong command line, which ends with exit code 2, one line and no output.
///
/// - Returns: the line.
@discardableResult func usageError(
  _ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation
) async throws -> String {
  let run = try await sockets(arguments)
  let lines = run.errors.split(separator: "\n", omittingEmptySubsequences: false)
  // `parse` shows the place below the line.
  let isShown = arguments.first == "parse" && lines.count == 4 && lines[2].hasSuffix("^")
  #expect(
    run.exitCode == 2 && run.output == "" && run.errors.hasPrefix("sockets: ")
      && (lines.count == 2 || isShown), "\(arguments): \(run)", sourceLocation: sourceLocation)
  return String(lines[0])
}

/// Starts the built tool, for a command that goes on running; both its outputs are in the process's output.
///
/// - Parameter arguments: the command line.
/// - Returns: the process, which ends with its last reference.
/// - Throws: when it could not be started.
func startSockets(_ arguments: String...) throws -> ChildProcess {
  try ChildProcess(builtProgram("sockets"), arguments)
}

extension ChildProcess {
  /// What the program writes until it ends, and how it does; its input is at its end.
  func run() throws -> ToolRun {
    closeInput()
    let exitCode = try waitForExit()
    return ToolRun(exitCode: exitCode, output: text, errors: "")
  }

  /// Waits until the tool says where it listens.
  ///
  /// - Returns: the endpoint's text, for example `tcp://127.0.0.1:40123`.
  /// - Throws: when it ends, or does not say so in time.
  func listeningEndpoint() throws -> String {
    let line = try waitForLine(containing: "listening on ")
    return String(line.split(separator: " ").last ?? "")
  }
}

extension ChildProcess {
  /// How many sockets and pipes it has open.
  ///
  /// What its loops need for themselves, and open when they need it for the first time, is of other kinds.
  func socketAndPipeCount() throws -> Int {
    let folder = "/proc/\(processIdentifier)/fd"
    return try FileManager.default.contentsOfDirectory(atPath: folder).count { number in
      // One that was closed meanwhile is none.
      let kind = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(number)")
      return kind?.hasPrefix("socket:") == true || kind?.hasPrefix("pipe:") == true
    }
  }
}
