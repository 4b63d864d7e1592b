// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// The table of sockets: columns that are as wide as they must be, and narrower where the window is.
struct ListTable {
  /// A column, in the order in which they stand.
  enum Column: Int, CaseIterable {
    case kind, state, received, sent, local, peer, timer, process, user

    var title: String {
      switch self {
      case .kind: "PROTO"
      case .state: "STATE"
      case .received: "RECV"
      case .sent: "SEND"
      case .local: "LOCAL"
      case .peer: "PEER"
      case .timer: "TIMER"
      case .process: "PROCESS"
      case .user: "USER"
      }
    }

    var isRight: Bool { self == .received || self == .sent }

    /// How narrow it may become; `nil` for a column that says nothing when it is cut.
    var minimumWidth: Int? {
      switch self {
      case .kind: 6
      case .local, .peer: 13
      case .process: 8
      default: nil
      }
    }
  }

  /// Those that are left out first where there is no room.
  private static let dispensable: [Column] = [.user, .timer]

  private var rows: [(row: SocketRow, cells: [String])] = []
  private let text: ListText
  private let hasDetails: Bool

  /// Makes the cells of some rows.
  init(_ rows: some Sequence<SocketRow>, _ text: ListText, hasDetails: Bool = false) {
    self.text = text
    self.hasDetails = hasDetails
    self.rows = rows.map { row in (row, Column.allCases.map { Self.cell($0, row, text) }) }
  }

  private static func cell(_ column: Column, _ row: SocketRow, _ text: ListText) -> String {
    switch column {
    case .kind: text.kind(row)
    case .state: StateWords.short(row.state)
    case .received: String(row.receiveQueue)
    case .sent: String(row.sendQueue)
    case .local: text.local(row)
    case .peer: text.peer(row)
    case .timer: text.timer(row)
    case .process: text.process(row)
    case .user: text.user(row)
    }
  }

  /// The lines, the first with the titles.
  ///
  /// - Parameters:
  ///   - width: how many columns there are; `nil` for as many as it takes.
  ///   - terminal: how styles look.
  /// - Returns: one line a socket, and more of them with details; no line ends in spaces.
  func lines(width: Int?, _ terminal: Terminal) -> [String] {
    let columns = layout(width)
    var lines = [line(columns, Column.allCases.map(\.title)) { _ in .strong }.map(terminal)]
    for (row, cells) in rows {
      lines.append(line(columns, cells) { Self.style($0, row) }.map(terminal))
      guard hasDetails, let details = row.details else { continue }
      let all = ListDetails.words(row, details, text)
      lines += Self.wrapped(all, width: (width ?? 100) - 6).map {
        "      " + terminal.styled(terminal.shown($0), .faint)
      }
    }
    return lines
  }

  private static func style(_ column: Column, _ row: SocketRow) -> Style {
    switch column {
    case .state where row.state == .listening: .good
    case .state where row.state != .established: .faint
    case .received, .sent:
      row.state == .listening
        ? (column == .received && row.receiveQueue > 0 ? .packet : .faint)
        : (column == .received ? row.receiveQueue : row.sendQueue) > 0 ? .packet : .faint
    case .timer, .user: .faint
    default: .plain
    }
  }

  // MARK: Widths

  /// The columns that are shown and their widths.
  private func layout(_ width: Int?) -> [(column: Column, width: Int)] {
    var columns = Column.allCases.map { column in
      (
        column: column,
        width: max(
          column.title.count, rows.lazy.map { Self.width($0.cells[column.rawValue]) }.max() ?? 0)
      )
    }
    // A column without a word in it is not worth its room.
    columns.removeAll { column, _ in
      Self.dispensable.contains(column) && rows.allSatisfy { $0.cells[column.rawValue].isEmpty }
    }
    guard let width else { return columns }
    func total() -> Int { columns.reduce(-2) { $0 + $1.width + 2 } }
    func least() -> Int {
      columns.reduce(-2) { $0 + min($1.column.minimumWidth ?? .max, $1.width) + 2 }
    }
    for column in Self.dispensable where total() > width {
      columns.removeAll { $0.column == column }
    }
    // In a window that is narrower than all that, what stands last is left out.
    while least() > width, columns.count > 1 { columns.removeLast() }
    while total() > width {
      let places = columns.indices.filter { place in
        columns[place].column.minimumWidth.map { $0 < columns[place].width } ?? false
      }
      guard let widest = places.max(by: { columns[$0].width < columns[$1].width }) else { break }
      columns[widest].width -= 1
    }
    return columns
  }

  private static func width(_ text: String) -> Int {
    text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.count : text.count
  }

  private func line(
    _ columns: [(column: Column, width: Int)], _ cells: [String], _ style: (Column) -> Style
  ) -> Line {
    Line(
      cells: columns.map { column, width in
        Line.Cell(
          text: Self.cut(cells[column.rawValue], to: width, column), width: width,
          isRight: column.isRight, style: style(column))
      })
  }

  /// Text that fits: of an address its end stays, since that is the port or the file, of another text the beginning.
  static func cut(_ text: String, to width: Int, _ column: Column) -> String {
    let count = Self.width(text)
    guard count > width, width > 1 else { return text }
    guard column == .local || column == .peer else { return text.prefix(width - 1) + "…" }
    guard let colon = text.lastIndex(of: ":"), !text.hasPrefix("/"), !text.hasPrefix("@") else {
      return "…" + text.suffix(width - 1)
    }
    let tail = text[colon...]
    let head = width - 1 - tail.count
    return head > 0 ? text.prefix(head) + "…" + tail : "…" + text.suffix(width - 1)
  }

  /// Pieces with commas between them, in lines of a width.
  private static func wrapped(_ pieces: [String], width: Int) -> [String] {
    var lines: [String] = []
    for piece in pieces {
      if let last = lines.last, last.count + 2 + piece.count + 1 <= width {
        lines[lines.count - 1] = last + ", " + piece
      } else {
        if let last = lines.last { lines[lines.count - 1] = last + "," }
        lines.append(String(piece.prefix(max(1, width))))
      }
    }
    return lines
  }
}

/// One line of the table before it is put together.
private struct Line {
  struct Cell {
    var text: String
    var width: Int
    var isRight: Bool
    var style: Style
  }

  var cells: [Cell]

  /// The line; without spaces at its end.
  func map(_ terminal: Terminal) -> String {
    var line = ""
    var pending = 0
    for cell in cells {
      let isPlain = cell.text.utf8.allSatisfy { $0 < 0x80 }
      let count = isPlain ? cell.text.utf8.count : cell.text.count
      let space = max(0, cell.width - count)
      if cell.text.isEmpty {
        pending += space + 2
        continue
      }
      line += String(repeating: " ", count: pending + (cell.isRight ? space : 0))
      line += terminal.styled(isPlain ? cell.text : terminal.shown(cell.text), cell.style)
      pending = (cell.isRight ? 0 : space) + 2
    }
    return line
  }
}
