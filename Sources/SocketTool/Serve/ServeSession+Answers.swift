// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import HTTPMessages
import HTTPTypes
import Sockets
import SystemPackage

/// Why the connection ends within an answer: the client must not take what has come for the whole.
struct AnswerCut: Error {}

// What a complete request is answered with.
extension ServeSession {
  /// Bodies up to this are read and sent together with their heads; longer ones go from the file to the socket inside the kernel.
  private static let smallByteCount = 1 << 14

  /// Answers the request that the parser has read.
  ///
  /// - Returns: whether the connection goes on.
  mutating func answer() async throws -> Bool {
    let closes =
      !parser.head.allowsAnother || server.isEndingConnections || visitor.waiter.isStopped
    if let rule = server.hosts, !rule.allows(parser) {
      appendPage(.misdirectedRequest, "no host of that name is served here", closes: closes)
      return !closes
    }
    if parser.head.isGet {
      try await answerGet(closes)
      return !closes
    }
    switch parser.head.method {
    case .head: try await answerGet(closes)
    case .options:
      appendHead(.noContent, closes: closes)
      appendField(.allow, Self.allowed)
      output += "\r\n".utf8
      note(.noContent, 0)
    case .post, .put, .delete, .patch, .connect, .trace:
      appendPage(
        .methodNotAllowed, "files are only read here", closes: closes,
        extra: "Allow: \(Self.allowed)\r\n")
    default: appendPage(.notImplemented, "the method is not known here", closes: closes)
    }
    return !closes
  }

  private static let allowed = "GET, HEAD, OPTIONS"

  private mutating func answerGet(_ closes: Bool) async throws {
    let now = WallClock.seconds
    if parser.head.isPlain,
      let known = server.cache.file(parser.bytes(parser.head.path), now: now),
      server.folder.version(of: known.path) == known.file.version
    {
      appendHead(.ok, closes: closes, now: now)
      output += known.fields
      return try await sendBody(known.file, 0..<known.file.version.byteCount, .ok)
    }
    let path: TargetPath
    do throws(TargetPath.Failure) {
      path = try TargetPath(
        parsing: parser.bytes(parser.head.path), showsHidden: server.folder.showsHidden)
    } catch {
      switch error {
      case .malformed: appendPage(.badRequest, "the path is malformed", closes: closes)
      case .hidden: appendPage(.notFound, "", closes: closes)
      }
      return
    }
    switch server.folder.open(path.bytes) {
    case .failure(let errno): appendFailure(errno, closes)
    case .success(let file):
      switch file.version.kind {
      case .regular where !path.isFolder: try await answerFile(file, path.bytes, closes, now)
      case .regular: appendPage(.notFound, "", closes: closes)
      case .folder: try await answerFolder(path, closes, now)
      case .other: appendPage(.forbidden, "only files are served", closes: closes)
      }
    }
  }

  private mutating func appendFailure(_ errno: Errno, _ closes: Bool) {
    switch errno {
    case .permissionDenied, .notPermitted: appendPage(.forbidden, "", closes: closes)
    case .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory, .resourceTemporarilyUnavailable,
      .canceled:
      appendPage(
        .serviceUnavailable, "the server is busy", closes: closes, extra: "Retry-After: 1\r\n")
    case .ioError: appendPage(.internalServerError, "the file cannot be read", closes: closes)
    case .tooManySymbolicLinkLevels where !server.folder.followsLinks:
      appendPage(
        .forbidden, "symbolic links are followed on Linux 5.6 or later", closes: closes)
    // A way out of the folder is no way at all.
    default: appendPage(.notFound, "", closes: closes)
    }
  }

  // MARK: Files

  private mutating func answerFile(
    _ file: OpenFile, _ path: [UInt8], _ closes: Bool, _ now: Int64
  ) async throws {
    let validators = Self.validators(of: file, now: now)
    switch Precondition(parser, validators, now: now) {
    case .holds: break
    case .notModified:
      appendHead(.notModified, closes: closes)
      appendValidators(validators)
      output += "\r\n".utf8
      return note(.notModified, 0)
    case .failed: return appendPage(.preconditionFailed, "", closes: closes)
    }
    var part = 0..<file.version.byteCount
    var status = HTTPResponse.Status.ok
    if parser.head.isGet, let range = parser.head.range.value,
      Precondition.allowsRange(parser, validators, now: now)
    {
      switch ByteRange(parsing: parser.bytes(range), of: file.version.byteCount) {
      case .whole: break
      case .part(let range):
        part = range
        status = .partialContent
      case .unsatisfiable:
        return appendPage(
          .rangeNotSatisfiable, "the file has \(file.version.byteCount) bytes", closes: closes,
          extra: "Content-Range: bytes */\(file.version.byteCount)\r\n")
      }
    }
    appendHead(status, closes: closes, now: now)
    let start = output.count
    appendField(.contentType, MediaType.of(path))
    appendField(.contentLength, String(part.count))
    if status == .partialContent {
      appendField(
        .contentRange, "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(file.version.byteCount)")
    }
    appendValidators(validators)
    output += "Accept-Ranges: bytes\r\nX-Content-Type-Options: nosniff\r\n\r\n".utf8
    if status == .ok, !validators.isWeak {
      server.cache.keep(
        CachedFile(
          target: Array(parser.bytes(parser.head.path)), path: path + [0], file: file,
          fields: Array(output[start...]), opened: now))
    }
    try await sendBody(file, part, status)
  }

  private mutating func sendBody(
    _ file: OpenFile, _ part: Range<Int>, _ status: HTTPResponse.Status
  ) async throws {
    guard parser.head.isGet else { return note(status, 0) }
    let sent: Int
    if part.count <= Self.smallByteCount {
      sent = file.append(from: part.lowerBound, count: part.count, to: &output)
    } else {
      var count = 0
      do {
        try await flush(with: file, from: part.lowerBound, count: part.count, sent: &count)
      } catch {
        // The client went away, was too slow, or the server ends.
        note(status, count)
        throw error
      }
      sent = count
    }
    note(status, sent)
    // The file became shorter after its length was told.
    if sent < part.count {
      try await flush()
      throw AnswerCut()
    }
  }

  /// The tag changes with the file's times and size; within two seconds of a change there may be another one at the same time.
  ///
  /// The time of the content can be set back, that of the change of anything cannot.
  private static func validators(of file: OpenFile, now: Int64) -> Validators {
    var tag: [UInt8] = []
    tag.reserveCapacity(64)
    tag.append(UInt8(ascii: "\""))
    appendHexadecimal(UInt64(truncatingIfNeeded: file.version.modified), to: &tag)
    appendHexadecimal(UInt64(truncatingIfNeeded: file.version.modifiedNanoseconds), to: &tag)
    tag.append(UInt8(ascii: "-"))
    appendHexadecimal(UInt64(truncatingIfNeeded: file.version.changed), to: &tag)
    appendHexadecimal(UInt64(truncatingIfNeeded: file.version.changedNanoseconds), to: &tag)
    tag.append(UInt8(ascii: "-"))
    appendHexadecimal(UInt64(truncatingIfNeeded: file.version.byteCount), to: &tag)
    tag.append(UInt8(ascii: "\""))
    // A time in the future would be one that has not been yet (RFC 9110, 8.8.2.1).
    return Validators(
      tag: tag, isWeak: max(file.version.modified, file.version.changed) > now - 2,
      modified: min(file.version.modified, now))
  }

  private static func appendHexadecimal(_ number: UInt64, to bytes: inout [UInt8]) {
    var shift = max(0, (63 - number.leadingZeroBitCount) / 4 * 4)
    while shift >= 0 {
      let digit = UInt8(truncatingIfNeeded: number >> UInt64(shift)) & 15
      bytes.append(digit < 10 ? 48 + digit : 87 + digit)
      shift -= 4
    }
  }

  private mutating func appendValidators(_ validators: Validators) {
    output += validators.isWeak ? "ETag: W/".utf8 : "ETag: ".utf8
    output += validators.tag
    output += "\r\nLast-Modified: ".utf8
    HTTPDate.append(validators.modified, to: &output)
    output += "\r\nCache-Control: no-cache\r\n".utf8
  }

  // MARK: Folders

  private mutating func answerFolder(
    _ path: TargetPath, _ closes: Bool, _ now: Int64
  ) async throws {
    guard path.isFolder else {
      // One slash at the front alone: two would name another host.
      let location = path.bytes.split(separator: UInt8(ascii: "/")).map {
        "/" + TargetPath.escaped($0)
      }.joined()
      let query = String(decoding: parser.bytes(parser.head.query), as: UTF8.self)
      return appendPage(
        .movedPermanently, "it is a folder", closes: closes,
        extra: "Location: \(location)/\(query)\r\n")
    }
    let index = (path.bytes.isEmpty ? [] : path.bytes + [UInt8(ascii: "/")]) + "index.html".utf8
    switch server.folder.open(index) {
    case .success(let file) where file.version.kind == .regular:
      return try await answerFile(file, index, closes, now)
    case .success(let file) where file.version.kind == .folder: break
    case .success: return appendPage(.forbidden, "only files are served", closes: closes)
    case .failure(.noSuchFileOrDirectory), .failure(.notDirectory): break
    // Whoever put it there did not mean the folder's names to be shown.
    case .failure(let errno): return appendFailure(errno, closes)
    }
    switch try await listing(path.bytes) {
    case .failure(let errno): appendFailure(errno, closes)
    case .success(let page):
      // Many clients that read slowly must not fill the memory with pages.
      let isLong = page.count >= Self.outputByteCount && parser.head.isGet
      let room = isLong ? server.pages.enter() : nil
      if isLong, room == nil { return appendFailure(.resourceTemporarilyUnavailable, closes) }
      defer { withExtendedLifetime(room) {} }
      appendHead(.ok, closes: closes)
      appendField(.contentType, MediaType.html)
      appendField(.contentLength, "\(page.count)")
      appendField(.contentSecurityPolicy, Pages.policy)
      output += "Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\n\r\n".utf8
      guard parser.head.isGet else { return note(.ok, 0) }
      output += page
      note(.ok, page.count)
      if isLong { try await flush() }
    }
  }

  /// Makes the page of a folder, on a thread of its own: looking at every file of a folder may take long.
  ///
  /// - Returns: the page; `EAGAIN` when too many others are being made, `ECANCELED` when the server ends.
  private func listing(_ path: [UInt8]) async throws -> Result<[UInt8], Errno> {
    let deadline = Deadline.seconds(5)
    var place = server.listings.enter()
    while place == nil {
      guard !server.isDraining, !deadline.hasPassed else {
        return .failure(.resourceTemporarilyUnavailable)
      }
      guard await connection.loop.sleep(nanoseconds: 10_000_000) >= 0 else {
        throw CancellationError()
      }
      place = server.listings.enter()
    }
    guard let place else { return .failure(.resourceTemporarilyUnavailable) }
    let folder = server.folder
    return try await withTaskCancellationHandler {
      do {
        return try await BlockingCall.run {
          // The place is free again when the thread is done, and not when nobody waits for it any more.
          withExtendedLifetime(place) {
            folder.entries(path) { place.isCancelled }.map {
              Pages.listing(path, $0.entries, isCut: $0.isCut)
            }
          }
        }
      } catch is CommandFailure {
        // There can be no more threads.
        return .failure(.resourceTemporarilyUnavailable)
      }
    } onCancel: {
      place.cancel()
    }
  }
}
