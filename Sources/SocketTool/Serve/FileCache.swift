// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// A file that was asked for a moment ago, ready to be sent again.
final class CachedFile: Sendable {
  /// The path of the target as the client wrote it.
  let target: [UInt8]
  /// The path beneath the folder, and a NUL.
  let path: [UInt8]
  let file: OpenFile
  /// The fields that tell about it, to the end of the head.
  let fields: [UInt8]
  /// When it was opened, in seconds since 1970.
  let opened: Int64

  init(target: [UInt8], path: [UInt8], file: OpenFile, fields: [UInt8], opened: Int64) {
    self.target = target
    self.path = path
    self.file = file
    self.fields = fields
    self.opened = opened
  }
}

/// The files that were asked for in the last two seconds, still open.
///
/// Each was opened beneath the folder. Before it is sent again its name is looked up, and only if that still is the very
/// version that is open, by device, inode, size and times, is it sent; so a change is seen at once, and a name that leads
/// elsewhere by now is resolved anew. Files that were changed less than two seconds ago are not kept.
final class FileCache: Sendable {
  static let lifetime: Int64 = 2
  private static let maximumTargetByteCount = 256

  private let maximumCount: Int
  private let files = Guarded<[UInt64: CachedFile]>([:])

  init(maximumCount: Int) { self.maximumCount = maximumCount }

  /// The file of a target's path, if it was asked for just now.
  func file(_ target: ArraySlice<UInt8>, now: Int64) -> CachedFile? {
    guard target.count <= Self.maximumTargetByteCount else { return nil }
    let key = Self.key(target)
    return files.withLock { files in
      guard let found = files[key], now - found.opened < Self.lifetime, now >= found.opened,
        found.target.elementsEqual(target)
      else { return nil }
      return found
    }
  }

  /// Keeps a file, if there is room.
  func keep(_ file: CachedFile) {
    guard file.target.count <= Self.maximumTargetByteCount else { return }
    let key = Self.key(file.target[...])
    let before = files.withLock { files -> CachedFile? in
      guard files.count < maximumCount || files[key] != nil else { return nil }
      return files.updateValue(file, forKey: key)
    }
    // Closing a file may take long, so the last reference goes behind the lock.
    withExtendedLifetime(before) {}
  }

  /// Closes those whose time is over.
  func sweep(now: Int64) {
    let before = files.withLock { files in
      let all = files
      files = files.filter { now - $1.opened < Self.lifetime && now >= $1.opened }
      return all
    }
    withExtendedLifetime(before) {}
  }

  /// A number for a target (FNV-1a); targets with the same number take each other's place.
  private static func key(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
