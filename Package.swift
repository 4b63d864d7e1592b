// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
import PackageDescription

/// `./check` sets this; nobody who depends on us is stopped by a warning of a newer compiler.
let warningsAreErrors = Context.environment["SOCKETS_WARNINGS_AS_ERRORS"] == "1"

/// One list for every Swift target: the house's language mode and features.
let settings: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .strictMemorySafety(),
  ] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])

/// The same for C.
let cSettings: [CSetting] =
  [.enableWarning("all"), .enableWarning("extra")]
  + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])

let package = Package(
  name: "swift-sockets",
  platforms: [.macOS(.v26)],
  products: [
    .library(name: "Sockets", targets: ["Sockets"]),
    .library(name: "AsyncSockets", targets: ["AsyncSockets"]),
    .executable(name: "sockets", targets: ["SocketTool"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    // Without its trait for Foundation's URL: the tool links no Foundation.
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
  ],
  targets: [
    .target(name: "CSockets", cSettings: cSettings),
    .target(
      name: "Sockets",
      dependencies: ["CSockets", .product(name: "SystemPackage", package: "swift-system")],
      swiftSettings: settings
    ),
    .target(
      name: "AsyncSockets",
      dependencies: [
        "Sockets", "CSockets", .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings
    ),
    // What `sockets serve` understands of HTTP: pure, fuzzed, and no product.
    .target(
      name: "HTTPMessages",
      dependencies: [.product(name: "HTTPTypes", package: "swift-http-types")],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "SocketTool",
      dependencies: [
        "AsyncSockets", "HTTPMessages", "Sockets",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings
    ),
    .target(name: "CTestSupport", path: "Tests/CTestSupport", cSettings: cSettings),
    .target(
      name: "TestSupport",
      dependencies: [
        "Sockets", "CSockets", "CTestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/TestSupport",
      swiftSettings: settings
    ),
    // Runs inside a User-Mode Linux kernel that a system test boots.
    .executableTarget(
      name: "UserModeLinuxMachine",
      dependencies: [
        "Sockets", "TestSupport", "CTestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/UserModeLinuxMachine",
      swiftSettings: settings
    ),
    // Two of the examples, which need a kernel with X.25: a system test runs them in one.
    .executableTarget(
      name: "ExampleX25Server",
      dependencies: ["Sockets"],
      path: "Examples/Sources/x25-echo-server",
      swiftSettings: [.swiftLanguageMode(.v6)]
    ),
    .executableTarget(
      name: "ExampleX25Client",
      dependencies: ["Sockets"],
      path: "Examples/Sources/x25-echo-client",
      swiftSettings: [.swiftLanguageMode(.v6)]
    ),
    // A server on a loop, which a system test looks at from outside.
    .executableTarget(
      name: "LoopServer",
      dependencies: ["AsyncSockets", "Sockets"],
      path: "Tests/LoopServer",
      swiftSettings: settings
    ),
    .testTarget(
      name: "SystemTests",
      dependencies: [
        "AsyncSockets", "Sockets", "CSockets", "TestSupport", "CTestSupport", "LoopServer",
        "SocketTool", "UserModeLinuxMachine",
        "ExampleX25Server", "ExampleX25Client",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings
    ),
    // A worker process of the serving tests: it gets its connections from the test.
    .executableTarget(
      name: "EchoWorker",
      dependencies: ["Sockets"],
      path: "Tests/EchoWorker",
      swiftSettings: settings
    ),
    .testTarget(
      name: "SocketsTests",
      dependencies: ["Sockets", "CSockets", "TestSupport", "EchoWorker"],
      exclude: ["Golden"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "AsyncSocketsTests",
      dependencies: ["AsyncSockets", "Sockets", "TestSupport"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "SocketToolTests",
      dependencies: [
        "AsyncSockets", "HTTPMessages", "SocketTool", "Sockets", "TestSupport",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      exclude: ["Golden"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "CompileTests",
      dependencies: ["AsyncSockets", "Sockets", "TestSupport"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "TidyTests",
      dependencies: ["TestSupport"],
      exclude: ["Lists"],
      swiftSettings: settings
    ),
  ]
)
