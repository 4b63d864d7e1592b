// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import TestSupport

/// Runs of the compiler over small programs, against the modules that this test was built with.
enum Compiler {
  /// How far the compiler goes; ownership is judged only after every type is right.
  enum Stage {
    case types
    case ownership

    fileprivate var options: [String] {
      switch self {
      case .types: ["-typecheck"]
      case .ownership: ["-emit-sil", "-o", "/dev/null"]
      }
    }
  }

  /// An error or warning of the compiler.
  struct Diagnostic: Hashable, CustomStringConvertible {
    var file: String
    var line: Int
    var isError: Bool
    var text: String

    var description: String { "\(file):\(line): \(text)" }
  }

  struct Failure: Error, CustomStringConvertible { var description: String }

  /// Compiles files as one module, all in one run of the compiler.
  ///
  /// - Parameters:
  ///   - files: the text of each file by its name.
  ///   - stage: how far.
  /// - Returns: what the compiler has to say, notes left out.
  /// - Throws: ``Failure`` when the compiler could not begin.
  static func diagnose(_ files: [String: String], _ stage: Stage) throws -> [Diagnostic] {
    let folder = try ScratchFolder()
    for (name, text) in files { try folder.write(text, to: name) }
    let names = files.keys.sorted().map { "\(folder.path)/\($0)" }
    let run = try ChildProcess("swiftc", stage.options + options() + names)
    run.closeInput()
    let status = try run.waitForExit(seconds: 600)
    let diagnostics = run.text.split(separator: "\n").compactMap(Self.diagnostic)
    // A compiler that could not begin (a module that is not there) must not look like a clean bill.
    guard status == 0 || !diagnostics.isEmpty else { throw Failure(description: run.text) }
    return diagnostics
  }

  /// One line of the form `path:line:column: error: text`.
  private static func diagnostic(_ line: Substring) -> Diagnostic? {
    guard let match = line.wholeMatch(of: /.*\/([^\/:]+):(\d+):\d+: (error|warning): (.*)/),
      let number = Int(match.output.2)
    else { return nil }
    return Diagnostic(
      file: String(match.output.1),
      line: number,
      isError: match.output.3 == "error",
      text: String(match.output.4)
    )
  }

  /// The house's language mode and features, as the manifest lists them, and where the modules are.
  private static func options() throws -> [String] {
    let manifest = try readFile("\(root)/Package.swift")
    let features = manifest.matches(of: /\.enableUpcomingFeature\("(\w+)"\)/).map { $0.output.1 }
    let built = try builtFolder()
    // The folder is SCRATCH/TRIPLE/CONFIGURATION.
    let scratch = URL(filePath: built).deletingLastPathComponent().deletingLastPathComponent().path
    return [
      "-swift-version", "6", "-strict-memory-safety", "-parse-as-library", "-Onone",
      // One job for all files: otherwise the first file with an error would be the last one looked at.
      "-whole-module-optimization", "-module-name", "Snippets", "-diagnostic-style", "llvm",
      "-no-color-diagnostics",
      "-I", "\(built)/Modules",
      "-Xcc", "-fmodule-map-file=\(built)/CSockets.build/module.modulemap",
      "-Xcc", "-I\(scratch)/checkouts/swift-system/Sources/CSystem/include",
    ] + features.flatMap { ["-enable-upcoming-feature", String($0)] }
  }

  /// The folder of what was built, in which the running test lies.
  private static func builtFolder() throws -> String {
    let own = try builtProgram("swift-socketsPackageTests.xctest")
    return URL(filePath: own).deletingLastPathComponent().path
  }

  /// The checkout that these tests are compiled from.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
}
