// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Rows in columns, each as wide as its widest cell, with two spaces between.
struct TextTable {
  struct Column {
    var title: String
    var isRight: Bool

    /// A column of text.
    static func text(_ title: String) -> Column { Column(title: title, isRight: false) }
    /// A column of numbers, which stand at its right.
    static func number(_ title: String) -> Column { Column(title: title, isRight: true) }
  }

  var columns: [Column]
  private(set) var rows: [[(text: String, style: Style)]] = []

  init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row; a cell may have a style.
  mutating func add(_ cells: [(text: String, style: Style)]) { rows.append(cells) }

  /// Adds a row in plain text.
  mutating func add(_ cells: [String]) { rows.append(cells.map { ($0, .plain) }) }

  /// The lines, the first with the titles; no line ends in spaces.
  func lines(_ terminal: Terminal) -> [String] {
    let titles = columns.map { (text: $0.title, style: Style.strong) }
    let all = (columns.contains { !$0.title.isEmpty } ? [titles] : []) + rows
    let widths = columns.indices.map { column in
      all.map { column < $0.count ? $0[column].text.count : 0 }.max() ?? 0
    }
    return all.map { row in
      var line = ""
      var pending = 0
      for (column, cell) in zip(columns.indices, row) {
        let space = widths[column] - cell.text.count
        let isRight = columns[column].isRight
        if !cell.text.isEmpty {
          line += String(repeating: " ", count: pending + (isRight ? space : 0))
          line += terminal.styled(cell.text, cell.style)
          pending = (isRight ? 0 : space) + 2
        } else {
          pending += space + 2
        }
      }
      return line
    }
  }
}
