// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets

/// A result as lines of at most 80 columns, or what the terminal has.
struct BenchReport {
  let result: BenchResult
  let terminal: Terminal

  private static let labelWidth = 12
  private static let chartHeight = 5

  /// The whole report, with line ends.
  var text: String {
    var lines = [heading, ""]
    lines += throughput
    lines += chart
    if result.plan.mode != .stream { lines += latency }
    lines += processor
    lines += troubles
    return lines.map { terminal.shown($0) + "\n" }.joined()
  }

  /// The line at the bottom of the terminal while it runs.
  static func progress(_ result: BenchResult, _ terminal: Terminal) -> String {
    let total = Double(result.plan.duration.wholeNanoseconds) / 1e9
    let rate =
      result.isInBytes
      ? ByteText.rate(result.recentRate) : CountText.short(result.recentRate) + "/s"
    var text =
      "\(DecimalText.text(result.seconds, digits: 1)) of \(DecimalText.text(total, digits: 1)) s"
      + "  \(rate)"
    if result.plan.mode != .stream, let last = result.intervals.last(where: { $0.operations > 0 }) {
      text += "  p50 \(CountText.time(Double(last.median)))"
      text += "  p99 \(CountText.time(Double(last.percentile99)))"
    }
    let errors = result.tally.errorCount + result.tally.lost
    if errors > 0 { text += "  \(CountText.short(Double(errors))) errors" }
    let room = terminal.width - 1 - text.count - 2
    guard room >= 5 else { return terminal.shown(String(text.prefix(terminal.width - 1))) }
    let chart = ThroughputChart(values: result.rates, hasUnicode: terminal.hasUnicode)
    return terminal.shown(text) + "  " + chart.line(width: min(room, 30))
  }

  private func row(_ label: String, _ text: String) -> [String] {
    let lines = TextLayout.wrapped(text, width: terminal.width - Self.labelWidth - 2)
    return lines.enumerated().map { number, line in
      let shown = number == 0 ? TextLayout.padded(label, Self.labelWidth) : ""
      return "  "
        + (number == 0
          ? terminal.styled(shown, .strong) : String(repeating: " ", count: Self.labelWidth)) + line
    }
  }

  private var heading: String {
    let plan = result.plan
    let connections = plan.connections == 1 ? "1 connection" : "\(plan.connections) connections"
    return "\(terminal.styled(result.endpoint.description, .title))  \(what), \(connections), "
      + "\(result.engine)"
  }

  private var what: String {
    let plan = result.plan
    let size = ByteText.count(plan.size)
    switch plan.mode {
    case .exchange where plan.window == 1: return "\(size) back and forth"
    case .exchange: return "\(size), \(plan.window) requests on their way"
    case .datagrams where plan.window == 1: return "datagrams of \(size)"
    case .datagrams: return "datagrams of \(size), \(plan.window) on their way"
    case .connect where plan.size == 0: return "connect and close"
    case .connect: return "connect, \(size) back and forth, close"
    case .stream:
      let way = ["send": "one way", "receive": "the other way", "both": "both ways"]
      return "a stream \(way[plan.direction.rawValue] ?? ""), pieces of \(size)"
    }
  }

  // MARK: Throughput

  private var throughput: [String] {
    let tally = result.tally
    let seconds = DecimalText.text(result.seconds, digits: 2)
    guard !result.isInBytes else {
      let sent = ByteText.rate(Double(tally.sentBytes) / max(1e-9, result.seconds))
      let received = ByteText.rate(Double(tally.receivedBytes) / max(1e-9, result.seconds))
      let parts =
        (result.plan.direction.sends ? ["\(sent) sent"] : [])
        + (result.plan.direction.receives ? ["\(received) received"] : [])
      return row("throughput", parts.joined(separator: ", ") + ", for \(seconds) s")
    }
    var text =
      "\(CountText.whole(Int(result.operationsPerSecond.rounded()))) \(noun) a second"
      + " (\(CountText.whole(tally.operations)) in \(seconds) s"
    if result.plan.size > 0 { text += ", \(ByteText.rate(result.bytesPerSecond)) each way" }
    if let rate = result.plan.rate {
      let due =
        rate == rate.rounded() ? CountText.whole(Int(rate)) : DecimalText.text(rate, digits: 3)
      text += "; \(due) a second were due"
    }
    return row("throughput", text + ")")
  }

  private var noun: String {
    switch result.plan.mode {
    case .connect: "connections"
    case .datagrams: "datagrams"
    default: "requests"
    }
  }

  private var chart: [String] {
    let values = result.rates
    guard values.count > 1, let largest = values.max(), largest > 0 else { return [""] }
    let width = min(60, terminal.width - Self.labelWidth - 6)
    let rows = ThroughputChart(values: values, hasUnicode: terminal.hasUnicode)
      .rows(height: Self.chartHeight, width: width)
    let top = result.isInBytes ? ByteText.rate(largest) : CountText.short(largest) + "/s"
    var lines = [""]
    for (number, row) in rows.enumerated() {
      let label = number == 0 ? top : number == rows.count - 1 ? "0" : ""
      lines.append("  \(TextLayout.leading(label, Self.labelWidth)) │" + styledBars(row))
    }
    let end = "\(DecimalText.text(result.seconds, digits: 2)) s"
    lines.append(
      String(repeating: " ", count: Self.labelWidth + 3) + "└"
        + String(repeating: "─", count: width))
    lines.append(
      String(repeating: " ", count: Self.labelWidth + 4) + "0"
        + String(repeating: " ", count: max(1, width - 1 - end.count)) + end)
    return lines + [""]
  }

  private func styledBars(_ row: String) -> String {
    let trimmed = row.reversed().drop { $0 == " " }.reversed()
    return terminal.styled(String(trimmed), .server)
  }

  // MARK: Latency

  private var latency: [String] {
    let latencies = result.tally.latencies
    guard latencies.count > 0 else { return [] }
    let cells = BenchResult.percentiles.map { name, share in
      (name, CountText.time(Double(latencies.value(atShare: share))))
    }
    let names = cells.map { TextLayout.leading($0.0, 11) }.joined()
    let values = cells.map { TextLayout.leading($0.1, 11) }.joined()
    let indent = String(repeating: " ", count: Self.labelWidth + 2)
    return ["  " + terminal.styled(TextLayout.padded("latency", Self.labelWidth), .strong) + names]
      + [indent + values] + row("", explanation)
  }

  /// What the latencies mean.
  private var explanation: String {
    guard result.plan.rate != nil else {
      return
        "Closed loop: a connection asks again when it has been answered, so that a stall of the"
        + " server counts once, and not for all who would have asked meanwhile: --rate counts those."
    }
    var text = "From the instant at which each was due, so that waiting behind others counts."
    let tally = result.tally
    if tally.delayed > 0 {
      text +=
        " \(CountText.whole(tally.delayed)) were sent more than 1 ms late, at most"
        + " \(CountText.time(Double(tally.longestDelay))), because those before them had no answer."
    }
    if tally.longestOversight > 1_000_000 {
      text +=
        " This program itself was late by up to"
        + " \(CountText.time(Double(tally.longestOversight))): this machine has much to do."
    }
    return text
  }

  // MARK: Processor time and troubles

  private var processor: [String] {
    guard result.seconds > 0, result.tally.operations > 0 else { return [] }
    func text(_ seconds: Double) -> String {
      let share = "\(Int((seconds / result.seconds * 100).rounded())) % of a processor"
      guard !result.isInBytes else {
        let bytes = Double(max(result.tally.sentBytes, result.tally.receivedBytes))
        return "\(CountText.time(seconds * 1e9 / (bytes / 1_048_576))) a MiB, \(share)"
      }
      let each = seconds * 1e9 / Double(result.tally.operations)
      return "\(CountText.time(each)) for each, \(share)"
    }
    var lines = row("processor", text(result.ownProcessorTime) + " (this load)")
    if let server = result.serverProcessorTime {
      lines += row("", text(server) + " (the server)")
    }
    return lines
  }

  private var troubles: [String] {
    let tally = result.tally
    var texts = tally.errors.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\(CountText.whole($0.value)) × \($0.key)" }
    func add(_ count: Int, _ text: String) {
      if count > 0 { texts.append("\(CountText.whole(count)) \(text)") }
    }
    add(tally.mismatches, "× the answer was not what was sent")
    if result.plan.mode == .datagrams {
      let share = Double(tally.lost) / Double(max(1, tally.requests)) * 100
      add(tally.lost, "datagrams lost (\(DecimalText.text(share, digits: 3)) %)")
      add(tally.late, "answers came when their datagram counted as lost")
      add(tally.duplicates, "answers came twice")
      add(tally.strays, "datagrams answered nothing that was asked")
    }
    if tally.unsent > 0 {
      let oldest = tally.oldestUnsent.map { result.start + Int64(result.seconds * 1e9) - $0 } ?? 0
      texts.append(
        "\(CountText.whole(tally.unsent)) requests were due and not sent when it ended, the oldest for"
          + " \(CountText.time(Double(max(0, oldest)))): the server did not keep up")
    }
    add(tally.unfinished, "on their way when it was interrupted")
    add(tally.reopened, "× a connection was opened again")
    guard !texts.isEmpty else { return row("errors", "none") }
    return texts.enumerated().flatMap { number, text in
      row(number == 0 ? "errors" : "", text)
    }
  }
}
