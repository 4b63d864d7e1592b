// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import CTestSupport
import Glibc
import Sockets
import SystemPackage
import Testing

@Suite struct ErrorTableTests {
  @Test func everyErrorOfTheSystemHasARowAndNothingElseHas() {
    for number in Int32(1)...200 {
      let text = unsafe String(cString: strerror(number))
      let row = ErrorTable.description(of: Errno(rawValue: number))
      #expect((row == nil) == text.hasPrefix("Unknown error"), "number \(number): \(text)")
      #expect(row?.errno.rawValue ?? number == number)
    }
    for number: Int32 in [0, -1, .min, .max] {
      #expect(ErrorTable.description(of: Errno(rawValue: number)) == nil)
    }
  }

  @Test func theNamesAreTheSystemsOwn() {
    for row in ErrorTable.rows {
      #expect(row.cName == (unsafe String(cString: cts_error_name(row.errno.rawValue))))
    }
  }

  @Test func sentencesFitALogLine() {
    for row in ErrorTable.rows {
      #expect(!row.sentence.isEmpty && row.sentence.count <= 60, "\(row.cName)")
      #expect(!row.sentence.hasSuffix("."), "\(row.cName)")
      #expect(row.advice.isEmpty || ".?".contains(row.advice.suffix(1)), "\(row.cName)")
    }
  }
}

@Suite struct ErrorTextTests {
  /// Each cause of the closed list with the text it has; a new cause without a row fails below.
  static let causes: [(SocketError.Cause, String)] = [
    (.system(.connectionRefused), "read: connection refused (ECONNREFUSED)"),
    (.system(Errno(rawValue: 4711)), "read: error 4711"),
    (.deadlinePassed, "read: the deadline passed"),
    (.endOfStream, "read: the peer ended the stream first"),
    (.limitExceeded, "read: more came than the limit allows"),
    (.selfConnection, "read: the socket connected to itself, since nobody listens there"),
    (.pathInUse, "read: a live socket already has this path"),
    (
      .pathIsNotASocket,
      "read: there is something else than a socket at this path; it was left alone"
    ),
    (.malformed, "read: the answer is not of the expected form"),
    (.valueOutOfRange, "read: the value does not fit the kernel's field"),
    (.wrongAddressFamily, "read: the address is of another family than the socket"),
  ]

  @Test(arguments: causes) func aCauseHasItsText(cause: SocketError.Cause, text: String) {
    #expect(SocketError(.read, cause).description == text)
  }

  /// Each operation with the words that begin its text.
  static let operations: [SocketError.Operation: String] = [
    .socket: "socket", .pair: "socket pair", .bind: "bind", .listen: "listen",
    .accept: "accept", .connect: "connect", .shutdown: "shutdown", .close: "close",
    .read: "read", .write: "write", .receive: "receive", .send: "send",
    .receiveDatagram: "receive datagram", .sendDatagram: "send datagram",
    .receiveMessage: "receive message", .sendMessage: "send message",
    .receiveBatch: "receive batch", .sendBatch: "send batch", .sendFile: "send file",
    .splice: "splice", .localAddress: "local address", .peerAddress: "peer address",
    .getOption: "read option", .setOption: "set option", .poll: "poll", .adopt: "adopt",
    .duplicate: "duplicate", .deviceControl: "device control", .serve: "serve",
    .spawn: "spawn", .resolve: "resolve", .diagnose: "diagnose", .interfaces: "interfaces",
  ]

  @Test(arguments: SocketError.Operation.allCases)
  func anOperationHasItsWords(operation: SocketError.Operation) throws {
    let words = try #require(Self.operations[operation], "add a row for \(operation)")
    #expect(
      SocketError(operation, .system(.ioError)).description
        == "\(words): input/output error (EIO)"
    )
  }

  @Test func theBytesThatHadMovedAreSaid() {
    let error = SocketError(.write, .system(.brokenPipe), bytesTransferred: 3)
    #expect(
      error.description
        == "write: the connection can no longer be written to (EPIPE), after 3 bytes"
    )
  }

  @Test func aMissingFamilyNamesItselfAndItsModule() {
    let error = SocketError(
      .socket,
      .system(.addressFamilyNotSupported),
      subject: .socket(.x25, .sequencedPacket, .automatic)
    )
    #expect(
      error.description
        == "socket(AF_X25, SOCK_SEQPACKET, 0): address family not supported; "
        + "this kernel has no AF_X25: it comes with the module 'x25' (modprobe x25) (EAFNOSUPPORT)"
    )
  }

  @Test func aMissingCapabilityIsNamed() {
    let error = SocketError(
      .socket,
      .system(.notPermitted),
      subject: .socket(.ipv4, .raw, .icmp)
    )
    #expect(
      error.description
        == "socket(AF_INET, SOCK_RAW, IPPROTO_ICMP): operation not permitted; it needs CAP_NET_RAW: "
        + "run as root, or give the program the capability (EPERM)"
    )
  }

  @Test func aMissingTableOfSocketsNamesItsModule() {
    let error = SocketError(
      .diagnose,
      .system(.noSuchFileOrDirectory),
      subject: .socket(.ipv4, .raw, .raw)
    )
    #expect(
      error.description
        == "diagnose(AF_INET, SOCK_RAW, IPPROTO_RAW): no such file or directory; this kernel does not list "
        + "such sockets: that comes with the module 'raw_diag' (modprobe raw_diag) (ENOENT)"
    )
  }

  @Test func anOptionIsNamedInC() {
    let error = SocketError(
      .setOption,
      .system(Errno(rawValue: ENOPROTOOPT)),
      subject: .option(StaticText("TCP_NODELAY"))
    )
    #expect(
      error.description
        == "set option TCP_NODELAY: the option is not known at this level (ENOPROTOOPT)"
    )
  }
}
