// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// Keeps quiet until the end: the report is written as data then.
struct SilentPresenter: TourPresenter {
  func begin(_ tour: Tour) {}
  func begin(_ row: TourRow) {}
  func show(_ event: TourEvent) {}
  func end(_ result: TourResult) {}
  func end(_ results: [TourResult]) {}
}

/// The tour as data.
enum TourReport {
  static func json(_ tour: Tour, _ results: [TourResult]) -> JSON {
    .object([
      ("packetsShown", .bool(tour.showsPackets)),
      ("noPacketsReason", .optional(tour.noPackets)),
      ("rows", .array(results.map(row))),
      ("worked", .number(results.count { $0.verdict == .worked })),
      ("unavailable", .number(results.count { $0.verdict.remedy != nil })),
      ("failed", .number(results.count { $0.verdict.isFailure })),
    ])
  }

  private static func row(_ result: TourResult) -> JSON {
    .object([
      ("name", .string(result.row.name)),
      ("title", .string(result.row.title)),
      ("family", .string(result.row.family.cName)),
      ("type", .string(result.row.type.cName)),
      ("protocol", .string(result.row.protocolNumber.cName)),
      ("verdict", .string(result.verdict.name)),
      ("reason", .optional(result.verdict.reason)),
      ("remedy", .optional(result.verdict.remedy)),
      ("nanoseconds", .number(Int(result.nanoseconds))),
      ("steps", .array(result.events.flatMap(step))),
    ])
  }

  private static func step(_ event: TourEvent) -> [JSON] {
    switch event {
    case .sentence(let text): [.object([("sentence", .string(text))])]
    case .call(let call): [Self.call(call)]
    case .packets(let packets, let numbers): packets.map { packet($0, numbers) }
    case .checked(let text): [.object([("checked", .string(text))])]
    }
  }

  private static func call(_ call: TourCall) -> JSON {
    .object([
      ("call", .string(call.record.call.rawValue)),
      ("by", .string(call.role.name)),
      ("arguments", .array(call.record.arguments.map { .string($0.description) })),
      ("result", .number(call.record.result < 0 ? -1 : call.record.result)),
      ("error", .optional(call.errorName)),
      ("nanoseconds", .number(Int(call.record.nanoseconds))),
    ])
  }

  private static func packet(_ packet: TourPacket, _ numbers: SequenceNumbers) -> JSON {
    .object([
      ("packet", .string(packet.packet.title)),
      ("direction", .string(packet.direction)),
      ("byteCount", .number(packet.packet.byteCount)),
      (
        "layers",
        .array(
          packet.packet.layerLines(numbers).map { layer in
            .object([
              ("name", .string(layer.name)), ("byteCount", .number(layer.byteCount)),
              ("text", .string(layer.text)),
            ])
          })
      ),
      ("problem", .optional(packet.packet.problem?.text)),
    ])
  }
}
