// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import Sockets
import SystemPackage

/// A worker process of the tour: it finds its connection as its standard input, answers one request, and ends.
struct TourWorkerCommand: ParsableCommand {
  static let name = "tour-worker"

  static let configuration = CommandConfiguration(
    commandName: name,
    abstract: "Serve one connection that is the standard input (the tour starts it).",
    shouldDisplay: false)

  func run() throws {
    let connection = try ConnectedSocket(adopting: FileDescriptor(rawValue: 0))
    var buffer = [UInt8](repeating: 0, count: 256)
    // Who started it and says nothing is not waited for longer than a tour lasts.
    let count = try connection.read(into: &buffer, deadline: .seconds(10))
    let request = String(decoding: buffer.prefix(count), as: UTF8.self)
    try connection.write("\(request), served by process \(ProcessFacts.processID)".utf8)
  }
}
