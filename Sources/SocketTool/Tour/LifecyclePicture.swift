// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The life of a connection in one picture.
enum LifecyclePicture {
  static let lines: [String] = [
    "          server                                     client",
    "     ┌──────────────┐                           ┌──────────────┐",
    "     │    socket    │  a descriptor             │    socket    │",
    "     └──────┬───────┘                           └──────┬───────┘",
    "     ┌──────┴───────┐                                  │",
    "     │     bind     │  its address                     │",
    "     └──────┬───────┘                                  │",
    "     ┌──────┴───────┐                                  │",
    "     │    listen    │  a queue, the backlog            │",
    "     └──────┬───────┘                           ┌──────┴───────┐",
    "            │          ◀━━━━ SYN, ACK ━━━━━     │   connect    │",
    "     ┌──────┴───────┐                           └──────┬───────┘",
    "     │    accept    │  a second socket                 │",
    "     └──────┬───────┘                                  │",
    "     ┌──────┴───────┐                           ┌──────┴───────┐",
    "     │ read, write  │  ◀━━━━━━ data ━━━━━━▶     │ write, read  │",
    "     └──────┬───────┘                           └──────┬───────┘",
    "     ┌──────┴───────┐                           ┌──────┴───────┐",
    "     │    close     │  ◀━━━━━━ FIN ━━━━━━━▶     │   shutdown   │",
    "     └──────────────┘                           │    close     │",
    "                                                └──────────────┘",
  ]

  /// A line in pieces: the server's half, the wire, the client's half.
  static func pieces(of line: String) -> [(text: String, style: Style)] {
    let characters = Array(line)
    guard characters.count > 22 else { return [(line, .server)] }
    let left = String(characters[..<22])
    let middle = String(characters[22..<min(46, characters.count)])
    let right = String(characters[min(46, characters.count)...])
    let isWire = middle.contains("━")
    return [(left, .server), (middle, isWire ? .packet : .faint), (right, .client)]
  }
}
