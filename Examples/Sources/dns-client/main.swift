// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Glibc
import Sockets

/// A question for the IPv4 addresses of a name (RFC 1035, section 4).
func question(_ name: String, _ identifier: UInt16) -> [UInt8] {
  var bytes = big(identifier) + [1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
  for label in name.split(separator: ".") {
    bytes += [UInt8(truncatingIfNeeded: label.utf8.count)] + Array(label.utf8)
  }
  return bytes + [0, 0, 1, 0, 1]
}

func big(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 0xff)] }

struct Malformed: Error {}

/// Reads an answer with its bounds: it comes from the network.
struct Reader {
  var bytes: ArraySlice<UInt8>

  mutating func byte() throws -> UInt8 {
    guard let first = bytes.popFirst() else { throw Malformed() }
    return first
  }
  mutating func number() throws -> UInt16 { UInt16(try byte()) << 8 | UInt16(try byte()) }
  mutating func skip(_ count: Int) throws {
    guard bytes.count >= count else { throw Malformed() }
    bytes = bytes.dropFirst(count)
  }
  /// A name, which may end with a pointer to an earlier one.
  mutating func skipName() throws {
    while case let length = try byte(), length != 0 {
      if length >= 0xc0 { return try skip(1) }
      try skip(Int(length))
    }
  }
}

/// The addresses in an answer; `nil` when it was cut and has to be asked for over TCP.
func addresses(in answer: ArraySlice<UInt8>, _ identifier: UInt16) throws -> [IPv4Address]? {
  var reader = Reader(bytes: answer)
  guard try reader.number() == identifier else { throw Malformed() }
  let flags = try reader.number()
  guard flags & 0x8000 != 0 else { throw Malformed() }
  if flags & 0x0200 != 0 { return nil }
  let (questions, answers) = (try reader.number(), try reader.number())
  try reader.skip(4)
  for _ in 0..<questions {
    try reader.skipName()
    try reader.skip(4)
  }
  var found: [IPv4Address] = []
  for _ in 0..<answers {
    try reader.skipName()
    let type = try reader.number()
    try reader.skip(6)
    let length = Int(try reader.number())
    let data = reader.bytes.prefix(length)
    try reader.skip(length)
    if type == 1, data.count == 4 {
      let octets = Array(data)
      found.append(IPv4Address(octets[0], octets[1], octets[2], octets[3]))
    }
  }
  return found
}

/// Asks over UDP, three times, since a datagram may get lost.
func askByDatagram(_ server: SocketAddress, _ query: [UInt8]) async throws -> [UInt8]? {
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
  return nil
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
  let name = arguments.first ?? "localhost"
  let server = try IPSocketAddress(parsing: arguments.count > 1 ? arguments[1] : "127.0.0.1:53")
  let identifier = UInt16.random(in: 0...0xffff)
  let query = question(name, identifier)
  guard let short = try await askByDatagram(.ip(server), query) else {
    print("dns-client: nobody answers")
    exit(1)
  }
  var found = try addresses(in: short[...], identifier)
  if found == nil {
    print("the answer was cut; over TCP:")
    found = try await askByStream(.ip(server), query).flatMap {
      try addresses(in: $0[...], identifier)
    }
  }
  for address in found ?? [] { print(address) }
} catch {
  print("dns-client:", error)
  exit(1)
}
