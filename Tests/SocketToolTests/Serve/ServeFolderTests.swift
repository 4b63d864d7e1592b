// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// What is internal can be tested in a debug build alone.
#if DEBUG

import Foundation
import Sockets
import SystemPackage
import TestSupport
import Testing

@testable import SocketTool

/// How paths are resolved beneath the folder, on kernels that can do it and on those that cannot.
@Suite struct ServeFolderTests {
  private static func filled() throws -> ScratchFolder {
    let scratch = try ScratchFolder()
    try FileManager.default.createDirectory(
      atPath: "\(scratch.path)/served/sub", withIntermediateDirectories: true)
    try scratch.write("inside", to: "served/sub/file")
    try scratch.write("outside", to: "outside")
    for (name, target) in [
      ("link", "sub/file"), ("out", "../outside"), ("folder", "sub"), ("far", "/etc/passwd"),
    ] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(scratch.path)/served/\(name)", withDestinationPath: target)
    }
    return scratch
  }

  private static func errno(_ folder: ServedFolder, _ path: String) -> Errno? {
    switch folder.open(Array(path.utf8)) {
    case .success: nil
    case .failure(let errno): errno
    }
  }

  @Test func theKernelResolvesBeneathTheFolder() throws {
    let scratch = try Self.filled()
    let folder = try ServedFolder("\(scratch.path)/served", showsHidden: false)
    #expect(folder.followsLinks)
    for path in ["", "sub", "sub/file", "link", "folder/file", "sub/../sub/file"] {
      #expect(Self.errno(folder, path) == nil, "\(path)")
    }
    for path in ["out", "far", "..", "../outside", "sub/../../outside", "/etc/passwd"] {
      #expect(Self.errno(folder, path) == Errno(rawValue: EXDEV), "\(path)")
    }
    #expect(Self.errno(folder, "nothing") == .noSuchFileOrDirectory)
    #expect(Self.errno(folder, "sub/file/x") == .notDirectory)
    let names = try folder.entries([]).get().entries.map {
      String(decoding: $0.name, as: UTF8.self)
    }
    #expect(names.sorted() == ["folder", "link", "sub"])
  }

  @Test func withoutTheCallNoLinkIsFollowed() throws {
    let scratch = try Self.filled()
    for errno in [Errno.noFunction, .notPermitted] {
      let script = ForcedCalls(.fail(.openat2, errno, times: nil))
      try script.observing {
        let folder = try ServedFolder("\(scratch.path)/served", showsHidden: false)
        #expect(!folder.followsLinks)
        for path in ["", "sub", "sub/file"] { #expect(Self.errno(folder, path) == nil, "\(path)") }
        for path in ["link", "out", "far"] {
          #expect(Self.errno(folder, path) == .tooManySymbolicLinkLevels, "\(path)")
        }
        #expect(Self.errno(folder, "folder/file") != nil)
        #expect(Self.errno(folder, "nothing") == .noSuchFileOrDirectory)
        let entries = try folder.entries([]).get().entries
        #expect(entries.map { String(decoding: $0.name, as: UTF8.self) } == ["sub"])
        #expect(script.count(of: .openat2) == 1 && script.count(of: .openat) > 4)
      }
    }
  }

  /// A rename meanwhile makes the kernel unsure, and it is asked again.
  @Test func anUnsureAnswerIsAskedForAgain() throws {
    let scratch = try Self.filled()
    let folder = try ServedFolder("\(scratch.path)/served", showsHidden: false)
    let script = ForcedCalls(.fail(.openat2, .resourceTemporarilyUnavailable, times: 3))
    script.observing { #expect(Self.errno(folder, "sub/file") == nil) }
    #expect(script.isPlayedThrough && script.count(of: .openat2) == 4)
    let always = ForcedCalls(.fail(.openat2, .resourceTemporarilyUnavailable, times: nil))
    always.observing {
      #expect(Self.errno(folder, "sub/file") == .resourceTemporarilyUnavailable)
    }
  }

  /// What has been opened is known again by its name until anything about it changes.
  @Test func aVersionIsTheFilesOwn() throws {
    let scratch = try Self.filled()
    let folder = try ServedFolder("\(scratch.path)/served", showsHidden: false)
    let path = Array("sub/file\0".utf8)
    let file = try folder.open(Array("sub/file".utf8)).get()
    #expect(folder.version(of: path) == file.version)
    try scratch.write("inside, longer", to: "served/sub/file")
    #expect(folder.version(of: path) != file.version)
    #expect(folder.version(of: Array("out\0".utf8))?.byteCount == 7)
    #expect(folder.version(of: Array("nothing\0".utf8)) == nil)
    #expect(folder.version(of: Array("sub/file".utf8)) == nil, "no NUL")
  }

  @Test func filesAreKeptForTwoSeconds() throws {
    let scratch = try Self.filled()
    let folder = try ServedFolder("\(scratch.path)/served", showsHidden: false)
    let cache = FileCache(maximumCount: 2)
    func keep(_ target: String, at now: Int64) throws {
      let file = try folder.open(Array("sub/file".utf8)).get()
      cache.keep(
        CachedFile(
          target: Array(target.utf8), path: [0], file: file, fields: [], opened: now))
    }
    func has(_ target: String, at now: Int64) -> Bool {
      cache.file(Array(target.utf8)[...], now: now) != nil
    }
    try keep("/a", at: 10)
    try keep("/b", at: 11)
    try keep("/c", at: 11)
    #expect(has("/a", at: 11) && has("/b", at: 11) && !has("/c", at: 11), "there is room for two")
    #expect(!has("/a", at: 12) && !has("/a", at: 9) && has("/b", at: 12))
    cache.sweep(now: 12)
    try keep("/c", at: 12)
    #expect(has("/b", at: 12) && has("/c", at: 13))
  }
}

#endif
