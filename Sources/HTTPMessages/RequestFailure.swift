// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

package import HTTPTypes

/// Why a request is refused; behind every one of them the connection has no borders any more, and is closed.
package enum RequestFailure: String, Error, CaseIterable, Hashable, Sendable {
  case bareLineFeed = "a line ends without a carriage return"
  case strayControlByte = "a carriage return or a NUL inside a line"
  case badRequestLine = "the request line is no METHOD TARGET VERSION"
  case badMethod = "the method is no token"
  case badTarget = "the request target has no form that the method allows"
  case badVersion = "the version is no HTTP/1.1"
  case unsupportedVersion = "this server speaks HTTP/1.1"
  case requestLineTooLong = "the request line is too long"
  case fieldLineTooLong = "a field line is too long"
  case tooManyFields = "there are too many field lines"
  case headTooLong = "the head is too long"
  case foldedLine = "a field line begins with white space"
  case badFieldLine = "a field line has no colon"
  case spaceBeforeColon = "there is white space before a colon"
  case badFieldName = "a field name is no token"
  case badFieldValue = "a field value has a control character"
  case hostMissing = "the Host field is missing"
  case hostRepeated = "there is more than one Host field"
  case badHost = "the Host field is no host and port"
  case badLength = "the Content-Length is no number"
  case lengthRepeated = "there is more than one Content-Length"
  case lengthAndCoding = "there are both Content-Length and Transfer-Encoding"
  case codingInOldVersion = "HTTP/1.0 has no Transfer-Encoding"
  case codingRepeated = "there is more than one Transfer-Encoding"
  case badCoding = "the Transfer-Encoding does not end in one chunked"
  case unknownCoding = "the Transfer-Encoding is not known here"
  case unknownExpectation = "the expectation is not known here"
  case badChunk = "a chunk of the body is malformed"
  case bodyTooLong = "the body is too long"

  /// What it is answered with.
  package var status: HTTPResponse.Status {
    switch self {
    case .requestLineTooLong: .uriTooLong
    case .fieldLineTooLong, .tooManyFields, .headTooLong: .requestHeaderFieldsTooLarge
    case .unsupportedVersion: .httpVersionNotSupported
    case .unknownCoding: .notImplemented
    case .unknownExpectation: .expectationFailed
    case .bodyTooLong: .contentTooLarge
    default: .badRequest
    }
  }
}
