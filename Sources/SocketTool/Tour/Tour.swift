// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// What a row told and how it ended.
struct TourResult: Sendable {
  var row: TourRow
  var verdict: TourVerdict
  var events: [TourEvent]
  var nanoseconds: Int64
}

/// Shows the tour as it happens.
protocol TourPresenter: Sendable {
  func begin(_ tour: Tour)
  func begin(_ row: TourRow)
  func show(_ event: TourEvent)
  func end(_ result: TourResult)
  func end(_ results: [TourResult])
}

/// Goes from row to row, each on a thread of its own, so that a call that hangs costs its row and not the tour.
struct Tour: Sendable {
  var rows: [TourRow]
  var options: TourOptions
  /// How long a row may take, each of which takes some milliseconds; all together may take three times as long.
  var rowLimit: Duration
  var showsPackets: Bool
  /// Why no packets are shown, or `nil` when they are.
  var noPackets: String?

  /// Makes a tour; whether it sees packets is found out here.
  init(rows: [TourRow], options: TourOptions, rowLimit: Duration, wantsPackets: Bool) {
    self.rows = rows
    self.options = options
    self.rowLimit = rowLimit
    showsPackets = false
    noPackets = wantsPackets ? nil : "switched off"
    guard wantsPackets else { return }
    do {
      _ = try PacketCapture()
      showsPackets = true
    } catch {
      noPackets = "\(error)"
    }
  }

  /// Visits every row.
  func run(_ presenter: some TourPresenter) -> [TourResult] {
    presenter.begin(self)
    let deadline = Deadline.after(rowLimit * 3)
    var results: [TourResult] = []
    var told: Set<TourRow.Story> = []
    for row in rows {
      presenter.begin(row)
      let isFirst = told.insert(row.story).inserted
      let result = visit(row, isFirst: isFirst, presenter, until: deadline)
      presenter.end(result)
      results.append(result)
    }
    presenter.end(results)
    return results
  }

  private func visit(
    _ row: TourRow, isFirst: Bool, _ presenter: some TourPresenter, until end: Deadline
  ) -> TourResult {
    let stage = TourStage { event in presenter.show(event) }
    let start = Deadline.now
    let verdict: TourVerdict
    do {
      let limit = min(Deadline.after(rowLimit).nanoseconds, end.nanoseconds)
      let told = try Background { tell(row, isFirst: isFirst, stage) }
      verdict =
        told.wait(until: Deadline(nanoseconds: limit))
        ?? .hung(reason: "no end in its time; the last call was \(stage.lastCall ?? "none")")
    } catch {
      verdict = .failed(reason: error.description)
    }
    return TourResult(
      row: row, verdict: verdict, events: stage.end(),
      nanoseconds: Deadline.now.nanoseconds - start.nanoseconds)
  }

  /// Tells a row's story and says how it ended.
  private func tell(_ row: TourRow, isFirst: Bool, _ stage: TourStage) -> TourVerdict {
    let narrator = Narrator(
      stage, capture: showsPackets && row.showsPackets ? try? PacketCapture() : nil,
      tellsAll: isFirst)
    do {
      try narrator.observing { try row.tell(narrator, row, options) }
      return .worked
    } catch let error as SocketError {
      return row.excuse(for: error) ?? .failed(reason: error.description)
    } catch {
      return .failed(reason: "\(error)")
    }
  }
}
