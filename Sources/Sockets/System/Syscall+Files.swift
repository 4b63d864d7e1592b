// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
internal import Glibc
package import SystemPackage

/// Which file a path names, and of what kind it is.
package struct FileIdentity: Hashable, Sendable {
  /// The device, `st_dev`.
  package var device: UInt64
  /// The number of the file on its device, `st_ino`.
  package var inode: UInt64
  /// Whether it is a socket, `S_ISSOCK`.
  package var isSocket: Bool
}

// The calls on files that Unix paths need.
extension Syscall {
  /// `fstatat` that does not follow a symbolic link.
  package static func identity(of path: FilePath, _ identity: inout FileIdentity) -> Int {
    var answer = FileIdentity(device: 0, inode: 0, isSocket: false)
    let status = perform(.fstatat, -1, arguments: { _ in [.text(path.string)] }) { _ in
      var status = stat()
      // SAFETY: both pointers are lent for the length of the call.
      let code = unsafe path.withPlatformString { text in
        unsafe result(fstatat(AT_FDCWD, text, &status, AT_SYMLINK_NOFOLLOW))
      }
      answer = FileIdentity(
        device: UInt64(status.st_dev),
        inode: UInt64(status.st_ino),
        isSocket: status.st_mode & S_IFMT == S_IFSOCK
      )
      return code
    }
    identity = answer
    return status
  }

  /// `getcwd`, or `/` where it cannot be told.
  package static func currentDirectory() -> String {
    // SAFETY: with no buffer, glibc allocates the text, which is freed here.
    guard let text = unsafe getcwd(nil, 0) else { return "/" }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }

  package static func unlink(_ path: FilePath) -> Int {
    perform(.unlink, -1, arguments: { _ in [.text(path.string)] }) { _ in
      // SAFETY: the text is lent for the length of the call.
      unsafe path.withPlatformString { unsafe result(Glibc.unlink($0)) }
    }
  }

  /// `fchmod`; on an unbound Unix socket it sets the mode that the path will be made with.
  package static func fchmod(_ descriptor: Int32, mode: FilePermissions) -> Int {
    perform(.fchmod, descriptor, arguments: { _ in [.number(Int(mode.rawValue))] }) { _ in
      result(Glibc.fchmod(descriptor, mode_t(mode.rawValue)))
    }
  }

  package static func chmod(_ path: FilePath, mode: FilePermissions) -> Int {
    perform(
      .fchmodat,
      -1,
      arguments: { _ in [.text(path.string), .number(Int(mode.rawValue))] }
    ) { _ in
      // SAFETY: the text is lent for the length of the call.
      unsafe path.withPlatformString {
        unsafe result(fchmodat(AT_FDCWD, $0, mode_t(mode.rawValue), 0))
      }
    }
  }

  /// `fchownat` that does not follow a symbolic link; `UInt32.max` leaves a number as it is.
  package static func chown(_ path: FilePath, user: UInt32, group: UInt32) -> Int {
    perform(
      .fchownat,
      -1,
      arguments: { _ in [.text(path.string), .number(Int(user)), .number(Int(group))] }
    ) { _ in
      // SAFETY: the text is lent for the length of the call.
      unsafe path.withPlatformString {
        unsafe result(fchownat(AT_FDCWD, $0, user, group, AT_SYMLINK_NOFOLLOW))
      }
    }
  }

  /// Opens a directory and takes its advisory lock, waiting a tenth of a second for it; the descriptor is the result.
  ///
  /// Not longer: anybody who may read a directory may hold a lock on it for ever.
  ///
  /// It serves programs of this package that replace a stale path at the same moment.
  package static func lockDirectory(_ path: FilePath) -> Int {
    let number = perform(.open, -1, arguments: { _ in [.text(path.string)] }) { _ in
      // SAFETY: the text is lent for the length of the call.
      unsafe path.withPlatformString {
        unsafe result(open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
      }
    }
    guard number >= 0 else { return number }
    let descriptor = Int32(truncatingIfNeeded: number)
    var locked = 0
    for _ in 0..<100 {
      locked = performRetrying(.flock, descriptor, arguments: { _ in [.number(number)] }) { _ in
        result(flock(descriptor, LOCK_EX | LOCK_NB))
      }
      guard locked == -Int(EWOULDBLOCK) else { break }
      _ = pollOne(-1, events: 0, nanoseconds: 1_000_000)
    }
    guard locked >= 0 else {
      _ = close(descriptor)
      return locked
    }
    return number
  }

  /// Maps pages of zeros that nobody shares.
  ///
  /// - Returns: zero and the address, or an errno negated.
  package static func mapPages(_ byteCount: Int, _ address: inout UnsafeMutableRawPointer?) -> Int {
    // SAFETY: a new mapping that touches no other.
    let mapped = unsafe mmap(
      nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | Int32(MAP_ANONYMOUS), -1, 0)
    guard unsafe mapped != MAP_FAILED else { return -Int(errno) }
    unsafe address = mapped
    return 0
  }

  package static func unmapPages(_ address: UnsafeMutableRawPointer, _ byteCount: Int) {
    // SAFETY: the caller made the mapping, of that count, and uses it no more.
    _ = unsafe munmap(address, byteCount)
  }

  // MARK: Beneath a folder

  /// `openat2` with `RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS`: whatever the path and the symbolic links in it say, what is opened lies
  /// beneath the folder; for reading, without waiting for the other end of a FIFO.
  ///
  /// Linux 5.6 or later; `ENOSYS` before. A path that leads out is `EXDEV`, a link of `/proc` `ELOOP`.
  ///
  /// - Parameters:
  ///   - folder: where the path begins.
  ///   - path: the bytes of the path, a NUL at the end.
  ///   - onlyPath: whether to open the name alone (`O_PATH`), which touches no file.
  /// - Returns: the descriptor, or an errno negated.
  package static func openBeneath(_ folder: Int32, _ path: [UInt8], onlyPath: Bool = false) -> Int {
    guard path.last == 0 else { return -Int(EINVAL) }
    let flags = onlyPath ? "O_PATH|O_CLOEXEC" : "O_RDONLY|O_NONBLOCK|O_NOCTTY|O_CLOEXEC"
    var turns = 0
    while true {
      let opened = performRetrying(
        .openat2, folder,
        arguments: { _ in
          [
            .number(Int(folder)), .text(String(decoding: path.dropLast(), as: UTF8.self)),
            .constant(flags), .constant("RESOLVE_BENEATH|RESOLVE_NO_MAGICLINKS"),
          ]
        }
      ) { _ in
        // SAFETY: the bytes end with a NUL and are lent for the length of the call.
        unsafe path.withUnsafeBytes { bytes in
          unsafe result(
            cs_open_beneath(
              folder, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), onlyPath ? 1 : 0))
        }
      }
      // Somebody renamed a folder meanwhile, and the kernel could not be sure (openat2(2)).
      turns += 1
      if opened != -Int(EAGAIN) || turns == 16 { return opened }
    }
  }

  /// `openat` of one name that must not be a symbolic link (`O_NOFOLLOW`): `ELOOP`, or `ENOTDIR` for a folder, if it is one.
  ///
  /// - Parameters:
  ///   - folder: where the name is.
  ///   - name: the bytes of the name, a NUL at the end.
  ///   - isFolder: whether it must be a folder, which is opened to go on from (`O_PATH`).
  /// - Returns: the descriptor, or an errno negated.
  package static func openComponent(_ folder: Int32, _ name: [UInt8], isFolder: Bool) -> Int {
    guard name.last == 0, !name.contains(UInt8(ascii: "/")) else { return -Int(EINVAL) }
    return performRetrying(
      .openat, folder,
      arguments: { _ in
        [
          .number(Int(folder)), .text(String(decoding: name.dropLast(), as: UTF8.self)),
          .constant(isFolder ? "O_PATH|O_DIRECTORY|O_NOFOLLOW" : "O_RDONLY|O_NONBLOCK|O_NOFOLLOW"),
        ]
      }
    ) { _ in
      // SAFETY: the bytes end with a NUL and are lent for the length of the call.
      unsafe name.withUnsafeBytes { bytes in
        unsafe result(
          cs_open_component(
            folder, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), isFolder ? 1 : 0))
      }
    }
  }
}
