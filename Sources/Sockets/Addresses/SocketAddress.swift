// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// An address of any family, the unknown included, in the very bytes that the kernel takes and gives.
///
/// Inline, never on the heap: 128 bytes and a count. Two addresses are equal when their bytes are.
/// The typed values (``IPSocketAddress``, ``UnixAddress`` and the others) convert to it and from it.
///
/// The corresponding C types are `struct sockaddr_storage` and its `socklen_t`.
public struct SocketAddress: Sendable {
  /// The bytes, zero after the count.
  var storage: InlineArray<16, UInt64>

  /// How many bytes the address has, from 0 to 128; at least 2 unless it is empty.
  public private(set) var byteCount: Int

  /// The largest address that exists, in bytes.
  ///
  /// The corresponding C constant is `_SS_SIZE`.
  public static let maximumByteCount = 128

  /// No address at all: what an unnamed sender has.
  public init() {
    storage = InlineArray(repeating: 0)
    byteCount = 0
  }

  /// Takes the kernel's bytes; `nil` when there are more than ``maximumByteCount``, or exactly one.
  ///
  /// - Parameter bytes: a C socket address, beginning with its family.
  public init?(bytes: RawSpan) {
    guard bytes.byteCount <= Self.maximumByteCount, bytes.byteCount != 1 else { return nil }
    self.init()
    byteCount = bytes.byteCount
    // SAFETY: the count was checked against the storage's.
    unsafe withUnsafeMutableBytes(of: &storage) { target in
      unsafe bytes.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
    }
  }

  /// The family, or ``AddressFamily/unspecified`` for an empty address.
  public var family: AddressFamily {
    AddressFamily(rawValue: UInt16(truncatingIfNeeded: storage[0]))
  }

  /// Lends the address's bytes, exactly ``byteCount`` of them.
  public func withBytes<R: ~Copyable, E: Error>(
    _ body: (RawSpan) throws(E) -> R
  ) throws(E) -> R {
    // SAFETY: the storage is all bytes, initialised, and borrowed for the call.
    try unsafe body(storage.span.bytes.extracting(first: byteCount))
  }
}

extension SocketAddress: Hashable {
  /// Whether two addresses have the same bytes.
  public static func == (left: SocketAddress, right: SocketAddress) -> Bool {
    guard left.byteCount == right.byteCount else { return false }
    for index in left.storage.indices where left.storage[index] != right.storage[index] {
      return false
    }
    return true
  }

  /// Adds the bytes to a hash.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(byteCount)
    for index in storage.indices { hasher.combine(storage[index]) }
  }
}

extension SocketAddress {
  /// Makes an address from a C structure of the system.
  ///
  /// - Parameters:
  ///   - structure: a trivial C structure whose first field is the family.
  ///   - byteCount: how much of it counts; `nil` for all of it.
  package init<T: BitwiseCopyable>(structure: T, byteCount: Int? = nil) {
    self.init()
    self.byteCount = byteCount ?? MemoryLayout<T>.size
    precondition(
      self.byteCount <= Self.maximumByteCount && MemoryLayout<T>.size <= Self.maximumByteCount,
      "a socket address has at most 128 bytes"
    )
    // SAFETY: the structure is trivial and smaller than the storage.
    unsafe withUnsafeMutableBytes(of: &storage) { target in
      unsafe withUnsafeBytes(of: structure) { source in
        unsafe target.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: source.prefix(self.byteCount))
        )
      }
    }
  }

  /// Reads the address as a C structure; bytes past the count read as zero.
  package func load<T: BitwiseCopyable>(as type: T.Type) -> T {
    precondition(MemoryLayout<T>.size <= Self.maximumByteCount)
    // SAFETY: T is trivial, no larger than the storage, and the storage is aligned to 8.
    return unsafe withUnsafeBytes(of: storage) { unsafe $0.load(as: T.self) }
  }

  /// Lends the address to a system call that reads one.
  @inline(__always)
  package func withUnsafeAddress<R>(_ body: (UnsafeRawPointer, UInt32) -> R) -> R {
    unsafe withUnsafeBytes(of: storage) { bytes in
      // SAFETY: storage is 128 bytes, 8-aligned; baseAddress of a nonempty value is never nil.
      unsafe body(bytes.baseAddress.unsafelyUnwrapped, UInt32(byteCount))
    }
  }

  /// Has a system call fill an address.
  ///
  /// - Parameters:
  ///   - address: is filled.
  ///   - body: is handed room for 128 bytes and the length in and out.
  /// - Returns: what `body` returned.
  @inline(__always)
  package static func filled(
    _ address: inout SocketAddress,
    by body: (UnsafeMutableRawPointer, inout UInt32) -> Int
  ) -> Int {
    var length = UInt32(maximumByteCount)
    let result = unsafe withUnsafeMutableBytes(of: &address.storage) { bytes in
      // SAFETY: as in withUnsafeAddress.
      unsafe body(bytes.baseAddress.unsafelyUnwrapped, &length)
    }
    // A call that failed has filled nothing, and has left the length as it was. The kernel may also report a
    // longer address than it stored (a Unix path without its NUL).
    address.setByteCount(result < 0 ? 0 : min(Int(length), maximumByteCount))
    if address.family == .x25 { address.clearBehindDigits() }
    return result
  }

  /// Clears what lies behind the NUL of an X.25 address, so that equality can compare whole words.
  ///
  /// The kernel leaves there what its stack happened to hold (seen with Linux 6.1, net/x25/af_x25.c).
  private mutating func clearBehindDigits() {
    unsafe withUnsafeMutableBytes(of: &storage) { bytes in
      // SAFETY: both indices are below the storage's 128 bytes.
      var index = 2
      while index < byteCount, unsafe bytes[index] != 0 { index += 1 }
      while index < byteCount {
        unsafe bytes[index] = 0
        index += 1
      }
    }
  }

  /// Sets the count and clears what lies behind it, so that equality can compare whole words.
  package mutating func setByteCount(_ count: Int) {
    byteCount = count
    unsafe withUnsafeMutableBytes(of: &storage) { bytes in
      // SAFETY: the range ends where the storage does.
      for index in count..<Self.maximumByteCount { unsafe bytes[index] = 0 }
    }
  }
}
