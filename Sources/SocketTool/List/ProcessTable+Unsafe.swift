// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, each folder that is opened is closed in the function that opened it, each entry of it is
// copied before the next one is read, and each buffer outlives the call that it is lent to, with its own count.

import Glibc
import Sockets

/// The processes that have sockets open, found by one walk over `/proc/PID/fd`.
struct ProcessTable {
  /// How many open sockets are remembered at most, so that a machine with millions costs no more memory than this.
  static let maximumHolderCount = 1 << 18

  /// Who has the socket of an inode.
  private(set) var holders: [UInt32: [SocketHolder]] = [:]
  /// How many processes did not show their descriptors: they are other users'.
  private(set) var hiddenCount = 0
  /// Whether there were more open sockets than are remembered, so that owners are missing.
  private(set) var isCut = false
  private var holderCount = 0
  private let limit: Int

  /// Walks over all processes.
  ///
  /// - Parameters:
  ///   - wanted: the inodes that somebody asks about.
  ///   - limit: how many open sockets are remembered.
  init(_ wanted: Set<UInt32>, limit: Int = maximumHolderCount) {
    self.limit = limit
    guard !wanted.isEmpty, let folder = unsafe opendir("/proc") else { return }
    defer { unsafe closedir(folder) }
    let root = unsafe dirfd(folder)
    while let name = unsafe Self.nextName(folder) {
      guard let processID = Int32(name), !isCut else { continue }
      add(processID, root, wanted)
    }
    for (inode, list) in holders where list.count > 1 {
      holders[inode] = list.sorted {
        ($0.process.processID, $0.descriptor) < ($1.process.processID, $1.descriptor)
      }
    }
  }

  private mutating func add(_ processID: Int32, _ root: Int32, _ wanted: Set<UInt32>) {
    let descriptor = unsafe openat(root, "\(processID)/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      // One that has ended meanwhile hides nothing.
      if errno == EACCES || errno == EPERM { hiddenCount += 1 }
      return
    }
    guard let folder = unsafe fdopendir(descriptor) else {
      close(descriptor)
      return
    }
    defer { unsafe closedir(folder) }
    var process: ListedProcess?
    while let name = unsafe Self.nextName(folder) {
      guard let number = Int32(name), let inode = Self.socketInode(descriptor, name),
        wanted.contains(inode)
      else { continue }
      guard holderCount < limit else {
        isCut = true
        return
      }
      let owner = process ?? Self.process(processID, root)
      process = owner
      holders[inode, default: []].append(SocketHolder(process: owner, descriptor: number))
      holderCount += 1
    }
  }

  private static func nextName(_ folder: OpaquePointer) -> String? {
    guard let entry = unsafe readdir(folder) else { return nil }
    return unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// The number in `socket:[NUMBER]`, to which a descriptor of a socket points.
  private static func socketInode(_ folder: Int32, _ name: String) -> UInt32? {
    unsafe withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer -> UInt32? in
      guard let start = buffer.baseAddress else { return nil }
      let count = unsafe readlinkat(
        folder, name, start.assumingMemoryBound(to: CChar.self), buffer.count)
      guard count > 0 else { return nil }
      return unsafe inode(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  /// Reads the number in `socket:[NUMBER]`; `nil` for what points to something else.
  static func inode(_ text: some Collection<UInt8>) -> UInt32? {
    let prefix = "socket:[".utf8
    guard text.starts(with: prefix) else { return nil }
    var value: UInt32 = 0
    for byte in text.dropFirst(prefix.count) {
      if byte == UInt8(ascii: "]") { return value }
      let digit = byte &- UInt8(ascii: "0")
      let (tenfold, isLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isLarger) = tenfold.addingReportingOverflow(UInt32(digit))
      guard digit < 10, !isLarge, !isLarger else { return nil }
      value = sum
    }
    return nil
  }

  private static func process(_ processID: Int32, _ root: Int32) -> ListedProcess {
    var status = stat()
    let isKnown = unsafe fstatat(root, "\(processID)", &status, 0) == 0
    let text = SmallFile.text("/proc/\(processID)/comm") ?? ""
    return ListedProcess(
      processID: processID, name: String(text.prefix { $0 != "\n" }),
      userID: isKnown ? status.st_uid : nil)
  }
}
