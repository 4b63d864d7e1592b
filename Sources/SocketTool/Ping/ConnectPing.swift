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

  /// Asks until the count is reached or the task is cancelled.
  mutating func run(on loop: EventLoop) async throws {
    while settings.count.map({ statistics.sent < $0 }) ?? true, !Output.hasFailed {
      let next = Deadline.after(settings.interval)
      try await ask(on: loop)
      let isLast = settings.count.map { statistics.sent >= $0 } ?? false
      if !isLast, await loop.sleep(until: next) < 0 { throw CancellationError() }
    }
  }

  private mutating func ask(on loop: EventLoop) async throws {
    statistics.sent += 1
    let number = statistics.sent
    let result = try await ConnectProbe.run(
      to: address, from: settings.socket.source, timeToLive: settings.socket.timeToLive,
      deadline: .after(settings.timeout), on: loop)
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
