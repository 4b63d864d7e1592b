// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

package import Sockets

/// How a connection to a name is attempted: Happy Eyeballs, version 2 (RFC 8305).
///
/// Both versions of IP are asked for at once. The addresses are tried one after the other, the versions in turn, each while the
/// earlier ones go on; the first connection wins, and the others are closed.
public struct HappyEyeballs: Hashable, Sendable {
  /// How long the IPv4 addresses wait for the IPv6 ones, once they are there (RFC 8305, section 3).
  public var resolutionDelay: Duration
  /// How long an attempt has before the next begins beside it (RFC 8305, section 5); at least 10 ms.
  public var attemptDelay: Duration
  /// How many addresses of the preferred version come first (RFC 8305, section 4); at least one.
  public var firstFamilyCount: Int
  /// The preferred version: IPv6, unless the other is asked for.
  public var prefersIPv4: Bool

  /// Names the delays.
  ///
  /// - Parameters:
  ///   - resolutionDelay: how long IPv4 addresses wait for IPv6 ones.
  ///   - attemptDelay: how long an attempt has before the next begins.
  ///   - firstFamilyCount: how many addresses of the preferred version come first.
  ///   - prefersIPv4: whether IPv4 is the preferred version.
  public init(
    resolutionDelay: Duration = .milliseconds(50), attemptDelay: Duration = .milliseconds(250),
    firstFamilyCount: Int = 1, prefersIPv4: Bool = false
  ) {
    self.resolutionDelay = resolutionDelay
    self.attemptDelay = max(attemptDelay, .milliseconds(10))
    self.firstFamilyCount = max(1, firstFamilyCount)
    self.prefersIPv4 = prefersIPv4
  }
}

/// What is known during a race: which addresses are left, and whether the next may begin.
///
/// It asks nobody and waits for nothing, so that every order of events can be tried on it.
package struct AddressRace {
  private let rules: HappyEyeballs
  private var preferred: [SocketAddress] = []
  private var other: [SocketAddress] = []
  private var startedOfPreferred = 0
  private var lastWasPreferred = false
  private var hasPreferredAnswer = false
  private var hasOtherAnswer = false
  private var hasWaitedForPreferred = false
  private var mayBegin = true
  private var running = 0
  /// How many attempts were begun: the number of the latest.
  package private(set) var begun = 0

  package init(_ rules: HappyEyeballs) { self.rules = rules }

  private func isPreferred(_ family: AddressFamily) -> Bool {
    (family == .ipv4) == rules.prefersIPv4
  }

  /// The addresses of one version are known; none when there are none, or nobody answered.
  ///
  /// - Returns: whether to wait for the preferred version's answer for ``HappyEyeballs/resolutionDelay``.
  package mutating func answered(_ family: AddressFamily, _ addresses: [SocketAddress]) -> Bool {
    if isPreferred(family) {
      hasPreferredAnswer = true
      preferred += addresses
      return false
    }
    hasOtherAnswer = true
    other += addresses
    return !hasPreferredAnswer && !addresses.isEmpty
  }

  /// The preferred version's answer was waited for.
  package mutating func resolutionDelayPassed() { hasWaitedForPreferred = true }

  /// An attempt has had its time; if it is the latest, the next may begin.
  package mutating func attemptDelayPassed(of number: Int) {
    if number == begun { mayBegin = true }
  }

  /// An attempt failed: the next one need not wait.
  package mutating func failed() {
    running -= 1
    mayBegin = true
  }

  /// The address to try now; `nil` when none is to be tried now.
  package mutating func next() -> SocketAddress? {
    let canChoose = hasPreferredAnswer || hasWaitedForPreferred
    guard mayBegin, canChoose, !preferred.isEmpty || !other.isEmpty else { return nil }
    let isPreferredsTurn =
      other.isEmpty
      || !preferred.isEmpty && (startedOfPreferred < rules.firstFamilyCount || !lastWasPreferred)
    mayBegin = false
    running += 1
    begun += 1
    lastWasPreferred = isPreferredsTurn
    if isPreferredsTurn {
      startedOfPreferred += 1
      return preferred.removeFirst()
    }
    return other.removeFirst()
  }

  /// Whether nothing runs, nothing is left, and nothing more will come.
  package var isOver: Bool {
    running == 0 && preferred.isEmpty && other.isEmpty && hasPreferredAnswer && hasOtherAnswer
  }
}
