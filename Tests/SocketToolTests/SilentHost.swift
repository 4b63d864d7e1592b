// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import TestSupport

/// A machine whose packets leave by a wire at whose other end nobody takes them.
///
/// Nobody answers, name servers included, and nobody says no: what is asked there waits until it ends by itself.
struct SilentHost {
  /// Who never answers.
  static let target = "10.1.0.2"
  /// The same as the kernel's tables write it.
  static let targetInTables = "0200010A"

  private let host: NetworkHost
  private let other: NetworkHost
  private let folder: ScratchFolder

  /// Makes it and its wire.
  init() throws {
    host = try NetworkHost()
    other = try NetworkHost()
    folder = try ScratchFolder()
    try host.connect("right", to: other, "left")
    // The neighbour is known, so that nobody looks for it in vain and says so.
    try host.configure(
      "addr add 10.1.0.1/24 dev right",
      "neigh add \(Self.target) lladdr 02:00:00:00:00:01 dev right nud permanent")
    // By default the resolver of the C library gives up after ten seconds.
    try folder.write(
      "nameserver \(Self.target)\noptions timeout:30 attempts:5\n", to: "resolv.conf")
  }

  /// Starts the built tool there.
  ///
  /// - Parameter words: the command line.
  /// - Returns: the process.
  /// - Throws: when it could not be started.
  func start(_ words: [String]) throws -> ChildProcess {
    let script = "mount --bind \"$0/resolv.conf\" /etc/resolv.conf && exec \"$@\""
    return try host.run {
      try ChildProcess(
        "unshare", ["-m", "sh", "-c", script, folder.path, try builtProgram("sockets")] + words)
    }
  }
}
