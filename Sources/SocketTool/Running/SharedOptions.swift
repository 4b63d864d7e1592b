// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import Sockets

// Options that mean the same in several commands, so that they are called and explained alike.

/// In which form a command prints what it found.
struct OutputOptions: ParsableArguments, Sendable {
  @Flag(name: .long, help: "Print JSON instead of text.")
  var json = false
}

/// Which version of IP.
struct VersionOptions: ParsableArguments, Sendable {
  @Flag(name: .long, help: "Only IPv4.")
  var ipv4 = false

  @Flag(name: .long, help: "Only IPv6.")
  var ipv6 = false

  func validate() throws {
    guard !(ipv4 && ipv6) else { throw ValidationError("--ipv4 and --ipv6 exclude each other") }
  }

  /// The family that is asked for; `nil` for either.
  var family: AddressFamily? { ipv4 ? .ipv4 : ipv6 ? .ipv6 : nil }
}

/// How many clients a server has at once.
struct ConnectionLimit: ParsableArguments, Sendable {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "The most connections at once; more wait. (default: as many as descriptors allow)",
      valueName: "count"),
    transform: ArgumentText.count(1...1_000_000))
  var maxConnections: Int?
}

/// How a peer is joined to the terminal.
struct JoiningOptions: ParsableArguments, Sendable {
  @Flag(name: .long, help: "End when the peer ends, whatever input is still to come.")
  var endWithPeer = false

  @Flag(name: .long, help: "Show what comes (<) and goes (>) in hexadecimal.")
  var hex = false

  /// Fails where an option needs a connection and there are only datagrams.
  func validate(for type: SocketType) throws {
    guard !endWithPeer || type != .datagram else {
      throw ValidationError("--end-with-peer is for connections: datagrams have no end")
    }
  }
}
