// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// One instruction of a classic BPF program.
///
/// The corresponding C type is `struct sock_filter`.
public struct FilterInstruction: Hashable, Sendable {
  /// What it does: `BPF_LD`, `BPF_JMP` and the other codes, added up.
  public var code: UInt16
  /// How many instructions a jump skips when its condition holds.
  public var jumpIfTrue: UInt8
  /// How many instructions a jump skips when it does not.
  public var jumpIfFalse: UInt8
  /// The number that the instruction works with.
  public var constant: UInt32

  /// Puts an instruction together.
  public init(
    code: UInt16, jumpIfTrue: UInt8 = 0, jumpIfFalse: UInt8 = 0, constant: UInt32 = 0
  ) {
    self.code = code
    self.jumpIfTrue = jumpIfTrue
    self.jumpIfFalse = jumpIfFalse
    self.constant = constant
  }

  /// Ends the program with a number: of a filter, how many bytes to keep; of a selector, which socket.
  ///
  /// The corresponding C code is `BPF_RET | BPF_K`.
  public static func answer(_ number: UInt32) -> FilterInstruction {
    FilterInstruction(code: 0x06, constant: number)
  }

  /// Loads 32 bits of the packet, in network byte order.
  ///
  /// The corresponding C code is `BPF_LD | BPF_W | BPF_ABS`.
  public static func loadWord(at offset: UInt32) -> FilterInstruction {
    FilterInstruction(code: 0x20, constant: offset)
  }

  /// Loads 16 bits of the packet, in network byte order.
  ///
  /// The corresponding C code is `BPF_LD | BPF_H | BPF_ABS`.
  public static func loadHalfWord(at offset: UInt32) -> FilterInstruction {
    FilterInstruction(code: 0x28, constant: offset)
  }

  /// Loads a byte of the packet.
  ///
  /// The corresponding C code is `BPF_LD | BPF_B | BPF_ABS`.
  public static func loadByte(at offset: UInt32) -> FilterInstruction {
    FilterInstruction(code: 0x30, constant: offset)
  }

  /// Jumps when what was loaded is equal to a number.
  ///
  /// The corresponding C code is `BPF_JMP | BPF_JEQ | BPF_K`.
  public static func jumpIfEqual(
    _ number: UInt32, true jumpIfTrue: UInt8, false jumpIfFalse: UInt8
  ) -> FilterInstruction {
    FilterInstruction(
      code: 0x15, jumpIfTrue: jumpIfTrue, jumpIfFalse: jumpIfFalse, constant: number)
  }

  /// Keeps the bits of what was loaded that are set in a number.
  ///
  /// The corresponding C code is `BPF_ALU | BPF_AND | BPF_K`.
  public static func and(_ mask: UInt32) -> FilterInstruction {
    FilterInstruction(code: 0x54, constant: mask)
  }

  /// Ends the program with what was loaded.
  ///
  /// The corresponding C code is `BPF_RET | BPF_A`.
  public static let answerLoaded = FilterInstruction(code: 0x16)

  /// The size of an instruction for the kernel.
  static let byteCount = 8
  /// The most instructions of a program.
  ///
  /// The corresponding C constant is `BPF_MAXINSNS`.
  public static let maximumCount = 4096
}

extension OptionCoding where Value == [FilterInstruction] {
  /// A program that can be set and read.
  static var filter: OptionCoding<[FilterInstruction]> {
    let capacity = FilterInstruction.maximumCount * FilterInstruction.byteCount
    var coding = OptionCoding(
      capacity: capacity, unit: "instructions",
      encode: { program in
        guard 1...FilterInstruction.maximumCount ~= program.count else { return nil }
        var writer = FieldWriter()
        for instruction in program {
          writer.put(instruction.code)
          writer.put(instruction.jumpIfTrue)
          writer.put(instruction.jumpIfFalse)
          writer.put(instruction.constant)
        }
        return writer.bytes
      },
      decode: { bytes in
        var program: [FilterInstruction] = []
        var reader = FieldReader(bytes)
        while reader.remaining >= FilterInstruction.byteCount {
          program.append(
            FilterInstruction(
              code: reader.take(), jumpIfTrue: reader.take(), jumpIfFalse: reader.take(),
              constant: reader.take()))
        }
        return program
      })
    coding.isProgram = true
    return coding
  }

  /// A program that can only be set.
  static var program: OptionCoding<[FilterInstruction]> {
    var coding = filter
    coding.decode = { _ in nil }
    return coding
  }
}

/// Some fragments in device memory, which are given back together.
///
/// The corresponding C type is `struct dmabuf_token`.
public struct DeviceMemoryTokens: Hashable, Sendable {
  /// The first fragment's token, as its control message gave it.
  public var first: UInt32
  /// How many follow each other; at most 128 in one call.
  public var count: UInt32

  /// Names a range of tokens.
  public init(first: UInt32, count: UInt32 = 1) {
    self.first = first
    self.count = count
  }
}

extension OptionCoding where Value == [DeviceMemoryTokens] {
  /// Pairs of numbers.
  static var deviceMemory: OptionCoding<[DeviceMemoryTokens]> {
    .writeOnly { tokens, writer in
      for token in tokens {
        writer.put(token.first)
        writer.put(token.count)
      }
    }
  }
}
