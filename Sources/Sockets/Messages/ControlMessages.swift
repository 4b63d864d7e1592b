// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
public import SystemPackage

/// Control messages to send with a message, ready for the kernel.
///
/// A value that may be made once and sent often: sending it allocates nothing.
///
///     var control = ControlMessages()
///     try control.append(.hopLimit(1))
///     _ = try socket.sendMessage("ping".utf8, to: group, control: control)
///
/// The kernel decides which items it takes on which socket; what it does not know is `EINVAL` of the send.
public struct ControlMessages: Hashable, Sendable {
  /// The items as the kernel reads them.
  package private(set) var bytes: [UInt8] = []
  /// The families whose sockets would drop one of the items without a word.
  private var isReadByUnix = true
  private var isReadByIPv4 = true
  private var isReadByIPv6 = true
  private var isReadByOthers = true
  /// How many descriptors are in the items.
  public private(set) var descriptorCount = 0

  /// The most descriptors that one message carries.
  ///
  /// The corresponding C constant is `SCM_MAX_FD` of the kernel.
  public static let maximumDescriptorCount = Int(CS_SCM_MAX_FD)

  /// Makes an empty list.
  public init() {}

  /// Makes a list of one item.
  ///
  /// - Parameter message: the item.
  /// - Throws: ``SocketError`` as ``append(_:)`` does.
  public init(_ message: ControlMessage) throws(SocketError) { try append(message) }

  /// Makes a list of descriptors to pass.
  ///
  /// - Parameter descriptors: open descriptors; see ``append(descriptors:)``.
  /// - Throws: ``SocketError`` as ``append(descriptors:)`` does.
  public init(descriptors: some Collection<FileDescriptor>) throws(SocketError) {
    try append(descriptors: descriptors)
  }

  /// How many bytes the items take.
  public var byteCount: Int { bytes.count }

  /// Whether there is no item.
  public var isEmpty: Bool { bytes.isEmpty }

  /// Removes all items and keeps the memory.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    descriptorCount = 0
    (isReadByUnix, isReadByIPv4, isReadByIPv6, isReadByOthers) = (true, true, true, true)
  }

  /// Makes room, so that appending does not allocate.
  ///
  /// - Parameter capacity: the room in bytes; an item takes 24 bytes for a number, 40 for packet information of
  ///   IPv6.
  public mutating func reserveCapacity(_ capacity: Int) { bytes.reserveCapacity(capacity) }

  /// Adds descriptors for the receiver to get copies of.
  ///
  /// They are lent, not given: they must be open when the message is sent, and the sender's stay open.
  /// Only Unix sockets carry them.
  ///
  /// - Parameter descriptors: open descriptors. None is no item at all.
  /// - Throws: ``SocketError`` with cause ``SocketError/Cause/limitExceeded`` when there are more than
  ///   ``maximumDescriptorCount`` in all; the list is as before then.
  ///
  /// The corresponding C constant is `SCM_RIGHTS`.
  public mutating func append(
    descriptors: some Collection<FileDescriptor>
  ) throws(SocketError) {
    let count = descriptors.count
    guard count > 0 else { return }
    guard count <= Self.maximumDescriptorCount - descriptorCount else {
      throw SocketError(.sendMessage, .limitExceeded)
    }
    ControlFormat.append(level: CS_SOL_SOCKET, type: CS_SCM_RIGHTS, to: &bytes) { bytes in
      for descriptor in descriptors { bytes.appendNumber(descriptor.rawValue) }
    }
    descriptorCount += count
    note(.descriptors(count: count))
  }

  /// Adds an item.
  ///
  /// - Parameter message: the item.
  /// - Throws: ``SocketError`` with `EINVAL` for what can only be received, as the text of each
  ///   ``ControlMessage`` says; the list is as before then.
  ///
  /// The corresponding C macros are `CMSG_SPACE` and `CMSG_DATA`.
  public mutating func append(_ message: ControlMessage) throws(SocketError) {
    guard message.encode(into: &bytes) else {
      throw SocketError(.sendMessage, .system(.invalidArgument))
    }
    note(message)
  }

  /// Keeps in mind which sockets would drop the item.
  private mutating func note(_ message: ControlMessage) {
    isReadByUnix = isReadByUnix && message.isRead(by: .unix)
    isReadByIPv4 = isReadByIPv4 && message.isRead(by: .ipv4)
    isReadByIPv6 = isReadByIPv6 && message.isRead(by: .ipv6)
    isReadByOthers = isReadByOthers && message.isRead(by: .packet)
  }

  /// Whether a socket of the family reads all the items.
  package func areRead(by family: AddressFamily) -> Bool {
    switch family {
    case .unix: isReadByUnix
    case .ipv4: isReadByIPv4
    case .ipv6: isReadByIPv6
    // The one other family that reads credentials; it drops what packets have and what it does not know.
    case .netlink: isReadByOthers || isReadByUnix && descriptorCount == 0
    default: isReadByOthers
    }
  }
}
