// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import Glibc

/// A folder of a test's own, which is removed with all that is in it when its owner ends.
package final class ScratchFolder {
  /// The C error of a file operation.
  package struct Failure: Error, Hashable {
    /// What was tried.
    package let operation: String
    /// Why it failed.
    package let errno: CInt
  }

  /// The absolute path.
  ///
  /// Short, since Unix socket paths have at most 107 bytes.
  package let path: String

  /// Makes an empty folder that only its owner may enter.
  package init() throws(Failure) {
    var template = Array("/tmp/sockets-XXXXXX".utf8CString)
    // SAFETY: mkdtemp changes the template in place, within its length.
    guard unsafe mkdtemp(&template) != nil else {
      throw Failure(operation: "mkdtemp", errno: errno)
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(path) }

  /// Writes a file into the folder.
  ///
  /// - Parameters:
  ///   - text: all of its content.
  ///   - name: its name.
  ///   - mode: its permissions.
  /// - Throws: ``Failure``.
  package func write(_ text: String, to name: String, mode: UInt32 = 0o644) throws(Failure) {
    let file = unsafe creat("\(path)/\(name)", mode)
    guard file >= 0 else { throw Failure(operation: "creat", errno: errno) }
    defer { close(file) }
    let bytes = Array(text.utf8)
    // SAFETY: the pointer and the count are of one array.
    let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
    guard count == bytes.count else { throw Failure(operation: "write", errno: errno) }
  }

  private static func remove(_ path: String) {
    // Unlinking is tried first, so that a symbolic link is never followed.
    guard unsafe unlink(path) != 0, errno == EISDIR else { return }
    if let folder = unsafe opendir(path) {
      while let entry = unsafe readdir(folder) {
        let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          // SAFETY: d_name ends with a NUL; it is looked at in its place, because the entry is not longer than its name.
          unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { remove("\(path)/\(name)") }
      }
      unsafe closedir(folder)
    }
    unsafe rmdir(path)
  }
}

/// Reads a small text file.
///
/// - Parameter path: the file.
/// - Returns: its whole content.
/// - Throws: ``ScratchFolder/Failure``.
package func readFile(_ path: String) throws(ScratchFolder.Failure) -> String {
  let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { throw ScratchFolder.Failure(operation: "open \(path)", errno: errno) }
  defer { close(file) }
  var content: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65536)
  while true {
    // SAFETY: the pointer and the count are of one array.
    let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
    guard count >= 0 else { throw ScratchFolder.Failure(operation: "read \(path)", errno: errno) }
    guard count > 0 else { return String(decoding: content, as: UTF8.self) }
    content += chunk[..<count]
  }
}
