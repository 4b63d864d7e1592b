// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
import PackageDescription

/// `./check` sets this, as for the package itself.
let warningsAreErrors = Context.environment["SOCKETS_WARNINGS_AS_ERRORS"] == "1"

/// One program each, one file each, in the order in which README.md tells to read them.
let programs = [
  "two-ends", "tcp-echo-server", "tcp-echo-client", "backlog", "counts", "endings",
  "thread-echo-server", "process-echo-server", "worker-echo-server",
  "udp-echo-server", "udp-echo-client", "unix-echo-server", "unix-echo-client",
  "raw-ping", "descriptor-sender", "descriptor-receiver",
  "x25-echo-server", "x25-echo-client", "failures",
]

/// The same on event loops.
let loopPrograms = [
  "loop-echo-server", "tcp-proxy", "sharded-server", "http-server", "chat", "manager", "agent",
  "dns-client",
]

let settings: [SwiftSetting] =
  [.swiftLanguageMode(.v6)] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])

let package = Package(
  name: "Examples",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "swift-sockets", path: "..")],
  targets: programs.map {
    .executableTarget(
      name: $0,
      dependencies: [.product(name: "Sockets", package: "swift-sockets")],
      swiftSettings: settings
    )
  }
    + loopPrograms.map {
      .executableTarget(
        name: $0,
        dependencies: [
          .product(name: "Sockets", package: "swift-sockets"),
          .product(name: "AsyncSockets", package: "swift-sockets"),
        ],
        swiftSettings: settings
      )
    }
)
