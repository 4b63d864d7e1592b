// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

extension SocketTable {
  /// A socket of some process, as the kernel's table has it.
  ///
  /// The corresponding C types are `struct inet_diag_msg`, `struct unix_diag_msg` and those of other families.
  public struct Entry: Hashable, Sendable {
    /// The family of its addresses.
    public var family: AddressFamily
    /// What it carries.
    public var type: SocketType
    /// The protocol; ``ProtocolNumber/automatic`` for a Unix socket, the Ethernet type, in the machine's byte
    /// order, for a packet socket.
    public var protocolNumber: ProtocolNumber
    /// The state.
    public var state: SocketState
    /// The address that the socket is bound to; that of a raw socket has the protocol for a port, as
    /// `getsockname` tells it too.
    public var localAddress: SocketAddress
    /// The address of its peer; `nil` when it has none, and for a Unix socket, whose peer is ``peerInode``.
    public var peerAddress: SocketAddress?
    /// The interface that the socket is bound to, or ``InterfaceIndex/any``.
    public var interface: InterfaceIndex = .any
    /// What waits in it.
    public var queues: Queues
    /// The timer that runs, or `nil`.
    public var timer: Timer?
    /// The user who made the socket; `nil` where the kernel does not tell, as of a connection that no process has any more.
    public var ownerUserID: UInt32?
    /// The number of its file, by which `/proc/PID/fd` names it; 0 when no process has it open.
    public var inode: UInt32
    /// A number that no other socket has had since the system started; see ``SocketOption/cookie``.
    public var cookie: UInt64
    /// The mark of its packets; `nil` unless the asker has `CAP_NET_ADMIN`, and for a Unix socket.
    public var mark: UInt32?
    /// What it has in its buffers; `nil` for one that is over or not yet a socket of its own.
    public var memory: SocketMemory?
    /// The congestion control, for example `cubic`, of TCP.
    public var congestionControl: String?
    /// The state and measurements of a TCP connection.
    public var tcp: TCPInformation?
    /// Which directions are shut down; `nil` where the kernel does not tell.
    public var shutdown: Directions?
    /// Whether the socket takes IPv6 alone; `nil` where the kernel does not tell, as for connected ones.
    public var isIPv6Only: Bool?
    /// The inode of the peer, of a Unix socket; `nil` when it has none.
    public var peerInode: UInt32?
  }

  /// What waits in a socket.
  public enum Queues: Hashable, Sendable {
    /// Bytes that came and were not yet read, and bytes that were written and not yet taken by the peer.
    ///
    /// Those of UDP and raw sockets count the memory that the packets take.
    case bytes(received: UInt32, sent: UInt32)
    /// Of a listening socket: connections that wait to be accepted, and its backlog.
    case connections(waiting: UInt32, backlog: UInt32)

    init(_ state: SocketState, _ first: UInt32, _ second: UInt32) {
      self =
        state == .listening
        ? .connections(waiting: first, backlog: second) : .bytes(received: first, sent: second)
    }
  }

  /// A timer of a connection.
  public struct Timer: Hashable, Sendable {
    /// What happens when it runs out.
    ///
    /// An open set, since the kernel owns the list. The corresponding C field is `idiag_timer`.
    public struct Kind: RawRepresentable, Hashable, Sendable {
      /// The kernel's number.
      public var rawValue: UInt8

      /// Makes a kind from the kernel's number.
      public init(rawValue: UInt8) { self.rawValue = rawValue }

      /// A segment is sent again.
      public static let retransmission = Kind(rawValue: 1)
      /// The peer is asked whether it is still there, or something else that is not urgent happens.
      public static let keepAlive = Kind(rawValue: 2)
      /// The connection is forgotten.
      public static let timeWait = Kind(rawValue: 3)
      /// A peer without room is asked whether it has some.
      public static let windowProbe = Kind(rawValue: 4)
    }

    /// What happens when it runs out.
    public var kind: Kind
    /// In how long.
    public var expiry: Duration
    /// How often a segment was sent again, or the peer was asked, without an answer.
    public var retransmitCount: UInt8

    package init(kind: Kind, expiry: Duration, retransmitCount: UInt8) {
      self.kind = kind
      self.expiry = expiry
      self.retransmitCount = retransmitCount
    }
  }

  /// Directions of a socket.
  ///
  /// The corresponding C constants are the kernel's `RCV_SHUTDOWN` and `SEND_SHUTDOWN`.
  public struct Directions: OptionSet, Hashable, Sendable {
    /// The kernel's bits.
    public var rawValue: UInt8

    /// Makes a set from the kernel's bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Receiving.
    public static let read = Directions(rawValue: 1)
    /// Sending.
    public static let write = Directions(rawValue: 2)
  }
}
