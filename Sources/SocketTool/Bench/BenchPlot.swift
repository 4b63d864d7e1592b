// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage

/// A result as a picture: throughput over time, and latency by percentile.
struct BenchPlot {
  private static let width = 960.0
  private static let left = 92.0
  private static let panelWidth = 830.0
  private static let panelHeight = 230.0
  private static let top = 116.0
  private static let gap = 104.0

  private static let ink = "#1d1d1f"
  private static let faint = "#6e6e73"
  private static let grid = "#e5e5ea"
  private static let blue = "#0b63c5"
  private static let red = "#c0392b"

  let result: BenchResult

  /// The file that a picture is to be written into, open since before there was one.
  struct File: Sendable {
    private let path: String
    private let descriptor: FileDescriptor

    /// Opens it, and leaves what is in it.
    static func open(_ path: String) async throws -> File {
      File(path: path, descriptor: try await OutputFile.open(path))
    }

    /// Writes the picture in the place of what is in it, and closes it.
    func write(_ plot: BenchPlot) async throws {
      let text = plot.svg
      let file = descriptor
      // The report is worth a file even when a signal has ended the measurement, and the task with it.
      try await Task {
        try await BlockingCall.run(on: path) {
          // A pipe has nothing to cut off.
          do { try file.resize(to: 0) } catch Errno.invalidArgument {}
          let result = ByteStream.writeAll(text.utf8, to: file.rawValue)
          try file.close()
          try result.get()
        }
      }.value
    }
  }

  /// The picture.
  var svg: String {
    let hasLatency = result.plan.mode != .stream && result.tally.latencies.count > 0
    let panels = hasLatency ? 2.0 : 1.0
    let height = Self.top + panels * Self.panelHeight + (panels - 1) * Self.gap + 64
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Self.n(Self.width))\" "
        + "height=\"\(Self.n(height))\" viewBox=\"0 0 \(Self.n(Self.width)) \(Self.n(height))\" "
        + "font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
      Self.text(
        Self.left, 34, "sockets bench \(result.endpoint)", size: 19, colour: Self.ink,
        weight: "600"),
      Self.text(Self.left, 56, subtitle, colour: Self.faint),
    ]
    parts += throughput(Self.top)
    if hasLatency { parts += latency(Self.top + Self.panelHeight + Self.gap) }
    return parts.joined(separator: "\n") + "\n</svg>\n"
  }

  private var subtitle: String {
    let plan = result.plan
    var words = [
      "\(CountText.whole(plan.connections)) connection\(plan.connections == 1 ? "" : "s")",
      ByteText.count(plan.size),
    ]
    if plan.window > 1 { words.append("\(plan.window) requests on their way") }
    words.append(
      plan.mode == .stream
        ? "a stream"
        : plan.rate.map { "\(DecimalText.text($0, digits: 3)) requests due a second" }
          ?? "closed loop")
    words.append("\(DecimalText.text(result.seconds, digits: 2)) s")
    words.append("\(result.engine)")
    return words.joined(separator: "  ·  ")
  }

  // MARK: Panels

  private func throughput(_ top: Double) -> [String] {
    let rates = result.rates
    let total = max(result.seconds, 0.001)
    let unit = result.isInBytes ? 1_048_576.0 : 1
    let largest = (rates.max() ?? 0) / unit
    let steps = AxisTicks.linear(to: max(largest, 1e-3), count: 4)
    let highest = steps.last ?? 1
    let title =
      result.isInBytes
      ? "Throughput, MiB a second"
      : "Throughput, \(result.plan.mode == .connect ? "connections" : "requests") a second"
    var parts = [Self.text(Self.left, top - 14, title, size: 14, colour: Self.ink, weight: "600")]
    func y(_ value: Double) -> Double { top + Self.panelHeight * (1 - value / highest) }
    func x(_ seconds: Double) -> Double { Self.left + Self.panelWidth * min(1, seconds / total) }
    for step in steps {
      parts.append(Self.line(Self.left, y(step), Self.left + Self.panelWidth, y(step)))
      parts.append(
        Self.text(Self.left - 10, y(step) + 4, CountText.short(step), anchor: "end"))
    }
    parts += timeAxis(top, total, x)
    guard !rates.isEmpty else { return parts }
    var points: [String] = []
    for (interval, rate) in zip(result.intervals, rates) {
      points.append(
        "\(Self.n(x(interval.start + interval.length / 2))),\(Self.n(y(rate / unit)))")
    }
    let base = Self.n(top + Self.panelHeight)
    let first = points.first?.split(separator: ",").first ?? ""
    let last = points.last?.split(separator: ",").first ?? ""
    parts.append(
      "<polygon points=\"\(first),\(base) \(points.joined(separator: " ")) \(last),\(base)\" "
        + "fill=\"\(Self.blue)\" fill-opacity=\"0.12\"/>")
    parts.append(Self.curve(points, Self.blue))
    parts += errorMarks(top, x)
    return parts
  }

  private func timeAxis(_ top: Double, _ total: Double, _ x: (Double) -> Double) -> [String] {
    let base = top + Self.panelHeight
    var parts = [Self.line(Self.left, base, Self.left + Self.panelWidth, base, colour: Self.faint)]
    for step in AxisTicks.linear(to: total, count: 8) where step <= total * 1.0001 {
      parts.append(Self.line(x(step), base, x(step), base + 5, colour: Self.faint))
      parts.append(
        Self.text(x(step), base + 20, DecimalText.text(step, digits: 3), anchor: "middle"))
    }
    parts.append(
      Self.text(Self.left + Self.panelWidth, base + 40, "seconds", anchor: "end"))
    return parts
  }

  /// A red mark at the foot for each interval with errors.
  private func errorMarks(_ top: Double, _ x: (Double) -> Double) -> [String] {
    let marked = result.intervals.filter { $0.errors > 0 }
    guard !marked.isEmpty else { return [] }
    let base = top + Self.panelHeight
    return marked.map { interval in
      let width = max(2, x(interval.start + interval.length) - x(interval.start))
      return "<rect x=\"\(Self.n(x(interval.start)))\" y=\"\(Self.n(base - 5))\" "
        + "width=\"\(Self.n(width))\" height=\"5\" fill=\"\(Self.red)\"/>"
    } + [
      Self.text(
        Self.left, base + 40, "red: intervals with errors", colour: Self.red)
    ]
  }

  private func latency(_ top: Double) -> [String] {
    let latencies = result.tally.latencies
    // As far to the right as there are samples to say something of.
    let reach = min(6, max(2, Self.log10(Double(latencies.count))))
    let lowest = Double(max(1, latencies.minimum))
    let highest = Double(max(2, latencies.maximum))
    let decades = AxisTicks.logarithmic(from: lowest, to: highest)
    let (bottom, peak) = (decades.first ?? lowest, decades.last ?? highest)
    let range = max(1e-9, Self.log10(peak) - Self.log10(bottom))
    func y(_ nanoseconds: Double) -> Double {
      top + Self.panelHeight
        * (1 - (Self.log10(max(bottom, nanoseconds)) - Self.log10(bottom)) / range)
    }
    func x(_ nines: Double) -> Double { Self.left + Self.panelWidth * nines / reach }
    let meaning =
      result.plan.rate == nil
      ? "Latency by percentile, closed loop" : "Latency by percentile, from when each was due"
    var parts = [Self.text(Self.left, top - 14, meaning, size: 14, colour: Self.ink, weight: "600")]
    for value in decades {
      parts.append(Self.line(Self.left, y(value), Self.left + Self.panelWidth, y(value)))
      parts.append(Self.text(Self.left - 10, y(value) + 4, CountText.time(value), anchor: "end"))
    }
    let base = top + Self.panelHeight
    parts.append(Self.line(Self.left, base, Self.left + Self.panelWidth, base, colour: Self.faint))
    let shares: [(String, Double)] = [
      ("0", 0), ("50", 0.30103), ("90", 1), ("99", 2), ("99.9", 3), ("99.99", 4), ("99.999", 5),
      ("99.9999", 6),
    ]
    for (name, nines) in shares where nines <= reach + 0.001 {
      parts.append(Self.line(x(nines), top, x(nines), base + 5))
      parts.append(Self.text(x(nines), base + 20, "\(name) %", anchor: "middle"))
    }
    parts.append(
      Self.text(
        Self.left + Self.panelWidth, base + 40, "share of requests that were faster", anchor: "end")
    )
    let points = (0...240).map { step in
      let nines = reach * Double(step) / 240
      let value = latencies.value(atShare: 1 - Self.power10(-nines))
      return "\(Self.n(x(nines))),\(Self.n(y(Double(value))))"
    }
    parts.append(Self.curve(points, Self.blue))
    return parts + marks(x, y, reach)
  }

  /// The percentiles that the report names, as points with their values.
  private func marks(
    _ x: (Double) -> Double, _ y: (Double) -> Double, _ reach: Double
  ) -> [String] {
    let latencies = result.tally.latencies
    let points: [(name: String, share: Double, nines: Double)] = [
      ("p50", 0.5, 0.30103), ("p90", 0.9, 1), ("p99", 0.99, 2), ("p99.9", 0.999, 3),
      ("max", 1, reach),
    ]
    return points.filter { $0.nines < reach - 0.3 || $0.name == "max" }.flatMap { point in
      let value = Double(latencies.value(atShare: point.share))
      let isLast = point.name == "max"
      return [
        "<circle cx=\"\(Self.n(x(point.nines)))\" cy=\"\(Self.n(y(value)))\" r=\"3.5\" "
          + "fill=\"#ffffff\" stroke=\"\(Self.blue)\" stroke-width=\"2\"/>",
        Self.text(
          x(point.nines) - (isLast ? 8 : 0), y(value) - 10,
          "\(point.name) \(CountText.time(value))", size: 12, colour: Self.ink,
          anchor: isLast ? "end" : "middle"),
      ]
    }
  }

  // MARK: Pieces

  private static func text(
    _ x: Double, _ y: Double, _ words: String, size: Int = 13, colour: String = faint,
    anchor: String = "start", weight: String = "400"
  ) -> String {
    "<text x=\"\(n(x))\" y=\"\(n(y))\" font-size=\"\(size)\" font-weight=\"\(weight)\" "
      + "text-anchor=\"\(anchor)\" fill=\"\(colour)\">\(MarkupText.escaped(words))</text>"
  }

  private static func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, colour: String = grid
  ) -> String {
    "<line x1=\"\(n(x1))\" y1=\"\(n(y1))\" x2=\"\(n(x2))\" y2=\"\(n(y2))\" stroke=\"\(colour)\"/>"
  }

  private static func curve(_ points: [String], _ colour: String) -> String {
    "<polyline points=\"\(points.joined(separator: " "))\" fill=\"none\" stroke=\"\(colour)\" "
      + "stroke-width=\"2\" stroke-linejoin=\"round\" stroke-linecap=\"round\"/>"
  }

  private static func n(_ value: Double) -> String { DecimalText.text(value, digits: 2) }

  private static func log10(_ value: Double) -> Double { AxisTicks.log10(value) }
  private static func power10(_ value: Double) -> Double { AxisTicks.power10(value) }
}
