// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// Each option of the catalog on each kind of socket that it applies to.
@Suite struct OptionTableTests {
  static let rows =
    socketRows + socketMessageRows + socketProgramRows + ipv4Rows + ipv4MulticastRows + ipv6Rows
    + ipv6MulticastRows + tcpRows + tcpRepairRows + udpRows + packetRows + linkRows + controlRows

  @Test(arguments: rows)
  func theOptionDoesWhatItsRowSays(_ row: OptionRow) throws {
    let entry = try #require(
      OptionCatalog.entries.first { $0.swiftName == row.swiftName },
      "no entry \(row.swiftName) in OptionCatalog+Entries.swift")
    for kind in entry.kinds.members {
      guard let socket = try made(kind) else { continue }
      do throws(SocketError) {
        do { try row.check(socket, kind) } catch let error as SocketError { throw error } catch {
          Issue.record(error, "\(row.swiftName) on \(kind)")
        }
        if let needs = row.needs {
          let isMet = Requirement.capability(needs).isMet
          #expect(isMet, "\(entry.cName) on \(kind) worked without \(needs.cName)")
        }
      } catch {
        expectedly(error, entry, row, kind)
      }
    }
  }

  /// An error is right when the kernel is too old for the option, or the user lacks a capability.
  private func expectedly(
    _ error: SocketError, _ entry: OptionCatalog.Entry, _ row: OptionRow, _ kind: SocketKind
  ) {
    if !isInThisKernel(entry) {
      #expect(
        error.errno == .noSuchOption || error.errno == .invalidArgument, "\(entry.cName) on \(kind)"
      )
    } else if let needs = row.needs, !Requirement.capability(needs).isMet {
      #expect(
        error.errno == .notPermitted || error.errno == .permissionDenied,
        "\(entry.cName) on \(kind)")
    } else {
      Issue.record("\(entry.cName) on \(kind): \(error)")
    }
  }

  /// A socket, or `nil` when this kernel or user may not make such a one, with the error that says so.
  private func made(_ kind: SocketKind) throws -> MessageSocket? {
    do throws(SocketError) {
      return try MessageSocket(kind.family, kind.type, kind.protocolNumber)
    } catch {
      let missing: [Errno] = [
        .addressFamilyNotSupported, .protocolNotSupported, .socketTypeNotSupported,
      ]
      let forbidden: [Errno] = [.notPermitted, .permissionDenied]
      let isRaw = kind.type == .raw || kind.family == .packet
      let isRoot = Requirement.capability(.netRaw).isMet
      let isExpected =
        error.errno.map { missing.contains($0) || isRaw && !isRoot && forbidden.contains($0) }
      #expect(isExpected == true, "making \(kind): \(error)")
      return nil
    }
  }

  private func isInThisKernel(_ entry: OptionCatalog.Entry) -> Bool {
    let numbers = entry.oldestKernel.split(separator: ".").compactMap { Int($0) }
    return Requirement.kernel(numbers[0], numbers[1]).isMet
  }

  @Test func theUsualKindsOfSocketAreThere() throws {
    // The table passes over kinds that cannot be made: these must not be passed over.
    for kind in [SocketKind.unixStream, .unixDatagram, .tcpIPv4, .udpIPv4, .netlink] {
      #expect(try made(kind) != nil, "\(kind)")
    }
  }

  @Test func eachOptionHasARowAndEachRowAnOption() {
    let names = Set(OptionCatalog.entries.map(\.swiftName))
    let covered = Set(Self.rows.map(\.swiftName))
    for name in names.subtracting(covered).sorted() {
      Issue.record("\(name) has no row: add one to Tests/SocketsTests/Options/OptionRows+….swift")
    }
    for name in covered.subtracting(names).sorted() {
      Issue.record("\(name) has a row and no entry: add one to OptionCatalog+Entries.swift")
    }
    #expect(covered.count == Self.rows.count, "an option has two rows")
  }
}
