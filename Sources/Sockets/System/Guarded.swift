// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import Glibc

/// A value that one thread at a time may touch.
///
/// By the C library's mutex, and not by Swift's `Mutex`: that one has the kernel hand over a contended lock
/// (`FUTEX_UNLOCK_PI`), which the thread sanitizer does not see, so that it reports races where there are none.
// SENDABLE: the value is touched only under the mutex.
@safe package final class Guarded<Value>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  // The mutex sees to it that nobody else has it.
  @exclusivity(unchecked) private var value: Value

  /// Guards a value from the beginning.
  package init(_ value: sending Value) {
    unsafe self.value = value
    // SAFETY: it is initialised here, destroyed and freed in deinit, and never moved.
    unsafe mutex = .allocate(capacity: 1)
    unsafe mutex.initialize(to: pthread_mutex_t())
    unsafe pthread_mutex_init(mutex, nil)
  }

  deinit {
    // SAFETY: nobody else has a reference, so nobody holds it.
    unsafe pthread_mutex_destroy(mutex)
    unsafe mutex.deallocate()
  }

  /// Lends the value to one thread at a time, never to one that has it already.
  ///
  /// - Parameter body: is lent the value.
  /// - Returns: what the body returned.
  /// - Throws: what the body threw.
  package func withLock<R: Sendable, E: Error>(
    _ body: (inout Value) throws(E) -> R
  ) throws(E) -> R {
    // SAFETY: the mutex lives as long as this object.
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return try unsafe body(&value)
  }
}
