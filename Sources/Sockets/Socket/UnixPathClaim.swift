// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

package import SystemPackage

/// A Unix path that a socket of ours has made: it is removed at the claim's end, if it is still ours.
package struct UnixPathClaim: ~Copyable, Sendable {
  private let path: FilePath
  private let identity: FileIdentity
  private var isAbandoned = false

  private init(path: FilePath, identity: FileIdentity) {
    self.path = path
    self.identity = identity
  }

  deinit {
    guard !isAbandoned else { return }
    // Nobody may put another socket there between the question and the end.
    let lock = Self.lockParent(of: path)
    defer { if lock >= 0 { _ = Syscall.close(Int32(truncatingIfNeeded: lock)) } }
    var now = identity
    guard Syscall.identity(of: path, &now) >= 0, now == identity else { return }
    _ = Syscall.unlink(path)
  }

  /// Makes sure, once the socket listens, that nobody has taken the path away before: until then it looked like a dead one.
  ///
  /// - Parameters:
  ///   - path: the path as it was bound.
  ///   - address: the address, for the error.
  /// - Throws: ``SocketError`` of the operation `bind`, with cause ``SocketError/Cause/pathInUse`` when somebody has.
  package func confirm(_ path: FilePath, _ address: SocketAddress) throws(SocketError) {
    // Whoever has found nobody here and is about to take it away has done so when he gives the lock back.
    let lock = Self.lockParent(of: path)
    defer { if lock >= 0 { _ = Syscall.close(Int32(truncatingIfNeeded: lock)) } }
    var now = identity
    let status = Syscall.identity(of: path, &now)
    if status != -Int(Errno.noSuchFileOrDirectory.rawValue) {
      try Self.check(status, address)
      if now == identity { return }
    }
    throw SocketError(.bind, .pathInUse, subject: .address(address))
  }

  /// Ends the claim and leaves the path where it is.
  package consuming func abandon() { isAbandoned = true }

  /// Binds a socket to a path and claims the path.
  ///
  /// - Parameters:
  ///   - owned: a fresh Unix socket.
  ///   - unix: the address.
  ///   - path: its path; a relative one is relative to the directory of this moment.
  ///   - access: the mode and owner that the path is to have before anybody can connect.
  /// - Returns: the claim.
  /// - Throws: ``SocketError`` of the operation `bind`.
  package static func bind(
    _ owned: borrowing OwnedDescriptor,
    to unix: UnixAddress,
    path: FilePath,
    access: UnixPathAccess
  ) throws(SocketError) -> UnixPathClaim {
    let address = unix.socketAddress
    // The umask only takes away, so a mode set first is never wider than was asked for at any moment.
    if let mode = access.permissions {
      try check(Syscall.fchmod(owned.number, mode: mode), address)
    }
    try bindReplacingStale(owned, path, address)
    // The claim keeps a whole path: the program may change its directory.
    let whole = path.isAbsolute ? path : FilePath(Syscall.currentDirectory()).pushing(path)
    var identity = FileIdentity(device: 0, inode: 0, isSocket: true)
    try check(Syscall.identity(of: path, &identity), address)
    let claim = UnixPathClaim(path: whole, identity: identity)
    if access.owner != nil || access.group != nil {
      try check(
        Syscall.chown(path, user: access.owner ?? .max, group: access.group ?? .max),
        address
      )
    }
    if let mode = access.permissions { try check(Syscall.chmod(path, mode: mode), address) }
    return claim
  }

  /// `bind`, and once more after a path that nobody listens on was taken away.
  private static func bindReplacingStale(
    _ owned: borrowing OwnedDescriptor,
    _ path: FilePath,
    _ address: SocketAddress
  ) throws(SocketError) {
    let first = Syscall.bind(owned.number, address)
    if first >= 0 { return }
    guard first == -Int(Errno.addressInUse.rawValue) else { return try check(first, address) }
    // Two programs that start at once must not each take away the other's new path: one at a time.
    let lock = lockParent(of: path)
    defer { if lock >= 0 { _ = Syscall.close(Int32(truncatingIfNeeded: lock)) } }
    try removeStale(owned, path, address)
    try check(Syscall.bind(owned.number, address), address)
  }

  /// Locks the directory of a path among programs of this package, or does not when that is impossible.
  ///
  /// - Returns: the descriptor that holds the lock, or an errno negated.
  private static func lockParent(of path: FilePath) -> Int {
    let parent = path.removingLastComponent()
    return Syscall.lockDirectory(parent.isEmpty ? "." : parent)
  }

  /// Removes the path if it is a socket and nobody answers there.
  private static func removeStale(
    _ owned: borrowing OwnedDescriptor,
    _ path: FilePath,
    _ address: SocketAddress
  ) throws(SocketError) {
    var found = FileIdentity(device: 0, inode: 0, isSocket: false)
    let status = Syscall.identity(of: path, &found)
    if status == -Int(Errno.noSuchFileOrDirectory.rawValue) { return }
    try check(status, address)
    guard found.isSocket else {
      throw SocketError(.bind, .pathIsNotASocket, subject: .address(address))
    }
    let probe = try OwnedDescriptor.made(.unix, owned.type, .automatic)
    _ = Wait.setNonBlocking(probe.number, true)
    var answer: Int
    repeat {
      answer = Syscall.connect(probe.number, address)
    } while answer == -Int(Errno.interrupted.rawValue)
    // Only a refusal says that nobody is there; a full backlog, another type of socket, or one for datagrams that takes those of its
    // peer alone is somebody.
    switch answer {
    case -Int(Errno.connectionRefused.rawValue): break
    case 0..., -Int(Errno.resourceTemporarilyUnavailable.rawValue),
      -Int(Errno.protocolWrongTypeForSocket.rawValue), -Int(Errno.notPermitted.rawValue):
      throw SocketError(.bind, .pathInUse, subject: .address(address))
    // Somebody else has just taken it away.
    case -Int(Errno.noSuchFileOrDirectory.rawValue): return
    default: try check(answer, address)
    }
    var now = found
    let again = Syscall.identity(of: path, &now)
    if again == -Int(Errno.noSuchFileOrDirectory.rawValue) { return }
    try check(again, address)
    guard now == found else {
      throw SocketError(.bind, .pathInUse, subject: .address(address))
    }
    try check(Syscall.unlink(path), address)
  }

  private static func check(_ status: Int, _ address: SocketAddress) throws(SocketError) {
    guard status >= 0 else {
      throw SocketError(.bind, result: status, subject: .address(address))
    }
  }
}
