// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, each buffer is as large as the structure that the kernel fills (linux/io_uring.h) and
// outlives the call that it is lent to.

import CSockets

/// What the kernel says of its io_uring.
package struct RingProbe: Hashable, Sendable {
  /// The bits `IORING_FEAT_…`.
  package var features: UInt32
  /// The numbers of the operations that it has, `IORING_OP_…`; empty where it cannot be asked (before Linux 5.6).
  package var operations: [UInt8]
}

extension Syscall {
  /// The size of `struct io_uring_params`, and where its features stand.
  private static let parameterByteCount = 120
  private static let featuresOffset = 20
  /// `IORING_REGISTER_PROBE`; its answer is 16 bytes and 8 for each operation, whose third byte says whether it is there.
  private static let registerProbe: UInt32 = 8
  private static let probeHeaderByteCount = 16
  private static let probeOperationCount = 256

  /// Makes a ring, asks what it can do, and closes it.
  ///
  /// - Parameter probe: is set to the answer.
  /// - Returns: zero, or an errno negated: `ENOSYS` without io_uring, `EPERM` where it is forbidden.
  package static func probeRing(_ probe: inout RingProbe?) -> Int {
    var parameters = [UInt8](repeating: 0, count: parameterByteCount)
    let number = unsafe parameters.withUnsafeMutableBytes { bytes in
      perform(.io_uring_setup, -1, arguments: { _ in [.number(1)] }) { _ in
        unsafe result(cs_io_uring_setup(1, bytes.baseAddress))
      }
    }
    guard number >= 0 else { return number }
    let ring = Int32(truncatingIfNeeded: number)
    defer { _ = close(ring) }
    var features: UInt32 = 0
    for offset in (0..<4).reversed() {
      features = features << 8 | UInt32(parameters[featuresOffset + offset])
    }
    probe = RingProbe(features: features, operations: ringOperations(ring))
    return 0
  }

  private static func ringOperations(_ ring: Int32) -> [UInt8] {
    var answer = [UInt8](repeating: 0, count: probeHeaderByteCount + 8 * probeOperationCount)
    let status = unsafe answer.withUnsafeMutableBytes { bytes in
      perform(
        .io_uring_register, ring,
        arguments: { _ in [.number(Int(ring)), .constant("IORING_REGISTER_PROBE")] }
      ) { _ in
        unsafe result(
          cs_io_uring_register(
            ring, registerProbe, bytes.baseAddress, UInt32(probeOperationCount)))
      }
    }
    guard status >= 0 else { return [] }
    return (0..<min(Int(answer[1]), probeOperationCount)).compactMap { index in
      let start = probeHeaderByteCount + 8 * index
      return answer[start + 2] & 1 == 1 ? answer[start] : nil
    }
  }
}
