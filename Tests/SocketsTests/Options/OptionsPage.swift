// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets
import Testing

/// The page of all options in the documentation, made from the catalog.
enum OptionsPage {
  /// The page's place in the repository.
  static let path = "Sources/Sockets/Sockets.docc/Options.md"

  /// What the page says when it is up to date.
  static var text: String {
    var lines = [
      "# Socket options",
      "",
      "All options that have a name here, by level.",
      "",
      "This page is made from ``OptionCatalog`` by a test; `sockets options` prints the same list, with the",
      "values that a socket has now. An option that is not here is made from its numbers with",
      "``SocketOption/init(level:name:cName:coding:)``.",
      "",
      "*Ways*: `read, set` is read and set, `read` is read only, `set` is set only. *Linux* is the first",
      "version that has the option; before it the answer is `ENOPROTOOPT`. A unit is that of the kernel: a",
      "`Duration` is rounded up to it.",
    ]
    for section in sections {
      lines += [
        "", "## \(section.title)", "", header, "| --- | --- | --- | --- | --- | --- | --- | --- |",
      ]
      lines += section.entries.map(row)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static let header =
    "| C | Swift | Value | Unit | Ways | Linux | Sockets | Meaning |"

  private static func row(_ entry: OptionCatalog.Entry) -> String {
    let cells = [
      "`\(entry.cName)`", "`\(entry.swiftName)`", "`\(entry.valueType)`", entry.unit,
      entry.access.rawValue, entry.oldestKernel, entry.kinds.description,
      // A name that is a link beside its declaration is a mere name here.
      entry.meaning.replacing("``", with: "`"),
    ]
    return "| " + cells.map { $0.isEmpty ? "–" : $0 }.joined(separator: " | ") + " |"
  }

  private static var sections: [(title: String, entries: [OptionCatalog.Entry])] {
    let titles: [(Int32?, String)] = [
      (1, "Every family: SOL_SOCKET"), (0, "IPv4: SOL_IP"), (41, "IPv6: SOL_IPV6"),
      (6, "TCP: SOL_TCP"), (284, "Multipath TCP: SOL_MPTCP"), (17, "UDP: SOL_UDP"),
      (136, "UDP-Lite: SOL_UDPLITE"), (255, "Raw IPv4: SOL_RAW"), (58, "Raw IPv6: SOL_ICMPV6"),
      (263, "Packet: SOL_PACKET"), (270, "Netlink: SOL_NETLINK"), (40, "Vsock: AF_VSOCK"),
      (262, "X.25: SOL_X25"), (nil, "Controls: ioctl"),
    ]
    return titles.map { level, title in
      (title, OptionCatalog.entries.filter { $0.level == level })
    }
  }

  /// Writes the page.
  static func write(to path: String) throws {
    // SAFETY: the file is closed when the function ends.
    guard let file = unsafe fopen(path, "w") else { throw Unreadable(description: path) }
    defer { _ = unsafe fclose(file) }
    let bytes = Array(text.utf8)
    // SAFETY: the pointer and the count are of one array.
    let count = unsafe bytes.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
    #expect(count == bytes.count)
  }
}

/// Why a file of the repository is of no use.
struct Unreadable: Error, CustomStringConvertible {
  let description: String
}

/// The repository that the tests were built from.
enum RepositoryFiles {
  /// Its folder, found from this file's place in it.
  static let root = String(
    #filePath.dropLast("/Tests/SocketsTests/Options/OptionsPage.swift".count))

  /// A file's text.
  static func text(_ path: String) throws -> String {
    // SAFETY: the file is closed when the function ends.
    guard let file = unsafe fopen("\(root)/\(path)", "r") else {
      throw Unreadable(description: path)
    }
    defer { _ = unsafe fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      // SAFETY: the pointer and the count are of one array.
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe fread($0.baseAddress, 1, $0.count, file)
      }
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer.prefix(count)
    }
  }

  /// The names of the files in a folder.
  static func names(in folder: String) throws -> [String] {
    // SAFETY: the file is closed when the function ends.
    // SAFETY: the folder is closed when the function ends.
    guard let stream = unsafe opendir("\(root)/\(folder)") else {
      throw Unreadable(description: folder)
    }
    defer { _ = unsafe closedir(stream) }
    var names: [String] = []
    // SAFETY: an entry's name ends with a NUL and is copied before the next one is read.
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      names.append(name)
    }
    return names.sorted()
  }
}
