// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, each buffer outlives the call that it is lent to, and the call gets its own count.

import Glibc
import Sockets
import SystemPackage

/// Bytes from and to files, pipes and terminals; the calls wait, and tasks leave them to a thread, see ``BlockingCall``.
enum ByteStream {
  /// Reads what there is, at most `limit` bytes, waiting for some; empty at the end.
  static func read(_ descriptor: CInt, atMost limit: Int) -> Result<[UInt8], Errno> {
    var failure: Errno?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      repeat {
        let read = unsafe Glibc.read(descriptor, buffer.baseAddress, limit)
        failure = read < 0 ? Errno(rawValue: Glibc.errno) : nil
        count = max(0, read)
      } while failure == .interrupted
        || failure == .resourceTemporarilyUnavailable && waits(descriptor)
    }
    return failure.map { .failure($0) } ?? .success(bytes)
  }

  /// Writes all the bytes.
  static func writeAll(_ bytes: some Sequence<UInt8>, to descriptor: CInt) -> Result<Void, Errno> {
    let bytes = Array(bytes)
    var done = 0
    return write(bytes, from: &done, to: descriptor)
  }

  /// Writes all the bytes from a place on, which is moved behind what was written.
  static func write(
    _ bytes: [UInt8], from done: inout Int, to descriptor: CInt
  ) -> Result<Void, Errno> {
    unsafe bytes.withUnsafeBytes { bytes in
      while done < bytes.count {
        let count = unsafe Glibc.write(
          descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
        if count < 0, errno == EINTR { continue }
        if count < 0, errno == EAGAIN, waits(descriptor) { continue }
        if count <= 0 { return .failure(Errno(rawValue: errno)) }
        done += count
      }
      return .success(())
    }
  }

  /// Another program that shares the file may have made it non-blocking: waits until it can be used.
  private static func waits(_ descriptor: CInt) -> Bool {
    var item = pollfd(fd: descriptor, events: Int16(POLLIN | POLLOUT), revents: 0)
    let flags = fcntl(descriptor, F_GETFL) & O_ACCMODE
    item.events = Int16(flags == O_RDONLY ? POLLIN : flags == O_WRONLY ? POLLOUT : POLLIN | POLLOUT)
    return unsafe poll(&item, 1, 1000) >= 0 || errno == EINTR
  }

  /// How many bytes are left in a regular file; `nil` for anything else.
  static func byteCount(_ descriptor: CInt) -> Int? {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return nil
    }
    return max(0, Int(status.st_size) - max(0, Int(lseek(descriptor, 0, SEEK_CUR))))
  }
}

extension Result where Failure == Errno {
  /// The value, or the C error as a failure of the command.
  func orFailure(_ name: String) throws -> Success {
    switch self {
    case .success(let value): return value
    case .failure(let errno): throw CommandFailure(name, errno)
    }
  }
}
