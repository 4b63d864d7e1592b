// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// The seam: every system call of the package is made by one function here, and by nothing else. Results
// are the kernel's own convention: zero or more is success, less than zero is an errno, negated. EINTR
// is retried here except where a caller must decide (`close`, `connect`, `poll`).

import CSockets
import Glibc

/// The system calls, one function each.
package enum Syscall {
  /// The result of a C call that returns -1 and sets `errno`.
  @inline(__always)
  static func result<I: BinaryInteger>(_ value: I) -> Int {
    value < 0 ? -Int(errno) : Int(value)
  }

  /// Makes one call, through the thread's observer if there is one.
  ///
  /// - Parameters:
  ///   - call: which call.
  ///   - descriptor: what it is made on, or -1.
  ///   - count: bytes or items to move; the observer may make it smaller.
  ///   - arguments: for the observer, evaluated after the call and only if it is watched.
  ///   - body: makes the call with the count that is left.
  /// - Returns: zero or more on success, an errno negated on failure.
  @inline(__always)
  static func perform(
    _ call: SystemCall,
    _ descriptor: CInt,
    count: Int = 0,
    arguments: (_ result: Int) -> [SystemCallArgument],
    body: (_ count: Int) -> Int
  ) -> Int {
    if _slowPath(cs_observing() != 0) {
      return observed(call, descriptor, count: count, arguments: arguments, body: body)
    }
    return body(count)
  }

  /// The same, repeated while a signal interrupts it.
  @inline(__always)
  static func performRetrying(
    _ call: SystemCall,
    _ descriptor: CInt,
    count: Int = 0,
    arguments: (_ result: Int) -> [SystemCallArgument],
    body: (_ count: Int) -> Int
  ) -> Int {
    while true {
      let result = perform(call, descriptor, count: count, arguments: arguments, body: body)
      if result != -Int(EINTR) { return result }
    }
  }

  @inline(never)
  private static func observed(
    _ call: SystemCall,
    _ descriptor: CInt,
    count: Int,
    arguments: (Int) -> [SystemCallArgument],
    body: (Int) -> Int
  ) -> Int {
    guard let observer = currentObserver else { return body(count) }
    var count = count
    let forced = observer.willPerform(call, descriptor: descriptor, count: &count)
    let start = cs_monotonic_nanoseconds()
    let result = forced ?? observer.answer(of: call, descriptor: descriptor, body(count))
    let end = cs_monotonic_nanoseconds()
    observer.didPerform(
      SystemCallRecord(
        call: call,
        arguments: arguments(result),
        result: result,
        nanoseconds: end - start
      )
    )
    return result
  }

  /// Asks the thread's observer what is to become of an operation that is about to be put into a ring; called only when there
  /// are observers.
  package static func willSubmit(
    _ operation: SystemCall, descriptor: CInt, count: inout Int
  ) -> RingAnswer? {
    currentObserver?.willSubmit(operation, descriptor: descriptor, count: &count)
  }

  // MARK: Observers

  /// Holds the observer while it is installed on a thread.
  private final class ObserverBox {
    let observer: any SystemCallObserver
    init(_ observer: any SystemCallObserver) { self.observer = observer }
  }

  private static var currentObserver: (any SystemCallObserver)? {
    // SAFETY: the pointer was retained by installObserver and is released only after it was replaced.
    guard let pointer = unsafe cs_observer_get() else { return nil }
    return unsafe Unmanaged<ObserverBox>.fromOpaque(pointer).takeUnretainedValue().observer
  }

  /// Puts an observer in the calling thread's seat and returns what sat there, for ``restoreObserver(_:)``.
  package static func installObserver(_ observer: any SystemCallObserver) -> UInt {
    let previous = unsafe UInt(bitPattern: cs_observer_get())
    // SAFETY: balanced by restoreObserver.
    unsafe cs_observer_set(Unmanaged.passRetained(ObserverBox(observer)).toOpaque())
    return previous
  }

  /// Takes the observer out of the seat again.
  package static func restoreObserver(_ previous: UInt) {
    let current = unsafe cs_observer_get()
    unsafe cs_observer_set(UnsafeMutableRawPointer(bitPattern: previous))
    // SAFETY: this balances the retain of installObserver.
    if let current = unsafe current { unsafe Unmanaged<ObserverBox>.fromOpaque(current).release() }
  }
}
