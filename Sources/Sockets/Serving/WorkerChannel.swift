// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import SystemPackage

/// The worker's side of ``ListeningSocket/serve(byWorkers:command:until:grace:onFailure:)``: where its
/// connections come from.
///
///     if let channel = try WorkerChannel.fromEnvironment() {
///       try channel.serve { connection, peer in … }
///     }
///
/// The server hands it the channel as an open descriptor, and says which by an environment variable.
public struct WorkerChannel: ~Copyable, Sendable {
  /// The environment variable that holds the channel's descriptor and the worker's number: `3:0`.
  public static let environmentVariable = "SOCKETS_WORKER"

  /// Which worker of its server this is, from zero; a worker that replaces another has its number.
  public let workerNumber: Int
  private let channel: ConnectedSocket

  private init(workerNumber: Int, channel: consuming ConnectedSocket) {
    self.workerNumber = workerNumber
    self.channel = channel
  }

  /// Takes the channel from the environment.
  ///
  /// - Returns: `nil` when the process was not started as a worker.
  /// - Throws: ``SocketError`` of operation `adopt` when the variable is there and what it names is not a
  ///   channel.
  ///
  /// The corresponding C function is `getenv`.
  public static func fromEnvironment() throws(SocketError) -> WorkerChannel? {
    guard let text = Syscall.environmentValue(environmentVariable) else { return nil }
    let parts = text.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let number = Int32(parts[0]), let place = Int(parts[1]), number > 2
    else { throw SocketError(.adopt, .malformed) }
    return WorkerChannel(
      workerNumber: place,
      channel: try ConnectedSocket(adopting: FileDescriptor(rawValue: number))
    )
  }

  /// Serves the connections that the server hands over, until the server ends.
  ///
  /// - Parameters:
  ///   - model: one at a time, or by threads.
  ///   - onFailure: is told what went wrong, on the thread where it did.
  ///   - handler: serves one connection, which is closed when the handler ends, if not before.
  /// - Returns: what was done.
  /// - Throws: ``SocketError`` when the channel breaks.
  ///
  /// The corresponding C function is `recvmsg` with `SCM_RIGHTS`.
  public func serve(
    by model: ServingModel = .oneAtATime,
    onFailure: @escaping @Sendable (ServingFailure) -> Void = { _ in },
    handler: @escaping @Sendable (consuming ConnectedSocket, SocketAddress) throws -> Void
  ) throws(SocketError) -> ServingSummary {
    let crew = try HandlerCrew(model: model, onFailure: onFailure, handler: handler)
    let channel = channel.descriptor.rawValue
    // The server is told of each end, so that it can hand the next connection to the idlest worker.
    let tell: @Sendable (Bool) -> Void = { failed in
      Self.say(failed ? .failed : .done, on: channel)
    }
    var summary = ServingSummary()
    defer { _ = crew.finish() }
    while let handover = try next() {
      summary.accepted += 1
      crew.take(handover.connection, handover.peer, whenDone: tell)
    }
    summary.failed = crew.finish()
    return summary
  }

  /// The next connection, or `nil` when the server has ended.
  private func next() throws(SocketError) -> Handover? {
    while true {
      var bytes = [UInt8](repeating: 0, count: 1 + SocketAddress.maximumByteCount)
      var message = try channel.receiveDescriptors(into: &bytes)
      guard let descriptor = message.descriptors.takeFirst() else {
        if message.byteCount == 0 { return nil }
        // The descriptor was lost on the way, since this process has no room for more: the client sees
        // its connection end, and the server is told.
        Self.say(.taken, on: channel.descriptor.rawValue)
        Self.say(.failed, on: channel.descriptor.rawValue)
        continue
      }
      Self.say(.taken, on: channel.descriptor.rawValue)
      let peer = SocketAddress(bytes: Array(bytes[..<message.byteCount].dropFirst()))
      return Handover(connection: try descriptor.connectedSocket(), peer: peer ?? SocketAddress())
    }
  }

  private static func say(_ word: WorkerWord, on channel: Int32) {
    _ = Syscall.sendByte(channel, word.rawValue)
  }

  /// A connection that was handed over.
  private struct Handover: ~Copyable {
    var connection: ConnectedSocket
    var peer: SocketAddress
  }
}
