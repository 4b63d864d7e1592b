// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, each buffer outlives the call that it is lent to, and the call gets its own count.

import Glibc
import Sockets
import SystemPackage

/// Bytes from and to files, pipes and terminals, for tasks: each call is made by a thread of its own, see ``BlockingCall``.
enum ByteStream {
  /// Reads what there is, at most `limit` bytes, waiting for some; empty at the end.
  ///
  /// - Throws: `CommandFailure` with the C error; `CancellationError`.
  static func read(
    _ descriptor: CInt, _ name: String, atMost limit: Int = 1 << 16
  ) async throws -> [UInt8] {
    let result = try await BlockingCall.run { () -> Result<[UInt8], Errno> in
      var errno: Errno?
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
        repeat {
          let read = unsafe Glibc.read(descriptor, buffer.baseAddress, limit)
          errno = read < 0 ? Errno(rawValue: Glibc.errno) : nil
          count = max(0, read)
        } while errno == .interrupted
      }
      return errno.map { .failure($0) } ?? .success(bytes)
    }
    return try result.orFailure(name)
  }

  /// Writes all the bytes.
  ///
  /// - Throws: `CommandFailure` with the C error; `CancellationError`, and the bytes go on being written.
  static func write(_ bytes: [UInt8], to descriptor: CInt, _ name: String) async throws {
    try await BlockingCall.run { writeAll(bytes, to: descriptor) }.orFailure(name)
  }

  /// Writes all the bytes, on this thread.
  static func writeAll(_ bytes: some Sequence<UInt8>, to descriptor: CInt) -> Result<Void, Errno> {
    let bytes = Array(bytes)
    return unsafe bytes.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = unsafe Glibc.write(
          descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { return .failure(Errno(rawValue: errno)) }
        done += count
      }
      return .success(())
    }
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

/// Descriptors 0, 1 and 2, which a program may be started without.
enum StandardStreams {
  /// Opens the null device in the place of those that are closed, so that no socket takes their numbers and no message is written
  /// into one.
  static func open() {
    for descriptor in CInt(0)...2 where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
      // The lowest free number is this one: those below it are open.
      _ = unsafe Glibc.open("/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY)
    }
  }
}
