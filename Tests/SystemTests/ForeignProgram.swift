// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import TestSupport

/// What carries a talk with a program that we did not write.
enum Carrier: String, CaseIterable, Sendable {
  case tcpIPv4, tcpIPv6, udpIPv4, udpIPv6
  case unixStream, unixDatagram, unixSequencedPacket
  case abstractStream, abstractDatagram, abstractSequencedPacket

  var family: AddressFamily {
    switch self {
    case .tcpIPv4, .udpIPv4: .ipv4
    case .tcpIPv6, .udpIPv6: .ipv6
    default: .unix
    }
  }

  var type: SocketType {
    switch self {
    case .tcpIPv4, .tcpIPv6, .unixStream, .abstractStream: .stream
    case .udpIPv4, .udpIPv6, .unixDatagram, .abstractDatagram: .datagram
    case .unixSequencedPacket, .abstractSequencedPacket: .sequencedPacket
    }
  }

  var isAbstract: Bool { rawValue.hasPrefix("abstract") }

  /// Another address of this kind, for one socket: loopback and port zero, or a fresh Unix name.
  func freshPlace(in folder: ScratchFolder, _ name: String) -> Place {
    switch family {
    case .ipv4: .ip("127.0.0.1", 0)
    case .ipv6: .ip("::1", 0)
    default: isAbstract ? .abstract("\(folder.path)/\(name)") : .path("\(folder.path)/\(name)")
    }
  }
}

/// An address in the form in which the programs take their parts of it.
enum Place: Sendable {
  case ip(String, UInt16)
  case path(String)
  case abstract(String)

  func address() throws -> SocketAddress {
    switch self {
    case .ip(let host, let port):
      .ip(try IPAddress(parsing: host), port: Port(port))
    case .path(let path): try .unix(path: path)
    case .abstract(let name): try .unix(abstract: name)
    }
  }

  /// The place with the port that a program or a socket was given.
  func with(port: UInt16) -> Place {
    if case .ip(let host, _) = self { .ip(host, port) } else { self }
  }
}

/// A program that can answer each message with the same message, and can send one and print the answer.
enum ForeignProgram: String, CaseIterable, Sendable {
  case socat, ncat, python3
  /// OpenBSD's netcat, which only calls: it has no way to echo.
  case nc

  func speaks(_ carrier: Carrier) -> Bool {
    switch self {
    case .socat, .python3: true
    // Unix sockets by path, as streams and datagrams.
    case .ncat, .nc: !carrier.isAbstract && carrier != .unixSequencedPacket
    }
  }

  /// Starts the program as an echo server for one client, and returns where it serves.
  func serve(_ carrier: Carrier, at place: Place) throws -> (ChildProcess, Place) {
    switch self {
    case .socat:
      let process = try ChildProcess("socat", ["-d", "-d", socatListener(carrier, place), "PIPE"])
      let line = try process.waitForLine(containing: "AF=")
      return (process, place.with(port: Self.lastNumber(in: line)))
    case .ncat:
      // Ncat does not tell which port it was given, so it must be given one that is free.
      let process = try ChildProcess(
        "ncat",
        ["-v", "-l"] + ncatArguments(carrier, place) + ["--exec", "/bin/cat"]
      )
      _ = try process.waitForLine(containing: "Listening on")
      return (process, place)
    case .python3:
      let process = try ChildProcess(
        "python3",
        ["-c", pythonEcho, "serve"] + pythonArguments(carrier, place)
      )
      let line = try process.waitForLine(containing: "ready")
      return (process, place.with(port: Self.lastNumber(in: line)))
    case .nc:
      throw Unable()
    }
  }

  /// The program has no such role.
  struct Unable: Error {}

  /// Starts the program as a client, whose input is sent and whose output is the answer.
  func call(_ carrier: Carrier, at place: Place, from own: Place) throws -> ChildProcess {
    switch self {
    case .socat:
      try ChildProcess("socat", ["-", socatCaller(carrier, place, own)], mergesErrors: false)
    case .ncat:
      try ChildProcess("ncat", ncatArguments(carrier, place), mergesErrors: false)
    case .nc:
      // With -N the end of its input is the end of what it sends.
      try ChildProcess(
        "nc", (carrier.type == .stream ? ["-N"] : []) + ncatArguments(carrier, place),
        mergesErrors: false)
    case .python3:
      try ChildProcess("python3", ["-c", pythonEcho, "call"] + pythonArguments(carrier, place))
    }
  }

  private static func lastNumber(in line: String) -> UInt16 {
    UInt16(String(line.reversed().prefix(while: \.isNumber).reversed())) ?? 0
  }

  // MARK: Arguments

  private func socatListener(_ carrier: Carrier, _ place: Place) -> String {
    let type = carrier.type == .sequencedPacket ? ",type=5" : ""
    return switch (place, carrier.type) {
    case (.ip(let host, let port), .stream):
      carrier.family == .ipv4
        ? "TCP4-LISTEN:\(port),bind=\(host)" : "TCP6-LISTEN:\(port),bind=[\(host)]"
    case (.ip(let host, let port), _):
      carrier.family == .ipv4
        ? "UDP4-LISTEN:\(port),bind=\(host)" : "UDP6-LISTEN:\(port),bind=[\(host)]"
    case (.path(let path), .datagram): "UNIX-RECVFROM:\(path)"
    case (.path(let path), _): "UNIX-LISTEN:\(path)\(type)"
    case (.abstract(let name), .datagram): "ABSTRACT-RECVFROM:\(name)"
    case (.abstract(let name), _): "ABSTRACT-LISTEN:\(name)\(type)"
    }
  }

  private func socatCaller(_ carrier: Carrier, _ place: Place, _ own: Place) -> String {
    let type = carrier.type == .sequencedPacket ? ",type=5" : ""
    return switch (place, own, carrier.type) {
    case (.ip(let host, let port), _, .stream):
      carrier.family == .ipv4 ? "TCP4:\(host):\(port)" : "TCP6:[\(host)]:\(port)"
    case (.ip(let host, let port), _, _):
      carrier.family == .ipv4 ? "UDP4:\(host):\(port)" : "UDP6:[\(host)]:\(port)"
    case (.path(let path), .path(let own), .datagram): "UNIX-SENDTO:\(path),bind=\(own)"
    case (.path(let path), _, _): "UNIX-CONNECT:\(path)\(type)"
    case (.abstract(let name), .abstract(let own), .datagram):
      "ABSTRACT-SENDTO:\(name),bind=\(own)"
    case (.abstract(let name), _, _): "ABSTRACT-CONNECT:\(name)\(type)"
    }
  }

  private func ncatArguments(_ carrier: Carrier, _ place: Place) -> [String] {
    let datagram = carrier.type == .datagram ? ["-u"] : []
    return switch place {
    case .ip(let host, let port): datagram + [host, String(port)]
    case .path(let path), .abstract(let path): datagram + ["-U", path]
    }
  }

  private func pythonArguments(_ carrier: Carrier, _ place: Place) -> [String] {
    let type = carrier.type.cName
    return switch place {
    case .ip(let host, let port): [carrier.family.cName, type, host, String(port)]
    case .path(let path): [carrier.family.cName, type, path, "path"]
    case .abstract(let name): [carrier.family.cName, type, name, "abstract"]
    }
  }
}

/// Both roles in Python: `serve` echoes to one client, `call` sends its input and prints the answer.
private let pythonEcho = """
  import socket, sys
  role, family, kind, name, rest = sys.argv[1:6]
  peer = socket.socket(getattr(socket, family), getattr(socket, kind))
  if family == "AF_UNIX":
      address = "\\0" + name if rest == "abstract" else name
  else:
      address = (name, int(rest))
  if role == "serve":
      peer.bind(address)
      if kind == "SOCK_DGRAM":
          print("ready", peer.getsockname()[1], flush=True)
          data, sender = peer.recvfrom(65536)
          peer.sendto(data, sender)
      else:
          peer.listen()
          print("ready", peer.getsockname()[1], flush=True)
          client, _ = peer.accept()
          while data := client.recv(65536):
              client.sendall(data)
  else:
      if family == "AF_UNIX" and kind == "SOCK_DGRAM":
          peer.bind("")
      peer.connect(address)
      peer.sendall(sys.stdin.buffer.readline())
      sys.stdout.buffer.write(peer.recv(65536))
  """
