// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage

/// The text of every public error, a line each, by section: figure F23's golden table.
enum ErrorTexts {
  /// The table's place in the repository.
  static let path = "Tests/SocketsTests/Golden/Errors.txt"

  /// The table as the package makes it now.
  static var text: String {
    sections.map { "== \($0.title)\n" + $0.lines.joined(separator: "\n") + "\n" }
      .joined(separator: "\n")
  }

  static var sections: [(title: String, lines: [String])] {
    [
      ("SocketError: each operation, with what it is about", operations),
      ("SocketError: each cause", causes),
      ("SocketError: each error of the kernel", kernelErrors),
      ("SocketError: each family of address", addresses),
      ("SocketError: sockets that cannot be made, with the remedy", remedies),
      ("AddressParseError: each reason", parseReasons),
      ("ResolutionError: each code and cause", resolutionCauses),
      ("ResolutionError: each question", resolutionQuestions),
      ("WorkerFailure: each reason", workerFailures),
    ]
  }

  // MARK: SocketError

  private static let here = SocketAddress.ipv4(.loopback, port: 9)

  private static var operations: [String] {
    let causes: [SocketError.Cause] = [
      .system(.ioError), .system(.tooManyOpenFiles), .deadlinePassed,
    ]
    return SocketError.Operation.allCases.flatMap { operation in
      causes.map { cause in
        "\(SocketError(operation, cause, subject: subject(of: operation)))"
      }
    }
  }

  /// What an operation is about; a new operation must be given a place here.
  private static func subject(of operation: SocketError.Operation) -> SocketError.Subject {
    switch operation {
    case .socket, .pair: .socket(.ipv4, .stream, .tcp)
    case .bind, .listen, .connect, .sendDatagram, .sendMessage: .address(here)
    case .getOption, .setOption: .option(StaticText("TCP_NODELAY"))
    case .accept, .shutdown, .close, .read, .write, .receive, .send, .receiveDatagram,
      .receiveMessage, .receiveBatch, .sendBatch, .sendFile, .splice, .localAddress, .peerAddress,
      .poll, .adopt, .duplicate, .deviceControl, .serve, .spawn, .resolve, .diagnose, .interfaces:
      .none
    }
  }

  private static var causes: [String] {
    ErrorTextTests.causes.map { cause, _ in
      "\(SocketError(.connect, cause, subject: .address(here)))"
    }
      + ["\(SocketError(.write, .system(.brokenPipe), bytesTransferred: 3))"]
  }

  private static var kernelErrors: [String] {
    ErrorTable.rows.map { "\(SocketError(.connect, .system($0.errno), subject: .address(here)))" }
      + ["\(SocketError(.connect, .system(Errno(rawValue: 4711)), subject: .address(here)))"]
  }

  private static var addresses: [String] {
    let texts = [
      "tcp://127.0.0.1:80", "tcp://[::1]:80", "unix:/run/app.sock", "unix:@app", "vsock://2:5000",
      "x25://12345",
    ]
    let parsed = texts.map { text in
      // A text that does not parse shows as its error in the table.
      do throws(AddressParseError) {
        guard let address = try Endpoint(parsing: text).socketAddress else { return text }
        return "\(SocketError(.bind, .system(.addressInUse), subject: .address(address)))"
      } catch { return "\(error)" }
    }
    let unnamed = SocketAddress(bytesOf: [1, 0])
    let foreign = SocketAddress(bytesOf: [99, 0, 1, 2])
    return parsed
      + [unnamed, foreign].map {
        "\(SocketError(.bind, .system(.addressInUse), subject: .address($0)))"
      }
  }

  private static var remedies: [String] {
    let refused: [(Errno, AddressFamily, SocketType, ProtocolNumber)] = [
      (.addressFamilyNotSupported, .unix, .stream, .automatic),
      (.addressFamilyNotSupported, .ipv6, .stream, .tcp),
      (.addressFamilyNotSupported, .x25, .sequencedPacket, .automatic),
      (.addressFamilyNotSupported, .vsock, .stream, .automatic),
      (.addressFamilyNotSupported, .packet, .raw, .automatic),
      (.addressFamilyNotSupported, .netlink, .raw, .automatic),
      (.protocolNotSupported, .ipv4, .stream, .sctp),
      (.protocolNotSupported, .ipv4, .stream, .mptcp),
      (.socketTypeNotSupported, .x25, .stream, .automatic),
      (.notPermitted, .ipv4, .raw, .icmp), (.notPermitted, .packet, .raw, .automatic),
      (.permissionDenied, .ipv4, .datagram, .icmp), (.noMemory, .ipv4, .stream, .tcp),
    ]
    return refused.map { errno, family, type, number in
      "\(SocketError(.socket, .system(errno), subject: .socket(family, type, number)))"
    }
  }

  // MARK: Texts and names

  private static var parseReasons: [String] {
    AddressParseError.Reason.allCases.map {
      "\(AddressParseError(input: "tcp://\u{1B}\"x\":9", reason: $0, position: 6))"
    }
  }

  private static var resolutionCauses: [String] {
    let causes: [ResolutionError.Cause] =
      ResolutionError.Code.known.map { .resolver($0) } + [
        .resolver(ResolutionError.Code(rawValue: -104)), .system(.noMemory),
        .system(Errno(rawValue: 4711)), .deadlinePassed, .unusableText(.empty),
        .unusableText(.containsNUL), .unusableText(.tooLong),
      ]
    return causes.map {
      "\(ResolutionError($0, .addresses(name: "db.example", service: "5432")))"
    }
  }

  private static var resolutionQuestions: [String] {
    let questions: [ResolutionError.Question] = [
      .addresses(name: "db.example", service: nil), .addresses(name: nil, service: "http"),
      .addresses(name: "::1", service: "80"), .addresses(name: "a\nb", service: nil),
      .name(here), .service(named: "http", protocolName: nil),
      .service(named: "http", protocolName: "udp"), .port(80, protocolName: nil),
      .port(80, protocolName: "tcp"),
    ]
    return questions.map { "\(ResolutionError(.resolver(.nameNotFound), $0))" }
  }

  private static var workerFailures: [String] {
    let reasons: [WorkerFailure.Reason] = [
      .notStarted(.noSuchFileOrDirectory), .notStarted(Errno(rawValue: 4711)), .exited(7),
      .killed(signal: 9),
    ]
    return reasons.map { reason in
      var failure = WorkerFailure(
        executable: "/usr/bin/worker", processID: 4711, reason: reason)
      if case .notStarted = reason { failure.processID = 0 }
      return "\(failure)"
    }
  }
}
