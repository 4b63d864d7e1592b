// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// Something that happened to a request.
enum PingEvent: Sendable {
  case reply(PingReply)
  /// Somebody said that it did not arrive, or it could not be sent.
  case failure(number: Int?, from: IPAddress?, text: String, mtu: Int?)
  /// No answer came in time.
  case timeout(number: Int)
}

/// An answer.
struct PingReply: Sendable {
  var number: Int
  var sender: IPAddress
  var byteCount: Int?
  var timeToLive: UInt8?
  var milliseconds: Double
  /// How it came, where there are several ways: `accepted`, `refused`.
  var manner: String?
  /// Whether the request had been answered before.
  var isDuplicate = false
  /// Whether it came when nobody waited for it any more.
  var isLate = false
  /// Whether it does not carry what was sent.
  var isAltered = false
}

/// Tells what happens, as text or as data.
struct PingReport: Sendable {
  var target: HostText
  var address: IPAddress
  /// How it is asked: `datagram`, `raw`, `tcp`.
  var way: String
  /// The same in words, for people.
  var wayText: String
  var isJSON: Bool
  var isQuiet: Bool
  private let terminal = Terminal.standardOutput()

  init(
    target: HostText, address: IPAddress, way: String, wayText: String, isJSON: Bool, isQuiet: Bool
  ) {
    self.target = target
    self.address = address
    self.way = way
    self.wayText = wayText
    self.isJSON = isJSON
    self.isQuiet = isQuiet
  }

  func begin() {
    if isJSON {
      Output.write(
        JSON.object([
          ("event", .string("start")), ("host", .string(target.text)),
          ("address", .string("\(address)")), ("way", .string(way)),
        ]).line)
    } else {
      Output.write(terminal.shown("ping \(target.described(address)) \(wayText)\n"))
    }
  }

  func tell(_ event: PingEvent) {
    if isJSON { return isQuiet ? () : Output.write(Self.json(event).line) }
    guard !isQuiet else { return }
    Output.write(terminal.shown(line(event) + "\n"))
  }

  private func line(_ event: PingEvent) -> String {
    switch event {
    case .reply(let reply):
      var notes: [String] = []
      if let manner = reply.manner { notes.append(manner) }
      if reply.isDuplicate { notes.append(terminal.styled("duplicate", .packet)) }
      if reply.isLate { notes.append(terminal.styled("late", .packet)) }
      if reply.isAltered { notes.append(terminal.styled("the data was altered", .bad)) }
      let bytes = reply.byteCount.map { "\($0) bytes " } ?? ""
      let hops = reply.timeToLive.map { ", TTL \($0)" } ?? ""
      return "\(bytes)from \(reply.sender): sequence \(reply.number)\(hops), "
        + terminal.styled(ProbeText.milliseconds(reply.milliseconds), .strong)
        + notes.map { ", \($0)" }.joined()
    case .failure(let number, let sender, let text, _):
      let place = number.map { "sequence \($0)" }
      let who = sender.map { "from \($0)" }
      let head = [who, place].compactMap(\.self).joined(separator: ": ")
      return (head.isEmpty ? "" : head + ", ") + terminal.styled(text, .bad)
    case .timeout(let number):
      return "sequence \(number), " + terminal.styled("no answer", .bad)
    }
  }

  private static func json(_ event: PingEvent) -> JSON {
    switch event {
    case .reply(let reply):
      var members: [(String, JSON)] = [
        ("event", .string("reply")), ("sequence", .number(reply.number)),
        ("from", .string("\(reply.sender)")), ("bytes", .optional(reply.byteCount)),
        ("timeToLive", .optional(reply.timeToLive.map { Int($0) })),
        ("milliseconds", .decimal(reply.milliseconds, digits: 3)),
        ("isDuplicate", .bool(reply.isDuplicate)), ("isLate", .bool(reply.isLate)),
        ("isAltered", .bool(reply.isAltered)),
      ]
      if let manner = reply.manner { members.append(("manner", .string(manner))) }
      return .object(members)
    case .failure(let number, let sender, let text, let mtu):
      return .object([
        ("event", .string("error")), ("sequence", .optional(number)),
        ("from", .optional(sender.map { "\($0)" })), ("reason", .string(text)),
        ("mtu", .optional(mtu)),
      ])
    case .timeout(let number):
      return .object([("event", .string("timeout")), ("sequence", .number(number))])
    }
  }

  func end(_ statistics: PingStatistics, nanoseconds: Int64) {
    if isJSON {
      return Output.write(
        JSON.object([
          ("event", .string("statistics")), ("sent", .number(statistics.sent)),
          ("received", .number(statistics.received)), ("errors", .number(statistics.errors)),
          ("duplicates", .number(statistics.duplicates)),
          ("loss", .decimal(statistics.loss, digits: 6)),
          ("minimumMilliseconds", .decimal(statistics.minimum, digits: 3)),
          ("averageMilliseconds", Self.optional(statistics, statistics.average)),
          ("maximumMilliseconds", Self.optional(statistics, statistics.maximum)),
          ("deviationMilliseconds", Self.optional(statistics, statistics.deviation)),
          ("seconds", .decimal(Double(nanoseconds) / 1e9, digits: 3)),
        ]).line)
    }
    var facts = ["\(statistics.sent) sent", "\(statistics.received) received"]
    if statistics.duplicates > 0 { facts.append(Self.count(statistics.duplicates, "duplicate")) }
    if statistics.errors > 0 { facts.append(Self.count(statistics.errors, "error")) }
    facts.append("\(DecimalText.text(statistics.loss * 100, digits: 1)) % lost")
    var text = "\n\(target.text): \(facts.joined(separator: ", ")), "
    text += "in \(CountText.time(Double(nanoseconds)))\n"
    if statistics.received > 0 {
      text += "round trip: \(ProbeText.milliseconds(statistics.minimum)) least, "
      text += "\(ProbeText.milliseconds(statistics.average)) average, "
      text += "\(ProbeText.milliseconds(statistics.maximum)) most, "
      text += "\(ProbeText.milliseconds(statistics.deviation)) deviation\n"
    }
    Output.write(terminal.shown(text))
  }

  private static func count(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  private static func optional(_ statistics: PingStatistics, _ value: Double) -> JSON {
    statistics.received == 0 ? .null : .decimal(value, digits: 3)
  }
}
