// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The address of a Unix socket: a path, an abstract name, or none.
///
/// An inline value that keeps the bytes as they are, UTF-8 or not. A name's length comes from the
/// length of the address, never from a NUL byte: an abstract name may hold NUL bytes, a path may
/// not.
///
/// The corresponding C type is `struct sockaddr_un`; the rules are those of `unix(7)`.
public struct UnixAddress: Hashable, Sendable {
  /// The address in the bytes of `struct sockaddr_un`, as long as its name needs.
  ///
  /// A path ends with a NUL byte that counts, unless it has 108 bytes; an abstract name begins with
  /// one.
  public let socketAddress: SocketAddress

  /// What an address names.
  public enum Kind: Hashable, Sendable {
    /// Nothing: a socket that was never bound.
    ///
    /// Binding to it has the kernel choose an abstract name.
    case unnamed
    /// A file of the type socket.
    case path
    /// A name that is in no file system and ends with its last socket; on Linux only.
    case abstract
  }

  /// The longest path, in bytes, that leaves room for its NUL in the 108 bytes of `sun_path`.
  public static let maximumPathByteCount = 107
  /// The longest abstract name in bytes, behind the NUL byte that marks it.
  public static let maximumAbstractByteCount = 107

  /// No name.
  public static let unnamed = UnixAddress(family: SocketAddress(family: .unix, byteCount: 2))

  private init(family socketAddress: SocketAddress) { self.socketAddress = socketAddress }

  /// What the address names.
  public var kind: Kind {
    if socketAddress.byteCount <= 2 { return .unnamed }
    return socketAddress.byte(at: 2) == 0 ? .abstract : .path
  }
}

// MARK: Paths and abstract names

extension UnixAddress {
  /// Names a path.
  ///
  /// - Parameter path: the path in UTF-8, taken as it is: `@` and `\` mean nothing here.
  /// - Throws: ``AddressParseError`` when the path is empty, has a NUL or more than 107 bytes.
  public init(path: String) throws(AddressParseError) {
    self = try AddressParseError.parsing(path) { bytes throws(ParseFailure) in
      try UnixAddress(checkedPath: bytes, unterminated: false)
    }
  }

  /// Names a path by its bytes, which need not be UTF-8.
  ///
  /// - Parameters:
  ///   - bytes: the path, without a NUL at its end.
  ///   - unterminated: whether a path of 108 bytes is allowed, which leaves no room for its NUL.
  ///     Linux
  ///     takes it; many programs that read such an address do not.
  /// - Throws: ``AddressParseError`` when the path is empty, has a NUL or is too long.
  public init(pathBytes bytes: Span<UInt8>, unterminated: Bool = false) throws(AddressParseError) {
    do {
      self = try UnixAddress(checkedPath: bytes, unterminated: unterminated)
    } catch {
      throw AddressParseError(bytes: bytes, failure: error)
    }
  }

  /// Names an abstract socket.
  ///
  /// - Parameter name: the name in UTF-8, without the NUL byte that marks it; it may be empty.
  /// - Throws: ``AddressParseError`` when the name has more than 107 bytes.
  public init(abstract name: String) throws(AddressParseError) {
    self = try AddressParseError.parsing(name) { bytes throws(ParseFailure) in
      try UnixAddress(checkedAbstract: bytes)
    }
  }

  /// Names an abstract socket by its bytes, NUL bytes included.
  ///
  /// - Parameter bytes: the name, without the NUL byte that marks it; it may be empty.
  /// - Throws: ``AddressParseError`` when the name has more than 107 bytes.
  public init(abstractBytes bytes: Span<UInt8>) throws(AddressParseError) {
    do {
      self = try UnixAddress(checkedAbstract: bytes)
    } catch {
      throw AddressParseError(bytes: bytes, failure: error)
    }
  }

  init(checkedPath bytes: Span<UInt8>, unterminated: Bool) throws(ParseFailure) {
    guard !bytes.isEmpty else { throw ParseFailure(.empty, at: 0) }
    var builder = NameBuilder(isAbstract: false, unterminated: unterminated)
    for index in bytes.indices { try builder.append(bytes[index], at: index) }
    self = builder.finish()
  }

  private init(checkedAbstract bytes: Span<UInt8>) throws(ParseFailure) {
    var builder = NameBuilder(isAbstract: true)
    for index in bytes.indices { try builder.append(bytes[index], at: index) }
    self = builder.finish()
  }

  /// Collects the bytes of a name inside the address itself and holds the rules of unix(7).
  struct NameBuilder {
    private var address = SocketAddress(family: .unix, byteCount: 128)
    private var end: Int
    private let isAbstract: Bool
    private let limit: Int

    init(isAbstract: Bool, unterminated: Bool = false) {
      self.isAbstract = isAbstract
      end = isAbstract ? 3 : 2
      limit = isAbstract || unterminated ? 110 : 109
    }

    var isEmpty: Bool { end == (isAbstract ? 3 : 2) }

    mutating func append(_ byte: UInt8, at position: Int) throws(ParseFailure) {
      guard isAbstract || byte != 0 else { throw ParseFailure(.unixPathHasNUL, at: position) }
      guard end < limit else {
        throw ParseFailure(isAbstract ? .unixNameTooLong : .unixPathTooLong, at: position)
      }
      address.setByte(byte, at: end)
      end += 1
    }

    consuming func finish() -> UnixAddress {
      address.setByteCount(isAbstract ? end : min(end + 1, 110))
      return UnixAddress(family: address)
    }
  }
}

// MARK: The name

extension UnixAddress {
  /// Where the name is in the bytes of the address: the path without its NUL, the abstract name
  /// without the NUL byte that marks it.
  var nameRange: Range<Int> {
    let count = socketAddress.byteCount
    switch kind {
    case .unnamed: return count..<count
    case .abstract: return 3..<count
    case .path: return 2..<(socketAddress.byte(at: count - 1) == 0 ? count - 1 : count)
    }
  }

  /// The bytes of the path or of the abstract name, without the NUL bytes around them.
  public var nameBytes: [UInt8] { nameRange.map { socketAddress.byte(at: $0) } }

  /// Whether this is a path of 108 bytes, for whose NUL there is no room.
  public var isUnterminated: Bool { kind == .path && nameRange.count > Self.maximumPathByteCount }
}

// MARK: The C structure

extension UnixAddress: SocketAddressConvertible {
  /// ``AddressFamily/unix``.
  public var family: AddressFamily { .unix }

  /// Reads a `struct sockaddr_un` by the length of the address.
  ///
  /// NUL bytes at the end of a path are dropped, as the kernel does. With a NUL inside, a path is
  /// refused.
  ///
  /// The result is `nil` when the family is another, the path has a NUL inside, or a name is too
  /// long.
  ///
  /// - Parameter socketAddress: an address of any family.
  public init?(socketAddress: SocketAddress) {
    guard socketAddress.family == .unix, socketAddress.byteCount >= 2 else { return nil }
    let count = socketAddress.byteCount
    guard count > 2 else {
      self = .unnamed
      return
    }
    let isAbstract = socketAddress.byte(at: 2) == 0
    var end = count
    if !isAbstract {
      // The kernel reports one byte more than sockaddr_un has for a path of 108 bytes: its NUL.
      while socketAddress.byte(at: end - 1) == 0 { end -= 1 }
    }
    var builder = NameBuilder(isAbstract: isAbstract, unterminated: true)
    for offset in (isAbstract ? 3 : 2)..<end {
      guard (try? builder.append(socketAddress.byte(at: offset), at: offset)) != nil else {
        return nil
      }
    }
    self = builder.finish()
  }
}

extension AddressParseError {
  /// The error of bytes that need not be UTF-8.
  fileprivate init(bytes: Span<UInt8>, failure: ParseFailure) {
    var copy: [UInt8] = []
    for index in bytes.indices { copy.append(bytes[index]) }
    self.init(
      input: String(decoding: copy, as: UTF8.self),
      reason: failure.reason,
      position: failure.position
    )
  }
}
