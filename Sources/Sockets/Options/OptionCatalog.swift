// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The list of all options that have a name here.
///
/// From it come `sockets options`, the page of options in the documentation, and the table test's check that
/// no option is forgotten.
///
/// To add an option:
///
/// 1. Its number: a line in `Sources/CSockets/include/options.h`, in C-name order, and its proof in
///    `Sources/CSockets/options.c`, `options_ip.c` or `options_protocols.c`.
/// 2. Its name: a static member in the file of its level, `Options+LEVEL.swift`, among those of its type of
///    value in C-name order, with a one-line summary and the sentence that names the C constant. A value that
///    is not a number, text or time yet has its type and its coding in one of the `…Values.swift` files.
/// 3. Its entry: two lines in `OptionCatalog+Entries.swift`, with the summary of step 2 for its meaning.
/// 4. Its row: a line in `Tests/SocketsTests/Options/OptionRows+LEVEL.swift`, with a value to set.
/// 5. The page: `SOCKETS_WRITE_OPTIONS_PAGE=1 swift test --filter OptionCatalogTests`.
///
/// `swift test --filter Option` says which of these is missing, and in which file.
///
/// Left out on purpose, and reachable by number: the `…_NEW` forms of the time options, which are the same on
/// 64-bit machines; options that hand over addresses of the caller's memory (`TCP_ZEROCOPY_RECEIVE`,
/// `MPTCP_FULL_INFO`); the keys of `TCP_AO`; the tables of the packet filter and of multicast routing.
public enum OptionCatalog {
  /// All options, by level and then by C name.
  ///
  /// The C name is ``Entry/cName`` of each.
  public static let entries: [Entry] =
    socketEntries + methodEntries + ipv4Entries + ipv6Entries + tcpEntries + udpEntries
    + linkEntries + controlEntries

  /// Which way an option goes.
  public enum Access: String, CaseIterable, Hashable, Sendable {
    /// It is read and set.
    case readWrite = "read, set"
    /// It is read only.
    case readOnly = "read"
    /// It is set only.
    case writeOnly = "set"
  }

  /// One option, whatever the type of its value.
  public struct Entry: Sendable {
    /// The C constant, for example `TCP_NODELAY`.
    public var cName: String
    /// The static member, for example `noDelay`; of a function with its argument labels.
    public var swiftName: String
    /// The type of the value.
    public var valueType: String
    /// What the number counts, for example `bytes`; empty for a value without a unit.
    public var unit: String
    /// The level: C's second argument; `nil` for an `ioctl`.
    public var level: Int32?
    /// Which way it goes.
    public var access: Access
    /// The kinds of socket that it applies to.
    public var kinds: SocketKinds
    /// The first version of Linux that has it.
    public var oldestKernel: String
    /// What it is, in one sentence.
    public var meaning: String
    /// Reads the value as text; `nil` where there is nothing to read.
    let read: (@Sendable (Int32) throws(SocketError) -> String)?
    /// Sets the value from text; `nil` where it has no text or cannot be set.
    var write: OptionWriter?

    /// The value that a socket has now, as text.
    ///
    /// An option that clears what it reads (`SO_ERROR`, `PACKET_STATISTICS`) does so here too.
    ///
    /// - Parameter socket: the socket to ask.
    /// - Returns: the value with its unit, or `nil` for an option that cannot be read.
    /// - Throws: ``SocketError`` as ``SocketOwner/option(_:)`` does.
    ///
    /// The corresponding C function is `getsockopt`.
    public func liveValue(
      of socket: borrowing some SocketOwner & ~Copyable
    ) throws(SocketError) -> String? {
      try read?(socket.descriptor.rawValue)
    }
  }

  /// An entry for an option, whose C name, type and unit it knows itself.
  static func entry<Value>(
    _ option: SocketOption<Value>, _ swiftName: String, _ kinds: SocketKinds,
    _ access: Access = .readWrite, since oldestKernel: String, _ meaning: String
  ) -> Entry {
    let unit = option.coding.unit.description
    let read: @Sendable (Int32) throws(SocketError) -> String = {
      (descriptor) throws(SocketError) in
      OptionText.text(try Options.get(option, of: descriptor), unit: unit)
    }
    return Entry(
      cName: option.cName.description, swiftName: swiftName, valueType: "\(Value.self)",
      unit: unit, level: option.level, access: access, kinds: kinds, oldestKernel: oldestKernel,
      meaning: meaning, read: access == .writeOnly ? nil : read,
      write: access == .readOnly ? nil : OptionWriter.of(option))
  }

  /// Those that are calls of the owner types: they have another C function, or a value that owns something.
  static let methodEntries: [Entry] = [
    Entry(
      cName: "SO_PEERNAME", swiftName: "peerAddress()", valueType: "SocketAddress", unit: "",
      level: Constants.socketLevel, access: .readOnly, kinds: .all, oldestKernel: "2.4",
      meaning: "The address of the peer, for which `getpeername` is asked.",
      read: { (descriptor) throws(SocketError) in
        var address = SocketAddress()
        let status = Syscall.getpeername(descriptor, &address)
        guard status >= 0 else { throw SocketError(.peerAddress, result: status) }
        return address.description
      }),
    Entry(
      cName: "SO_PEERPIDFD", swiftName: "peerProcessDescriptor()",
      valueType: "ProcessDescriptor", unit: "", level: Constants.socketLevel, access: .readOnly,
      kinds: .unix, oldestKernel: "6.5",
      meaning: "A process descriptor of the peer, as an owner.",
      read: { (descriptor) throws(SocketError) in
        let process = try Options.peerProcess(of: descriptor)
        return process.hasEnded ? "a process that has ended" : "a process that runs"
      }),
  ]
}
