// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import Sockets

/// Which faults a relay injects: what the command line and the control endpoint set.
struct FaultSettings: Hashable, Sendable {
  /// How long everything is held back.
  var delay = Duration.zero
  /// By how much the delay varies, more or less.
  var jitter = Duration.zero
  /// How many bytes a second a direction carries; `nil` for as many as there are.
  var rate: Int?
  /// Which share of datagrams, or of connections, is lost.
  var drop = 0.0
  /// After how many bytes of one direction a connection is reset.
  var resetAfter: Int?
  /// Which share of bytes is changed.
  var corrupt = 0.0
  /// Whether a stream is handed on in small pieces.
  var hasShortWrites = false

  /// Whether nothing is done to the bytes.
  var isQuiet: Bool { self == FaultSettings() }

  /// Whether chance decides anything, so that the seed matters.
  var hasChance: Bool { jitter > .zero || drop > 0 || corrupt > 0 || hasShortWrites }

  /// The names under which ``set(_:to:)`` knows them, which are those of the command line.
  static let names = [
    "delay", "jitter", "rate", "drop", "reset-after", "corrupt", "short-writes",
  ]

  /// Those that mean something for streams only.
  static let streamNames = ["reset-after", "short-writes"]

  /// Changes one setting.
  ///
  /// - Parameters:
  ///   - name: which one; one of ``names``.
  ///   - value: as the command line takes it, or `off`; `on` for `short-writes`.
  /// - Throws: `ValidationError` that says what is wrong.
  mutating func set(_ name: String, to value: String) throws {
    let isOff = value == "off"
    switch name {
    case "delay": delay = isOff ? .zero : try ArgumentText.durationOrZero(value)
    case "jitter": jitter = isOff ? .zero : try ArgumentText.durationOrZero(value)
    case "rate": rate = isOff ? nil : try Self.rate(value)
    case "drop": drop = isOff ? 0 : try ArgumentText.share(value)
    case "reset-after": resetAfter = isOff ? nil : try ArgumentText.byteCount(value)
    case "corrupt": corrupt = isOff ? 0 : try ArgumentText.share(value)
    case "short-writes":
      guard isOff || value == "on" else {
        throw ValidationError("short-writes is on or off, not '\(value)'")
      }
      hasShortWrites = !isOff
    default:
      throw ValidationError(
        "there is no fault '\(name)'; there are \(Self.names.joined(separator: ", "))")
    }
  }

  /// A number of bytes a second, at least one.
  static func rate(_ text: String) throws -> Int {
    let rate = try ArgumentText.byteCount(text)
    guard rate > 0 else { throw ValidationError("a rate is at least one byte a second") }
    return rate
  }

  /// The settings as data, times in seconds.
  var json: JSON {
    .object([
      ("delay", .decimal(delay / .seconds(1), digits: 6)),
      ("jitter", .decimal(jitter / .seconds(1), digits: 6)),
      ("rate", .optional(rate)),
      ("drop", .decimal(drop, digits: 6)),
      ("reset-after", .optional(resetAfter)),
      ("corrupt", .decimal(corrupt, digits: 9)),
      ("short-writes", .bool(hasShortWrites)),
    ])
  }
}

/// How many faults were injected.
struct FaultTally: Hashable, Sendable {
  /// Pieces of streams, and datagrams, that were held back.
  var delayed = 0
  /// Datagrams that were lost.
  var droppedDatagrams = 0
  /// Bytes of streams that were lost.
  var droppedBytes = 0
  /// Bytes that were changed.
  var corruptedBytes = 0
  /// Connections that were reset.
  var resets = 0
  /// Borders of pieces within what came as one.
  var cuts = 0

  static func += (left: inout FaultTally, right: FaultTally) {
    left.delayed += right.delayed
    left.droppedDatagrams += right.droppedDatagrams
    left.droppedBytes += right.droppedBytes
    left.corruptedBytes += right.corruptedBytes
    left.resets += right.resets
    left.cuts += right.cuts
  }

  private var rows: [(name: String, words: String, count: Int)] {
    [
      ("delayed", "delayed", delayed), ("droppedDatagrams", "datagrams dropped", droppedDatagrams),
      ("droppedBytes", "bytes dropped", droppedBytes),
      ("corruptedBytes", "bytes corrupted", corruptedBytes), ("resets", "reset", resets),
      ("cuts", "short writes", cuts),
    ]
  }

  var json: JSON { .object(rows.map { ($0.name, .number($0.count)) }) }

  /// What there was, in words.
  var text: String {
    let seen = rows.filter { $0.count > 0 }
    return seen.isEmpty ? "none" : seen.map { "\($0.count) \($0.words)" }.joined(separator: ", ")
  }
}
