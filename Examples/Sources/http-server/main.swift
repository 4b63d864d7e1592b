// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Glibc
import Sockets

/// What is asked for: the first line of a request and its headers, without the body (RFC 9112).
struct Request {
  var method = ""
  var target = ""
  var isPersistent = true
  var bodyByteCount = 0

  /// Reads one; `nil` when the client has no more to ask.
  init?(from reader: StreamReader) async throws {
    guard let line = try await reader.line(deadline: .seconds(30)) else { return nil }
    let words = line.split(separator: " ")
    guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { throw Malformed() }
    (method, target) = (String(words[0]), String(words[1]))
    isPersistent = words[2] == "HTTP/1.1"
    for _ in 0..<100 {
      guard let header = try await reader.line(deadline: .seconds(30)) else { throw Malformed() }
      if header.isEmpty { return }
      let parts = header.split(separator: ":", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw Malformed() }
      let value = parts[1].trimmed.lowercased()
      switch parts[0].lowercased() {
      case "connection": isPersistent = value != "close" && (isPersistent || value == "keep-alive")
      case "content-length":
        guard let count = Int(value), count >= 0, count <= 65536 else { throw Malformed() }
        bodyByteCount = count
      default: break
      }
    }
    throw Malformed()
  }
}

struct Malformed: Error {}

extension String {
  var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}

/// The answer, headers and all.
func answer(_ status: String, _ body: String, isPersistent: Bool) -> [UInt8] {
  let head = [
    "HTTP/1.1 \(status)", "Content-Type: text/html; charset=utf-8",
    "Content-Length: \(body.utf8.count)", "Connection: \(isPersistent ? "keep-alive" : "close")",
    "",
    "",
  ]
  return Array((head.joined(separator: "\r\n") + body).utf8)
}

func page(_ title: String, _ text: String) -> String {
  "<!doctype html><title>\(title)</title><h1>\(title)</h1><p>\(text)</p>\n"
}

/// Answers one request after the other on a connection.
func serve(_ connection: Connection) async throws {
  let reader = StreamReader(connection, limit: 8192)
  do {
    while let request = try await Request(from: reader) {
      if request.bodyByteCount > 0 {
        _ = try await reader.read(exactly: min(request.bodyByteCount, 8192))
      }
      let isPersistent = request.isPersistent && request.bodyByteCount <= 8192
      let bytes =
        switch (request.method, request.target) {
        case ("GET", "/"):
          answer(
            "200 OK", page("It works", "You are at \(try connection.peerAddress())."),
            isPersistent: isPersistent)
        case ("GET", _):
          answer("404 Not Found", page("Not found", "Only / is here."), isPersistent: isPersistent)
        default:
          answer(
            "405 Method Not Allowed", page("Not allowed", "Only GET."), isPersistent: isPersistent)
        }
      try await connection.write(bytes, deadline: .seconds(30))
      if !isPersistent { return }
    }
  } catch is Malformed {
    try await connection.write(
      answer("400 Bad Request", page("Bad request", "That is no HTTP."), isPersistent: false))
  }
}

do {
  let port = try Port(parsing: CommandLine.arguments.dropFirst().first ?? "8080")
  let listener = try await Listener.bind(to: .ipv4(.loopback, port: port))
  print("listening on", try listener.localAddress())
  try await listener.serve(ServingLimits(connections: 1000), serve)
} catch {
  print("http-server:", error)
  exit(1)
}
