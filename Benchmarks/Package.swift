// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
import PackageDescription

/// The same settings as who uses the packages would have.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
  name: "Benchmarks",
  platforms: [.macOS(.v26)],
  dependencies: [
    .package(name: "swift-sockets", path: ".."),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
  ],
  targets: [
    .executableTarget(
      name: "echo-sockets",
      dependencies: [
        .product(name: "Sockets", package: "swift-sockets"),
        .product(name: "AsyncSockets", package: "swift-sockets"),
      ],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "udp-sockets",
      dependencies: [
        .product(name: "Sockets", package: "swift-sockets"),
        .product(name: "AsyncSockets", package: "swift-sockets"),
      ],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "echo-nio",
      dependencies: [
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]
    ),
    .executableTarget(
      name: "echo-nio-async",
      dependencies: [
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]
    ),
    .executableTarget(
      name: "echo-flying",
      dependencies: [.product(name: "FlyingSocks", package: "FlyingFox")]
    ),
  ]
)
