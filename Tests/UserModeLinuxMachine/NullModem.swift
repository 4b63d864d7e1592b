// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import CTestSupport
import Glibc
import TestSupport

/// Two TUN devices of link type X.25, joined so that a call that leaves by one arrives by the other.
///
/// Addresses that begin with 1 are reached over the first device, with 2 over the second.
enum NullModem {
  /// The control byte that stands before each X.25 packet on its link (linux/if_x25.h), after the four
  /// bytes of packet information of the TUN device.
  private enum Control: UInt8 {
    case data = 0
    case connect = 1
    case disconnect = 2
    case parameters = 3
  }

  private static let headerByteCount = 4
  /// `ARPHRD_X25`.
  private static let linkType: CInt = 271

  /// Makes the devices and routes, and starts the threads that carry the frames until the machine ends.
  static func start() throws {
    try succeed(cts_make_tun_node())
    let first = try unsafe succeed(cts_open_tun("x25-1", linkType))
    let second = try unsafe succeed(cts_open_tun("x25-2", linkType))
    BackgroundThread.start { carry(from: first, to: second) }
    BackgroundThread.start { carry(from: second, to: first) }
    try unsafe succeed(cts_add_x25_route("1", "x25-1"))
    try unsafe succeed(cts_add_x25_route("2", "x25-2"))
  }

  private static func carry(from: CInt, to: CInt) {
    var frame = [UInt8](repeating: 0, count: 8192)
    while true {
      let count = unsafe frame.withUnsafeMutableBytes {
        // SAFETY: the pointer and the count are of one array.
        unsafe read(from, $0.baseAddress, $0.count)
      }
      guard count >= 0 || errno == EINTR else { return }
      guard count > headerByteCount, let control = Control(rawValue: frame[headerByteCount]) else {
        continue
      }
      // The kernel asks for its link, or gives it up: the modem agrees on the same device.
      let target = control == .data ? to : from
      guard control != .parameters else { continue }
      // SAFETY: count bytes of the array were just filled.
      unsafe frame.withUnsafeBytes { _ = unsafe write(target, $0.baseAddress, count) }
    }
  }
}
