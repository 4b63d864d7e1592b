// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import Sockets

extension Connection {
  /// Ends one direction of the connection, or both; see `ConnectedSocket.shutdown(_:)`.
  ///
  /// After `.write` the peer reads what was written before and then the end of the stream; reading goes on.
  ///
  /// - Parameter direction: what to end.
  /// - Throws: `SocketError` with `ENOBUFS` when the system is out of memory; cause
  ///   `closed`.
  ///
  /// The corresponding C function is `shutdown`.
  public func shutdown(_ direction: Shutdown) throws(SocketError) {
    try withSocket { socket throws(SocketError) in try socket.shutdown(direction) }
  }

  /// Closes the connection at once; whatever waits on it ends with cause `closed`.
  ///
  /// On TCP, closing with bytes unread resets the connection, which can destroy bytes that the peer has not read yet; see
  /// ``closeGracefully(deadline:droppingAtMost:)``. A second time does nothing.
  ///
  /// With the option `linger` above zero the kernel waits in here, and the loop with all its sockets, until the peer has
  /// everything or that time is over: leave it alone and close gracefully.
  ///
  /// - Throws: `SocketError` with `EIO` or another error of an earlier write; it is closed all the same.
  ///
  /// The corresponding C function is `close`.
  public func close() async throws(SocketError) {
    let result = await socket.close()
    guard result >= 0 else { throw SocketError(.close, loopResult: result) }
  }

  /// Ends writing, reads and drops what still comes until the peer ends too, and closes: so the peer can read all that was
  /// written, whatever it had sent meanwhile.
  ///
  /// - Parameters:
  ///   - deadline: when to close all the same.
  ///   - byteCount: after how many dropped bytes to close all the same.
  /// - Throws: `SocketError` as ``close()`` does.
  ///
  /// The corresponding C functions are `shutdown`, `recv` and `close`.
  public func closeGracefully(
    deadline: Deadline = .seconds(2), droppingAtMost byteCount: Int = 1 << 20
  ) async throws(SocketError) {
    if type == .stream, !socket.hasEnded { await drain(deadline, byteCount) }
    try await close()
  }

  /// Whatever goes wrong here, closing is what remains to be done.
  private func drain(_ deadline: Deadline, _ byteCount: Int) async {
    var left = byteCount
    do {
      try shutdown(.write)
      while left > 0 {
        let count = try await drop(deadline)
        if count == 0 { return }
        left -= count
      }
    } catch {
      return
    }
  }

  /// Closes at once and tells the peer by a reset, dropping what has not been sent.
  ///
  /// - Throws: `SocketError` when the option cannot be set; it is closed all the same.
  ///
  /// The corresponding C constant is `SO_LINGER` with a time of zero.
  public func reset() async throws(SocketError) {
    do throws(SocketError) {
      try setOption(.linger, to: .zero)
    } catch {
      try await close()
      throw error
    }
    try await close()
  }

  /// Takes the socket back from its loop: whatever waits on it ends with cause `closed`, and the
  /// connection is of no more use.
  ///
  /// - Returns: the socket as one of the core.
  /// - Throws: `SocketError` with `EMFILE` when there are no more descriptors; cause
  ///   `closed`.
  ///
  /// The corresponding C function is `fcntl` with `F_DUPFD_CLOEXEC`.
  public func release() async throws(SocketError) -> ConnectedSocket {
    ConnectedSocket(owned: try await socket.release())
  }
}
