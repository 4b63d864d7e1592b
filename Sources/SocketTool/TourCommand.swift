// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import Sockets
import SystemPackage

struct TourCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tour",
    abstract: "Run the whole life of every kind of socket, and show each call and each packet.",
    discussion: """
      For every family and type that this kernel has, a server and a client go from socket to close, with \
      real data. As root the packets are shown too.

      Examples:
        sockets tour
        sockets tour --only tcp4
        sockets tour --only unix,udp --no-packets
        sockets tour --json | jq '.rows[] | {name, verdict}'
        sockets tour --async
        sockets tour --only x25 --x25-local 1 --x25-remote 2
        sockets tour --timeout 60    on a machine that has much to do

      Exit codes: 0 all that the kernel supports worked, 1 something failed, 2 usage, 124 a row did not end.
      """)

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Only these rows: names, or beginnings of names, separated by commas; may be repeated.",
      valueName: "rows"))
  var only: [String] = []

  @Flag(name: .long, help: "List the rows and end.")
  var list = false

  @Flag(name: .long, help: "Show no packets.")
  var noPackets = false

  @Flag(name: .customLong("async"), help: "The same life on event loops, on every engine.")
  var isAsync = false

  @OptionGroup var output: OutputOptions

  @Option(
    name: .long, help: "How long a row may take. (default: 3s)", transform: ArgumentText.duration)
  var timeout = Duration.seconds(3)

  @Option(name: .long, help: ArgumentHelp("The X.25 address that calls.", valueName: "digits"))
  var x25Local = "1"

  @Option(name: .long, help: ArgumentHelp("The X.25 address that is called.", valueName: "digits"))
  var x25Remote = "2"

  func run() throws {
    if isAsync { return try runOnLoops() }
    let rows = try chosenRows()
    if list {
      Output.write(Self.listText(rows, json: output.json))
      return
    }
    let local = try address(x25Local, "--x25-local")
    let remote = try address(x25Remote, "--x25-remote")
    let folder = try TemporaryFolder.make(files: TourRow.fileNames)
    defer { TemporaryFolder.remove(folder, files: TourRow.fileNames) }
    let tour = Tour(
      rows: rows, options: TourOptions(x25Local: local, x25Remote: remote, folder: folder),
      rowLimit: timeout, wantsPackets: !noPackets)
    let results: [TourResult]
    if output.json {
      results = tour.run(SilentPresenter())
      Output.write(TourReport.json(tour, results).text)
    } else {
      results = tour.run(TextPresenter(terminal: .standardOutput()))
    }
    let failures = results.filter(\.verdict.isFailure)
    guard !failures.isEmpty else { return }
    let allHung = failures.allSatisfy { if case .hung = $0.verdict { true } else { false } }
    throw allHung ? ExitStatus.timedOut : ExitStatus.refused
  }

  private func runOnLoops() throws {
    guard only.isEmpty, !list else {
      throw ValidationError("--async has rows of its own: it goes without --only and --list")
    }
    let folder = try TemporaryFolder.make(files: LoopTour.fileNames)
    defer { TemporaryFolder.remove(folder, files: LoopTour.fileNames) }
    let terminal = output.json ? nil : Terminal.standardOutput()
    guard
      let results = LoopTour(
        folder: folder.string, rowLimit: timeout, terminal: terminal
      ).run()
    else {
      Output.error("sockets: the tour did not end in its time")
      throw ExitStatus.timedOut
    }
    if output.json { Output.write(JSON.array(results.map(\.json)).text) }
    if results.contains(where: \.verdict.isFailure) { throw ExitStatus.refused }
  }

  private func chosenRows() throws -> [TourRow] {
    let names = only.flatMap {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    switch TourRow.named(names) {
    case .success(let rows): return rows
    case .failure(let unknown):
      throw ValidationError("no row is called '\(unknown.name)'; sockets tour --list names them")
    }
  }

  private func address(_ digits: String, _ option: String) throws -> X25Address {
    do {
      return try X25Address(parsing: digits)
    } catch {
      throw ValidationError("\(option): \(error)")
    }
  }

  private static func listText(_ rows: [TourRow], json: Bool) -> String {
    guard json else {
      return rows.map { TextLayout.padded($0.name, 25) + $0.title + "\n" }.joined()
    }
    return JSON.array(
      rows.map { .object([("name", .string($0.name)), ("title", .string($0.title))]) }
    ).text
  }
}
