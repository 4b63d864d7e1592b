// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import SystemPackage

/// What every call of this package throws: which call failed, why, on what, and how far it had come.
///
/// A plain value of fixed size, never on the heap by itself. Its text reads like a line of a log and ends
/// with the C name: `connect to 127.0.0.1:9: connection refused (ECONNREFUSED)`.
public struct SocketError: Error, Hashable, Sendable {
  /// Which call failed.
  public var operation: Operation
  /// Why it failed.
  public var cause: Cause
  /// What it was called on or with.
  public var subject: Subject
  /// How many bytes had been moved before the failure; zero unless a call moves bytes in several steps.
  public var bytesTransferred: Int

  /// Makes an error.
  public init(
    _ operation: Operation,
    _ cause: Cause,
    subject: Subject = .none,
    bytesTransferred: Int = 0
  ) {
    self.operation = operation
    self.cause = cause
    self.subject = subject
    self.bytesTransferred = bytesTransferred
  }

  /// The C error, or `nil` when the cause is not the kernel's.
  public var errno: Errno? {
    if case .system(let errno) = cause { errno } else { nil }
  }

  /// The calls that can fail, by our names; a closed list.
  public enum Operation: String, CaseIterable, Hashable, Sendable {
    /// Making a socket.
    case socket
    /// Making two connected sockets.
    case pair
    /// Giving a socket its address.
    case bind
    /// Opening the queue of callers.
    case listen
    /// Taking a caller out of the queue.
    case accept
    /// Calling a peer.
    case connect
    /// Ending one direction or both.
    case shutdown
    /// Closing.
    case close
    /// Reading from a stream.
    case read
    /// Writing to a stream.
    case write
    /// Receiving with flags.
    case receive
    /// Sending with flags.
    case send
    /// Receiving one message with its sender.
    case receiveDatagram
    /// Sending one message to an address.
    case sendDatagram
    /// Receiving a message with ancillary data.
    case receiveMessage
    /// Sending a message with ancillary data.
    case sendMessage
    /// Receiving several messages at once.
    case receiveBatch
    /// Sending several messages at once.
    case sendBatch
    /// Sending a file's bytes.
    case sendFile
    /// Moving bytes between descriptors inside the kernel.
    case splice
    /// Asking for the socket's own address.
    case localAddress
    /// Asking for the peer's address.
    case peerAddress
    /// Reading an option.
    case getOption
    /// Setting an option.
    case setOption
    /// Waiting for several sockets.
    case poll
    /// Taking over a descriptor that was made elsewhere.
    case adopt
    /// Making a second descriptor of a socket.
    case duplicate
    /// A control request of a family or an interface.
    case deviceControl
    /// Serving callers.
    case serve
    /// Starting a worker process.
    case spawn
    /// Looking up a name.
    case resolve
    /// Asking the kernel for the state of its sockets.
    case diagnose
    /// Listing the interfaces.
    case interfaces
  }

  /// Why a call failed; a closed list, in which the kernel's own open list is one case.
  public enum Cause: Hashable, Sendable {
    /// The kernel's answer.
    case system(Errno)
    /// The deadline passed before the call was done.
    case deadlinePassed
    /// The task that made the call was cancelled before the call was done.
    case cancelled
    /// The socket was closed, before the call or while it waited.
    case closed
    /// The peer ended the stream before all the bytes that were asked for had come.
    case endOfStream
    /// A stream had no delimiter within the limit, or a message was larger than the room for it.
    case limitExceeded
    /// The socket had connected to itself: an ephemeral port that was its own (RFC 9293, 3.5, case 2).
    case selfConnection
    /// A live socket already owns the Unix path.
    case pathInUse
    /// The Unix path is something else than a socket; it was not touched.
    case pathIsNotASocket
    /// The bytes that came are not what the protocol or the kernel's interface promises.
    case malformed
    /// The value does not fit into the field that carries it to the kernel.
    case valueOutOfRange
    /// The address's family is not the socket's.
    case wrongAddressFamily
  }

  /// What a call was made on or with.
  ///
  /// It is kept apart, so that an error is small: every call that waits has room for one.
  public indirect enum Subject: Hashable, Sendable {
    /// Nothing that is worth naming.
    case none
    /// A socket to be made.
    case socket(AddressFamily, SocketType, ProtocolNumber)
    /// The address that was bound, connected or sent to.
    case address(SocketAddress)
    /// A socket option, by its C name.
    case option(StaticText)
  }
}

/// A text that is known at compile time, comparable: the C name of an option or a constant.
public struct StaticText: Hashable, Sendable, CustomStringConvertible {
  private let text: StaticString

  /// Holds the text.
  public init(_ text: StaticString) { self.text = text }

  /// The text.
  public var description: String { text.description }

  /// Whether two texts have the same characters.
  public static func == (left: StaticText, right: StaticText) -> Bool {
    left.description == right.description
  }

  /// Adds the characters to a hash.
  public func hash(into hasher: inout Hasher) { hasher.combine(description) }
}

extension SocketError {
  /// The error of a failed system call.
  ///
  /// - Parameters:
  ///   - operation: our name for the call.
  ///   - result: what the seam returned, an errno negated.
  ///   - subject: what it was called on.
  ///   - bytesTransferred: how many bytes had been moved.
  package init(
    _ operation: Operation,
    result: Int,
    subject: Subject = .none,
    bytesTransferred: Int = 0
  ) {
    self.init(
      operation,
      .system(Errno(rawValue: CInt(truncatingIfNeeded: 0 &- result))),
      subject: subject,
      bytesTransferred: bytesTransferred
    )
  }
}
