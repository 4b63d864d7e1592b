// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

extension PollSet {
  /// What a socket is wanted for.
  ///
  /// The corresponding C field is `events` of `struct pollfd`.
  public struct Interest: OptionSet, Hashable, Sendable {
    /// The kernel's bits.
    public let rawValue: Int16

    /// Makes an interest from the kernel's bits.
    public init(rawValue: Int16) { self.rawValue = rawValue }

    /// There is something to read, a connection to accept, or the end of the stream.
    ///
    /// The corresponding C constant is `POLLIN`.
    public static let readable = Interest(rawValue: Constants.pollIn)
    /// There is something exceptional: out-of-band data on TCP.
    ///
    /// The corresponding C constant is `POLLPRI`.
    public static let priority = Interest(rawValue: Constants.pollPriority)
    /// There is room to write, or a connection attempt has ended.
    ///
    /// The corresponding C constant is `POLLOUT`.
    public static let writable = Interest(rawValue: Constants.pollOut)
    /// The peer of a stream has ended its writing, or the whole connection.
    ///
    /// The corresponding C constant is `POLLRDHUP`.
    public static let peerHangUp = Interest(rawValue: Constants.pollPeerHangUp)
  }

  /// What a socket has to tell.
  ///
  /// The corresponding C field is `revents` of `struct pollfd`.
  public struct Events: OptionSet, Hashable, Sendable {
    /// The kernel's bits.
    public let rawValue: Int16

    /// Makes events from the kernel's bits.
    public init(rawValue: Int16) { self.rawValue = rawValue }

    /// Reading, or accepting, would not wait: there are bytes, a connection, an end of stream or an
    /// error.
    ///
    /// The corresponding C constant is `POLLIN`.
    public static let readable = Events(rawValue: Constants.pollIn)
    /// There is something exceptional: out-of-band data on TCP.
    ///
    /// The corresponding C constant is `POLLPRI`.
    public static let priority = Events(rawValue: Constants.pollPriority)
    /// Writing would not wait, or a connection attempt has ended, well or badly.
    ///
    /// The corresponding C constant is `POLLOUT`.
    public static let writable = Events(rawValue: Constants.pollOut)
    /// An error waits on the socket, reported unasked.
    ///
    /// ``SocketOwner/takePendingError()`` tells which.
    ///
    /// The corresponding C constant is `POLLERR`.
    public static let error = Events(rawValue: Constants.pollError)
    /// The connection is over in both directions, reported unasked.
    ///
    /// What has come can still be read.
    ///
    /// The corresponding C constant is `POLLHUP`.
    public static let hangUp = Events(rawValue: Constants.pollHangUp)
    /// The number is of no open descriptor, reported unasked: it was closed while it was in the
    /// set.
    ///
    /// The corresponding C constant is `POLLNVAL`.
    public static let invalid = Events(rawValue: Constants.pollInvalid)
    /// The peer of a stream has ended its writing, or the whole connection; there may be bytes to
    /// read before.
    ///
    /// The corresponding C constant is `POLLRDHUP`.
    public static let peerHangUp = Events(rawValue: Constants.pollPeerHangUp)
  }

  /// One socket that has something to tell.
  public struct Event: Hashable, Sendable {
    /// Which socket.
    public let descriptor: SocketDescriptor
    /// What it has to tell.
    public let events: Events

    /// Makes an event.
    public init(descriptor: SocketDescriptor, events: Events) {
      self.descriptor = descriptor
      self.events = events
    }
  }
}

extension PollSet.Interest: CustomStringConvertible {
  /// The C constants, for example `POLLIN|POLLOUT`; `0` for none.
  public var description: String { PollText.constants(rawValue) }
}

extension PollSet.Events: CustomStringConvertible {
  /// The C constants, for example `POLLIN|POLLHUP`; `0` for none.
  public var description: String { PollText.constants(rawValue) }
}

/// The names of the kernel's bits.
private enum PollText {
  static let names: [(bits: Int16, name: String)] = [
    (Constants.pollIn, "POLLIN"), (Constants.pollPriority, "POLLPRI"),
    (Constants.pollOut, "POLLOUT"), (Constants.pollError, "POLLERR"),
    (Constants.pollHangUp, "POLLHUP"), (Constants.pollInvalid, "POLLNVAL"),
    (Constants.pollPeerHangUp, "POLLRDHUP"),
  ]

  static func constants(_ bits: Int16) -> String {
    var left = bits
    var found: [String] = []
    for (bit, name) in names where bits & bit != 0 {
      found.append(name)
      left &= ~bit
    }
    if left != 0 { found.append("0x" + String(UInt16(bitPattern: left), radix: 16)) }
    return found.isEmpty ? "0" : found.joined(separator: "|")
  }
}
