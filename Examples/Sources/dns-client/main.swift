// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Glibc
import Sockets

/// A question for the IPv4 addresses of a name (RFC 1035, section 4), numbered by chance.
func question(_ name: String) -> [UInt8] {
  var bytes: [UInt8] = [.random(in: 0...255), .random(in: 0...255), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
  for label in name.split(separator: ".") {
    bytes += [UInt8(truncatingIfNeeded: label.utf8.count)] + Array(label.utf8)
  }
  return bytes + [0, 0, 1, 0, 1]
}

enum Failure: Error { case malformed, nobodyAnswers }

/// An answer is read with its bounds: it comes from the network.
extension ArraySlice<UInt8> {
  mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
    guard self.count >= count else { throw Failure.malformed }
    defer { removeFirst(count) }
    return prefix(count)
  }
  /// Passes over a name, which may end with a pointer to an earlier one.
  mutating func skipName() throws {
    while case let length = try take(1).number, length != 0 {
      _ = try take(length < 0xc0 ? length : 1)
      if length >= 0xc0 { return }
    }
  }
  /// The number that the bytes are, the highest first.
  var number: Int { reduce(0) { $0 << 8 | Int($1) } }
}

/// The addresses in an answer; `nil` when it was cut and has to be asked for over TCP.
func addresses(in answer: [UInt8], to query: [UInt8]) throws -> [IPv4Address]? {
  var rest = answer[...]
  let header = Array(try rest.take(12))
  // An answer to us has our number and repeats our question; everything else is somebody else's.
  guard header[..<2] == query[..<2], header[2] & 0x80 != 0, header[4..<6].number == 1,
    try rest.take(query.count - 12) == query[12...]
  else { throw Failure.malformed }
  if header[2] & 0x02 != 0 { return nil }
  var found: [IPv4Address] = []
  for _ in 0..<header[6..<8].number {
    try rest.skipName()
    // The type, the class, how long it holds, and how long the data is.
    let record = Array(try rest.take(10))
    let data = try rest.take(record[8...].number)
    if record[..<2].number == 1, data.count == 4 {
      found.append(IPv4Address(bits: UInt32(data.number)))
    }
  }
  return found
}

/// Asks over UDP, three times, since a datagram may get lost.
func askByDatagram(_ server: SocketAddress, _ query: [UInt8]) async throws -> [UInt8] {
  let socket = try await DatagramSocket.connect(to: server)
  var buffer = [UInt8](repeating: 0, count: 1232)
  for _ in 1...3 {
    try await socket.send(query)
    do {
      let answer = try await socket.receive(into: &buffer, deadline: .seconds(1))
      return Array(buffer[..<answer.byteCount])
    } catch {
      guard error.cause == .deadlinePassed else { throw error }
    }
  }
  throw Failure.nobodyAnswers
}

/// Asks over TCP, where each message has its length in front.
func askByStream(_ server: SocketAddress, _ query: [UInt8]) async throws -> [UInt8]? {
  let connection = try await Connection.connect(to: server, deadline: .seconds(3))
  return try await connection.closing { connection in
    var decoder = LengthPrefixDecoder(.two, limit: 65535)
    try await connection.write(gathering: [decoder.prefix(of: query.count), query])
    return try await StreamReader(connection).frame(by: &decoder, deadline: .seconds(3))
  }
}

do {
  let arguments = Array(CommandLine.arguments.dropFirst())
  let server = try IPSocketAddress(parsing: arguments.count > 1 ? arguments[1] : "127.0.0.1:53")
  let query = question(arguments.first ?? "localhost")
  let short = try await askByDatagram(.ip(server), query)
  var found = try addresses(in: short, to: query)
  if found == nil {
    print("the answer was cut; over TCP:")
    found = try addresses(in: try await askByStream(.ip(server), query) ?? [], to: query)
  }
  for address in found ?? [] { print(address) }
} catch {
  print("dns-client:", error)
  exit(1)
}
