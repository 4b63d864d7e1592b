// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// Asks by echoes of ICMP: sends them at their times, and takes what comes back meanwhile.
///
/// One task does it all: between two requests it waits for answers. Requests are counted from 1; on the wire the low 16 bits of the
/// count are the sequence, and of each sequence the latest request is the one that an answer is to.
struct EchoPing {
  /// What ended the wait for an answer first.
  private enum Fate {
    case waiting, missing, failed, answered
  }

  private struct Request {
    var number: Int
    var instant: ProbeInstant
    var fate = Fate.waiting
    /// Whether an answer came, whatever had become of it before: each request has at most one.
    var isAnswered = false
    /// Whether an error came, several of which count once.
    var hasFailed = false
  }

  let settings: PingSettings
  let socket: EchoSocket
  let report: PingReport
  private(set) var statistics = PingStatistics()
  /// The requests whose sequence has not come round again.
  private var requests: [UInt16: Request] = [:]
  /// The oldest request that may still wait.
  private var oldest = 1
  private let data: [UInt8]

  init(_ settings: PingSettings, _ socket: EchoSocket, _ report: PingReport) {
    self.settings = settings
    self.socket = socket
    self.report = report
    data = (0..<settings.size).map { UInt8(truncatingIfNeeded: $0) }
  }

  /// Asks until the count is reached or the task is cancelled.
  mutating func run() async throws {
    var buffer = [UInt8](repeating: 0, count: 65535 + 60)
    var next = Deadline.now
    while true {
      judgeTheOverdue()
      let isDone = settings.count.map { statistics.sent >= $0 } ?? false
      if isDone && isIdle || Output.hasFailed { return }
      if !isDone && next.hasPassed {
        try await send()
        next = Self.later(next, settings.interval)
      }
      try await receive(&buffer, until: isDone ? overdueInstant : earlier(next, overdueInstant))
    }
  }

  // MARK: Time

  /// The next instant of the rhythm; after a pause of the machine the rhythm begins anew.
  private static func later(_ instant: Deadline, _ interval: Duration) -> Deadline {
    let length = Int64(min(interval / .nanoseconds(1), 1e18))
    let next = Deadline(nanoseconds: instant.nanoseconds &+ length)
    return next.hasPassed ? .after(interval) : next
  }

  private func earlier(_ left: Deadline, _ right: Deadline) -> Deadline {
    left.nanoseconds < right.nanoseconds ? left : right
  }

  /// Whether no request waits.
  private var isIdle: Bool { oldest > statistics.sent }

  /// When the oldest request that waits is given up.
  private var overdueInstant: Deadline {
    guard let request = requests[Self.sequence(oldest)], request.number == oldest else {
      return .never
    }
    let length = Int64(min(settings.timeout / .nanoseconds(1), 1e18))
    return Deadline(nanoseconds: request.instant.monotonic &+ length)
  }

  /// Passes over the requests that are settled, and gives up those that have waited long enough.
  private mutating func judgeTheOverdue() {
    while oldest <= statistics.sent {
      let sequence = Self.sequence(oldest)
      if let request = requests[sequence], request.number == oldest, request.fate == .waiting {
        guard overdueInstant.hasPassed else { return }
        requests[sequence]?.fate = .missing
        report.tell(.timeout(number: oldest))
      }
      oldest += 1
    }
  }

  // MARK: Requests

  private static func sequence(_ number: Int) -> UInt16 { UInt16(truncatingIfNeeded: number) }

  private mutating func send() async throws {
    let number = statistics.sent + 1
    let sequence = Self.sequence(number)
    let message = EchoMessage(
      identifier: socket.identifier, sequence: sequence, data: data
    ).bytes(isVersion6: socket.isVersion6)
    statistics.sent = number
    // The error of an earlier request may be told to this call, which has sent nothing then.
    for attempt in 1...3 {
      requests[sequence] = Request(number: number, instant: .now)
      do throws(SocketError) {
        return try await socket.socket.send(message, deadline: .after(settings.timeout))
      } catch {
        guard error.errno != nil || error.cause == .deadlinePassed else { throw error }
        let wasTold = try takeFailures()
        if wasTold, requests[sequence]?.fate == .waiting, attempt < 3 { continue }
        if requests[sequence]?.fate == .waiting { fail(number, nil, ProbeText.reason(error), nil) }
        return
      }
    }
  }

  private mutating func fail(_ number: Int, _ sender: IPAddress?, _ text: String, _ mtu: Int?) {
    let sequence = Self.sequence(number)
    if requests[sequence]?.fate == .waiting { requests[sequence]?.fate = .failed }
    if requests[sequence]?.hasFailed != true { statistics.errors += 1 }
    requests[sequence]?.hasFailed = true
    report.tell(.failure(number: number, from: sender, text: text, mtu: mtu))
  }

  // MARK: Answers

  /// Waits for one message or one error, and takes it.
  private mutating func receive(_ buffer: inout [UInt8], until deadline: Deadline) async throws {
    do throws(SocketError) {
      if let answer = try await socket.next(&buffer, deadline: deadline) { take(answer) }
    } catch {
      if error.cause == .deadlinePassed { return }
      guard error.errno != nil else { throw error }
      // An error without a record is of no request that could be named.
      if try !takeFailures() {
        statistics.errors += 1
        report.tell(.failure(number: nil, from: nil, text: ProbeText.reason(error), mtu: nil))
      }
    }
  }

  private mutating func take(_ answer: EchoSocket.Answer) {
    guard let request = requests[answer.message.sequence] else { return }
    let nanoseconds = request.instant.nanoseconds(until: answer.timestamp)
    var reply = PingReply(
      number: request.number, sender: answer.sender ?? report.address,
      byteCount: answer.byteCount, timeToLive: answer.timeToLive,
      milliseconds: Double(nanoseconds) / 1e6)
    reply.isDuplicate = request.isAnswered
    reply.isLate = request.fate == .missing
    reply.isAltered = answer.message.data != data
    if reply.isDuplicate {
      statistics.duplicates += 1
    } else {
      statistics.count(milliseconds: reply.milliseconds)
      requests[answer.message.sequence]?.isAnswered = true
      if request.fate == .waiting { requests[answer.message.sequence]?.fate = .answered }
    }
    report.tell(.reply(reply))
  }

  /// Empties the error queue.
  ///
  /// - Returns: whether there was something in it.
  private mutating func takeFailures() throws -> Bool {
    var wasAny = false
    while let failure = try socket.nextFailure() {
      wasAny = true
      let number = failure.sequence.flatMap { requests[$0]?.number } ?? statistics.sent
      let isLocal = failure.record.origin == .local
      let reason = ICMPReason(failure.record)
      var text = reason?.text ?? ProbeText.reason(SocketError(.send, .system(failure.record.errno)))
      let mtu = failure.record.pathMTU
      if isLocal, let mtu { text += ": at most \(mtu) bytes pass" }
      fail(number, failure.offender, text, mtu)
    }
    return wasAny
  }
}
