// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets

/// Asks by connections of TCP, where ICMP is not allowed or not wanted: one that is accepted or refused is an answer.
struct ConnectPing {
  let settings: PingSettings
  let address: SocketAddress
  let report: PingReport
  private(set) var statistics = PingStatistics()

  init(_ settings: PingSettings, _ address: SocketAddress, _ report: PingReport) {
    self.settings = settings
    self.address = address
    self.report = report
  }

  /// What a child task has to tell.
  private enum Event: Sendable {
    /// The next request is due.
    case due
    case settled(Int, ConnectProbe.Result)
  }

  /// Asks until the count is reached or the task is cancelled: each time at its instant, whatever became of those before.
  mutating func run(on loop: EventLoop) async throws {
    let room = DescriptorLimit.room
    try await withThrowingTaskGroup(of: Event.self) { group in
      defer { group.cancelAll() }
      var underWay = 0
      var isDue = true
      while !Output.hasFailed {
        let isDone = settings.count.map { statistics.sent >= $0 } ?? false
        if isDone, underWay == 0 { return }
        if isDue, !isDone, underWay < room {
          isDue = false
          underWay += 1
          begin(&group, on: loop)
        }
        switch try await group.next() {
        case .due?: isDue = true
        case .settled(let number, let result)?:
          underWay -= 1
          take(result, number)
        case nil: return
        }
      }
    }
  }

  /// Begins a request, and the wait for the next one.
  private mutating func begin(
    _ group: inout ThrowingTaskGroup<Event, any Error>, on loop: EventLoop
  ) {
    statistics.sent += 1
    let number = statistics.sent
    let (address, settings) = (address, settings)
    group.addTask(executorPreference: loop) {
      let result = try await ConnectProbe.run(
        to: address, from: settings.socket.source, timeToLive: settings.socket.timeToLive,
        deadline: .after(settings.timeout), on: loop)
      return .settled(number, result)
    }
    guard settings.count.map({ number < $0 }) ?? true else { return }
    let next = Deadline.after(settings.interval)
    group.addTask(executorPreference: loop) {
      if await loop.sleep(until: next) < 0 { throw CancellationError() }
      return .due
    }
  }

  private mutating func take(_ result: ConnectProbe.Result, _ number: Int) {
    switch result {
    case .answered(let manner, let nanoseconds):
      let milliseconds = Double(nanoseconds) / 1e6
      statistics.count(milliseconds: milliseconds)
      report.tell(
        .reply(
          PingReply(
            number: number, sender: report.address, milliseconds: milliseconds,
            manner: manner.rawValue)))
    case .failed(let error, let record, _):
      statistics.errors += 1
      let reason = record.flatMap(ICMPReason.init)
      report.tell(
        .failure(
          number: number, from: record?.offender?.ip?.address,
          text: reason?.text ?? ProbeText.reason(error), mtu: reason?.mtu))
    case .silent: report.tell(.timeout(number: number))
    }
  }
}
