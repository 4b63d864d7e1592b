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

/// Runs the built tool to its end.
///
/// - Parameters:
///   - arguments: the command line.
///   - environment: variables to set, `NAME=value`.
/// - Returns: what it wrote and how it ended.
/// - Throws: when it could not be started or did not end.
func sockets(_ arguments: String..., environment: [String] = []) async throws -> ToolRun {
  try await sockets(arguments, environment: environment)
}

func sockets(_ arguments: [String], environment: [String] = []) async throws -> ToolRun {
  try await BackgroundThread.run {
    let folder = try ScratchFolder()
    let errors = "\(folder.path)/errors"
    // The shell puts standard error into a file, so that the two outputs can be told apart.
    // A tour has all the time that it needs, beside all other tests.
    let isTour = arguments.first == "tour" && !arguments.contains("--timeout")
    let patience = isTour ? ["--timeout", "100"] : []
    let words = environment + [try builtProgram("sockets")] + arguments + patience
    let program = try ChildProcess(
      "/bin/sh", ["-c", "exec env \"$@\" 2>\"$0\"", errors] + words, mergesErrors: false)
    program.closeInput()
    let exitCode = try program.waitForExit()
    return ToolRun(
      exitCode: exitCode, output: program.text,
      errors: try readFile(errors))
  }
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
  /// Waits until the tool says where it listens.
  ///
  /// - Returns: the endpoint's text, for example `tcp://127.0.0.1:40123`.
  /// - Throws: when it ends, or does not say so in time.
  func listeningEndpoint() throws -> String {
    let line = try waitForLine(containing: "listening on ")
    return String(line.split(separator: " ").last ?? "")
  }
}
