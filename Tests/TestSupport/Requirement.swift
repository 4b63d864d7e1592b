// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import Glibc
package import Sockets
package import Testing

/// What a test needs of the machine: the one way in which a test may be skipped.
///
///     @Test(.requires(.program("socat"), .family(.ipv6)))
///
/// A test that is skipped prints one line, `SKIPPED: File.swift:12: needs …`. In CI (`CI=true`) a missing
/// thing that `./check test` could have put there is a failure instead; only what the machine's kernel
/// or the user's rights cannot give is still skipped.
package enum Requirement: Sendable {
  /// The user is root.
  case root
  /// The thread has a capability, by its number in `linux/capability.h`.
  case capability(Capability)
  /// A program that is found on the path.
  case program(String)
  /// A file that is part of most systems, and missing in minimal ones.
  case file(String)
  /// The kernel makes sockets of this family.
  case family(AddressFamily)
  /// The kernel makes sockets of this kind.
  case socket(AddressFamily, SocketType, ProtocolNumber)
  /// Network namespaces may be made here.
  case networkNamespaces
  /// The device that makes TUN and TAP interfaces.
  case tunnelDevice
  /// Debian's User-Mode Linux kernel is installed.
  case userModeLinux
  /// The kernel is at least this version.
  case kernel(Int, Int)
  /// Anything else about the kernel, probed by the test's own author.
  case kernelFeature(String, isPresent: @Sendable () -> Bool)

  /// Capabilities by which tests are chosen.
  package enum Capability: Int, Sendable {
    case netBindService = 10
    case netBroadcast = 11
    case netAdmin = 12
    case netRaw = 13
    case sysAdmin = 21

    /// The C constant.
    package var cName: String {
      switch self {
      case .netBindService: "CAP_NET_BIND_SERVICE"
      case .netBroadcast: "CAP_NET_BROADCAST"
      case .netAdmin: "CAP_NET_ADMIN"
      case .netRaw: "CAP_NET_RAW"
      case .sysAdmin: "CAP_SYS_ADMIN"
      }
    }
  }

  /// What is needed, as the end of "needs …".
  package var description: String {
    switch self {
    case .root: "root"
    case .capability(let capability): capability.cName
    case .program(let name): "the program \(name) (./check test installs it on Debian when root)"
    case .file(let path): "the file \(path)"
    case .family(let family): "a kernel with \(family.cName)"
    case .socket(let family, let type, let number):
      "a kernel with \(family.cName), \(type), \(number)"
    case .networkNamespaces: "network namespaces (CAP_SYS_ADMIN)"
    case .tunnelDevice: "/dev/net/tun (CAP_NET_ADMIN)"
    case .userModeLinux:
      "the package user-mode-linux (./check test installs it on Debian when root)"
    case .kernel(let major, let minor): "Linux \(major).\(minor) or later"
    case .kernelFeature(let text, _): "a machine with \(text)"
    }
  }

  /// Whether the machine has it.
  package var isMet: Bool {
    switch self {
    case .root: geteuid() == 0
    case .capability(let capability): effectiveCapabilities() >> capability.rawValue & 1 == 1
    case .program(let name): pathOfProgram(name) != nil
    case .file(let path): pathExists(path)
    case .family(let family): canMakeSocket(CInt(family.rawValue), nil, 0)
    case .socket(let family, let type, let number):
      canMakeSocket(CInt(family.rawValue), CInt(type.rawValue), CInt(number.rawValue))
    case .networkNamespaces:
      Requirement.capability(.sysAdmin).isMet && pathExists("/proc/self/ns/net")
    case .tunnelDevice: pathExists("/dev/net/tun")
    case .userModeLinux: pathOfProgram("linux.uml") != nil
    case .kernel(let major, let minor): kernelVersion() >= (major, minor)
    case .kernelFeature(_, let isPresent): isPresent()
    }
  }

  /// Whether `./check test`, as root on Debian, puts the thing there: then missing it fails in CI.
  package var canBeInstalled: Bool {
    switch self {
    case .program, .userModeLinux: true
    default: false
    }
  }
}

/// A test was not skipped, because this CI could have run it.
package struct MissingInCI: Error, CustomStringConvertible {
  package var description: String
}

extension Trait where Self == ConditionTrait {
  /// The test runs only where everything in the list is there; see ``Requirement``.
  package static func requires(
    _ requirements: Requirement...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> Self {
    let texts = requirements.map(\.description).joined(separator: ", ")
    return .enabled("needs \(texts)", sourceLocation: sourceLocation) {
      guard let missing = requirements.first(where: { !$0.isMet }) else { return true }
      let line = "\(sourceLocation.fileID):\(sourceLocation.line): needs \(missing.description)"
      if isCI && missing.canBeInstalled {
        throw MissingInCI(description: "\(line); a skipped test that CI could run is a failure")
      }
      printSkip("SKIPPED: \(line)\n")
      return false
    }
  }
}

/// Whether the run is CI's.
package let isCI = environment("CI").map { !["", "0", "false"].contains($0) } ?? false

/// The value of an environment variable.
package func environment(_ name: String) -> String? {
  // SAFETY: the text is copied at once; no test changes the environment.
  unsafe getenv(name).map { unsafe String(cString: $0) }
}

/// The path of a program that is found as the shell finds it, `/usr/sbin` and `/sbin` included.
package func pathOfProgram(_ name: String) -> String? {
  let folders = (environment("PATH") ?? "").split(separator: ":").map(String.init)
  return (folders + ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]).lazy.map { "\($0)/\(name)" }
    .first { unsafe access($0, X_OK) == 0 }
}

private func pathExists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

/// One line in one write, so that tests side by side do not mix their lines.
private func printSkip(_ line: String) {
  let bytes = Array(line.utf8)
  // SAFETY: the pointer and the count are of one array.
  _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

private func canMakeSocket(_ family: CInt, _ type: CInt?, _ number: CInt) -> Bool {
  // Stream, datagram, raw, sequenced-packet: any of them shows that the kernel has the family.
  for type in type.map({ [$0] }) ?? [1, 2, 5, 3] {
    let descriptor = Glibc.socket(family, type | 0o2000000, number)
    if descriptor >= 0 {
      close(descriptor)
      return true
    }
  }
  return false
}

/// The bits of `CapEff` in `/proc/thread-self/status`.
private func effectiveCapabilities() -> UInt64 {
  guard let file = unsafe fopen("/proc/thread-self/status", "r") else { return 0 }
  defer { unsafe fclose(file) }
  var line: [CChar] = Array(repeating: 0, count: 512)
  // SAFETY: fgets ends what it writes with a NUL within the count it is given.
  while unsafe fgets(&line, CInt(line.count), file) != nil {
    let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard text.hasPrefix("CapEff:") else { continue }
    let digits = text.dropFirst(7).filter(\.isHexDigit)
    return UInt64(digits, radix: 16) ?? 0
  }
  return 0
}

/// The running kernel's version, as `uname -r` begins.
private func kernelVersion() -> (Int, Int) {
  var names = utsname()
  // SAFETY: the kernel ends the release with a NUL.
  guard unsafe uname(&names) == 0 else { return (0, 0) }
  let release = unsafe withUnsafeBytes(of: &names.release) { bytes in
    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
  let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
  return numbers.count == 2 ? (numbers[0], numbers[1]) : (0, 0)
}
