// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
internal import SystemPackage

/// Reading and setting options by descriptor, for every owner type.
package enum Options {
  /// `getsockopt` through the option's coding.
  ///
  /// An answer that does not fit (`ERANGE`, as lists give it) is asked for again with more room.
  package static func get<Value>(
    _ option: SocketOption<Value>, of descriptor: Int32
  ) throws(SocketError) -> Value {
    var capacity = max(option.coding.capacity, option.coding.question.count)
    while true {
      var bytes = option.coding.question
      bytes += repeatElement(0, count: capacity - bytes.count)
      let count = fill(&bytes, option, descriptor)
      if count == -Int(Errno.outOfRange.rawValue), capacity < largestAnswer {
        capacity *= 4
        continue
      }
      guard count >= 0 else {
        throw SocketError(.getOption, result: count, subject: .option(option.cName))
      }
      // A program is counted by its instructions (bpf(4) of 8 bytes each).
      let length = option.coding.isProgram ? count * FilterInstruction.byteCount : count
      bytes.removeLast(max(0, bytes.count - length))
      guard let value = option.coding.decode(bytes) else {
        throw SocketError(.getOption, .malformed, subject: .option(option.cName))
      }
      return value
    }
  }

  /// More room than any option's answer needs: 65536 groups of four bytes.
  private static let largestAnswer = 1 << 18

  private static func fill<Value>(
    _ bytes: inout [UInt8], _ option: SocketOption<Value>, _ descriptor: Int32
  ) -> Int {
    // SAFETY: the buffer is lent for the length of the call.
    unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe Syscall.getsockopt(
        descriptor, level: option.level, name: option.name, cName: option.cName.description,
        into: buffer)
    }
  }

  /// `setsockopt` through the option's coding.
  package static func set<Value>(
    _ option: SocketOption<Value>, to value: Value, of descriptor: Int32
  ) throws(SocketError) {
    guard let bytes = option.coding.encode(value) else {
      throw SocketError(.setOption, .valueOutOfRange, subject: .option(option.cName))
    }
    let status =
      option.coding.isProgram
      ? setProgram(bytes, option, descriptor) : setBytes(bytes, option, descriptor)
    guard status >= 0 else {
      throw SocketError(.setOption, result: status, subject: .option(option.cName))
    }
  }

  private static func setBytes<Value>(
    _ bytes: [UInt8], _ option: SocketOption<Value>, _ descriptor: Int32
  ) -> Int {
    // SAFETY: the buffer is lent for the length of the call.
    unsafe bytes.withUnsafeBytes { buffer in
      unsafe Syscall.setsockopt(
        descriptor, level: option.level, name: option.name, cName: option.cName.description, buffer)
    }
  }

  /// The kernel takes a program's address and count, in a `struct sock_fprog`.
  private static func setProgram<Value>(
    _ bytes: [UInt8], _ option: SocketOption<Value>, _ descriptor: Int32
  ) -> Int {
    // SAFETY: the kernel copies the program during the call, for which its bytes are lent.
    unsafe bytes.withUnsafeBytes { instructions in
      let program = unsafe cs_sock_fprog(
        count: UInt16(truncatingIfNeeded: instructions.count / FilterInstruction.byteCount),
        instructions: instructions.baseAddress)
      return unsafe withUnsafeBytes(of: program) { buffer in
        unsafe Syscall.setsockopt(
          descriptor, level: option.level, name: option.name, cName: option.cName.description,
          buffer)
      }
    }
  }
}
