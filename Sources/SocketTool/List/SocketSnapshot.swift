// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage

/// The sockets of this machine, as they were read once.
struct SocketSnapshot: Sendable {
  var rows: [SocketRow] = []
  /// How many processes did not show which sockets they have.
  var hiddenProcessCount = 0
  /// Whether there were more open sockets than are remembered, so that owners are missing.
  var isCut = false

  /// What is to be read.
  struct Request: Sendable {
    var filter = ListFilter()
    var hasDetails = false
    /// Whether the processes are looked for.
    var hasProcesses = true
  }

  /// Reads the tables, and then looks for the processes; may take long.
  ///
  /// - Throws: `SocketError` when the kernel does not list what was asked for by name.
  static func read(_ request: Request) throws(SocketError) -> SocketSnapshot {
    var snapshot = SocketSnapshot()
    for kind in ListProtocol.allCases where request.filter.protocols.contains(kind) {
      try snapshot.read(kind, request)
    }
    if request.hasProcesses { snapshot.findProcesses() }
    let filter = request.filter
    if !filter.processes.isEmpty || !filter.users.isEmpty {
      snapshot.rows.removeAll { !filter.takesOwner($0) }
    }
    return snapshot
  }

  private mutating func findProcesses() {
    let processes = ProcessTable(Set(rows.lazy.map(\.inode).filter { $0 != 0 }))
    hiddenProcessCount = processes.hiddenCount
    isCut = processes.isCut
    for index in rows.indices where rows[index].inode != 0 {
      rows[index].holders = processes.holders[rows[index].inode] ?? []
    }
  }

  private mutating func read(_ kind: ListProtocol, _ request: Request) throws(SocketError) {
    for part in kind.parts {
      do throws(SocketError) {
        try read(part, kind, request)
      } catch {
        guard error.errno == .noSuchFileOrDirectory || error.errno == .invalidArgument else {
          throw error
        }
        if kind == .raw {
          readRawText(part, request.filter)
        } else if request.filter.isExplicit {
          throw error
        }
      }
    }
  }

  private mutating func read(
    _ part: SocketTable.Part, _ kind: ListProtocol, _ request: Request
  ) throws(SocketError) {
    let isUnix = kind == .unix
    var table = try SocketTable(
      part,
      // The names of peers are wanted whatever their state is.
      states: isUnix ? .all : request.filter.states,
      details: request.hasDetails ? .all : [])
    let start = rows.count
    var names: [UInt32: SocketAddress] = [:]
    while let entry = try table.next() {
      let row = SocketRow(entry, kind, hasDetails: request.hasDetails)
      if isUnix, let address = row.local.unix, address.kind != .unnamed {
        names[row.inode] = row.local
      }
      if request.filter.takes(row) { rows.append(row) }
    }
    guard isUnix else { return }
    for index in rows[start...].indices {
      rows[index].peer = rows[index].peerInode.flatMap { names[$0] }
    }
  }

  private mutating func readRawText(_ part: SocketTable.Part, _ filter: ListFilter) {
    let path = part == .rawIPv6 ? "/proc/net/raw6" : "/proc/net/raw"
    guard let text = SmallFile.text(path, atMost: 1 << 22) else { return }
    rows += RawTable.lines(text).map { SocketRow($0) }.filter(filter.takes)
  }
}
