// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Reading and setting options by descriptor, for every owner type.
package enum Options {
  /// `getsockopt` through the option's coding.
  package static func get<Value>(
    _ option: SocketOption<Value>, of descriptor: Int32
  ) throws(SocketError) -> Value {
    var bytes = [UInt8](repeating: 0, count: option.coding.capacity)
    // SAFETY: the buffer is lent for the length of the call.
    let count = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe Syscall.getsockopt(
        descriptor, level: option.level, name: option.name, cName: option.cName.description,
        into: buffer)
    }
    guard count >= 0 else {
      throw SocketError(.getOption, result: count, subject: .option(option.cName))
    }
    bytes.removeLast(max(0, bytes.count - count))
    guard let value = option.coding.decode(bytes) else {
      throw SocketError(.getOption, .malformed, subject: .option(option.cName))
    }
    return value
  }

  /// `setsockopt` through the option's coding.
  package static func set<Value>(
    _ option: SocketOption<Value>, to value: Value, of descriptor: Int32
  ) throws(SocketError) {
    guard let bytes = option.coding.encode(value) else {
      throw SocketError(.setOption, .valueOutOfRange, subject: .option(option.cName))
    }
    // SAFETY: the buffer is lent for the length of the call.
    let status = unsafe bytes.withUnsafeBytes { buffer in
      unsafe Syscall.setsockopt(
        descriptor, level: option.level, name: option.name, cName: option.cName.description, buffer)
    }
    guard status >= 0 else {
      throw SocketError(.setOption, result: status, subject: .option(option.cName))
    }
  }
}
