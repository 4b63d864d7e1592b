// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// What a version of a file is known by.
package struct Validators: Hashable, Sendable {
  /// The entity tag without its `W/`, in its quotation marks.
  package var tag: [UInt8]
  /// Whether two versions may have the same tag, since the file was changed just now.
  package var isWeak: Bool
  /// When it was changed, in seconds since 1970.
  package var modified: Int64

  package init(tag: [UInt8], isWeak: Bool, modified: Int64) {
    self.tag = tag
    self.isWeak = isWeak
    self.modified = modified
  }
}

/// Conditional requests (RFC 9110, 13).
package enum Precondition: Hashable, Sendable {
  case holds
  /// 304.
  case notModified
  /// 412.
  case failed

  /// Judges the conditions of a GET or HEAD, in the order of RFC 9110, 13.2.2.
  package init(_ parser: borrowing RequestParser, _ validators: Validators, now: Int64) {
    let head = parser.head
    self = .holds
    if !head.ifMatch.isEmpty {
      let isMatch =
        !validators.isWeak
        && head.ifMatch.contains {
          EntityTags.contain(parser.bytes($0), validators.tag, strongly: true)
        }
      let isAny = head.ifMatch.contains { parser.bytes($0).elementsEqual("*".utf8) }
      if !isMatch, !isAny { self = .failed }
    } else if let limit = head.ifUnmodifiedSince.value.flatMap({
      HTTPDate.parse(parser.bytes($0), now: now)
    }) {
      if validators.modified > limit { self = .failed }
    }
    guard self == .holds else { return }
    if !head.ifNoneMatch.isEmpty {
      let isMatch = head.ifNoneMatch.contains {
        EntityTags.contain(parser.bytes($0), validators.tag, strongly: false)
      }
      if isMatch { self = .notModified }
    } else if let limit = head.ifModifiedSince.value.flatMap({
      HTTPDate.parse(parser.bytes($0), now: now)
    }) {
      if validators.modified <= limit { self = .notModified }
    }
  }

  /// Whether If-Range, where there is one, lets Range count: the version must be this one for certain.
  package static func allowsRange(
    _ parser: borrowing RequestParser, _ validators: Validators, now: Int64
  ) -> Bool {
    switch parser.head.ifRange {
    case .missing: return true
    case .repeated: return false
    case .once(let value):
      guard !validators.isWeak else { return false }
      let text = parser.bytes(value)
      if text.elementsEqual(validators.tag) { return true }
      return HTTPDate.parse(text, now: now) == validators.modified
    }
  }
}

/// Lists of entity tags.
package enum EntityTags {
  /// Whether a list has a tag or is `*`; one that is malformed has none behind the place.
  ///
  /// - Parameters:
  ///   - list: the value of If-Match or If-None-Match.
  ///   - tag: the tag in its quotation marks, without `W/`.
  ///   - strongly: whether a weak tag of the list is another one.
  /// - Returns: whether the tag is in the list.
  package static func contain(
    _ list: ArraySlice<UInt8>, _ tag: [UInt8], strongly: Bool
  ) -> Bool {
    if list.elementsEqual("*".utf8) { return true }
    var rest = list
    while true {
      rest = rest.drop { Byte.isSpace($0) || $0 == UInt8(ascii: ",") }
      let isWeak = rest.starts(with: "W/".utf8)
      if isWeak { rest = rest.dropFirst(2) }
      guard rest.first == UInt8(ascii: "\""),
        let end = rest.dropFirst().firstIndex(of: UInt8(ascii: "\""))
      else { return false }
      if rest[...end].elementsEqual(tag), !(strongly && isWeak) { return true }
      rest = rest[(end + 1)...].drop(while: Byte.isSpace)
      guard rest.first == UInt8(ascii: ",") else { return false }
    }
  }
}
