// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// What this process may do with sockets beyond any other (capabilities(7)).
enum CapabilitySupport {
  private static let capabilities: [(bit: Int, name: String, use: String)] = [
    (0, "CAP_CHOWN", "give a Unix path to another owner"),
    (10, "CAP_NET_BIND_SERVICE", "ports below ip_unprivileged_port_start"),
    (12, "CAP_NET_ADMIN", "marks, transparent sockets, larger buffers by force"),
    (13, "CAP_NET_RAW", "raw and packet sockets, binding to a device"),
    (21, "CAP_SYS_ADMIN", "network namespaces"),
    (24, "CAP_SYS_RESOURCE", "raise the hard limit of descriptors"),
    (38, "CAP_PERFMON", "read what BPF programs saw"),
    (39, "CAP_BPF", "load BPF programs for sockets"),
  ]

  static func rows() -> [SupportRow] {
    guard let mask = effectiveMask() else {
      return [
        SupportRow(
          "effective", .no, "the capabilities of this process",
          reason: "/proc/self/status does not tell", remedy: "Mount /proc.")
      ]
    }
    return capabilities.map { capability in
      let isThere = mask >> UInt64(capability.bit) & 1 == 1
      return SupportRow(
        capability.name, isThere ? .yes : .forbidden, capability.use,
        reason: isThere ? nil : "this process does not have it",
        remedy: isThere
          ? nil
          : ProcessFacts.isRoot
            ? "A container took it away: allow it there."
            : "Run as root, or setcap \(capability.name.lowercased())+ep PROGRAM.")
    }
  }

  /// The bits of the line `CapEff` of `/proc/self/status` (proc(5)).
  private static func effectiveMask() -> UInt64? {
    guard let status = SmallFile.text("/proc/self/status") else { return nil }
    for line in status.split(separator: "\n") where line.hasPrefix("CapEff:") {
      return line.split(whereSeparator: \.isWhitespace).last.flatMap { UInt64($0, radix: 16) }
    }
    return nil
  }
}

/// How much of everything there may be.
enum LimitSupport {
  private static let settings: [(path: String, meaning: String)] = [
    ("net/core/somaxconn", "the longest backlog of a listening socket"),
    ("net/ipv4/tcp_max_syn_backlog", "handshakes that may be under way"),
    ("net/ipv4/ip_local_port_range", "ports that the kernel chooses from"),
    ("net/ipv4/ip_unprivileged_port_start", "ports below it need CAP_NET_BIND_SERVICE"),
    ("net/ipv4/ping_group_range", "groups that may send echoes without CAP_NET_RAW"),
    ("net/core/rmem_default", "bytes of a receive buffer at first"),
    ("net/core/rmem_max", "bytes that SO_RCVBUF may ask for"),
    ("net/core/wmem_default", "bytes of a send buffer at first"),
    ("net/core/wmem_max", "bytes that SO_SNDBUF may ask for"),
    ("net/ipv4/tcp_rmem", "TCP receive buffer: least, first, most bytes"),
    ("net/ipv4/tcp_wmem", "TCP send buffer: least, first, most bytes"),
    ("net/core/optmem_max", "bytes of control messages and options a socket"),
    ("net/unix/max_dgram_qlen", "datagrams that may wait at a Unix socket"),
    ("net/ipv4/tcp_congestion_control", "congestion control of new connections"),
    ("net/ipv4/tcp_available_congestion_control", "congestion control to choose from"),
    ("net/ipv4/tcp_fastopen", "TCP Fast Open: 1 client, 2 server"),
    ("net/ipv6/bindv6only", "whether [::] leaves IPv4 out"),
    ("fs/file-max", "open files of the whole system"),
    ("fs/nr_open", "the most descriptors that a process may ask for"),
  ]

  static func rows() -> [SupportRow] {
    var rows: [SupportRow] = []
    if let limit = descriptorLimit() { rows.append(limit) }
    for (path, meaning) in settings {
      let name = path.split(separator: "/").joined(separator: ".")
      guard let value = Limits.setting(path) else {
        rows.append(
          SupportRow(
            name, .no, meaning, reason: "this kernel, or this container, does not have it",
            remedy: "Run outside of the container, or load the module that it belongs to."))
        continue
      }
      rows.append(
        SupportRow(
          name, .value, meaning, value: value,
          remedy: "To change it: sysctl -w \(name)='VALUE', as root."))
    }
    return rows
  }

  /// The line `Max open files` of `/proc/self/limits` (proc(5)): the soft and the hard limit.
  private static func descriptorLimit() -> SupportRow? {
    guard let text = SmallFile.text("/proc/self/limits"),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("Max open files") })
    else { return nil }
    let words = line.dropFirst("Max open files".count).split(separator: " ")
    guard words.count >= 2 else { return nil }
    return SupportRow(
      "descriptors", .value, "open files of this process; at most \(words[1])",
      value: String(words[0]),
      remedy: "To change it: ulimit -n NUMBER, up to the second number.")
  }
}
