// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import HTTPMessages
import HTTPTypes
import Sockets
import TestSupport
import Testing

/// One request as bytes, and what it must be answered with.
struct Trial: Sendable, CustomTestStringConvertible {
  var name: String
  var request: String
  /// One status for each answer that must come, and no more.
  var statuses: [Int]
  var testDescription: String { name }

  init(_ name: String, _ request: String, _ statuses: Int...) {
    self.name = name
    self.request = request
    self.statuses = statuses
  }

  /// A request with these fields beside Host.
  init(_ name: String, fields: String, body: String = "", _ statuses: Int...) {
    self.name = name
    request = "GET / HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n\r\n\(body)"
    self.statuses = statuses
  }
}

/// Requests that are broken, or that two readers could read in two ways, each with its answer.
@Suite(.blocking) struct ServeRequestTests {
  /// A request that must not be taken for one of its own.
  private static let hidden = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"

  static let trials: [Trial] = lines + targets + hosts + fields + lengths + chunks + goods

  private static let lines = [
    Trial("no version", "GET /\r\n\r\n", 400),
    Trial("two spaces", "GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Trial("a space at the end", "GET / HTTP/1.1 \r\nHost: localhost\r\n\r\n", 400),
    Trial("a tab", "GET\t/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Trial("a space in the target", "GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Trial("a space at the beginning", " GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Trial("two empty lines before", "\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Trial("a method with a colon", "GE:T / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Trial("no method", "/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Trial("a version in small letters", "GET / http/1.1\r\nHost: localhost\r\n\r\n", 400),
    Trial("a version of two digits", "GET / HTTP/1.10\r\nHost: localhost\r\n\r\n", 400),
    Trial("a version without a point", "GET / HTTP/11.\r\nHost: localhost\r\n\r\n", 400),
    Trial("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    Trial("HTTP/0.9", "GET / HTTP/0.9\r\n\r\n", 505),
    Trial("line feeds alone", "GET / HTTP/1.1\nHost: localhost\n\n", 400),
    Trial("one line feed alone", "GET / HTTP/1.1\r\nHost: localhost\n\r\n", 400),
    Trial("a carriage return inside", "GET / HTTP/1.1\r\nHost: localhost\rX: b\r\n\r\n", 400),
    Trial("a NUL in the target", "GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Trial("TLS", "\u{16}\u{3}\u{1}\u{2}\0\n", 400),
    Trial("a long target", "GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\n", 414),
    Trial("an unknown method", "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", 501),
    Trial("a method in small letters", "get / HTTP/1.1\r\nHost: localhost\r\n\r\n", 501),
    Trial("a method of another kind", "DELETE / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
    Trial("TRACE", "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
  ]

  private static let targets = [
    Trial("a target without a slash", "GET a HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Trial("a fragment", "GET /a#b HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Trial("a letter beyond ASCII", "GET /é HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Trial("a backslash", "GET /..\\ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Trial("an asterisk of GET", "GET * HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Trial("an authority of GET", "GET a:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Trial("another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Trial("a scheme without a host", "GET http:///x HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Trial(
      "a name in an absolute target", "GET http://u@a/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Trial("CONNECT to a path", "CONNECT /x HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Trial("CONNECT without a port", "CONNECT a HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Trial("CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
  ]

  private static let hosts = [
    Trial("no Host", "GET / HTTP/1.1\r\n\r\n", 400),
    Trial("two Hosts", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
    Trial("an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
    Trial("two names in Host", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400),
    Trial("a path in Host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    Trial("a name at Host", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400),
    Trial("a port of letters", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400),
    Trial("a port too large", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400),
    Trial("brackets that stay open", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400),
  ]

  private static let fields = [
    Trial("a space before the colon", fields: "X : b", 400),
    Trial("a tab before the colon", fields: "Content-Length\t: 5", body: "hello", 400),
    Trial("a folded line", fields: "X: b\r\n c", 400),
    Trial("a folded first line", "GET / HTTP/1.1\r\n Host: localhost\r\n\r\n", 400),
    Trial("no colon", fields: "X", 400),
    Trial("no name", fields: ": b", 400),
    Trial("a name in brackets", fields: "(X): b", 400),
    Trial("a name beyond ASCII", fields: "é: b", 400),
    Trial("a NUL in a value", fields: "X: \0", 400),
    Trial("a bell in a value", fields: "X: \u{7}", 400),
    Trial("a delete in a value", fields: "X: \u{7f}", 400),
    Trial("a long line", fields: "X: \(String(repeating: "b", count: 9000))", 431),
    Trial("many lines", fields: (0..<101).map { "X\($0): b" }.joined(separator: "\r\n"), 431),
    Trial(
      "a long head",
      fields: (0..<5).map { "X\($0): \(String(repeating: "b", count: 8000))" }
        .joined(separator: "\r\n"), 431),
    Trial("an unknown expectation", fields: "Expect: tea", 417),
  ]

  private static let lengths = [
    Trial(
      "both lengths", fields: "Content-Length: 6\r\nTransfer-Encoding: chunked",
      body: "0\r\n\r\n\(hidden)", 400),
    Trial(
      "both lengths the other way", fields: "Transfer-Encoding: chunked\r\nContent-Length: 6",
      body: "0\r\n\r\n\(hidden)", 400),
    Trial(
      "two lengths", fields: "Content-Length: 5\r\nContent-Length: 6", body: "hello\(hidden)", 400),
    Trial(
      "the same length twice", fields: "Content-Length: 5\r\nContent-Length: 5", body: "hello", 400),
    Trial("a list of lengths", fields: "Content-Length: 5, 5", body: "hello", 400),
    Trial("a length with a sign", fields: "Content-Length: +5", body: "hello", 400),
    Trial("a length below zero", fields: "Content-Length: -1", 400),
    Trial("a length in hexadecimal", fields: "Content-Length: 0x5", body: "hello", 400),
    Trial("a length with a space", fields: "Content-Length: 1 1", 400),
    Trial("no length", fields: "Content-Length:", 400),
    Trial("a length too long", fields: "Content-Length: 1048577", 413),
    Trial("a length beyond numbers", fields: "Content-Length: 99999999999999999999999", 413),
    Trial("gzip", fields: "Transfer-Encoding: gzip", 400),
    Trial("gzip and chunked", fields: "Transfer-Encoding: gzip, chunked", 501),
    Trial("chunked and gzip", fields: "Transfer-Encoding: chunked, gzip", 400),
    Trial("chunked twice", fields: "Transfer-Encoding: chunked, chunked", 400),
    Trial(
      "chunked in two fields", fields: "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
      400),
    Trial("chunked with a vertical tab", fields: "Transfer-Encoding: \u{b}chunked", 400),
    Trial("quoted chunked", fields: "Transfer-Encoding: \"chunked\"", 400),
    Trial("xchunked", fields: "Transfer-Encoding: xchunked", body: hidden, 400),
    Trial("identity", fields: "Transfer-Encoding: identity", 400),
    Trial("no coding", fields: "Transfer-Encoding:", 400),
    Trial(
      "chunked in HTTP/1.0", "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
  ]

  private static func chunked(_ name: String, _ body: String, _ statuses: Int...) -> Trial {
    var trial = Trial(name, fields: "Transfer-Encoding: chunked", body: body)
    trial.statuses = statuses
    return trial
  }

  private static let chunks = [
    chunked("a chunk without a size", "\r\nhello\r\n", 400),
    chunked("a size with 0x", "0x5\r\nhello\r\n0\r\n\r\n", 400),
    chunked("a size with a sign", "-5\r\nhello\r\n0\r\n\r\n", 400),
    chunked("a size with a space", "5 \r\nhello\r\n0\r\n\r\n", 400),
    chunked("a size with a line feed", "5\nhello\r\n0\r\n\r\n", 400),
    chunked("a chunk longer than its size", "5\r\nhellohello\r\n0\r\n\r\n", 400),
    chunked("a chunk without an end", "5\r\nhello0\r\n\r\n", 400),
    chunked("a size beyond numbers", "FFFFFFFFFFFFFFFFFFFF\r\n", 413),
    chunked("a size that wraps", "8000000000000000\r\n", 413),
    chunked("a size too large", "100001\r\n", 413),
    chunked("a long extension", "5;\(String(repeating: "a", count: 400))\r\n", 400),
    chunked("a trailer without a colon", "0\r\nX\r\n\r\n", 400),
    chunked("a trailer that is folded", "0\r\n X: a\r\n\r\n", 400),
  ]

  private static let goods = [
    Trial("an ordinary one", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
    Trial("one empty line before", "\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
    Trial("HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", 200),
    Trial("HTTP/1.0 goes on with nothing", "GET / HTTP/1.0\r\n\r\n\(hidden)", 200),
    Trial("HTTP/1.9", "GET / HTTP/1.9\r\nHost: localhost\r\n\r\n", 200),
    Trial(
      "an absolute target", "GET http://localhost:80/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
    Trial(
      "an absolute target without a path",
      "GET HTTP://LOCALHOST HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
    Trial("all options", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 204),
    Trial(
      "a body and another request", fields: "Content-Length: 5", body: "hello\(hidden)", 200, 404),
    Trial("no body and another request", fields: "Content-Length: 0", body: hidden, 200, 404),
    chunked(
      "chunks and another request", "5;a=b\r\nhello\r\n00\r\nX: y\r\n\r\n\(hidden)", 200, 404),
    Trial("close means the end", fields: "Connection: x , CLOSE", body: hidden, 200),
    Trial("one too early to answer", "GET / HTTP/1.1\r\nHost: localhost\r\n"),
    Trial("nothing", ""),
    Trial("a chunk that does not come", fields: "Transfer-Encoding: chunked", body: "5\r\nhel"),
  ]

  /// All of them at one server, each on a connection of its own.
  @Test func eachRequestHasItsAnswer() throws {
    #expect(Self.trials.count >= 100)
    let server = try ServedScratch {
      try "hello".write(toFile: "\($0)/index.html", atomically: false, encoding: .utf8)
    }
    for trial in Self.trials {
      let answer = try server.exchange(trial.request)
      let statuses = answer.matches(of: /HTTP.1\.1 (\d\d\d)[ ]/).map { Int($0.1) ?? 0 }
      #expect(statuses == trial.statuses, "\(trial.name)")
      if statuses.count == 1, statuses[0] >= 400, statuses[0] != 404, statuses[0] != 405,
        statuses[0] != 501
      {
        #expect(ServedScratch.field("Connection", of: answer) == "close", "\(trial.name)")
      }
    }
    #expect(try server.status(of: "/") == 200)
    #expect(try server.terminate() == 0)
  }

  /// However the bytes are cut, the parser says the same.
  @Test func theCutsDoNotMatter() {
    for trial in Self.trials {
      let bytes = Array(trial.request.utf8)
      let whole = Self.events(bytes, every: bytes.count)
      for size in [1, 2, 3, 7, 64] {
        #expect(Self.events(bytes, every: size) == whole, "\(trial.name), \(size) bytes at a time")
      }
    }
  }

  private static func events(_ bytes: [UInt8], every size: Int) -> [String] {
    var parser = RequestParser()
    var events: [String] = []
    var body = 0
    for start in stride(from: 0, to: bytes.count, by: max(1, size)) {
      var piece = bytes[start..<min(start + size, bytes.count)]
      while true {
        let event = parser.next(&piece)
        if event == .needsBytes { break }
        if case .body(let count) = event {
          body += count
          continue
        }
        events.append(event == .end ? "end \(body)" : "\(event)")
        if case .failed = event { return events }
      }
    }
    return events
  }

  @Test func everyFailureHasAStatusAndASentence() {
    for failure in RequestFailure.allCases {
      #expect((400...505).contains(failure.status.code) && failure.rawValue.count > 10)
    }
  }

  /// A client that waits for a word before it sends its body gets it, and the body is thrown away.
  @Test func aBodyMayBeAnnounced() throws {
    let server = try ServedScratch()
    let socket = try server.connected()
    try socket.write(
      Array(
        "PUT /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n"
          .utf8),
      deadline: .patience)
    let word = "HTTP/1.1 100 Continue\r\n\r\n"
    #expect(try bytes(word.utf8.count, of: socket) == Array(word.utf8))
    try socket.write(Array("hello".utf8), deadline: .patience)
    try socket.shutdown(.write)
    let answer = String(decoding: ServedScratch.rest(of: socket), as: UTF8.self)
    #expect(ServedScratch.status(answer) == 405)
  }
}
