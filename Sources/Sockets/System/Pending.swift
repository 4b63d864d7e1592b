// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
internal import Glibc

/// A value that one thread will have and another waits for, until a deadline.
///
/// The pointers are made and freed here, and are valid as long as the object.
// SENDABLE: the value is touched only under the mutex.
@safe package final class Pending<Value: Sendable>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var value: Value?

  /// Makes one without a value.
  package init() {
    // SAFETY: both are initialised here, destroyed and freed in deinit, and never moved.
    unsafe mutex = .allocate(capacity: 1)
    unsafe condition = .allocate(capacity: 1)
    unsafe mutex.initialize(to: pthread_mutex_t())
    unsafe condition.initialize(to: pthread_cond_t())
    unsafe pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    // Deadlines are instants of the monotonic clock.
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    unsafe pthread_cond_init(condition, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
  }

  deinit {
    // SAFETY: nobody else has a reference, so nobody waits.
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
  }

  /// Gives the value and wakes who waits; a second value is dropped.
  package func complete(_ value: Value) {
    // SAFETY: the mutex and the condition live as long as this object.
    unsafe pthread_mutex_lock(mutex)
    if self.value == nil { self.value = value }
    unsafe pthread_cond_broadcast(condition)
    unsafe pthread_mutex_unlock(mutex)
  }

  /// Waits for the value.
  ///
  /// - Parameter deadline: when to give up.
  /// - Returns: the value, or `nil` when the deadline passed before there was one.
  package func wait(until deadline: Deadline) -> Value? {
    // SAFETY: as above.
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while value == nil {
      let status =
        deadline == .never
        ? unsafe pthread_cond_wait(condition, mutex)
        : unsafe cs_wait_until(condition, mutex, max(0, deadline.nanoseconds))
      if status == ETIMEDOUT { return value }
    }
    return value
  }
}
