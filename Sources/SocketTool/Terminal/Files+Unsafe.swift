// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, each buffer and each C string outlives the call that it is lent to.

import Glibc
import Sockets
import SystemPackage

/// Small files of the kernel.
enum SmallFile {
  /// The text of a file, at most so much of it, or `nil` when it cannot be read.
  static func text(_ path: String, atMost limit: Int = 1 << 16) -> String? {
    guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
    else { return nil }
    defer { try? file.close() }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while bytes.count < limit {
      let count = unsafe buffer.withUnsafeMutableBytes { buffer in
        (try? unsafe file.read(into: buffer)) ?? 0
      }
      if count == 0 { break }
      bytes += buffer.prefix(count)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// A folder of our own for Unix paths.
enum TemporaryFolder {
  /// Makes one that nobody else can enter; a signal that ends the process removes it with the files of these names.
  static func make(files: [String]) throws -> FilePath {
    EndingSignals.holdBack()
    let parent = environmentVariable("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    var template = Array("\(parent)/sockets-tour-XXXXXX".utf8CString)
    let isMade = unsafe template.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return false }
      return unsafe mkdtemp(start) != nil
    }
    guard isMade else { throw Errno(rawValue: errno) }
    let folder = FilePath(
      String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
    EndingSignals.handle { remove(folder, files: files) }
    return folder
  }

  /// Removes it and the files in it that have these names.
  ///
  /// A row that still runs when a signal comes may make one between the two: then once more, a bounded number of times.
  static func remove(_ folder: FilePath, files: [String]) {
    for _ in 0..<1000 {
      for name in files { _ = Syscall.unlink(folder.appending(name)) }
      let status = unsafe folder.withPlatformString { unsafe rmdir($0) }
      if status == 0 || errno != ENOTEMPTY { return }
    }
  }
}

/// What the kernel says of this process.
enum ProcessFacts {
  static var processID: Int32 { getpid() }
  static var isRoot: Bool { geteuid() == 0 }
}

extension ConnectedSocket {
  /// What has come, or `nil` when nothing has; never waits.
  func takeIfAny() throws(SocketError) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 256)
    var span = buffer.mutableSpan
    // SAFETY: every byte of an array of bytes may be read and written.
    var bytes = unsafe span.mutableBytes
    guard let count = try tryRead(into: &bytes) else { return nil }
    return Array(buffer.prefix(count))
  }
}
