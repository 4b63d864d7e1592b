// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import HTTPMessages
import HTTPTypes

/// The pages that the server writes itself: each is whole in itself, in light and in dark, and every name in them is escaped.
enum Pages {
  /// What such a page may do: nothing but look like this.
  static let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

  // MARK: Listing

  /// How long a page of a folder may become, nearly: what has no room is left out.
  static let maximumByteCount = 1 << 20

  /// The page of a folder.
  ///
  /// - Parameters:
  ///   - path: the folder beneath the one that is served.
  ///   - entries: what is in it.
  ///   - isCut: whether there is more than the entries.
  /// - Returns: the page in UTF-8.
  static func listing(_ path: [UInt8], _ entries: [FolderEntry], isCut: Bool) -> [UInt8] {
    let names = path.split(separator: UInt8(ascii: "/"))
    let title = "/" + names.map { text($0) + "/" }.joined()
    var html = head(title: title)
    html += "<h1><nav aria-label=\"Folders\">" + crumbs(names) + "</nav></h1>\n"
    let folders = entries.count { $0.isFolder }
    let bytes = entries.reduce(0) { sum, entry in
      // The sizes are what file systems say: files with holes may have more together than there are numbers.
      let (next, isOver) = sum.addingReportingOverflow(entry.isFolder ? 0 : entry.byteCount)
      return isOver ? .max : next
    }
    var rows = ""
    var isFull = false
    for entry in entries.sorted(by: precedes) {
      rows += row(entry)
      isFull = rows.utf8.count > maximumByteCount
      if isFull { break }
    }
    let summary = summary(folders, entries.count - folders, bytes, isCut || isFull)
    html += "<p class=\"sum\">\(summary)</p>\n"
    html += "<table>\n<thead><tr><th>Name</th><th class=\"size\">Size</th>"
    html += "<th class=\"time\">Changed (UTC)</th></tr></thead>\n<tbody>\n"
    if !names.isEmpty {
      html +=
        "<tr class=\"up\"><td><a href=\"../\">\(icon("up")) ..</a></td><td></td><td></td></tr>\n"
    }
    html += rows
    html += "</tbody>\n</table>\n"
    if entries.isEmpty { html += "<p class=\"empty\">Nothing here.</p>\n" }
    return Array((html + foot).utf8)
  }

  private static func row(_ entry: FolderEntry) -> String {
    let href = TargetPath.escaped(entry.name) + (entry.isFolder ? "/" : "")
    let name = text(entry.name[...]) + (entry.isFolder ? "/" : "")
    let size = entry.isFolder ? "" : ByteText.count(entry.byteCount)
    // The `./` keeps a name with a colon from being a scheme.
    return
      "<tr><td><a href=\"./\(href)\">\(icon(entry.isFolder ? "folder" : "file")) \(name)</a></td>"
      + "<td class=\"size\" title=\"\(entry.isFolder ? "" : "\(entry.byteCount) bytes")\">\(size)</td>"
      + "<td class=\"time\">\(time(entry.modified))</td></tr>\n"
  }

  /// Folders first; then as people count, so that 9 comes before 10.
  private static func precedes(_ left: FolderEntry, _ right: FolderEntry) -> Bool {
    if left.isFolder != right.isFolder { return left.isFolder }
    return NaturalOrder.precedes(left.name, right.name)
  }

  private static func crumbs(_ names: [ArraySlice<UInt8>]) -> String {
    var html = ""
    for (place, name) in ([ArraySlice("/".utf8)] + names).enumerated() {
      let isRoot = place == 0
      let shown = isRoot ? "home" : text(name)
      let up = names.count - place
      if place > 0 { html += "<span>/</span>" }
      html +=
        up == 0
        ? "<b>\(shown)</b>"
        : "<a href=\"\(String(repeating: "../", count: up))\">\(shown)</a>"
    }
    return html
  }

  private static func summary(_ folders: Int, _ files: Int, _ bytes: Int, _ isCut: Bool) -> String {
    func count(_ number: Int, _ word: String) -> String {
      "\(number) \(word)\(number == 1 ? "" : "s")"
    }
    let more = isCut ? "; the first of more than there is room for" : ""
    return "\(count(folders, "folder")), \(count(files, "file")), \(ByteText.count(bytes))\(more)"
  }

  private static func time(_ seconds: Int64) -> String {
    let parts = HTTPDate.parts(seconds)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let date = "\(parts.year)-\(two(parts.month))-\(two(parts.day))"
    return
      "<time datetime=\"\(date)T\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second))Z\">"
      + "\(date) \(two(parts.hour)):\(two(parts.minute))</time>"
  }

  // MARK: Errors

  /// The page of an answer that is no file.
  static func error(_ status: HTTPResponse.Status, _ reason: String) -> [UInt8] {
    let title = "\(status.code) \(status.reasonPhrase)"
    return Array(
      (head(title: title) + "<h1>\(status.reasonPhrase)</h1>\n<p class=\"sum\">\(status.code)"
        + (reason.isEmpty ? "" : ": \(MarkupText.escaped(reason))") + "</p>\n" + foot).utf8)
  }

  // MARK: Text

  /// A name as text of a page; what is no UTF-8 is shown as such.
  private static func text(_ name: ArraySlice<UInt8>) -> String {
    MarkupText.escaped(String(decoding: name, as: UTF8.self))
  }

  private static func icon(_ name: String) -> String { "<i class=\"\(name)\"></i>" }

  private static func head(title: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(title)</title>
    <link rel="icon" href="data:,">
    <style>
    \(PageStyle.sheet)
    </style>
    </head>
    <body>
    <main>

    """
  }

  private static let foot = "</main>\n<footer>sockets serve</footer>\n</body>\n</html>\n"
}

/// Names in the order in which people count: letters of either case are equal, and numbers are compared by their values.
enum NaturalOrder {
  static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    var one = left[...]
    var other = right[...]
    while let first = one.first, let second = other.first {
      if isDigit(first), isDigit(second) {
        let mine = digits(&one)
        let yours = digits(&other)
        if mine.count != yours.count { return mine.count < yours.count }
        if !mine.elementsEqual(yours) { return mine.lexicographicallyPrecedes(yours) }
      } else {
        let (a, b) = (lowercased(first), lowercased(second))
        if a != b { return a < b }
        one = one.dropFirst()
        other = other.dropFirst()
      }
    }
    if one.isEmpty != other.isEmpty { return one.isEmpty }
    return left.lexicographicallyPrecedes(right)
  }

  /// Takes a number, without the zeros that it begins with.
  private static func digits(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let all = bytes.prefix(while: isDigit)
    bytes = bytes.dropFirst(all.count)
    return all.drop { $0 == UInt8(ascii: "0") }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}
