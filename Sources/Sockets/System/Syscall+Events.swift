// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, each pointer and count are of one buffer that the caller lends for the time of
// the call; the kernel writes no further than the count, and keeps nothing once the call has returned.

package import CSockets
internal import Glibc

// The calls of the event interfaces: epoll, eventfd, timerfd and io_uring.
extension Syscall {
  /// `epoll_create1` with `EPOLL_CLOEXEC`.
  package static func epollCreate() -> Int {
    perform(.epoll_create1, -1, arguments: { _ in [.constant("EPOLL_CLOEXEC")] }) { _ in
      result(cs_epoll_create(0o2000000))
    }
  }

  package static func epollControl(
    _ set: Int32, operation: Int32, _ descriptor: Int32, events: UInt32, data: UInt64
  ) -> Int {
    perform(
      .epoll_ctl, set,
      arguments: { _ in
        [
          .number(Int(set)), .constant(operation == 1 ? "EPOLL_CTL_ADD" : "EPOLL_CTL_DEL"),
          .number(Int(descriptor)), .number(Int(events)),
        ]
      }
    ) { _ in result(cs_epoll_ctl(set, operation, descriptor, events, data)) }
  }

  /// `epoll_pwait2`; an interrupted wait is the caller's to repeat.
  ///
  /// A negative time waits for ever.
  package static func epollWait(
    _ set: Int32, into events: UnsafeMutableBufferPointer<cs_epoll_event>, nanoseconds: Int64
  ) -> Int {
    perform(
      .epoll_pwait2, set, count: events.count,
      arguments: { _ in [.number(Int(set)), .number(events.count), .number(Int(nanoseconds))] }
    ) { count in
      unsafe result(
        cs_epoll_wait(
          set, events.baseAddress, Int32(truncatingIfNeeded: count), nanoseconds))
    }
  }

  /// `eventfd` with `EFD_CLOEXEC` and `EFD_NONBLOCK`.
  package static func eventDescriptor() -> Int {
    perform(
      .eventfd2, -1, arguments: { _ in [.number(0), .constant("EFD_CLOEXEC|EFD_NONBLOCK")] }
    ) { _ in result(cs_eventfd(0, 0o2004000)) }
  }

  /// `timerfd_create` on the monotonic clock; not seen by observers, because no library call makes it.
  package static func timerDescriptor() -> Int { result(cs_timer_create()) }

  /// `timerfd_settime` to one instant of the monotonic clock, until when the descriptor is not readable.
  package static func setTimer(_ timer: Int32, nanoseconds: Int64) -> Int {
    result(cs_timer_set(timer, nanoseconds))
  }

  /// Adds one to the counter of an event descriptor.
  package static func signal(_ eventDescriptor: Int32) -> Int {
    var one: UInt64 = 1
    return unsafe withUnsafeBytes(of: &one) { bytes in
      performRetrying(
        .write, eventDescriptor, count: 8,
        arguments: { _ in [.number(Int(eventDescriptor)), .number(1)] },
        body: { _ in unsafe result(Glibc.write(eventDescriptor, bytes.baseAddress, 8)) }
      )
    }
  }

  package static func ringSetup(
    entries: UInt32, _ parameters: inout cs_ring_parameters
  ) -> Int {
    unsafe withUnsafeMutableBytes(of: &parameters) { bytes in
      perform(.io_uring_setup, -1, arguments: { _ in [.number(Int(entries))] }) { _ in
        unsafe result(cs_io_uring_setup(entries, bytes.baseAddress))
      }
    }
  }

  /// `io_uring_register` of something that needs no argument.
  package static func ringRegister(_ ring: Int32, operation: UInt32) -> Int {
    perform(
      .io_uring_register, ring,
      arguments: { _ in [.number(Int(ring)), .number(Int(operation))] }
    ) { _ in result(cs_io_uring_register(ring, operation, nil, 0)) }
  }

  /// `io_uring_register` of a table of places for files, all of them empty.
  package static func ringReserveFiles(_ ring: Int32, count: UInt32) -> Int {
    perform(
      .io_uring_register, ring,
      arguments: { _ in [.number(Int(ring)), .text("IORING_REGISTER_FILES2"), .number(Int(count))] }
    ) { _ in result(cs_io_uring_reserve_files(ring, count)) }
  }

  /// `io_uring_register` of a descriptor in a place of the table, or of nothing with -1.
  package static func ringSetFile(_ ring: Int32, place: UInt32, _ descriptor: Int32) -> Int {
    perform(
      .io_uring_register, ring,
      arguments: { _ in
        [
          .number(Int(ring)), .text("IORING_REGISTER_FILES_UPDATE"), .number(Int(place)),
          .number(Int(descriptor)),
        ]
      }
    ) { _ in result(cs_io_uring_set_file(ring, place, descriptor)) }
  }

  /// Whether the running kernel is at least this one.
  package static func kernelIsAtLeast(_ major: Int32, _ minor: Int32) -> Bool {
    cs_kernel_is_at_least(major, minor) != 0
  }

  /// `io_uring_enter`; an interrupted wait is the caller's to repeat.
  ///
  /// A negative time waits for ever.
  package static func ringEnter(
    _ ring: Int32, submit: UInt32, complete: UInt32, flags: UInt32, nanoseconds: Int64
  ) -> Int {
    perform(
      .io_uring_enter, ring,
      arguments: { _ in
        [.number(Int(ring)), .number(Int(submit)), .number(Int(complete)), .number(Int(flags))]
      }
    ) { _ in result(cs_io_uring_enter(ring, submit, complete, flags, nanoseconds)) }
  }

  /// Maps a part of a ring into memory, shared with the kernel.
  ///
  /// - Returns: the address, or `nil` when the system has no more room.
  package static func mapRing(
    _ ring: Int32, byteCount: Int, offset: Int
  ) -> UnsafeMutableRawPointer? {
    let address = unsafe mmap(
      nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED | Int32(MAP_POPULATE), ring, offset)
    return unsafe address == MAP_FAILED ? nil : address
  }

  package static func unmapRing(_ address: UnsafeMutableRawPointer, byteCount: Int) {
    _ = unsafe munmap(address, byteCount)
  }

  /// `accept4` without asking who it is; EINTR is retried.
  package static func acceptAnonymously(_ descriptor: Int32, flags: Int32) -> Int {
    performRetrying(
      .accept4, descriptor,
      arguments: { _ in
        [
          .number(Int(descriptor)), .text("NULL"),
          .constant(SystemCallArgument.socketFlags(flags)),
        ]
      },
      body: { _ in result(cs_accept4(descriptor, nil, nil, flags)) }
    )
  }

  /// `ppoll` on a list; an interrupted wait is the caller's to repeat.
  ///
  /// A negative time waits for ever.
  package static func pollItems(
    _ items: UnsafeMutableBufferPointer<cs_pollfd>, nanoseconds: Int64
  ) -> Int {
    perform(
      .poll, -1, count: items.count,
      arguments: { _ in [.number(items.count), .number(Int(nanoseconds))] }
    ) { _ in unsafe result(cs_poll(items.baseAddress, UInt(items.count), nanoseconds)) }
  }

  /// Takes the counter of an event descriptor.
  package static func drain(_ eventDescriptor: Int32) -> Int {
    var word: UInt64 = 0
    return unsafe withUnsafeMutableBytes(of: &word) { unsafe read(eventDescriptor, into: $0) }
  }
}
