// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Testing

/// A small program with one line that must not compile, marked by `// no`.
///
/// Without that line it must compile: so nothing else is the reason.
struct Snippet: Sendable, CustomTestStringConvertible {
  /// What is tried, in a few words.
  let testDescription: String
  /// Part of what the compiler says about it.
  let diagnostic: String
  /// The statements of the program.
  let code: String

  init(_ name: String, says diagnostic: String, _ code: String) {
    testDescription = name
    self.diagnostic = diagnostic
    self.code = code
  }

  /// The program as a file of its own.
  ///
  /// - Parameters:
  ///   - number: makes the function's name its own.
  ///   - isWhole: with the marked line, or without.
  /// - Returns: the text of the file.
  func file(_ number: Int, whole isWhole: Bool) -> String {
    let lines = code.split(separator: "\n", omittingEmptySubsequences: false)
    let kept = lines.map { isWhole || !$0.hasSuffix("// no") ? $0 : "" }
    return Self.file(number, kept.joined(separator: "\n"))
  }

  /// Statements as a file: imports first, the rest in a function, which is asynchronous when something is awaited.
  static func file(_ number: Int, _ code: String) -> String {
    let lines = code.split(separator: "\n", omittingEmptySubsequences: false)
    let isAsync = code.contains("await ")
    let needed = ["import Sockets"] + (isAsync ? ["import AsyncSockets"] : [])
    let written = lines.filter { $0.hasPrefix("import ") }.map(String.init)
    let imports = Set(written + needed).sorted()
    let rest = lines.map { $0.hasPrefix("import ") ? "" : $0 }
    return """
      \(imports.joined(separator: "; "))
      func snippet\(number)() \(isAsync ? "async " : "")throws {
      \(rest.joined(separator: "\n"))
      }
      """
  }
}

extension Snippet {
  /// What the types alone forbid: the call of another phase, a copy, a value of another kind.
  static let types: [Snippet] = [
    phase("accept on a connected socket", "ConnectedSocket", "accept") {
      "_ = try connection.accept() // no"
    },
    phase("listen on a connected socket", "ConnectedSocket", "listen") {
      "_ = try connection.listen() // no"
    },
    phase("read on a listening socket", "ListeningSocket", "read") {
      "_ = try listening.read(into: &buffer) // no"
    },
    phase("write on a listening socket", "ListeningSocket", "write") {
      "try listening.write(buffer) // no"
    },
    phase("connect a listening socket", "ListeningSocket", "connect") {
      "_ = try listening.connect(to: address) // no"
    },
    phase("listen before bind", "Socket", "listen") {
      "_ = try Socket(.ipv4).listen() // no"
    },
    phase("read before connect", "Socket", "read") {
      "_ = try Socket(.ipv4).read(into: &buffer) // no"
    },
    phase("accept before listen", "BoundSocket", "accept") {
      "_ = try Socket(.ipv4).bind(to: address).accept() // no"
    },
    phase("bind twice", "BoundSocket", "bind") {
      "_ = try Socket(.ipv4).bind(to: address).bind(to: address) // no"
    },
    phase("listen for datagrams", "MessageSocket", "listen") {
      "_ = try datagrams.listen() // no"
    },
    phase("half-close of a datagram socket", "MessageSocket", "shutdown") {
      "try datagrams.shutdown(.write) // no"
    },
    Snippet(
      "copying an owner",
      says: "'copy' cannot be applied to noncopyable types",
      """
      let socket = try Socket(.ipv4)
      let second = copy socket // no
      try socket.close()
      """
    ),
    Snippet(
      "an owner in two places of an array",
      says: "requires that 'ConnectedSocket' conform to 'Copyable'",
      """
      let pair = try ConnectedSocket.pair()
      let list = Array(repeating: pair.first, count: 2) // no
      try pair.second.write([1])
      """
    ),
    Snippet(
      "a bare number as a deadline",
      says: "cannot convert value of type 'Int' to expected argument type 'Deadline'",
      """
      let listener = try ListeningSocket.bound(to: .ipv4(.loopback, port: 0))
      _ = try listener.accept(deadline: 5) // no
      _ = try listener.accept(deadline: .seconds(5))
      """
    ),
    Snippet(
      "a value that is not the option's",
      says: "cannot be used as a boolean",
      """
      let socket = try Socket(.ipv4)
      try socket.setOption(.noDelay, to: 1) // no
      try socket.setOption(.noDelay, to: true)
      """
    ),
    Snippet(
      "a span that leaves the function that borrowed it",
      says: "~Escapable",
      """
      func bytes(of array: borrowing [UInt8]) -> RawSpan { array.span.bytes } // no
      """
    ),
  ]

  private static func phase(
    _ name: String,
    _ type: String,
    _ member: String,
    _ line: () -> String
  ) -> Snippet {
    Snippet(
      name,
      says: "value of type '\(type)' has no member '\(member)'",
      """
      let address = SocketAddress.ipv4(.loopback, port: 0)
      let listening = try Socket(.ipv4).bind(to: address).listen()
      let connection = try Socket(.ipv4).connect(to: listening.localAddress())
      let datagrams = try MessageSocket(.ipv4)
      var buffer: [UInt8] = [0]
      \(line())
      _ = try connection.read(into: &buffer)
      _ = try datagrams.localAddress()
      """
    )
  }

  /// What ownership forbids: using what has ended, ending twice, keeping what was lent.
  static let ownership: [Snippet] = [
    after("use after close", "try socket.close()", "_ = socket.descriptor"),
    after("close after close", "try socket.close()", "try socket.close()", isConsumedAgain: true),
    after("use after bind", "_ = try socket.bind(to: address)", "_ = try socket.localAddress()"),
    after(
      "close after bind", "_ = try socket.bind(to: address)", "try socket.close()",
      isConsumedAgain: true),
    after("use after connect", "_ = try socket.connect(to: address)", "_ = socket.descriptor"),
    after(
      "a second attempt to connect", "_ = try socket.connect(to: address)",
      "_ = try socket.connect(to: address)", isConsumedAgain: true),
    after(
      "use after an attempt has begun", "_ = try socket.beginConnecting(to: address)",
      "try socket.setNonBlocking(true)"),
    after("use after release", "_ = socket.release()", "_ = socket.descriptor"),
    after("use of what was given away", "let other = socket", "_ = other; _ = socket.descriptor"),
    Snippet(
      "use after listen",
      says: "'bound' used after consume",
      """
      let bound = try Socket(.ipv4).bind(to: .ipv4(.loopback, port: 0))
      _ = try bound.listen()
      _ = try bound.localAddress() // no
      """
    ),
    Snippet(
      "read after close",
      says: "'connection' used after consume",
      """
      let listening = try ListeningSocket.bound(to: .ipv4(.loopback, port: 0))
      let connection = try listening.accept()
      var buffer: [UInt8] = [0]
      try connection.close()
      _ = try connection.read(into: &buffer) // no
      buffer = []
      """
    ),
    Snippet(
      "write on the end of a pair that was closed",
      says: "'pair' used after consume",
      """
      let pair = try ConnectedSocket.pair()
      try pair.first.close()
      try pair.first.write([1]) // no
      """
    ),
    Snippet(
      "close in a loop",
      says: "'socket' consumed in a loop",
      """
      let socket = try Socket(.ipv4)
      for _ in 0..<2 {
        try socket.close() // no
      }
      """
    ),
    Snippet(
      "closing what was only lent",
      says: "'socket' is borrowed and cannot be consumed",
      """
      func lent(_ socket: borrowing ConnectedSocket) throws {
        try socket.close() // no
      }
      """
    ),
    Snippet(
      "closing from a closure that may run twice",
      says: "cannot be consumed when captured by an escaping closure",
      """
      let socket = try Socket(.ipv4)
      let later: () throws -> Void = {
        try socket.close() // no
      }
      try later()
      """
    ),
    Snippet(
      "keeping lent bytes longer than their owner",
      says: "lifetime-dependent",
      """
      let pair = try ConnectedSocket.pair()
      var kept = RawSpan()
      do {
        let message: [UInt8] = Array("hello".utf8)
        kept = message.span.bytes // no
      }
      try pair.first.write(kept)
      kept = RawSpan()
      """
    ),
  ]

  private static func after(
    _ name: String,
    _ end: String,
    _ use: String,
    isConsumedAgain: Bool = false
  ) -> Snippet {
    Snippet(
      name,
      says: isConsumedAgain ? "'socket' consumed more than once" : "'socket' used after consume",
      """
      let address = SocketAddress.ipv4(.loopback, port: 1)
      let socket = try Socket(address.family)
      \(end)
      \(use) // no
      """
    )
  }
}
