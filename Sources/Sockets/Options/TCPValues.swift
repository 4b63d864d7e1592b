// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Whether a connection is under repair.
///
/// The corresponding C constants are `TCP_REPAIR_ON`, `TCP_REPAIR_OFF` and `TCP_REPAIR_OFF_NO_WP`.
public enum TCPRepair: Int32, Hashable, Sendable {
  /// It sends nothing, and its queues and numbers may be read and set.
  case on = 1
  /// It works; ending a repair sends a window probe.
  case off = 0
  /// It works; ending a repair sends nothing. Reads as ``off``.
  case offWithoutProbe = -1
}

/// A queue of a connection under repair.
///
/// The corresponding C constants are `TCP_NO_QUEUE`, `TCP_RECV_QUEUE` and `TCP_SEND_QUEUE`.
public enum TCPQueue: Int32, Hashable, Sendable {
  /// Neither.
  case none
  /// What came.
  case receive
  /// What is to be sent.
  case send
}

/// A TCP option that a connection under repair had agreed on.
///
/// The corresponding C type is `struct tcp_repair_opt`.
public struct TCPRepairOption: Hashable, Sendable {
  /// The option's kind: 2 segment size, 3 window scale, 4 selective acknowledgements, 8 timestamps.
  public var kind: UInt32
  /// Its value; for the window scale the sender's in the low and the receiver's in the high 16 bits.
  public var value: UInt32

  /// Puts an option together.
  public init(kind: UInt32, value: UInt32 = 0) {
    self.kind = kind
    self.value = value
  }
}

/// The windows of a connection under repair.
///
/// The corresponding C type is `struct tcp_repair_window`.
public struct TCPRepairWindow: Hashable, Sendable {
  /// The sequence number of the last update of the peer's window.
  public var sendUpdateSequence: UInt32
  /// The peer's window, in bytes.
  public var sendWindowByteCount: UInt32
  /// The largest window that the peer ever offered, in bytes.
  public var maximumWindowByteCount: UInt32
  /// The own window, in bytes.
  public var receiveWindowByteCount: UInt32
  /// The sequence number of the last update of the own window.
  public var receiveUpdateSequence: UInt32
}

extension OptionCoding where Value == TCPRepair {
  /// A C `int`.
  static var repair: OptionCoding<TCPRepair> { .number }
}

extension OptionCoding where Value == TCPQueue {
  /// A C `int`.
  static var repairQueue: OptionCoding<TCPQueue> { .number }
}

extension OptionCoding where Value == [TCPRepairOption] {
  /// Pairs of numbers.
  static var repairOptions: OptionCoding<[TCPRepairOption]> {
    .writeOnly { options, writer in
      for option in options {
        writer.put(option.kind)
        writer.put(option.value)
      }
    }
  }
}

extension OptionCoding where Value == TCPRepairWindow {
  /// Five numbers of 32 bits.
  static var repairWindow: OptionCoding<TCPRepairWindow> {
    .structure(
      20,
      write: { value, writer in
        writer.put(value.sendUpdateSequence)
        writer.put(value.sendWindowByteCount)
        writer.put(value.maximumWindowByteCount)
        writer.put(value.receiveWindowByteCount)
        writer.put(value.receiveUpdateSequence)
      },
      read: { reader in
        TCPRepairWindow(
          sendUpdateSequence: reader.take(), sendWindowByteCount: reader.take(),
          maximumWindowByteCount: reader.take(), receiveWindowByteCount: reader.take(),
          receiveUpdateSequence: reader.take())
      })
  }
}

/// A key that signs segments to and from a peer (RFC 2385).
///
/// The corresponding C type is `struct tcp_md5sig`.
public struct TCPSignatureKey: Hashable, Sendable {
  /// The peer's address.
  public var peer: IPAddress
  /// How many bits of the address count; only ``SocketOption/prefixSignatureKey`` heeds it.
  public var prefixLength: UInt8
  /// The interface of the peer; zero for any.
  ///
  /// Only ``SocketOption/prefixSignatureKey`` heeds it.
  public var interface: InterfaceIndex
  /// The key, at most 80 bytes; empty to remove it.
  public var key: [UInt8]

  /// The longest key.
  ///
  /// The corresponding C constant is `TCP_MD5SIG_MAXKEYLEN`.
  public static let maximumKeyByteCount = 80

  /// Puts a key together.
  ///
  /// - Parameters:
  ///   - peer: the peer's address.
  ///   - key: at most 80 bytes; empty to remove the peer's key.
  ///   - prefixLength: how many bits of the address count; `nil` for all.
  ///   - interface: the interface of the peer.
  public init(
    peer: IPAddress, key: [UInt8], prefixLength: UInt8? = nil, interface: InterfaceIndex = .any
  ) {
    self.peer = peer
    self.key = key
    self.prefixLength = prefixLength ?? UInt8(clamping: peer.bitCount)
    self.interface = interface
  }

  /// `struct tcp_md5sig`; `nil` when the key is too long.
  fileprivate func bytes(flags: UInt8) -> [UInt8]? {
    guard key.count <= Self.maximumKeyByteCount else { return nil }
    var writer = FieldWriter()
    writer.put(storage: peer)
    writer.put(flags)
    writer.put(flags == 0 ? UInt8(0) : prefixLength)
    writer.put(UInt16(key.count))
    writer.put(flags & 2 == 0 ? UInt32(0) : interface.rawValue)
    writer.put(key, padTo: Self.maximumKeyByteCount)
    return writer.bytes
  }
}

extension OptionCoding where Value == TCPSignatureKey {
  /// The key of one address.
  static var signature: OptionCoding<TCPSignatureKey> {
    OptionCoding(capacity: 0, encode: { $0.bytes(flags: 0) }, decode: { _ in nil })
  }

  /// The key of a prefix (flag 1), and of an interface where one is named (flag 2).
  static var prefixSignature: OptionCoding<TCPSignatureKey> {
    OptionCoding(
      capacity: 0, encode: { $0.bytes(flags: $0.interface == .any ? 1 : 3) },
      decode: { _ in nil })
  }
}

extension OptionCoding where Value == [UInt8] {
  /// One key of fast open, or two, of 16 bytes each.
  static var fastOpenKey: OptionCoding<[UInt8]> {
    OptionCoding(
      capacity: 32, unit: "bytes",
      encode: { $0.count == 16 || $0.count == 32 ? $0 : nil }, decode: { $0 })
  }
}
