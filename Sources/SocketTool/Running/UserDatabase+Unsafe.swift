// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, each buffer and each C string outlives the call that it is lent to, and what the C library points to
// is copied before the buffer ends that it lies in.

import Glibc
import Sockets

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

  /// The name of a user, or `nil` when this machine knows none.
  static func name(_ number: UInt32) -> String? {
    var entry = unsafe passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 1 << 16)
    return unsafe buffer.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return nil }
      let status = unsafe getpwuid_r(number, &entry, start, buffer.count, &found)
      guard status == 0, unsafe found != nil else { return nil }
      return unsafe entry.pw_name.map { unsafe String(cString: $0) }
    }
  }

  /// The name, or the number.
  static func text(_ number: UInt32) -> String { name(number) ?? String(number) }
}

/// Names of users, each asked for once.
final class UserNames: Sendable {
  private let known = Guarded<[UInt32: String?]>([:])

  /// The name of a user, or `nil` when this machine knows none.
  func name(of userID: UInt32) -> String? {
    if let name = known.withLock({ $0[userID] }) { return name }
    let name = UserDatabase.name(userID)
    known.withLock { $0[userID] = .some(name) }
    return name
  }

  /// The name, or the number.
  func text(of userID: UInt32) -> String { name(of: userID) ?? String(userID) }
}
