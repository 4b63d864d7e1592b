// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

package import HTTPTypes

/// The head of a request: what its lines say, and where in them.
///
/// Ranges are places in the bytes that ``RequestParser/bytes(_:)`` lends, until the next request begins.
package struct RequestHead: Hashable, Sendable {
  /// A field that may be there once.
  package enum Field: Hashable, Sendable {
    case missing
    case once(Range<Int>)
    case repeated

    mutating func add(_ value: Range<Int>) { self = self == .missing ? .once(value) : .repeated }

    /// Its value, when it was there once.
    package var value: Range<Int>? { if case .once(let value) = self { value } else { nil } }
  }

  /// What the target is.
  package enum Form: Hashable, Sendable {
    /// `/path?query`.
    case origin
    /// `http://host/path?query`, as to a proxy.
    case absolute
    /// `host:port`, of `CONNECT`.
    case authority
    /// `*`, of `OPTIONS`.
    case asterisk
  }

  /// The method; any token is one.
  package internal(set) var method = HTTPRequest.Method.get
  /// Whether the method is GET, which is asked for nearly every time.
  package internal(set) var isGet = true
  /// The whole first line.
  package internal(set) var line = 0..<0
  /// The target as it was sent.
  package internal(set) var target = 0..<0
  package internal(set) var form = Form.origin
  /// The host and port in an absolute target, which count instead of Host (RFC 9112, 3.2.2); empty in other forms.
  package internal(set) var authority = 0..<0
  /// The path in the target; empty for the `/` that an absolute target left out, and where the form has none.
  package internal(set) var path = 0..<0
  /// What follows the path, with its question mark.
  package internal(set) var query = 0..<0
  /// Whether it is HTTP/1.1 or a later HTTP/1, and not HTTP/1.0.
  package internal(set) var isCurrentVersion = true

  /// The value of the Host field.
  package internal(set) var host = Field.missing
  /// The number of the Content-Length field; larger ones than there are are the largest.
  package internal(set) var contentLength: Int?
  package internal(set) var isChunked = false
  /// What Connection says.
  package internal(set) var saysClose = false
  package internal(set) var saysKeepAlive = false
  /// Whether the client waits for a word before it sends its body.
  package internal(set) var expectsContinue = false

  package internal(set) var range = Field.missing
  package internal(set) var ifRange = Field.missing
  package internal(set) var ifModifiedSince = Field.missing
  package internal(set) var ifUnmodifiedSince = Field.missing
  /// Each line of these two; together they are one list.
  package internal(set) var ifMatch: [Range<Int>] = []
  package internal(set) var ifNoneMatch: [Range<Int>] = []

  /// Whether it asks for all of something, under no condition.
  package var isPlain: Bool {
    range == .missing && ifModifiedSince == .missing && ifUnmodifiedSince == .missing
      && ifMatch.isEmpty && ifNoneMatch.isEmpty
  }

  /// Whether bytes of a body follow.
  package var hasBody: Bool { isChunked || contentLength ?? 0 > 0 }

  /// Whether the connection goes on behind this request, if the server likes.
  package var allowsAnother: Bool { !saysClose && (isCurrentVersion || saysKeepAlive) }
}
