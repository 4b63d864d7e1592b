// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
internal import SystemPackage

/// The kernel's table of sockets: those of every process in the calling thread's network namespace.
///
/// One part of it is read at a time, entry by entry:
///
///     var table = try SocketTable(.tcpIPv4, states: .listening)
///     while let socket = try table.next() {
///       print(socket.localAddress, socket.queues, socket.inode)
///     }
///
/// What is read is no snapshot: sockets come and go meanwhile, and one may be missed or told of twice. A
/// socket's number in its process is not in the table; its ``Entry/inode`` is what `/proc/PID/fd` shows as
/// `socket:[…]`.
///
/// The corresponding C interface is sock_diag(7), which `ss` uses too.
public struct SocketTable: ~Copyable {
  /// A part of the table, which the kernel answers for separately.
  ///
  /// A closed list: those whose form is known here.
  public enum Part: CaseIterable, Hashable, Sendable {

    /// TCP over IPv4.
    case tcpIPv4
    /// TCP over IPv6, those that serve IPv4 as well included.
    case tcpIPv6
    /// MPTCP over IPv4 as its users see it; the TCP connections below it are in the part of TCP.
    case multipathIPv4
    /// MPTCP over IPv6 as its users see it.
    case multipathIPv6
    /// UDP over IPv4.
    case udpIPv4
    /// UDP over IPv6, those that serve IPv4 as well included.
    case udpIPv6
    /// UDP-Lite over IPv4.
    case udpLiteIPv4
    /// UDP-Lite over IPv6.
    case udpLiteIPv6
    /// Raw sockets of IPv4, of every protocol.
    case rawIPv4
    /// Raw sockets of IPv6, of every protocol.
    case rawIPv6
    /// Unix sockets of every type, with a name and without.
    case unix
    /// Packet sockets, which see what goes over a link.
    case packet
    /// Netlink sockets of every protocol, the kernel's own included.
    case netlink
    /// Sockets between virtual machines and their host; few kernels list them.
    case vsock

    /// The family of its sockets.
    public var family: AddressFamily {
      switch self {
      case .tcpIPv4, .multipathIPv4, .udpIPv4, .udpLiteIPv4, .rawIPv4: .ipv4
      case .tcpIPv6, .multipathIPv6, .udpIPv6, .udpLiteIPv6, .rawIPv6: .ipv6
      case .unix: .unix
      case .packet: .packet
      case .netlink: .netlink
      case .vsock: .vsock
      }
    }

    /// The type of its sockets; where there are several, as for Unix sockets, each entry has its own.
    public var type: SocketType {
      switch self {
      case .tcpIPv4, .tcpIPv6, .multipathIPv4, .multipathIPv6, .unix, .vsock: .stream
      case .udpIPv4, .udpIPv6, .udpLiteIPv4, .udpLiteIPv6: .datagram
      case .rawIPv4, .rawIPv6, .packet, .netlink: .raw
      }
    }

    /// The protocol of its sockets; where there are several, as for raw sockets, each entry has its own.
    public var protocolNumber: ProtocolNumber {
      switch self {
      case .tcpIPv4, .tcpIPv6: .tcp
      case .multipathIPv4, .multipathIPv6: .mptcp
      case .udpIPv4, .udpIPv6: .udp
      case .udpLiteIPv4, .udpLiteIPv6: .udpLite
      case .rawIPv4, .rawIPv6: .raw
      case .unix, .packet, .netlink, .vsock: .automatic
      }
    }
  }

  /// What the kernel is to tell of each socket besides its addresses, state and queues.
  ///
  /// What is not asked for costs nothing: with ten thousand connections that is most of the time.
  public struct Details: OptionSet, Hashable, Sendable {
    /// A bit for each detail.
    public var rawValue: UInt8

    /// Makes a set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The state and measurements of TCP connections: ``Entry/tcp`` and ``Entry/congestionControl``.
    public static let tcp = Details(rawValue: 1)
    /// What is in its buffers: ``Entry/memory``.
    ///
    /// That of packet and netlink sockets is always told: their queues are in it.
    public static let memory = Details(rawValue: 2)
    /// All of it.
    public static let all: Details = [.tcp, .memory]
  }

  /// Which part is read.
  public let part: Part
  private let states: SocketStates
  private var query: NetlinkQuery

  /// Whether the kernel has said so far that the table changed while it was read.
  ///
  /// The corresponding C constant is `NLM_F_DUMP_INTR`.
  public var wasInterrupted: Bool { query.wasInterrupted }

  /// Asks the kernel for a part of its table.
  ///
  /// - Parameters:
  ///   - part: which part.
  ///   - states: the states of the sockets to list; the kernel leaves out most others itself.
  ///   - details: what it is to tell of each.
  /// - Throws: ``SocketError`` with `EPROTONOSUPPORT` or `EAFNOSUPPORT` when this kernel has no sock_diag at
  ///   all, `EMFILE`, `ENFILE`, `ENOBUFS` or `ENOMEM` when the process or the system has no more sockets or
  ///   memory. A part that is missing is told of by ``next()``.
  ///
  /// The corresponding C constant is `SOCK_DIAG_BY_FAMILY`.
  public init(
    _ part: Part,
    states: SocketStates = .all,
    details: Details = .all
  ) throws(SocketError) {
    self.part = part
    self.states = states
    query = try NetlinkQuery(
      Self.request(part, states, details),
      CS_NETLINK_SOCK_DIAG,
      .diagnose,
      subject: .socket(part.family, part.type, part.protocolNumber)
    )
  }

  private static func request(
    _ part: Part, _ states: SocketStates, _ details: Details
  ) -> NetlinkRequest {
    switch part.family {
    case .unix: unixRequest(states, details)
    case .packet: packetRequest()
    case .netlink: netlinkRequest()
    case .vsock: vsockRequest(states)
    default: internetRequest(part, states, details)
    }
  }

  /// Whether a state was asked for; two of TCP have the names of others in the kernel's answers.
  private func isWanted(_ state: SocketState) -> Bool {
    if states.contains(SocketStates(state)) { return true }
    guard part == .tcpIPv4 || part == .tcpIPv6 else { return false }
    return state == .closed && states.contains(SocketStates(.boundInactive))
      || state == .synReceived && states.contains(SocketStates(.newSynReceived))
  }

  /// The next socket, or `nil` at the end.
  ///
  /// - Returns: what the kernel told of it.
  /// - Throws: ``SocketError`` with `ENOENT` when this kernel does not list this part, the text of which says
  ///   what would provide it; `ENOBUFS` or `ENOMEM` when the system has no more memory; cause
  ///   ``SocketError/Cause/malformed`` when the answer makes no sense.
  ///
  /// The corresponding C types are `struct inet_diag_msg`, `struct unix_diag_msg` and those of other families.
  public mutating func next() throws(SocketError) -> Entry? {
    while let message = try query.next() {
      guard message.type == CS_SOCK_DIAG_BY_FAMILY else { continue }
      do throws(NetlinkMalformed) {
        let bytes = query.datagram
        let entry = try Entry(message, in: bytes.span, part)
        // The kernel does not look at the states of raw, packet and netlink sockets, and others may have changed theirs after it did.
        guard isWanted(entry.state) else { continue }
        return entry
      } catch {
        throw query.error(.malformed)
      }
    }
    return nil
  }

  /// All sockets of some parts of the table, in memory at once.
  ///
  /// - Parameters:
  ///   - parts: which parts; `nil` means ``availableParts()``.
  ///   - states: the states of the sockets to list.
  ///   - details: what to tell of each.
  /// - Returns: the sockets, in the order of the parts and then in the kernel's.
  /// - Throws: ``SocketError`` as ``init(_:states:details:)`` and ``next()`` do.
  ///
  /// The corresponding C constant is `SOCK_DIAG_BY_FAMILY`.
  public static func entries(
    of parts: [Part]? = nil,
    states: SocketStates = .all,
    details: Details = .all
  ) throws(SocketError) -> [Entry] {
    let parts = if let parts { parts } else { try availableParts() }
    var entries: [Entry] = []
    for part in parts {
      var table = try SocketTable(part, states: states, details: details)
      while let entry = try table.next() { entries.append(entry) }
    }
    return entries
  }

  /// The parts that this kernel lists.
  ///
  /// Asking loads the kernel's modules for them, where it has any and may.
  ///
  /// - Returns: the parts, in the order of ``Part``.
  /// - Throws: ``SocketError`` as ``init(_:states:details:)`` does.
  ///
  /// The corresponding C constant is `SOCK_DIAG_BY_FAMILY`, for no state at all.
  public static func availableParts() throws(SocketError) -> [Part] {
    var parts: [Part] = []
    for part in Part.allCases {
      do throws(SocketError) {
        var table = try SocketTable(part, states: [])
        while try table.next() != nil {}
        parts.append(part)
      } catch {
        guard error.errno == .noSuchFileOrDirectory else { throw error }
      }
    }
    return parts
  }
}
