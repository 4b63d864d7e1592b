// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import TestSupport

/// A client, three routers and a target in a row, in network namespaces without names, which end with their owner.
///
/// Between host `i` and the next is the net `10.9.i.0/24` and `fd00:9:i::/64`, whose near end is 1 and whose far end is 2. So the
/// routers are seen as `10.9.0.2`, `10.9.1.2` and `10.9.2.2`, and the target is `10.9.3.2`. ICMP is sent at any rate.
///
/// The nets `10.8.0.0/16` and `fd00:8::/32` lie behind the second router, which a test has end the way there.
struct ProbeChain {
  static let target4 = "10.9.3.2"
  static let target6 = "fd00:9:3::2"
  static let path4 = ["10.9.0.2", "10.9.1.2", "10.9.2.2", target4]
  static let path6 = ["fd00:9:0::2", "fd00:9:1::2", "fd00:9:2::2", target6].map(Self.short)

  let hosts: [NetworkHost]
  var client: NetworkHost { hosts[0] }
  var target: NetworkHost { hosts[4] }

  /// Makes the hosts and joins them.
  init() throws {
    hosts = try (0..<5).map { _ in try NetworkHost() }
    for number in 0..<4 {
      try hosts[number].connect("right", to: hosts[number + 1], "left")
      try hosts[number].configure(Self.addresses(number, 1, "right"))
      try hosts[number + 1].configure(Self.addresses(number, 2, "left"))
    }
    for host in hosts {
      try host.write("0", to: "ipv4/icmp_ratelimit")
      try host.write("0", to: "ipv6/icmp/ratelimit")
    }
    for number in 1...3 {
      try hosts[number].write("1", to: "ipv4/ip_forward")
      try hosts[number].write("1", to: "ipv6/conf/all/forwarding")
      try hosts[number].configure(Self.routes(number))
    }
    try client.configure(
      "route add default via 10.9.0.2", "route add ::/0 via fd00:9:0::2")
    try target.configure(
      "route add default via 10.9.3.1", "route add ::/0 via fd00:9:3::1")
  }

  private static func addresses(_ net: Int, _ end: Int, _ interface: String) -> [String] {
    [
      "addr add 10.9.\(net).\(end)/24 dev \(interface)",
      "addr add fd00:9:\(net)::\(end)/64 dev \(interface) nodad",
      "addr add fe80::\(end)/64 dev \(interface) nodad",
    ]
  }

  /// What lies behind the neighbours of a router.
  private static func routes(_ number: Int) -> [String] {
    var routes: [String] = []
    for net in 0..<4 where net != number && net != number - 1 {
      let isBefore = net < number
      let via = isBefore ? "9.\(number - 1).1" : "9.\(number).2"
      let via6 = isBefore ? "fd00:9:\(number - 1)::1" : "fd00:9:\(number)::2"
      routes.append("route add 10.9.\(net).0/24 via 10.\(via)")
      routes.append("route add fd00:9:\(net)::/64 via \(via6)")
    }
    if number < 3 {
      routes.append("route add 10.8.0.0/16 via 10.9.\(number).2")
      routes.append("route add fd00:8::/32 via fd00:9:\(number)::2")
    }
    return routes
  }

  /// An address of IPv6 as it is printed.
  private static func short(_ text: String) -> String { text.replacing(":0::", with: "::") }

  /// Who may send echoes without CAP_NET_RAW on the client: everybody, or nobody.
  func allowEchoes(_ isAllowed: Bool) throws {
    try client.write(isAllowed ? "0 2147483647" : "1 0", to: "ipv4/ping_group_range")
  }
}

/// Runs the built tool in a host to its end.
///
/// - Parameters:
///   - host: where.
///   - arguments: the command line.
///   - isNobody: whether it runs without any right.
/// - Returns: what it wrote and how it ended.
/// - Throws: when it could not be started or did not end.
func sockets(
  in host: NetworkHost, _ arguments: String..., isNobody: Bool = false
) async throws -> ToolRun {
  // A user who has no rights may not enter the folder of the program, either, so that it is opened before.
  let rights = "setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --"
  let shell =
    isNobody ? "exec 9<\"$1\"; shift; exec \(rights) /proc/self/fd/9 \"$@\"" : "exec \"$@\""
  return try await run([try builtProgram("sockets")] + arguments, in: host, shell: shell)
}
