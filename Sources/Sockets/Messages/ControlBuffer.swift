// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
internal import SystemPackage

/// The control messages that came with a message, in memory that is made once and used again.
///
/// Lend it to `DataSocket/receiveMessage(into:control:flags:deadline:)`, then ask it typed questions, or go
/// over all its items with ``forEach(_:)``. The kernel adds an item only where an option asks for it, except
/// descriptors, which the peer decides.
///
/// The buffer owns the descriptors that came until they are taken. Those that were not are closed when it is
/// used for another message, and when it ends: a peer cannot fill the process's table by sending what nobody
/// asked for.
///
/// The corresponding C fields are `msg_control` and `msg_controllen` of `struct msghdr`.
public struct ControlBuffer: ~Copyable, Sendable {
  /// The room; its count never changes.
  package var storage: [UInt8]
  /// How many bytes of it the kernel has filled; at most the room.
  package private(set) var filledByteCount = 0

  /// Makes a buffer.
  ///
  /// The default has room for everything that one message can bring, 253 descriptors included; only a security
  /// label longer than 700 bytes needs more.
  ///
  /// - Parameter capacity: the room in bytes, zero or more. What does not fit is cut by the kernel, which says
  ///   so by ``ReceivedMessage/isControlTruncated``.
  public init(capacity: Int = 2048) {
    storage = Array(repeating: 0, count: max(0, capacity))
  }

  deinit { closeDescriptors() }

  /// The room in bytes.
  public var capacity: Int { storage.count }

  /// Forgets what came, and closes the descriptors that were not taken.
  public mutating func removeAll() {
    closeDescriptors()
    filledByteCount = 0
  }

  /// Notes what the kernel has written.
  package mutating func setFilled(_ count: Int) { filledByteCount = max(0, min(count, capacity)) }

  /// Lends the items' bytes.
  package func withFilled<R: ~Copyable>(_ body: (borrowing Span<UInt8>) -> R) -> R {
    body(storage.span.extracting(first: filledByteCount))
  }

  // MARK: Descriptors

  /// How many descriptors came and have not been taken.
  public var descriptorCount: Int {
    var count = 0
    forEachDescriptor(CS_SCM_RIGHTS) { _, _ in count += 1 }
    return count
  }

  /// Takes the descriptors that came with the message.
  ///
  /// The descriptors of a message that was only looked at (``MessageFlags/peek``) are copies: they come again
  /// with the message itself.
  ///
  /// - Returns: their owner, empty when none came or they were taken before.
  ///
  /// The corresponding C constant is `SCM_RIGHTS`.
  public mutating func takeDescriptors() -> ReceivedDescriptors {
    ReceivedDescriptors(owning: take(CS_SCM_RIGHTS))
  }

  /// Takes the descriptor of the process that sent the message.
  ///
  /// The kernel adds it where the option `SO_PASSPIDFD` is set (Linux 6.5 or later).
  ///
  /// - Returns: its owner, or `nil` when none came, the process had ended, or it was taken before.
  ///
  /// The corresponding C constant is `SCM_PIDFD`.
  public mutating func takeProcessDescriptor() -> ProcessDescriptor? {
    guard let number = take(CS_SCM_PIDFD).first else { return nil }
    return ProcessDescriptor(owning: FileDescriptor(rawValue: number))
  }

  /// Takes descriptors of one kind out of the buffer: what was taken reads as -1 from now on.
  private mutating func take(_ type: Int32) -> [Int32] {
    var numbers: [Int32] = []
    var places: [Int] = []
    forEachDescriptor(type) { number, offset in
      numbers.append(number)
      places.append(offset)
    }
    for place in places {
      for index in place..<place + 4 { storage[index] = 0xff }
    }
    return numbers
  }

  /// Calls a body with each descriptor that is still the buffer's, and its offset.
  ///
  /// A part of a number at an item's end is no descriptor.
  private func forEachDescriptor(_ type: Int32, _ body: (Int32, Int) -> Void) {
    withFilled { Self.forEachDescriptor(type, in: $0, body) }
  }

  private static func forEachDescriptor(
    _ type: Int32, in bytes: borrowing Span<UInt8>, _ body: (Int32, Int) -> Void
  ) {
    var cursor = ControlCursor()
    while case .item(let item) = cursor.next(in: bytes) {
      guard item.level == CS_SOL_SOCKET, item.type == type else { continue }
      for index in 0..<item.payload.count / 4 {
        guard let number: Int32 = bytes.number(at: 4 * index, in: item.payload), number >= 0
        else { continue }
        body(number, item.payload.lowerBound + 4 * index)
      }
    }
  }

  private func closeDescriptors() { withFilled { Self.closeDescriptors(in: $0) } }

  /// Closes the descriptors that are in control messages.
  static func closeDescriptors(in bytes: borrowing Span<UInt8>) {
    forEachDescriptor(CS_SCM_RIGHTS, in: bytes) { number, _ in _ = Syscall.close(number) }
    forEachDescriptor(CS_SCM_PIDFD, in: bytes) { number, _ in _ = Syscall.close(number) }
  }

  /// Takes over items from elsewhere, with the descriptors among them.
  mutating func take(_ items: borrowing Span<UInt8>) {
    closeDescriptors()
    while storage.count < items.count { storage.append(0) }
    for index in 0..<items.count { storage[index] = items[index] }
    filledByteCount = items.count
  }
}
