// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import Glibc

/// A program of the package that should lie beside the running one does not.
package struct NotBuilt: Error, CustomStringConvertible {
  package let description: String
}

/// The path of a program that was built together with this test.
///
/// - Parameter name: the product's name.
/// - Returns: its path.
/// - Throws: ``NotBuilt`` when it is not there.
package func builtProgram(_ name: String) throws(NotBuilt) -> String {
  var buffer = [CChar](repeating: 0, count: 4096)
  // SAFETY: readlink writes at most the count that it is given.
  let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
  guard count > 0 else { throw NotBuilt(description: "/proc/self/exe cannot be read") }
  let own = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  let folder = own.split(separator: "/").dropLast().joined(separator: "/")
  let path = "/\(folder)/\(name)"
  guard unsafe access(path, X_OK) == 0 else { throw NotBuilt(description: "\(path) is not there") }
  return path
}
