// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// A setting or a fact of a socket that is reached by `ioctl(2)` instead of `getsockopt(2)`.
///
/// It is typed in the same way as ``SocketOption``: the static members are listed in ``OptionCatalog``.
///
///     let waiting = try socket.control(.unreadByteCount)
///     try call.setControl(.x25Facilities, to: facilities)
public struct SocketControl<Value: Sendable>: Sendable {
  /// The C constant, for example `SIOCX25GFACILITIES`; that of reading where there are two.
  public let cName: StaticText
  /// The request that reads; `nil` when it can only be set.
  public let readRequest: UInt?
  /// The request that sets; `nil` when it can only be read.
  public let writeRequest: UInt?
  /// How the value becomes the structure that the kernel reads, and back.
  public let coding: OptionCoding<Value>

  /// Names a control of this package, whose coding has the size of its structure.
  init(
    known cName: StaticString, readRequest: UInt? = nil, writeRequest: UInt? = nil,
    coding: OptionCoding<Value>
  ) {
    self.cName = StaticText(cName)
    self.readRequest = readRequest
    self.writeRequest = writeRequest
    self.coding = coding
  }
}

extension SocketOwner where Self: ~Copyable {
  /// Reads a setting or a fact by `ioctl`.
  ///
  /// - Parameter control: which one; see ``SocketControl``.
  /// - Returns: the value as the kernel gives it.
  /// - Throws: ``SocketError`` with `ENOTTY`, `EOPNOTSUPP` or `EINVAL` when this kind of socket does not know
  ///   it, `ENOTSUP` when it can only be set.
  ///
  /// The corresponding C function is `ioctl`.
  public func control<Value>(_ control: SocketControl<Value>) throws(SocketError) -> Value {
    try Options.get(control, of: descriptor.rawValue)
  }

  /// Sets a value by `ioctl`.
  ///
  /// - Parameters:
  ///   - control: which one; see ``SocketControl``.
  ///   - value: the new value.
  /// - Throws: ``SocketError`` with `EINVAL` when the kernel does not take the value in this state, `ENOTTY`
  ///   when this kind of socket does not know it, `ENOTSUP` when it can only be read, and cause
  ///   ``SocketError/Cause/valueOutOfRange`` when the value does not fit the kernel's field.
  ///
  /// The corresponding C function is `ioctl`.
  public func setControl<Value>(
    _ control: SocketControl<Value>, to value: Value
  ) throws(SocketError) {
    try Options.set(control, to: value, of: descriptor.rawValue)
  }

  /// Asks for a process descriptor of the peer, which names that process for good.
  ///
  /// - Returns: the owner of the descriptor, closed on exec.
  /// - Throws: ``SocketError`` with `ENODATA` when there is no peer, `ENOPROTOOPT` before Linux 6.5,
  ///   `ESRCH` or `EINVAL` when the peer's process was gone before it could be named.
  ///
  /// The corresponding C constant is `SO_PEERPIDFD`.
  public func peerProcessDescriptor() throws(SocketError) -> ProcessDescriptor {
    try Options.peerProcess(of: descriptor.rawValue)
  }
}

extension SocketControl where Value == Bool {
  /// Whether a stream has been read up to the out-of-band mark.
  ///
  /// The corresponding C constant is `SIOCATMARK`.
  public static var isAtMark: SocketControl<Bool> {
    SocketControl(known: "SIOCATMARK", readRequest: Constants.atMark, coding: .flag)
  }
}

extension SocketControl where Value == Int32 {
  /// How many bytes wait to be read; of datagrams, those of the next one.
  ///
  /// The corresponding C constant is `SIOCINQ`, which is `FIONREAD`.
  public static var unreadByteCount: SocketControl<Int32> {
    SocketControl(known: "SIOCINQ", readRequest: 0x541b, coding: .integer(unit: "bytes"))
  }

  /// How many bytes of the send queue have not been sent, or on TCP not been acknowledged.
  ///
  /// The corresponding C constant is `SIOCOUTQ`, which is `TIOCOUTQ`.
  public static var sendQueueByteCount: SocketControl<Int32> {
    SocketControl(known: "SIOCOUTQ", readRequest: 0x5411, coding: .integer(unit: "bytes"))
  }

  /// How many bytes of a TCP connection have not been sent at all.
  ///
  /// The corresponding C constant is `SIOCOUTQNSD`.
  public static var notSentByteCount: SocketControl<Int32> {
    SocketControl(known: "SIOCOUTQNSD", readRequest: 0x894b, coding: .integer(unit: "bytes"))
  }
}
