// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// Shows the tour to a person.
final class TextPresenter: TourPresenter {
  let terminal: Terminal
  /// Whether the last line was empty: two in a row would be one too many.
  private let lastIsEmpty = Guarded(false)

  init(terminal: Terminal) { self.terminal = terminal }

  /// The column in which calls begin: behind the name of who makes them.
  private static let callColumn = 12
  private static let timeWidth = 8

  // MARK: Beginning

  func begin(_ tour: Tour) {
    line()
    line("  " + terminal.styled("sockets tour", .title))
    line()
    words(
      "A socket is one end of a wire between two programs: a number that a program reads from and writes to. Here "
        + "every kind of socket that this machine has lives its whole life, for real. Each line with a time is a "
        + "call to the kernel, just as it was made.")
    line()
    for text in LifecyclePicture.lines { line("  " + coloured(text)) }
    line()
    if tour.showsPackets {
      words(
        "The packets are those of the loopback interface, caught by one more socket. The sizes at the end of a line "
          + "are those of its layers: Ethernet, IP, TCP or UDP, data.")
    } else {
      words("No packets are shown: \(tour.noPackets ?? "").")
    }
  }

  private func coloured(_ text: String) -> String {
    LifecyclePicture.pieces(of: text).map { terminal.styled($0.text, $0.style) }.joined()
  }

  func begin(_ row: TourRow) {
    line()
    let name = " \(row.name) "
    let rule = String(
      repeating: "─", count: max(3, terminal.width - 7 - row.title.count - name.count))
    line(
      terminal.styled("── ", .faint) + terminal.styled(row.title, .title) + " "
        + terminal.styled(rule + name + "──", .faint))
    words(row.about)
    line()
  }

  // MARK: Events

  func show(_ event: TourEvent) {
    switch event {
    case .sentence(let text):
      line()
      words(text)
    case .call(let call): show(call)
    case .packets(let packets, let numbers): for packet in packets { show(packet, numbers) }
    case .checked(let text):
      line(indent(Self.callColumn) + terminal.styled("✓ " + text, .good))
    }
  }

  private func show(_ call: TourCall) {
    let width = terminal.width - Self.callColumn - Self.timeWidth
    let lines = TextLayout.wrappedCall(call.text, width: width)
    for (index, text) in lines.enumerated() {
      let who = index == 0 ? call.role.name : ""
      let isLast = index == lines.count - 1
      let time = isLast ? CountText.time(Double(call.record.nanoseconds)) : ""
      let padding = String(
        repeating: " ", count: max(0, width + Self.timeWidth - text.count - time.count))
      line(
        "  " + terminal.styled(TextLayout.padded(who, Self.callColumn - 2), call.role.style)
          + terminal.styled(text, call.record.result < 0 ? .bad : .strong)
          + (isLast ? padding + terminal.styled(time, .faint) : ""))
    }
  }

  private func show(_ packet: TourPacket, _ numbers: SequenceNumbers) {
    let title = "│ \(packet.direction)  \(packet.packet.title)"
    let text =
      TextLayout.padded(title, 36) + (packet.packet.tcp.map { " " + numbers.text($0) } ?? "")
    let width = terminal.width - Self.callColumn
    let sizes = packet.packet.sizes
    line(
      indent(Self.callColumn)
        + terminal.styled(TextLayout.padded(text, width - sizes.count), .packet)
        + terminal.styled(sizes, .faint))
    guard packet.isDetailed else { return }
    for layer in packet.packet.layerLines(numbers) {
      let head =
        "│ " + TextLayout.padded(layer.name, 9) + TextLayout.leading("\(layer.byteCount)", 5) + "  "
      for (index, part) in TextLayout.wrapped(layer.text, width: width - head.count).enumerated() {
        let start = index == 0 ? head : "│" + indent(head.count - 1)
        line(indent(Self.callColumn) + terminal.styled(start, .packet) + part)
      }
    }
  }

  // MARK: Ending

  func end(_ result: TourResult) {
    guard let reason = result.verdict.reason else { return }
    line()
    words(reason)
    if let remedy = result.verdict.remedy { words("What helps: \(remedy)") }
  }

  func end(_ results: [TourResult]) {
    line()
    line(
      terminal.styled("── ", .faint) + terminal.styled("What this machine can do", .title) + " "
        + terminal.styled(String(repeating: "─", count: max(3, terminal.width - 28)), .faint))
    line()
    line("  " + terminal.styled(columns("family", "type", "name", "verdict"), .faint))
    for result in results {
      let row = result.row
      let plain = columns(row.family.cName, row.type.cName, row.name, "")
      line(
        "  " + plain
          + terminal.styled("\(result.verdict.mark) \(result.verdict.name)", result.verdict.style))
    }
    line()
    let worked = results.count { $0.verdict == .worked }
    let excused = results.count { $0.verdict.remedy != nil }
    let failed = results.count - worked - excused
    words(
      "\(worked) worked, \(excused) not to be had here, \(failed) failed."
        + (failed == 0 ? " All that this kernel supports works." : ""))
    line()
  }

  private func columns(
    _ family: String, _ type: String, _ name: String, _ verdict: String
  ) -> String {
    TextLayout.padded(family, 11) + TextLayout.padded(type, 17) + TextLayout.padded(name, 25)
      + verdict
  }

  // MARK: Lines

  private func words(_ text: String) {
    for part in TextLayout.wrapped(text, width: terminal.width - 4) { line("  " + part) }
  }

  private func indent(_ count: Int) -> String { String(repeating: " ", count: count) }

  private func line(_ text: String = "") {
    var text = text
    while text.last == " " { text.removeLast() }
    let isEmpty = text.isEmpty
    let isSecond = lastIsEmpty.withLock { last in
      defer { last = isEmpty }
      return last && isEmpty
    }
    if isSecond { return }
    Output.write(terminal.shown(text) + "\n")
  }
}
