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
        capacity = max(64, capacity * 4)
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

extension Options {
  /// `SO_PEERPIDFD`: the descriptor is made by the question, closed on exec, and owned at once.
  package static func peerProcess(of descriptor: Int32) throws(SocketError) -> ProcessDescriptor {
    let option = SocketOption<Int32>(
      level: CS_SOL_SOCKET, name: CS_SO_PEERPIDFD, cName: "SO_PEERPIDFD", coding: .integer)
    return ProcessDescriptor(
      owning: FileDescriptor(rawValue: try get(option, of: descriptor)))
  }

  /// `ioctl` through the control's coding, to read.
  package static func get<Value>(
    _ control: SocketControl<Value>, of descriptor: Int32
  ) throws(SocketError) -> Value {
    guard let request = control.readRequest else {
      throw SocketError(
        .deviceControl, .system(.notSupported), subject: .option(control.cName))
    }
    var bytes = control.coding.question
    bytes += repeatElement(0, count: max(0, control.coding.capacity - bytes.count))
    try perform(request, control.cName, &bytes, descriptor)
    guard let value = control.coding.decode(bytes) else {
      throw SocketError(.deviceControl, .malformed, subject: .option(control.cName))
    }
    return value
  }

  /// `ioctl` through the control's coding, to set.
  package static func set<Value>(
    _ control: SocketControl<Value>, to value: Value, of descriptor: Int32
  ) throws(SocketError) {
    guard let request = control.writeRequest else {
      throw SocketError(
        .deviceControl, .system(.notSupported), subject: .option(control.cName))
    }
    guard var bytes = control.coding.encode(value) else {
      throw SocketError(.deviceControl, .valueOutOfRange, subject: .option(control.cName))
    }
    try perform(request, control.cName, &bytes, descriptor)
  }

  private static func perform(
    _ request: UInt, _ cName: StaticText, _ bytes: inout [UInt8], _ descriptor: Int32
  ) throws(SocketError) {
    // SAFETY: the buffer is lent for the length of the call, and as large as the request's structure.
    let status = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe Syscall.ioctl(
        descriptor, request: request, cName: cName.description, buffer.baseAddress)
    }
    guard status >= 0 else {
      throw SocketError(.deviceControl, result: status, subject: .option(cName))
    }
  }
}
