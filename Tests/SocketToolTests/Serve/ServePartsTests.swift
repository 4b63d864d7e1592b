// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// What is internal can be tested in a debug build alone.
#if DEBUG

import Foundation
import HTTPMessages
import Testing

@testable import SocketTool

/// The pure parts of `sockets serve`.
@Suite struct ServePartsTests {
  // MARK: Paths

  @Test(arguments: [
    ("/", "", true), ("", "", true), ("/a", "a", false), ("/a/", "a", true),
    ("/a/b.html", "a/b.html", false), ("/%61%2Db", "a-b", false), ("/a%20b", "a b", false),
    ("/%25", "%", false), ("/%C3%A9", "é", false), ("/.well-known/x", ".well-known/x", false),
    ("/a..b", "a..b", false), ("/...", nil, false), ("/a//b", nil, false), ("//a", nil, false),
    ("/./a", nil, false), ("/a/.", nil, false), ("/.git", nil, false),
    ("/a/.well-known", nil, false),
    ("/a%2Fb", nil, false),
  ])
  func aPathIsReadOrHidden(_ target: String, _ path: String?, _ isFolder: Bool) throws {
    do throws(TargetPath.Failure) {
      let found = try TargetPath(parsing: Array(target.utf8)[...])
      #expect(String(decoding: found.bytes, as: UTF8.self) == path)
      #expect(found.isFolder == isFolder)
    } catch {
      #expect(path == nil && error == .hidden)
    }
  }

  @Test(arguments: [
    "/..", "/../a", "/a/../b", "/%2e%2e", "/%2E./a", "/.%2e/", "/a/..%2fb", "/a%2f..%2fb", "/a%00b",
    "/%", "/%4", "/%zz", "/a%2", "a", "/%2f..",
  ])
  func aPathThatLeadsUpIsMalformed(_ target: String) {
    #expect(throws: TargetPath.Failure.malformed) {
      try TargetPath(parsing: Array(target.utf8)[...])
    }
  }

  @Test func hiddenNamesCanBeShown() throws {
    let path = try TargetPath(parsing: Array("/.git/config".utf8)[...], showsHidden: true)
    #expect(String(decoding: path.bytes, as: UTF8.self) == ".git/config")
    #expect(throws: TargetPath.Failure.malformed) {
      try TargetPath(parsing: Array("/.git/../x".utf8)[...], showsHidden: true)
    }
  }

  @Test func eachByteOfANameComesBackFromItsEscape() throws {
    let name = (1...255).map { UInt8($0) }.filter { $0 != 0x2f && $0 != 0x2e }
    let path = try TargetPath(parsing: Array(("/" + TargetPath.escaped(name)).utf8)[...])
    #expect(path.bytes == name)
  }

  // MARK: Dates

  /// Against Foundation's calendar, over twelve centuries.
  @Test func datesAreTheCalendars() throws {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(identifier: "UTC")
    formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    for step in stride(from: Int64(-12_000_000_000), to: 26_000_000_000, by: 37_894_561) {
      var bytes: [UInt8] = []
      HTTPDate.append(step, to: &bytes)
      let expected = formatter.string(from: Date(timeIntervalSince1970: Double(step)))
      #expect(String(decoding: bytes, as: UTF8.self) == expected)
      #expect(HTTPDate.parse(bytes[...], now: 0) == step)
    }
  }

  @Test(
    arguments: [
      ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
      ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
      ("Sun Nov  6 08:49:37 1994", 784_111_777), ("Wed Nov 16 08:49:37 1994", 784_975_777),
      ("Thu, 29 Feb 2024 00:00:00 GMT", 1_709_164_800),
      ("Sunday, 06-Nov-84 08:49:37 GMT", 468_578_977),
      ("Tuesday, 06-Nov-35 08:49:37 GMT", 2_077_951_777),
      ("Thu, 29 Feb 2023 00:00:00 GMT", nil), ("Sun, 6 Nov 1994 08:49:37 GMT", nil),
      ("Sun, 06 Nov 1994 08:49:37 UTC", nil), ("Sun, 06 Nov 1994 24:00:00 GMT", nil),
      ("Sun, 06 Nov 1994 08:60:00 GMT", nil), ("Sun, 31 Apr 1994 08:00:00 GMT", nil),
      ("Foo, 06 Nov 1994 08:49:37 GMT", nil), ("", nil), ("Sun", nil), ("Sun,", nil),
      ("Sun, 06 nov 1994 08:49:37 GMT", nil), ("Sun, 06 Nov 1994 08:49:37 GMT ", nil),
    ] as [(String, Int64?)])
  func datesOfAllThreeFormsAreRead(_ text: String, _ seconds: Int64?) {
    #expect(HTTPDate.parse(Array(text.utf8)[...], now: 1_800_000_000) == seconds)
  }

  // MARK: Ranges and tags

  @Test(
    arguments: [
      ("bytes=0-0", .part(0..<1)), ("bytes=0-", .part(0..<100)), ("bytes=5-9", .part(5..<10)),
      ("bytes=90-200", .part(90..<100)), ("bytes=-10", .part(90..<100)),
      ("bytes=-500", .part(0..<100)), ("BYTES=1-1", .part(1..<2)), ("bytes= 1-1 ", .part(1..<2)),
      ("bytes=99-", .part(99..<100)), ("bytes=0-99999999999999999999999", .part(0..<100)),
      ("bytes=-99999999999999999999999", .part(0..<100)),
      ("bytes=100-", .unsatisfiable), ("bytes=100-200", .unsatisfiable),
      ("bytes=-0", .unsatisfiable),
      ("bytes=99999999999999999999999-", .unsatisfiable),
      ("bytes=9-5", .whole), ("bytes=0-0,5-6", .whole), ("bytes=", .whole), ("bytes=-", .whole),
      ("bytes=a-b", .whole), ("lines=1-2", .whole), ("bytes 1-2", .whole), ("bytes=1", .whole),
      ("bytes=+1-2", .whole), ("bytes=1--2", .whole), ("", .whole), ("bytes=1-2;", .whole),
    ] as [(String, ByteRange)])
  func rangesOfAHundredBytes(_ text: String, _ range: ByteRange) {
    #expect(ByteRange(parsing: Array(text.utf8)[...], of: 100) == range)
  }

  @Test func anEmptyFileHasNoRange() {
    for text in ["bytes=0-", "bytes=-1", "bytes=0-0"] {
      #expect(ByteRange(parsing: Array(text.utf8)[...], of: 0) == .unsatisfiable)
    }
  }

  @Test(arguments: [
    (#""x""#, true, true), (#"W/"x""#, true, false), (#""a", "x""#, true, true),
    (#""a",W/"b" , "x""#, true, true), ("*", true, true), (#""y""#, false, false),
    (#"x"#, false, false), (#""x"#, false, false), (#"w/"x""#, false, false), ("", false, false),
    (#""a" "x""#, false, false), (#",,"x""#, true, true),
  ])
  func tagsAreFoundInLists(_ list: String, _ weakly: Bool, _ strongly: Bool) {
    let bytes = Array(list.utf8)[...]
    #expect(EntityTags.contain(bytes, Array("\"x\"".utf8), strongly: false) == weakly)
    #expect(EntityTags.contain(bytes, Array("\"x\"".utf8), strongly: true) == strongly)
  }

  // MARK: Types, pages, log

  @Test(arguments: [
    ("a.html", "text/html; charset=utf-8"), ("b/c.CSS", "text/css; charset=utf-8"),
    ("x.tar.gz", "application/gzip"), ("x.png", "image/png"), ("x.svg", "image/svg+xml"),
    ("x.js", "text/javascript; charset=utf-8"), ("x.woff2", "font/woff2"), ("x.mp4", "video/mp4"),
    ("x.json", "application/json; charset=utf-8"), ("x.wasm", "application/wasm"),
    ("x.unheardof", "application/octet-stream"), ("LICENSE", "text/plain; charset=utf-8"),
    ("README", "text/plain; charset=utf-8"), ("program", "application/octet-stream"),
    (".html", "application/octet-stream"), ("a.html/b", "application/octet-stream"),
    ("x.", "application/octet-stream"), ("x.pdf", "application/pdf"),
    ("x.ico", "image/vnd.microsoft.icon"),
  ])
  func typesFollowEndings(_ path: String, _ type: String) {
    #expect(MediaType.of(Array(path.utf8)) == type)
  }

  @Test func numbersInNamesAreCounted() {
    let names = ["a10", "A9", "a010b", "b", "a", "a9b", "a 1", ""]
    let sorted = names.sorted { NaturalOrder.precedes(Array($0.utf8), Array($1.utf8)) }
    #expect(sorted == ["", "a", "a 1", "A9", "a9b", "a10", "a010b", "b"])
  }

  @Test func aNameIsTextInAPage() {
    let name = "<script>\"&'\u{202e}\n.html"
    let entry = FolderEntry(name: Array(name.utf8), isFolder: false, byteCount: 5, modified: 0)
    let page = String(
      decoding: Pages.listing(Array("d/e".utf8), [entry], isCut: false), as: UTF8.self)
    #expect(!page.contains("<script"))
    #expect(page.contains("&lt;script&gt;&quot;&amp;&#39;\u{fffd}\u{fffd}.html"))
    #expect(page.contains("href=\"./%3Cscript%3E%22%26%27%E2%80%AE%0A.html\""))
    #expect(page.contains("href=\"../../\"") && page.contains("1970-01-01 00:00"))
  }

  @Test func aLineOfTheLogIsOneLine() {
    let record = AccessRecord(
      peer: "127.0.0.1", line: Array("GET /\"\\\u{7}\n HTTP/1.1".utf8)[...], status: 200,
      byteCount: 5, seconds: 784_111_777)
    var bytes: [UInt8] = []
    record.append(to: &bytes)
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == "127.0.0.1 - - [06/Nov/1994:08:49:37 +0000] \"GET /\\x22\\x5c\\x07\\x0a HTTP/1.1\" 200 5\n"
    )
    #expect(
      record.json.line
        == #"{"time":"1994-11-06T08:49:37.000Z","peer":"127.0.0.1","method":"GET","target":"/\"\\\u0007\n","status":200,"bytes":5}"#
        + "\n")
  }
}

#endif
