// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import SystemPackage

extension UnixAddress {
  /// Names a path.
  ///
  /// - Parameter path: the path; its bytes need not be UTF-8.
  /// - Throws: ``AddressParseError`` when the path is empty or has more than 107 bytes.
  public init(path: FilePath) throws(AddressParseError) {
    var bytes: [UInt8] = []
    // SAFETY: the string is NUL-terminated and lives during the call.
    unsafe path.withPlatformString { characters in
      var index = 0
      while unsafe characters[index] != 0 {
        unsafe bytes.append(UInt8(bitPattern: characters[index]))
        index += 1
      }
    }
    try self.init(pathBytes: bytes.span)
  }

  /// The path, or `nil` when the address is none.
  ///
  /// A `FilePath` drops doubled slashes and a slash at the end; ``nameBytes`` is exact.
  public var path: FilePath? {
    guard kind == .path else { return nil }
    let characters = nameBytes.map { CChar(bitPattern: $0) } + [0]
    return FilePath(platformString: characters)
  }
}
