// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, each structure and buffer outlives the call that it is lent to, and each call is told its size;
// descriptors and the folder's stream are closed by whoever opened them, once.

import Glibc
import Sockets
import SystemPackage

/// What tells one version of a file from all others.
struct FileVersion: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    case regular, folder, other
  }

  let kind: Kind
  let device: UInt64
  let inode: UInt64
  let byteCount: Int
  /// When its content was changed: seconds since 1970, and the rest.
  let modified: Int64
  let modifiedNanoseconds: Int
  /// When anything about it was changed.
  let changed: Int64
  let changedNanoseconds: Int

  init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .folder
      default: .other
      }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    byteCount = max(0, Int(status.st_size))
    modified = Int64(status.st_mtim.tv_sec)
    modifiedNanoseconds = status.st_mtim.tv_nsec
    changed = Int64(status.st_ctim.tv_sec)
    changedNanoseconds = status.st_ctim.tv_nsec
  }
}

/// A file that is open, and what it was when it was opened; it is closed with its last reference.
final class OpenFile: Sendable {
  let descriptor: CInt
  let version: FileVersion

  private init(_ descriptor: CInt, _ version: FileVersion) {
    self.descriptor = descriptor
    self.version = version
  }

  /// Takes a descriptor over; when nothing can be told about it, it is closed.
  static func owning(_ descriptor: CInt) -> Result<OpenFile, Errno> {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      let failure = Errno(rawValue: errno)
      _ = Syscall.close(descriptor)
      return .failure(failure)
    }
    return .success(OpenFile(descriptor, FileVersion(status)))
  }

  /// What is known about a name that is not opened.
  static func unopened(_ version: FileVersion) -> OpenFile { OpenFile(-1, version) }

  deinit { if descriptor >= 0 { _ = Syscall.close(descriptor) } }

  /// The file as swift-system names it; it is closed with this owner.
  var file: FileDescriptor { FileDescriptor(rawValue: descriptor) }

  /// Appends a part of the file to bytes.
  ///
  /// - Returns: how many bytes there were; fewer than asked for when the file has become shorter, or cannot be read.
  func append(from offset: Int, count: Int, to bytes: inout [UInt8]) -> Int {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: count))
    var done = 0
    unsafe bytes.withUnsafeMutableBytes { bytes in
      while done < count {
        let read = unsafe pread(
          descriptor, bytes.baseAddress?.advanced(by: start + done), count - done,
          off_t(offset + done))
        if read < 0, errno == EINTR { continue }
        if read <= 0 { break }
        done += read
      }
    }
    bytes.removeLast(count - done)
    return done
  }
}

/// One entry of a folder's page.
struct FolderEntry: Sendable {
  var name: [UInt8]
  var isFolder: Bool
  var byteCount: Int
  var modified: Int64
}

/// The folder that is served: every path is resolved beneath it by the kernel.
final class ServedFolder: Sendable {
  /// How many entries a page lists.
  static let maximumEntries = 10_000

  private let descriptor: CInt
  /// Whether the kernel resolves beneath a folder; otherwise symbolic links are not followed at all.
  let followsLinks: Bool
  let showsHidden: Bool

  /// Opens the folder.
  ///
  /// - Throws: `CommandFailure` when it is none, or cannot be read.
  init(_ path: String, showsHidden: Bool) throws {
    let number = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else { throw CommandFailure(path, Errno(rawValue: errno)) }
    descriptor = number
    self.showsHidden = showsHidden
    let probe = Syscall.openBeneath(number, Array(".\0".utf8), onlyPath: true)
    if probe >= 0 { _ = Syscall.close(CInt(truncatingIfNeeded: probe)) }
    // Old filters of containers answer EPERM for calls that they do not know.
    followsLinks = probe != -Int(ENOSYS) && probe != -Int(EPERM)
  }

  deinit { _ = Syscall.close(descriptor) }

  /// Opens what a path names, if it is a file or a folder.
  ///
  /// All else is only looked at: opening a FIFO would let its writer go on, and a device may do anything.
  ///
  /// - Parameter path: beneath the folder, without slashes at its ends; empty for the folder itself.
  /// - Returns: the file, open unless its kind is ``FileVersion/Kind/other``; or the C error.
  func open(_ path: [UInt8]) -> Result<OpenFile, Errno> {
    guard followsLinks else { return openWithoutLinks(path) }
    let text = (path.isEmpty ? [UInt8(ascii: ".")] : path) + [0]
    let number = Syscall.openBeneath(descriptor, text, onlyPath: true)
    guard number >= 0 else { return Self.failure(number) }
    let name = CInt(truncatingIfNeeded: number)
    return OpenFile.owning(name).flatMap { found in
      guard found.version.kind != .other else { return .success(.unopened(found.version)) }
      // The very file that was looked at, whatever its name leads to by now.
      let flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
      let opened = unsafe Glibc.open("/proc/self/fd/\(name)", flags)
      if opened >= 0 { return OpenFile.owning(opened) }
      let failure = Errno(rawValue: errno)
      guard failure == .noSuchFileOrDirectory else { return .failure(failure) }
      // There is no /proc: by its name once more.
      let again = Syscall.openBeneath(descriptor, text)
      guard again >= 0 else { return Self.failure(again) }
      return OpenFile.owning(CInt(truncatingIfNeeded: again)).flatMap { file in
        file.version.inode == found.version.inode && file.version.device == found.version.device
          ? .success(file) : .failure(.resourceTemporarilyUnavailable)
      }
    }
  }

  /// The C error of a call.
  private static func failure<Value>(_ number: Int) -> Result<Value, Errno> {
    .failure(Errno(rawValue: CInt(truncatingIfNeeded: -number)))
  }

  /// What a path names now, wherever that is: to be compared with what was opened beneath the folder, and for nothing else.
  ///
  /// - Parameter path: as ``open(_:)`` takes it, and a NUL behind it.
  /// - Returns: the version; `nil` when there is none.
  func version(of path: [UInt8]) -> FileVersion? {
    guard path.last == 0 else { return nil }
    var status = stat()
    // AT_NO_AUTOMOUNT: nothing is mounted for it.
    let found = unsafe path.withUnsafeBytes { bytes in
      guard let text = bytes.baseAddress else { return CInt(-1) }
      return unsafe fstatat(
        descriptor, text.assumingMemoryBound(to: CChar.self), &status, 0x800)
    }
    return found == 0 ? FileVersion(status) : nil
  }

  /// Goes down component by component, each of which must be no symbolic link.
  private func openWithoutLinks(_ path: [UInt8]) -> Result<OpenFile, Errno> {
    var folder = descriptor
    defer { if folder != descriptor { _ = Syscall.close(folder) } }
    let names = path.split(separator: UInt8(ascii: "/"))
    for name in names.dropLast() {
      let next = Syscall.openComponent(folder, name + [0], isFolder: true)
      guard next >= 0 else { return Self.failure(next) }
      if folder != descriptor { _ = Syscall.close(folder) }
      folder = CInt(truncatingIfNeeded: next)
    }
    let last = (names.last ?? [UInt8(ascii: ".")]) + [0]
    var status = stat()
    guard
      unsafe fstatat(folder, last.map(CChar.init(bitPattern:)), &status, AT_SYMLINK_NOFOLLOW) == 0
    else { return .failure(Errno(rawValue: errno)) }
    guard status.st_mode & S_IFMT != S_IFLNK else { return .failure(.tooManySymbolicLinkLevels) }
    let version = FileVersion(status)
    guard version.kind != .other else { return .success(.unopened(version)) }
    let number = Syscall.openComponent(folder, Array(last), isFolder: false)
    guard number >= 0 else { return Self.failure(number) }
    return OpenFile.owning(CInt(truncatingIfNeeded: number))
  }

  /// The entries of a folder that are served: files and folders, and links that lead to such ones beneath.
  ///
  /// It may take long, so no loop's thread should do it.
  ///
  /// - Parameters:
  ///   - path: the folder, as ``open(_:)`` takes it.
  ///   - isCancelled: is asked now and then whether nobody wants the entries any more.
  /// - Returns: the entries in no order; whether there are more. `ECANCELED` when nobody wants them.
  func entries(
    _ path: [UInt8], isCancelled: () -> Bool = { false }
  ) -> Result<(entries: [FolderEntry], isCut: Bool), Errno> {
    let number: CInt
    switch open(path) {
    case .failure(let errno): return .failure(errno)
    case .success(let file) where file.version.kind == .folder:
      let copy = Syscall.fcntl(file.descriptor, command: F_DUPFD_CLOEXEC, argument: 0)
      guard copy >= 0 else { return Self.failure(copy) }
      number = CInt(truncatingIfNeeded: copy)
    case .success: return .failure(.notDirectory)
    }
    guard let stream = unsafe fdopendir(number) else {
      let failure = errno
      _ = Syscall.close(number)
      return .failure(Errno(rawValue: failure))
    }
    defer { unsafe closedir(stream) }
    var entries: [FolderEntry] = []
    var turns = 0
    while let entry = unsafe readdir(stream) {
      turns += 1
      if turns % 256 == 1, isCancelled() { return .failure(.canceled) }
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe Array(bytes.prefix { $0 != 0 })
      }
      if name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8) { continue }
      if name.first == UInt8(ascii: "."), !showsHidden { continue }
      if entries.count == Self.maximumEntries { return .success((entries, true)) }
      if let entry = self.entry(name, in: path, number) { entries.append(entry) }
    }
    return .success((entries, false))
  }

  private func entry(_ name: [UInt8], in path: [UInt8], _ folder: CInt) -> FolderEntry? {
    var status = stat()
    let text = (name + [0]).map(CChar.init(bitPattern:))
    let found = unsafe fstatat(folder, text, &status, AT_SYMLINK_NOFOLLOW)
    guard found == 0 else { return nil }
    if status.st_mode & S_IFMT == S_IFLNK {
      guard followsLinks else { return nil }
      let whole = path.isEmpty ? name : path + [UInt8(ascii: "/")] + name
      let target = Syscall.openBeneath(descriptor, whole + [0], onlyPath: true)
      guard target >= 0 else { return nil }
      defer { _ = Syscall.close(CInt(truncatingIfNeeded: target)) }
      guard unsafe fstat(CInt(truncatingIfNeeded: target), &status) == 0 else { return nil }
    }
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    guard isFolder || status.st_mode & S_IFMT == S_IFREG else { return nil }
    return FolderEntry(
      name: name, isFolder: isFolder, byteCount: max(0, Int(status.st_size)),
      modified: Int64(status.st_mtim.tv_sec))
  }
}
