// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The path of a target, as one beneath a folder.
package struct TargetPath: Hashable, Sendable {
  /// Why a path is not looked for.
  package enum Failure: Error, Hashable, Sendable {
    /// It is malformed, or leads up: 400.
    case malformed
    /// Nothing that is served has such a name: 404.
    case hidden
  }

  /// The path from the folder on, unescaped, without slashes at its ends; empty for the folder itself.
  package var bytes: [UInt8]
  /// Whether the target ends in a slash, as a folder's does.
  package var isFolder: Bool

  /// Reads a path.
  ///
  /// Escapes are undone once. A NUL and a `..` are malformed; an empty or `.` component, and one with an escaped slash, is
  /// no file's name. Names that begin with a dot are hidden, but for `.well-known` at the top (RFC 8615).
  ///
  /// - Parameters:
  ///   - path: from its slash on; empty for the slash alone.
  ///   - showsHidden: whether names that begin with a dot are served.
  /// - Throws: ``Failure``.
  package init(parsing path: ArraySlice<UInt8>, showsHidden: Bool = false) throws(Failure) {
    bytes = []
    isFolder = true
    guard !path.isEmpty else { return }
    guard path.first == UInt8(ascii: "/") else { throw .malformed }
    bytes.reserveCapacity(path.count)
    var rest = path.dropFirst()
    var start = 0
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "/"):
        try check(start, showsHidden)
        bytes.append(byte)
        start = bytes.count
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(Byte.hexadecimal),
          let low = rest.popFirst().flatMap(Byte.hexadecimal)
        else { throw .malformed }
        let value = high << 4 | low
        guard value != 0 else { throw .malformed }
        // A slash in a component; what is malformed behind it comes first.
        bytes.append(value)
        if value == UInt8(ascii: "/") { hasEscapedSlash = true }
      case 0: throw .malformed
      default: bytes.append(byte)
      }
    }
    isFolder = start == bytes.count
    if isFolder {
      if !bytes.isEmpty { bytes.removeLast() }
    } else {
      try check(start, showsHidden)
    }
    if hasEscapedSlash { throw .hidden }
  }

  private var hasEscapedSlash = false

  /// Checks the component that begins there and ends at the end.
  private func check(_ start: Int, _ showsHidden: Bool) throws(Failure) {
    let name = bytes[start...]
    // With an escaped slash the component has components of its own.
    for part in name.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    where part.elementsEqual("..".utf8) {
      throw .malformed
    }
    if name.isEmpty || name.elementsEqual(".".utf8) { throw .hidden }
    if name.first == UInt8(ascii: "."), !showsHidden,
      start > 0 || !name.elementsEqual(".well-known".utf8)
    {
      throw .hidden
    }
  }

  /// Text that stands for a name in a target: all but letters, digits and `-._~` escaped.
  package static func escaped(_ name: some Sequence<UInt8>) -> String {
    var text = ""
    let digits = Array("0123456789ABCDEF")
    for byte in name {
      if Byte.isLetter(byte) || Byte.isDigit(byte) || "-._~".utf8.contains(byte) {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        text.append("%")
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
      }
    }
    return text
  }
}
