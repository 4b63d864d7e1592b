// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import Sockets
import TestSupport

/// A folder of a test's own, and the tool that serves it.
final class ServedScratch {
  let folder: ScratchFolder
  let process: ChildProcess
  let port: UInt16

  /// Starts the tool.
  ///
  /// - Parameters:
  ///   - options: more of the command line.
  ///   - descriptors: how many descriptors it may have; `nil` for as many as this process.
  ///   - prepare: fills the folder; a folder named `public` in it is what is served.
  /// - Throws: when the tool did not come up.
  init(
    _ options: [String] = [], descriptors: Int? = nil,
    _ prepare: (String) throws -> Void = { _ in }
  ) throws {
    folder = try ScratchFolder()
    let served = "\(folder.path)/public"
    try FileManager.default.createDirectory(
      atPath: served, withIntermediateDirectories: false)
    try prepare(served)
    let words = [try builtProgram("sockets"), "serve", served, "--port", "0"] + options
    if let descriptors {
      process = try ChildProcess(
        "/bin/sh", ["-c", "ulimit -n \(descriptors) && exec \"$@\"", "sh"] + words)
    } else {
      process = try ChildProcess(words[0], Array(words.dropFirst()))
    }
    let endpoint = try process.listeningEndpoint()
    port = UInt16(endpoint.split(separator: ":").last.map(String.init) ?? "") ?? 0
  }

  var url: String { "http://127.0.0.1:\(port)" }

  /// Opens a connection.
  func connected() throws -> ConnectedSocket {
    try ConnectedSocket.connected(
      to: .ip(IPAddress(parsing: "127.0.0.1"), port: Port(port)), deadline: .patience)
  }

  /// Sends bytes, ends sending, and returns all that comes back.
  func exchange(_ bytes: [UInt8]) throws -> [UInt8] {
    let socket = try connected()
    try socket.write(bytes, deadline: .patience)
    // The server may have closed by now, after an answer.
    try? socket.shutdown(.write)
    return Self.rest(of: socket)
  }

  /// The same for text.
  func exchange(_ text: String) throws -> String {
    String(decoding: try exchange(Array(text.utf8)), as: UTF8.self)
  }

  /// What comes until the stream ends; a reset ends it as well.
  static func rest(of socket: borrowing ConnectedSocket) -> [UInt8] {
    var all: [UInt8] = []
    while let some = try? nextBytes(of: socket), !some.isEmpty { all += some }
    return all
  }

  /// The status of the answer to a GET of a target, which is sent as it is.
  func status(of target: String) throws -> Int {
    try Self.status(
      exchange("GET \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
  }

  /// The number in the first line of an answer; zero when there is none.
  static func status(_ answer: String) -> Int {
    let words = answer.prefix { $0 != "\r\n" }.split(separator: " ")
    return words.count > 1 ? Int(words[1]) ?? 0 : 0
  }

  /// The value of a field of an answer.
  static func field(_ name: String, of answer: String) -> String? {
    let head = answer.components(separatedBy: "\r\n\r\n")[0]
    return head.components(separatedBy: "\r\n").dropFirst()
      .first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
      .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
  }

  /// What follows the head of an answer.
  static func body(of answer: String) -> String {
    answer.components(separatedBy: "\r\n\r\n").dropFirst().joined(separator: "\r\n\r\n")
  }

  /// Runs a program that we did not write to its end.
  ///
  /// - Returns: its exit code and what it wrote.
  static func run(_ program: String, _ arguments: [String]) throws -> (code: Int32, text: String) {
    let process = try ChildProcess(program, arguments)
    process.closeInput()
    let code = try process.waitForExit()
    return (code, process.text)
  }

  /// Waits until every thread of the tool sleeps: it has dealt with all that came.
  ///
  /// A client may have its answer while the thread that wrote it has not gone on from there.
  ///
  /// - Returns: whether they did before patience ended.
  func becomesQuiet() throws -> Bool {
    let threads = "/proc/\(process.processIdentifier)/task"
    return try settles {
      try FileManager.default.contentsOfDirectory(atPath: threads).allSatisfy { thread in
        // A thread may have ended by now.
        let text = (try? readFile("\(threads)/\(thread)/stat")) ?? ""
        return text.isEmpty || text.drop { $0 != ")" }.hasPrefix(") S")
      }
    }
  }

  /// Ends the tool as a service manager would.
  ///
  /// - Returns: its exit code.
  func terminate() throws -> Int32 {
    kill(process.processIdentifier, SIGTERM)
    return try process.waitForExit()
  }
}
