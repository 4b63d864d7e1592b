// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import Testing

/// A text that is no endpoint, and what is said of it behind the quoted input.
struct MalformedEndpoint: Sendable, CustomTestStringConvertible {
  var text: String
  var reason: String
  var testDescription: String { text }

  init(_ text: String, _ reason: String) {
    self.text = text
    self.reason = reason
  }
}

let malformedEndpoints: [MalformedEndpoint] = [
  // No transport
  MalformedEndpoint("", "there is no text, at position 0"),
  MalformedEndpoint("tcp", "the transport is missing, as tcp in tcp://127.0.0.1:80, at position 0"),
  MalformedEndpoint(
    "127.0.0.1", "the transport is missing, as tcp in tcp://127.0.0.1:80, at position 0"),
  MalformedEndpoint(
    "/run/app.sock", "the transport is missing, as tcp in tcp://127.0.0.1:80, at position 0"),
  MalformedEndpoint(
    "://127.0.0.1:80", "the transport is missing, as tcp in tcp://127.0.0.1:80, at position 0"),
  MalformedEndpoint(":80", "the transport is missing, as tcp in tcp://127.0.0.1:80, at position 0"),
  // An unknown transport
  MalformedEndpoint("127.0.0.1:80", "this transport is unknown, at position 0"),
  MalformedEndpoint("localhost:80", "this transport is unknown, at position 0"),
  MalformedEndpoint("[::1]:80", "this transport is unknown, at position 0"),
  MalformedEndpoint("http://localhost:80", "this transport is unknown, at position 0"),
  MalformedEndpoint("TCP://127.0.0.1:80", "this transport is unknown, at position 0"),
  MalformedEndpoint(" tcp://127.0.0.1:80", "this transport is unknown, at position 0"),
  MalformedEndpoint("tcp ://127.0.0.1:80", "this transport is unknown, at position 0"),
  MalformedEndpoint("unixx:/run/app.sock", "this transport is unknown, at position 0"),
  MalformedEndpoint("tcp5://127.0.0.1:80", "this transport is unknown, at position 0"),
  // Slashes
  MalformedEndpoint("tcp:127.0.0.1:80", "the transport is followed by '://', at position 3"),
  MalformedEndpoint("tcp:/127.0.0.1:80", "the transport is followed by '://', at position 3"),
  MalformedEndpoint(
    "unix://run/app.sock",
    "the path follows the colon directly, as in unix:/run/app.sock, at position 5"
  ),
  MalformedEndpoint(
    "unix:///run/app.sock",
    "the path follows the colon directly, as in unix:/run/app.sock, at position 5"
  ),
  MalformedEndpoint("vsock:2:5000", "the transport is followed by '://', at position 5"),
  MalformedEndpoint("x25:12345", "the transport is followed by '://', at position 3"),
  // No host
  MalformedEndpoint("tcp://", "the host is missing, at position 6"),
  MalformedEndpoint("udp://", "the host is missing, at position 6"),
  MalformedEndpoint("icmp://", "the host is missing, at position 7"),
  MalformedEndpoint("vsock://", "the host is missing, at position 8"),
  MalformedEndpoint("x25://", "the host is missing, at position 6"),
  // Ports
  MalformedEndpoint("tcp://127.0.0.1", "the port is missing, at position 15"),
  MalformedEndpoint("tcp://127.0.0.1:", "the port is missing, at position 16"),
  MalformedEndpoint("tcp://localhost", "the port is missing, at position 15"),
  MalformedEndpoint("tcp://7000", "the port is missing, at position 10"),
  MalformedEndpoint("tcp://[::1]", "the port is missing, at position 11"),
  MalformedEndpoint("tcp://[::1]:", "the port is missing, at position 12"),
  MalformedEndpoint("tcp://:", "the port is missing, at position 7"),
  MalformedEndpoint("tcp://*", "the port is missing, at position 7"),
  MalformedEndpoint("tcp://127.0.0.1:65536", "port is larger than 65535, at position 16"),
  MalformedEndpoint("tcp://127.0.0.1:4294967376", "port is larger than 65535, at position 16"),
  MalformedEndpoint("tcp://[::1]:70000", "port is larger than 65535, at position 12"),
  MalformedEndpoint("tcp://localhost:99999", "port is larger than 65535, at position 16"),
  MalformedEndpoint("tcp://127.0.0.1:080", "a number has a leading zero, at position 16"),
  MalformedEndpoint("tcp://127.0.0.1:00", "a number has a leading zero, at position 16"),
  MalformedEndpoint("tcp://127.0.0.1:80x", "port is not a decimal number, at position 18"),
  MalformedEndpoint("tcp://127.0.0.1:+80", "port is not a decimal number, at position 16"),
  MalformedEndpoint("tcp://127.0.0.1:-1", "port is not a decimal number, at position 16"),
  MalformedEndpoint("tcp://127.0.0.1: 80", "port is not a decimal number, at position 16"),
  MalformedEndpoint("tcp://127.0.0.1:80 ", "port is not a decimal number, at position 18"),
  MalformedEndpoint("tcp://127.0.0.1:0x50", "port is not a decimal number, at position 17"),
  MalformedEndpoint("tcp://127.0.0.1:80/", "port is not a decimal number, at position 18"),
  MalformedEndpoint("tcp://127.0.0.1:٨٠", "port is not a decimal number, at position 16"),
  MalformedEndpoint("tcp://127.0.0.1:80\n", "port is not a decimal number, at position 18"),
  MalformedEndpoint("icmp://127.0.0.1:7", "this transport has no ports, at position 16"),
  MalformedEndpoint("icmp://[::1]:7", "this transport has no ports, at position 12"),
  MalformedEndpoint("icmp://host:http", "this transport has no ports, at position 11"),
  // IPv4 addresses
  MalformedEndpoint(
    "tcp://127.1:80",
    "an IPv4 address has four decimal parts, and here are fewer, at position 11"
  ),
  MalformedEndpoint(
    "tcp://1:80", "an IPv4 address has four decimal parts, and here are fewer, at position 7"),
  MalformedEndpoint(
    "tcp://2130706433:80", "a part of the IPv4 address is larger than 255, at position 6"),
  MalformedEndpoint(
    "tcp://0x7f000001:80",
    "a host whose last label is a number must be an IPv4 address, at position 7"
  ),
  MalformedEndpoint(
    "tcp://0x7f.0.0.1:80",
    "a host whose last label is a number must be an IPv4 address, at position 7"
  ),
  MalformedEndpoint("tcp://0177.0.0.1:80", "a number has a leading zero, at position 6"),
  MalformedEndpoint("tcp://127.0.0.01:80", "a number has a leading zero, at position 14"),
  MalformedEndpoint(
    "tcp://256.0.0.1:80", "a part of the IPv4 address is larger than 255, at position 6"),
  MalformedEndpoint(
    "tcp://300.300.300.300:80", "a part of the IPv4 address is larger than 255, at position 6"),
  MalformedEndpoint(
    "tcp://1.2.3.4.5:80",
    "an IPv4 address has four decimal parts, and here are more, at position 13"
  ),
  MalformedEndpoint(
    "tcp://1.2.3.4.:80",
    "an IPv4 address has four decimal parts, and here are more, at position 13"
  ),
  MalformedEndpoint("tcp://1..3.4:80", "a part of the IPv4 address is missing, at position 8"),
  MalformedEndpoint("tcp://.1.2.3:80", "a part of the IPv4 address is missing, at position 6"),
  MalformedEndpoint(
    "tcp://a.b.c.4:80",
    "a host whose last label is a number must be an IPv4 address, at position 6"
  ),
  MalformedEndpoint(
    "tcp://99999999999.1.1.1:80", "a part of the IPv4 address is larger than 255, at position 6"),
  MalformedEndpoint(
    "tcp6://127.0.0.1:80", "the transport is of the other IP version, at position 7"),
  // IPv6 addresses
  MalformedEndpoint(
    "tcp://::1:80",
    "there is more than one colon, and an IPv6 address stands in brackets, at position 6"
  ),
  MalformedEndpoint(
    "tcp://fe80::1",
    "there is more than one colon, and an IPv6 address stands in brackets, at position 6"
  ),
  MalformedEndpoint("tcp://[::1:80", "the closing bracket is missing, at position 13"),
  MalformedEndpoint("tcp://[]:80", "the host is missing, at position 7"),
  MalformedEndpoint(
    "tcp://[127.0.0.1]:80",
    "an IPv6 address has eight groups, and here are fewer and no '::', at position 16"
  ),
  MalformedEndpoint("tcp://[::1]80", "this character cannot stand here, at position 11"),
  MalformedEndpoint("tcp://[::1]x:80", "this character cannot stand here, at position 11"),
  MalformedEndpoint(
    "tcp://[1:2:3]:80",
    "an IPv6 address has eight groups, and here are fewer and no '::', at position 12"
  ),
  MalformedEndpoint(
    "tcp://[1:2:3:4:5:6:7:8:9]:80",
    "an IPv6 address has eight groups, and here are more, at position 23"
  ),
  MalformedEndpoint(
    "tcp://[1:2:3:4:5:6:7:8::]:80",
    "an IPv6 address has eight groups, and here are more, at position 24"
  ),
  MalformedEndpoint("tcp://[1::2::3]:80", "'::' stands twice in the IPv6 address, at position 11"),
  MalformedEndpoint("tcp://[:::]:80", "this character cannot stand here, at position 9"),
  MalformedEndpoint(
    "tcp://[:1:2:3:4:5:6:7]:80",
    "the IPv6 address begins or ends with a single colon, at position 7"
  ),
  MalformedEndpoint(
    "tcp://[1:2:3:4:5:6:7:]:80",
    "the IPv6 address begins or ends with a single colon, at position 20"
  ),
  MalformedEndpoint(
    "tcp://[12345::]:80", "a group of the IPv6 address has more than four digits, at position 7"),
  MalformedEndpoint("tcp://[::g]:80", "this character cannot stand here, at position 9"),
  MalformedEndpoint(
    "tcp://[::1.2.3]:80",
    "an IPv4 address has four decimal parts, and here are fewer, at position 14"
  ),
  MalformedEndpoint(
    "tcp://[::1.2.3.256]:80", "a part of the IPv4 address is larger than 255, at position 15"),
  MalformedEndpoint(
    "tcp://[1:2:3:4:5:6:7:1.2.3.4]:80",
    "an IPv6 address has eight groups, and here are more, at position 21"
  ),
  MalformedEndpoint("tcp://[fe80::1%]:80", "the zone behind '%' is missing, at position 15"),
  MalformedEndpoint(
    "tcp://[fe80::1%no-such-if]:80", "no network interface has this name, at position 15"),
  MalformedEndpoint(
    "tcp://[fe80::1%sixteen-letters-]:80",
    "the zone's name has more than 15 bytes, at position 15"
  ),
  MalformedEndpoint("tcp://[fe80::1%a/b]:80", "this character cannot stand here, at position 16"),
  MalformedEndpoint("tcp://[fe80::1%01]:80", "a number has a leading zero, at position 15"),
  MalformedEndpoint(
    "tcp://[fe80::1%4294967296]:80", "number is larger than 4294967295, at position 15"),
  MalformedEndpoint(
    "tcp://[::1]:80/flow=", "a hexadecimal number, as 0x1f, is missing, at position 20"),
  MalformedEndpoint(
    "tcp://[::1]:80/flow=12", "a hexadecimal number, as 0x1f, is missing, at position 20"),
  MalformedEndpoint("tcp://[::1]:80/path", "this character cannot stand here, at position 14"),
  MalformedEndpoint("tcp4://[::1]:80", "the transport is of the other IP version, at position 7"),
  MalformedEndpoint("icmp4://[::1]", "the transport is of the other IP version, at position 8"),
  // Names
  MalformedEndpoint("tcp://local host:80", "this character cannot stand here, at position 11"),
  MalformedEndpoint(
    "tcp://-a:80",
    "a label of the host name is empty, too long, or begins or ends with a hyphen, at position 6"
  ),
  MalformedEndpoint(
    "tcp://a-:80",
    "a label of the host name is empty, too long, or begins or ends with a hyphen, at position 6"
  ),
  MalformedEndpoint(
    "tcp://a..b:80",
    "a label of the host name is empty, too long, or begins or ends with a hyphen, at position 8"
  ),
  MalformedEndpoint(
    "tcp://.:80",
    "a label of the host name is empty, too long, or begins or ends with a hyphen, at position 6"
  ),
  MalformedEndpoint("tcp://a/b:80", "this character cannot stand here, at position 7"),
  MalformedEndpoint("tcp://user@host:80", "this character cannot stand here, at position 10"),
  MalformedEndpoint("tcp://bücher.example:80", "this character cannot stand here, at position 7"),
  MalformedEndpoint("tcp://host%41:80", "this character cannot stand here, at position 10"),
  MalformedEndpoint("tcp://**:80", "this character cannot stand here, at position 6"),
  MalformedEndpoint(
    "tcp://host:ht/tp",
    "a service name has letters, digits, '-', '_', '+' and '.' only, at position 13"
  ),
  MalformedEndpoint(
    "tcp://host:http:80",
    "there is more than one colon, and an IPv6 address stands in brackets, at position 6"
  ),
  MalformedEndpoint(
    "tcp://localhost:a-service-name-that-is-far-too-long",
    "a service name has at most 31 bytes, at position 16"
  ),
  MalformedEndpoint("tcp://localhost\u{0}:80", "this character cannot stand here, at position 15"),
  MalformedEndpoint("tcp://\u{1B}[31m:80", "this character cannot stand here, at position 6"),
  // Unix
  MalformedEndpoint("unix:", "the path or name is missing, at position 5"),
  MalformedEndpoint("unix-datagram:", "the path or name is missing, at position 14"),
  MalformedEndpoint("unix:/a\u{0}b", "a Unix path cannot have a NUL byte, at position 7"),
  MalformedEndpoint("unix:/a\\x00b", "a Unix path cannot have a NUL byte, at position 7"),
  MalformedEndpoint(
    "unix:/a\\n",
    "a backslash is followed by a backslash or by 'x' and two hexadecimal digits, at position 7"
  ),
  MalformedEndpoint(
    "unix:/a\\x4",
    "a backslash is followed by a backslash or by 'x' and two hexadecimal digits, at position 7"
  ),
  MalformedEndpoint(
    "unix:/a\\",
    "a backslash is followed by a backslash or by 'x' and two hexadecimal digits, at position 7"
  ),
  MalformedEndpoint("unix:(unterminated)/a", "this character cannot stand here, at position 5"),
  // vsock and X.25
  MalformedEndpoint("vsock://2", "the port is missing, at position 9"),
  MalformedEndpoint("vsock://2:", "the port is missing, at position 10"),
  MalformedEndpoint("vsock://:5000", "a decimal number is missing, at position 8"),
  MalformedEndpoint("vsock://host:5000", "this character cannot stand here, at position 8"),
  MalformedEndpoint("vsock://02:5000", "a number has a leading zero, at position 8"),
  MalformedEndpoint("vsock://4294967296:1", "number is larger than 4294967295, at position 8"),
  MalformedEndpoint("vsock://2:4294967296", "number is larger than 4294967295, at position 10"),
  MalformedEndpoint("vsock://-1:5000", "this character cannot stand here, at position 8"),
  MalformedEndpoint("vsock://2:5000/x", "this character cannot stand here, at position 14"),
  MalformedEndpoint(
    "x25://1234567890123456", "an X.25 address has at most 15 digits, at position 21"),
  MalformedEndpoint("x25://12a", "an X.25 address has decimal digits only, at position 8"),
  MalformedEndpoint("x25://1 2", "an X.25 address has decimal digits only, at position 7"),
  MalformedEndpoint("x25://+49", "an X.25 address has decimal digits only, at position 6"),
  // Too long by one
  MalformedEndpoint(
    "unix:/" + String(repeating: "a", count: 107),
    "a Unix path has at most 107 bytes, at position 112"
  ),
  MalformedEndpoint(
    "unix:@" + String(repeating: "a", count: 108),
    "an abstract Unix name has at most 107 bytes, at position 113"
  ),
  MalformedEndpoint(
    "tcp://" + String(repeating: "a", count: 64) + ":80",
    "a label of the host name is empty, too long, or begins or ends with a hyphen, at position 6"
  ),
  MalformedEndpoint(
    "tcp://" + String(repeating: "abc.", count: 64) + "de:80",
    "a host name has at most 253 bytes, at position 6"
  ),
]

@Suite struct MalformedEndpointTests {
  @Test(arguments: malformedEndpoints)
  func aMalformedEndpointSaysWhatIsWrongAndWhere(row: MalformedEndpoint) {
    let error = #expect(throws: AddressParseError.self) { _ = try Endpoint(parsing: row.text) }
    #expect(error.map { "\($0.reason.sentence), at position \($0.position)" } == row.reason)
    #expect(error?.input == row.text)
    #expect(Endpoint(row.text) == nil)
  }

  /// The whole text of an error: the input as a literal on one line, the reason, the position.
  @Test(arguments: [
    (
      "tcp://127.0.0.1:70000",
      "\"tcp://127.0.0.1:70000\": port is larger than 65535, at position 16"
    ),
    (
      "tcp://\u{1B}[31m\"\\\n\u{8A}\u{202E}",
      "\"tcp://\\u{1b}[31m\\\"\\\\\\n\\u{8a}\\u{202e}\": the port is missing, at position 19"
    ),
    (
      String(repeating: "ü", count: 201),
      "\"\(String(repeating: "ü", count: 200))\"...: "
        + "the transport is missing, as tcp in tcp://127.0.0.1:80, at position 0"
    ),
  ])
  func anErrorIsOneLineWhateverItsInputIs(text: String, expected: String) {
    let error = #expect(throws: AddressParseError.self) { _ = try Endpoint(parsing: text) }
    #expect(error?.description == expected)
  }

  @Test func theTableHasAtLeastSixtyRowsAndNoneTwice() {
    #expect(malformedEndpoints.count >= 60)
    #expect(Set(malformedEndpoints.map(\.text)).count == malformedEndpoints.count)
  }
}
