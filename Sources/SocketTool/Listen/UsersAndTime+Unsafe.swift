// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, each buffer and each C string outlives the call that it is lent to, and what the C library points to
// is copied before the buffer ends that it lies in.

import Glibc
import Sockets
import SystemPackage

/// Users of this machine.
enum UserDatabase {
  /// The number of a user, by name or by number; `nil` when nobody has the name.
  static func number(_ name: String) -> UInt32? {
    if let number = UInt32(name) { return number }
    var entry = unsafe passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 1 << 16)
    let status = unsafe getpwnam_r(name, &entry, &buffer, buffer.count, &found)
    return unsafe status == 0 && found != nil ? entry.pw_uid : nil
  }

  /// The name of a user, or the number as text.
  static func name(_ number: UInt32) -> String {
    var entry = unsafe passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 1 << 16)
    return unsafe buffer.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return String(number) }
      let status = unsafe getpwuid_r(number, &entry, start, buffer.count, &found)
      guard status == 0, unsafe found != nil else { return String(number) }
      return unsafe entry.pw_name.map { unsafe String(cString: $0) } ?? String(number)
    }
  }
}

/// The time of day in logs.
enum LogTime {
  /// Now, in UTC to the millisecond: `2026-11-26T10:55:29.123Z` (RFC 3339).
  static var now: String {
    var instant = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &instant)
    var parts = unsafe tm()
    unsafe gmtime_r(&instant.tv_sec, &parts)
    let day = unsafe "\(parts.tm_year + 1900)-\(digits(parts.tm_mon + 1))-\(digits(parts.tm_mday))"
    let time = unsafe "\(digits(parts.tm_hour)):\(digits(parts.tm_min)):\(digits(parts.tm_sec))"
    return "\(day)T\(time).\(digits(Int32(instant.tv_nsec / 1_000_000), 3))Z"
  }

  private static func digits(_ number: Int32, _ count: Int = 2) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
  }
}
