// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// One row of the table of options: what is asserted of an option on each kind of socket it applies to.
///
/// The usual row reads, sets a different value, and reads back (``flips`` and ``sets``). A row that asserts
/// something else says what and why in ``instead``.
struct OptionRow: Sendable, CustomTestStringConvertible {
  /// The option's name in ``OptionCatalog``.
  let swiftName: String
  /// What is asserted instead of reading, setting and reading back, and why.
  let instead: String?
  /// The capability without which setting answers EPERM, as is asserted then.
  let needs: Requirement.Capability?
  /// The assertions, on a fresh socket.
  let check: @Sendable (borrowing MessageSocket, SocketKind) throws -> Void

  var testDescription: String { instead.map { "\(swiftName): \($0)" } ?? swiftName }
}

/// Reads a flag, turns it over, reads it back, and turns it over again.
func flips(
  _ swiftName: String, _ option: SocketOption<Bool>, needs: Requirement.Capability? = nil
) -> OptionRow {
  OptionRow(swiftName: swiftName, instead: nil, needs: needs) { socket, kind in
    let before = try socket.option(option)
    try socket.setOption(option, to: !before)
    let after = try socket.option(option)
    #expect(after == !before, "\(option.cName) on \(kind)")
    try socket.setOption(option, to: before)
    let again = try socket.option(option)
    #expect(again == before, "\(option.cName) set back on \(kind)")
  }
}

/// Reads, checks that the value is another one, sets it, and reads it back.
///
/// - Parameters:
///   - swiftName: the option's name in the catalog.
///   - option: the option.
///   - value: what is set.
///   - expected: what is read then; `nil` for the value that was set.
///   - needs: the capability that setting needs.
/// - Returns: the row.
func sets<Value: Equatable & Sendable>(
  _ swiftName: String, _ option: SocketOption<Value>, _ value: Value, reads expected: Value? = nil,
  needs: Requirement.Capability? = nil
) -> OptionRow {
  OptionRow(swiftName: swiftName, instead: nil, needs: needs) { socket, kind in
    let before = try socket.option(option)
    let wanted = expected ?? value
    #expect(before != wanted, "\(option.cName) on \(kind) is what would be set")
    try socket.setOption(option, to: value)
    let after = try socket.option(option)
    #expect(after == wanted, "\(option.cName) on \(kind)")
  }
}

/// Reads only.
func reads<Value: Equatable & Sendable>(
  _ swiftName: String, _ option: SocketOption<Value>, instead: String,
  _ expected: @escaping @Sendable (SocketKind) -> Value
) -> OptionRow {
  OptionRow(swiftName: swiftName, instead: instead, needs: nil) { socket, kind in
    let value = try socket.option(option)
    #expect(value == expected(kind), "\(option.cName) on \(kind)")
  }
}

/// Reading fails with one of some errors.
func refusesReading<Value: Sendable>(
  _ swiftName: String, _ option: SocketOption<Value>, instead: String, _ errors: Errno...
) -> OptionRow {
  OptionRow(swiftName: swiftName, instead: instead, needs: nil) { socket, kind in
    let error = readError(option, socket)
    #expect(error.map(errors.contains) == true, "\(option.cName) on \(kind) gave \(error as Any)")
  }
}

/// Setting fails with one of some errors.
func refuses<Value: Sendable>(
  _ swiftName: String, _ option: SocketOption<Value>, _ value: Value, instead: String,
  _ errors: Errno...
) -> OptionRow {
  OptionRow(swiftName: swiftName, instead: instead, needs: nil) { socket, kind in
    let error = setError(option, value, socket)
    #expect(error.map(errors.contains) == true, "\(option.cName) on \(kind) gave \(error as Any)")
  }
}

/// Asserts something else.
func checks(
  _ swiftName: String, instead: String, needs: Requirement.Capability? = nil,
  _ check: @escaping @Sendable (borrowing MessageSocket, SocketKind) throws -> Void
) -> OptionRow {
  OptionRow(swiftName: swiftName, instead: instead, needs: needs, check: check)
}

/// The errno of reading an option, or `nil` when it can be read.
func readError<Value>(
  _ option: SocketOption<Value>, _ socket: borrowing MessageSocket
) -> Errno? {
  do throws(SocketError) {
    _ = try socket.option(option)
    return nil
  } catch {
    return error.errno
  }
}

/// The errno of setting an option, or `nil` when it was set.
func setError<Value>(
  _ option: SocketOption<Value>, _ value: Value, _ socket: borrowing MessageSocket
) -> Errno? {
  do throws(SocketError) {
    try socket.setOption(option, to: value)
    return nil
  } catch {
    return error.errno
  }
}

extension Errno {
  /// ENOPROTOOPT: no such option.
  static let noSuchOption = Errno(rawValue: 92)
  /// EOPNOTSUPP: not on this kind of socket.
  static let notOnThisSocket = Errno(rawValue: 95)
  /// ENODEV: no such interface.
  static let noSuchInterface = Errno(rawValue: 19)
  /// ENODATA: there is none.
  static let noData = Errno(rawValue: 61)
}

/// The loopback interface.
let loopbackInterface = InterfaceIndex(name: "lo") ?? .any
