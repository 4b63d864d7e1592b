// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// How an event loop talks to a kernel. Who ports this package writes one of these:
///
/// - probe: say whether the system has what is needed, and why not (``EngineKind``);
/// - create: `init`, on any thread, and ``start(_:)`` on the loop's;
/// - submit: begin an operation of the closed list `Operation.Kind`;
/// - cancel: end one early, and report it all the same;
/// - wait: report what has ended, until a time;
/// - wake: end a wait from another thread;
/// - detach: forget a socket whose descriptor is about to be closed or given away.
///
/// The shape is that of completions: a caller describes an operation and lends its memory, the engine reports the
/// result to ``EventLoop/complete(_:_:)``. Each operation that ``submit(_:)`` called pending is completed exactly
/// once, a cancelled one too, and only then may its memory and its buffer be used for something else. All calls
/// but ``wake()`` are made by the loop's own thread.
package protocol Engine: AnyObject {
  /// Which one this is.
  var kind: EngineKind { get }

  /// Called once on the loop's thread, before anything else but ``wake()``.
  ///
  /// - Parameter loop: whom to report to; it outlives the engine.
  func start(_ loop: EventLoop)

  /// Begins an operation.
  ///
  /// - Returns: the result, when there is one already: zero or more, or an errno negated. Then the operation is
  ///   over. ``Operation/pending`` when it will be completed later.
  func submit(_ operation: OperationPointer) -> Int

  /// Asks for the end of a pending operation.
  ///
  /// It is completed later, with `ECANCELED` or with the result that it had come to.
  func cancel(_ operation: OperationPointer)

  /// A socket that has no pending operation is about to be closed or given away.
  func detach(_ socket: SocketPointer)

  /// Submits what is to be submitted, waits until something has ended, and completes all that has.
  ///
  /// - Parameter nanoseconds: how long to wait; zero for not at all, negative for ever.
  func wait(nanoseconds: Int64)

  /// Ends the present or the next ``wait(nanoseconds:)``; may be called by any thread.
  func wake()

  /// Gives back what the engine has; called by the loop's thread when nothing is pending.
  func shutDown()
}
