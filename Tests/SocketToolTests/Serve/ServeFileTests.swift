// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import Sockets
import TestSupport
import Testing

/// What `sockets serve` answers about files, and that it answers about nothing else.
@Suite(.blocking) struct ServeFileTests {
  /// A folder with a little of everything.
  private static func fill(_ folder: String) throws {
    let files = FileManager.default
    try files.createDirectory(atPath: "\(folder)/sub/deep", withIntermediateDirectories: true)
    try files.createDirectory(atPath: "\(folder)/site", withIntermediateDirectories: true)
    try files.createDirectory(atPath: "\(folder)/.git", withIntermediateDirectories: true)
    for (name, text) in [
      ("hundred.txt", String(repeating: "0123456789", count: 10)), ("sub/a b.txt", "spaces"),
      ("sub/deep/é.txt", "letters"), ("site/index.html", "<p>index"), (".git/config", "hidden"),
      (".hidden", "hidden"), ("empty", ""), ("a&b<c>.txt", "signs"), ("x:y", "colon"),
      ("../secret", "secret"),
    ] {
      try text.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
    }
    try Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
      .write(to: URL(filePath: "\(folder)/large.bin"))
    for (link, target) in [
      ("out", "../secret"), ("absolute", "/etc/passwd"), ("up", ".."), ("round", "round"),
      ("inside", "sub/a b.txt"), ("magic", "/proc/self/root"), ("proc", "/proc/self/fd/0"),
      ("sub/back", "../hundred.txt"), ("sub/far", "../../secret"),
    ] {
      try files.createSymbolicLink(atPath: "\(folder)/\(link)", withDestinationPath: target)
    }
    _ = unsafe mkfifo("\(folder)/fifo", 0o644)
  }

  @Test func noPathLeadsOutOfTheFolder() throws {
    let server = try ServedScratch { try Self.fill($0) }
    let paths: [(String, Int)] = [
      ("/../secret", 400), ("/sub/../../secret", 400), ("/%2e%2e/secret", 400),
      ("/.%2E/secret", 400), ("/sub/%2e%2e/%2e%2e/secret", 400), ("/..%2fsecret", 400),
      ("/..%2Fsecret", 400), ("/%2e%2e%2fsecret", 400), ("/sub%2f..%2f..%2fsecret", 400),
      ("/%252e%252e/secret", 404), ("/..%5csecret", 404), ("/%5c..%5csecret", 404),
      ("/..%00/secret", 400), ("/hundred.txt%00.html", 400), ("/%00", 400),
      ("/%c0%ae%c0%ae/secret", 404), ("/..%c0%afsecret", 404), ("/sub%2fa%20b.txt", 404),
      ("//etc/passwd", 404), ("///hundred.txt", 404), ("/sub//a%20b.txt", 404),
      ("/./hundred.txt", 404), ("/sub/./a%20b.txt", 404), ("/...", 404),
      ("/out", 404), ("/absolute", 404), ("/up", 404), ("/up/secret", 404), ("/up/", 404),
      ("/sub/far", 404), ("/round", 404), ("/magic", 404), ("/magic/etc/passwd", 404),
      ("/proc", 404), ("/fifo", 403), ("/fifo/", 403), ("/.git/config", 404), ("/.git/", 404),
      ("/.hidden", 404), ("/hundred.txt/", 404), ("/hundred.txt/x", 404), ("/nothing", 404),
      ("/" + String(repeating: "a", count: 300), 404),
      ("/" + String(repeating: "a/", count: 3000), 404),
      ("http://localhost/../secret", 400), ("http://localhost/%2e%2e/secret", 400),
      ("/inside", 200), ("/sub/back", 200), ("/sub/a%20b.txt", 200), ("/hundred.txt?x=/../", 200),
      ("/sub/deep/%C3%A9.txt", 200), ("/a&b%3Cc%3E.txt", 200), ("/x:y", 200),
    ]
    for (path, status) in paths {
      let answer = try server.exchange("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(ServedScratch.status(answer) == status, "\(path)")
      #expect(!ServedScratch.body(of: answer).contains("secret") && !answer.contains("root:"))
    }
    #expect(try server.terminate() == 0)
  }

  @Test func hiddenNamesAreServedWhenAskedFor() throws {
    let server = try ServedScratch(["--all"]) { try Self.fill($0) }
    #expect(try server.status(of: "/.git/config") == 200)
    #expect(try server.status(of: "/.git/../hundred.txt") == 400)
    #expect(try server.exchange("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").contains(".hidden"))
  }

  @Test(.requires(.program("curl"))) func curlGetsWhatIsThere() throws {
    let server = try ServedScratch { try Self.fill($0) }
    func curl(_ arguments: String...) throws -> String {
      try ServedScratch.run("curl", ["-sS"] + arguments).text
    }
    let copy = "\(server.folder.path)/copy"
    _ = try curl("-o", copy, "\(server.url)/large.bin")
    #expect(
      try Data(contentsOf: URL(filePath: copy))
        == Data(contentsOf: URL(filePath: "\(server.folder.path)/public/large.bin")))
    // A download that was cut goes on where it ended.
    try Data(contentsOf: URL(filePath: copy)).prefix(1_234_567).write(to: URL(filePath: copy))
    _ = try curl("-C", "-", "-o", copy, "\(server.url)/large.bin")
    #expect(
      try Data(contentsOf: URL(filePath: copy))
        == Data(contentsOf: URL(filePath: "\(server.folder.path)/public/large.bin")))
    #expect(try curl("\(server.url)/site/") == "<p>index")
    #expect(try curl("-L", "\(server.url)/site") == "<p>index")
    #expect(
      try curl("-w", "%{redirect_url}", "-o", "/dev/null", "\(server.url)/sub/deep?a=b")
        == "\(server.url)/sub/deep/?a=b")
    #expect(
      try curl("-o", "/dev/null", "-w", "%{content_type}", "\(server.url)/hundred.txt")
        == "text/plain; charset=utf-8")
    #expect(
      try curl(
        "-X", "POST", "-d", "body", "-o", "/dev/null", "-w", "%{http_code}", "\(server.url)/")
        == "405")
    // Two requests on one connection.
    let counts = try curl(
      "-o", "/dev/null", "-o", "/dev/null", "-w", "%{num_connects} ", "\(server.url)/empty",
      "\(server.url)/sub/")
    #expect(counts == "1 0 ")
    let old = try curl("--http1.0", "\(server.url)/hundred.txt")
    #expect(old == String(repeating: "0123456789", count: 10))
  }

  @Test(.requires(.program("python3"))) func pythonReadsAFolderAndItsFiles() throws {
    let script = """
      import http.client, html.parser, sys, urllib.parse
      class Links(html.parser.HTMLParser):
          def __init__(self): super().__init__(); self.found = []
          def handle_starttag(self, tag, attributes):
              if tag == 'a': self.found.append(dict(attributes)['href'])
      connection = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]))
      def get(path):
          connection.request('GET', path)
          answer = connection.getresponse()
          return answer.status, answer.read(), answer.getheader('Content-Type')
      seen, waiting = {}, ['/']
      while waiting:
          path = waiting.pop()
          if path in seen: continue
          status, body, type = get(path)
          seen[path] = status
          if type.startswith('text/html') and path.endswith('/'):
              links = Links(); links.feed(body.decode())
              waiting += [urllib.parse.urljoin(path, link) for link in links.found]
      assert set(seen.values()) == {200}, seen
      print(' '.join(sorted(seen)))
      """
    let server = try ServedScratch { try Self.fill($0) }
    let answer = try ServedScratch.run("python3", ["-c", script, "\(server.port)"])
    #expect(
      answer.text
        == "/ /a%26b%3Cc%3E.txt /empty /hundred.txt /inside /large.bin /site/ /sub/ /sub/a%20b.txt /sub/back /sub/deep/ /sub/deep/%C3%A9.txt /x%3Ay\n"
    )
  }

  @Test func rangesAreServed() throws {
    let server = try ServedScratch { try Self.fill($0) }
    let all = String(repeating: "0123456789", count: 10)
    let rows: [(range: String, status: Int, content: String?, body: String?)] = [
      ("bytes=0-0", 206, "bytes 0-0/100", "0"), ("bytes=5-7", 206, "bytes 5-7/100", "567"),
      ("bytes=97-", 206, "bytes 97-99/100", "789"), ("bytes=-2", 206, "bytes 98-99/100", "89"),
      ("bytes=95-1000", 206, "bytes 95-99/100", "56789"),
      ("bytes=-200", 206, "bytes 0-99/100", all),
      ("bytes=100-", 416, "bytes */100", nil), ("bytes=-0", 416, "bytes */100", nil),
      ("bytes=7-5", 200, nil, all), ("bytes=0-1,5-6", 200, nil, all),
      ("octets=0-1", 200, nil, all),
      ("bytes=x", 200, nil, all),
    ]
    for row in rows {
      let answer = try server.exchange(
        "GET /hundred.txt HTTP/1.1\r\nHost: localhost\r\nRange: \(row.range)\r\n\r\n")
      #expect(ServedScratch.status(answer) == row.status, "\(row.range)")
      #expect(ServedScratch.field("Content-Range", of: answer) == row.content, "\(row.range)")
      if let body = row.body { #expect(ServedScratch.body(of: answer) == body, "\(row.range)") }
      let head = try server.exchange(
        "HEAD /hundred.txt HTTP/1.1\r\nHost: localhost\r\nRange: \(row.range)\r\n\r\n")
      #expect(ServedScratch.status(head) == 200, "HEAD has no ranges")
    }
    let twice = try server.exchange(
      "GET /hundred.txt HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-1\r\nRange: bytes=2-3\r\n\r\n"
    )
    #expect(ServedScratch.status(twice) == 200)
    let empty = try server.exchange(
      "GET /empty HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-\r\n\r\n")
    #expect(ServedScratch.status(empty) == 416)
  }

  @Test func conditionsAreJudged() throws {
    let server = try ServedScratch { try Self.fill($0) }
    let path = "\(server.folder.path)/public/hundred.txt"
    let then = Date(timeIntervalSince1970: 784_111_777)
    try FileManager.default.setAttributes([.modificationDate: then], ofItemAtPath: path)
    func get(_ fields: String) throws -> String {
      try server.exchange("GET /hundred.txt HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n\r\n")
    }
    // The tag is a strong one when nothing about the file was changed for two seconds.
    var plain = ""
    let deadline = Deadline.patience
    repeat {
      plain = try get("X: y")
    } while ServedScratch.field("ETag", of: plain)?.hasPrefix("W/") == true && !deadline.hasPassed
    let tag = try #require(ServedScratch.field("ETag", of: plain))
    #expect(ServedScratch.field("Last-Modified", of: plain) == "Sun, 06 Nov 1994 08:49:37 GMT")
    #expect(tag.hasPrefix("\""))
    let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    let before = "Sun, 06 Nov 1994 08:49:36 GMT"
    let rows: [(String, Int)] = [
      ("If-None-Match: \(tag)", 304), ("If-None-Match: W/\(tag)", 304),
      ("If-None-Match: \"x\", \(tag)", 304),
      ("If-None-Match: \"x\"\r\nIf-None-Match: \(tag)", 304),
      ("If-None-Match: *", 304), ("If-None-Match: \"x\"", 200), ("If-None-Match: x", 200),
      ("If-Modified-Since: \(date)", 304),
      ("If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT", 304),
      ("If-Modified-Since: Sun Nov  6 08:49:37 1994", 304), ("If-Modified-Since: \(before)", 200),
      ("If-Modified-Since: yesterday", 200),
      ("If-None-Match: \"x\"\r\nIf-Modified-Since: \(date)", 200),
      ("If-Match: \(tag)", 200), ("If-Match: *", 200), ("If-Match: \"x\"", 412),
      ("If-Match: W/\(tag)", 412),
      ("If-Unmodified-Since: \(date)", 200), ("If-Unmodified-Since: \(before)", 412),
      ("Range: bytes=0-1\r\nIf-Range: \(tag)", 206), ("Range: bytes=0-1\r\nIf-Range: \"x\"", 200),
      ("Range: bytes=0-1\r\nIf-Range: W/\(tag)", 200),
      ("Range: bytes=0-1\r\nIf-Range: \(date)", 206),
      ("Range: bytes=0-1\r\nIf-Range: \(before)", 200),
      ("Range: bytes=0-1\r\nIf-None-Match: \(tag)", 304),
    ]
    for (fields, status) in rows {
      let answer = try get(fields)
      #expect(ServedScratch.status(answer) == status, "\(fields)")
      if status == 304 {
        #expect(
          ServedScratch.body(of: answer) == "" && ServedScratch.field("ETag", of: answer) == tag)
        #expect(ServedScratch.field("Content-Length", of: answer) == nil)
      }
    }
    // What was changed just now may change again within the same instant; a machine that stalls in between asks too late.
    var fresh = ""
    for _ in 0..<5 where !fresh.hasPrefix("W/") {
      try "other".write(toFile: path, atomically: false, encoding: .utf8)
      fresh = try #require(ServedScratch.field("ETag", of: get("X: y")))
    }
    #expect(fresh.hasPrefix("W/\"") && !fresh.contains(tag))
  }

  @Test func headIsGetWithoutTheBody() throws {
    let server = try ServedScratch { folder in
      try Self.fill(folder)
      // A tag is another one when a file is two seconds old.
      for name in ["hundred.txt", "empty", "large.bin", "site/index.html"] {
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSince1970: 784_111_777)],
          ofItemAtPath: "\(folder)/\(name)")
      }
    }
    for path in [
      "/", "/sub/", "/site/", "/hundred.txt", "/empty", "/large.bin", "/nothing", "/sub", "/..",
      "/fifo",
    ] {
      // In between the date may become another one, and a tag a strong one: the file was written just now.
      var heads: [[String]] = []
      for method in ["GET", "HEAD"] {
        let answer = try server.exchange(
          Array("\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
        let parts = String(decoding: answer, as: Unicode.ASCII.self).components(
          separatedBy: "\r\n\r\n")
        let head = parts[0].replacingOccurrences(of: "ETag: W/", with: "ETag: ")
        heads.append(head.components(separatedBy: "\r\n").filter { !$0.hasPrefix("Date:") })
        if method == "HEAD" { #expect(parts.dropFirst() == [""], "\(path)") }
      }
      #expect(heads[0] == heads[1], "\(path)")
    }
  }

  @Test func fiftyRequestsInOneWriteHaveFiftyAnswers() throws {
    let server = try ServedScratch { try Self.fill($0) }
    var request = ""
    for number in 0..<50 {
      let path = number % 10 == 9 ? "/large.bin" : number % 10 == 4 ? "/nothing" : "/hundred.txt"
      request += "GET \(path)?\(number) HTTP/1.1\r\nHost: localhost\r\n\r\n"
    }
    let answer = try server.exchange(Array(request.utf8))
    var rest = answer[...]
    var lengths: [Int] = []
    while !rest.isEmpty {
      let end = try #require(rest.firstRange(of: Array("\r\n\r\n".utf8)))
      let head = String(decoding: rest[..<end.upperBound], as: UTF8.self)
      let length = try #require(
        ServedScratch.field("Content-Length", of: head).flatMap { Int($0) })
      lengths.append(ServedScratch.status(head) == 200 ? length : -ServedScratch.status(head))
      rest = rest[end.upperBound...].dropFirst(length)
    }
    let expected = (0..<50).map { $0 % 10 == 9 ? 3_000_000 : $0 % 10 == 4 ? -404 : 100 }
    #expect(lengths == expected)
  }

  /// What was promised is sent, or the connection ends before the client can take a part for the whole.
  @Test func aFileThatChangesMeanwhileHasNoWrongLength() throws {
    let server = try ServedScratch { folder in
      for name in ["grows", "shrinks"] {
        try Data(count: 64 << 20).write(to: URL(filePath: "\(folder)/\(name)"))
      }
    }
    for name in ["grows", "shrinks"] {
      let path = "\(server.folder.path)/public/\(name)"
      let socket = try server.connected()
      let request = "GET /\(name) HTTP/1.1\r\nHost: localhost\r\n\r\n"
      try socket.write(Array((request + request).utf8), deadline: .patience)
      try socket.shutdown(.write)
      // The server is in the middle of the body: the rest has no room anywhere.
      var received = try nextBytes(of: socket).count
      #expect(unsafe truncate(path, name == "grows" ? 96 << 20 : 32 << 20) == 0)
      while let some = try? nextBytes(of: socket), !some.isEmpty { received += some.count }
      if name == "grows" {
        // Two whole answers, the second one of the new length.
        #expect((160 << 20..<160 << 20 + 4096).contains(received))
      } else {
        // A part of the first answer, and nothing behind it.
        #expect(received < 64 << 20)
      }
    }
    #expect(try server.status(of: "/grows") == 200)
  }
}
