// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// What a Range field asks for (RFC 9110, 14), of something that has so many bytes.
///
/// Several ranges are answered with the whole, as the standard allows: many small ones cost a server more than it sends.
package enum ByteRange: Hashable, Sendable {
  /// Everything: there is no range, or several, or it has another unit or form.
  case whole
  /// One part, not empty.
  case part(Range<Int>)
  /// None of the bytes are there: 416.
  case unsatisfiable

  /// Reads the value of a Range field.
  package init(parsing value: ArraySlice<UInt8>, of count: Int) {
    self = .whole
    guard value.prefix(6).isText("bytes="), count >= 0 else { return }
    let range = value.dropFirst(6).trimmed
    guard let dash = range.firstIndex(of: UInt8(ascii: "-")) else { return }
    let first = range[..<dash]
    let last = range[(dash + 1)...]
    if first.isEmpty {
      guard let suffix = last.decimal else { return }
      guard suffix > 0, count > 0 else {
        self = .unsatisfiable
        return
      }
      self = .part(count - min(suffix, count)..<count)
      return
    }
    guard let start = first.decimal else { return }
    guard last.isEmpty || last.decimal.map({ $0 >= start }) ?? false else { return }
    guard start < count else {
      self = .unsatisfiable
      return
    }
    self = .part(start..<(last.decimal.map { min($0, count - 1) + 1 } ?? count))
  }
}
