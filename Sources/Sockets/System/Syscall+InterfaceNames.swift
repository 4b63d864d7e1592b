// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import Glibc

// Names and numbers of network interfaces. The C library asks the kernel with an ioctl on a socket of
// its own.
extension Syscall {
  /// A name of at most 15 bytes and its NUL.
  ///
  /// The corresponding C constant is `IF_NAMESIZE`.
  package typealias InterfaceNameBuffer = InlineArray<16, CChar>

  /// `if_nametoindex`: the interface's number, or a negated errno.
  package static func interfaceIndex(named name: inout InterfaceNameBuffer) -> Int {
    name[15] = 0
    let copy = name
    return perform(
      .if_nametoindex,
      -1,
      arguments: { _ in [.text(text(copy))] },
      body: { _ in
        // SAFETY: the buffer has 16 characters, of which the last is NUL.
        let index = unsafe withUnsafeBytes(of: copy) { bytes in
          unsafe Glibc.if_nametoindex(bytes.baseAddress?.assumingMemoryBound(to: CChar.self))
        }
        return index == 0 ? -Int(errno) : Int(index)
      }
    )
  }

  /// `if_indextoname`: fills the buffer and returns 0, or a negated errno.
  package static func interfaceName(of index: UInt32, _ name: inout InterfaceNameBuffer) -> Int {
    var filled = InterfaceNameBuffer(repeating: 0)
    let status = perform(
      .if_indextoname,
      -1,
      arguments: { _ in [.number(Int(index)), .text(text(filled))] },
      body: { _ in
        // SAFETY: the buffer has the IF_NAMESIZE characters that the function may write.
        unsafe withUnsafeMutableBytes(of: &filled) { bytes in
          unsafe Glibc.if_indextoname(
            index,
            bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
          ) == nil ? -Int(errno) : 0
        }
      }
    )
    name = filled
    return status
  }

  /// The characters before the NUL.
  private static func text(_ name: InterfaceNameBuffer) -> String {
    var bytes: [UInt8] = []
    for index in name.indices {
      if name[index] == 0 { break }
      bytes.append(UInt8(bitPattern: name[index]))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
