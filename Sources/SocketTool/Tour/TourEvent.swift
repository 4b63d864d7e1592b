// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage

/// Who makes a call.
enum TourRole: Hashable, Sendable {
  case server
  case client
  /// One of several.
  case numbered(String, Int)
  /// The tour itself, who watches and cleans up.
  case tour

  var name: String {
    switch self {
    case .server: "server"
    case .client: "client"
    case .numbered(let name, let number): "\(name) \(number)"
    case .tour: "tour"
    }
  }

  var style: Style {
    switch self {
    case .server: .server
    case .client, .numbered("client", _): .client
    case .numbered: .worker
    case .tour: .faint
    }
  }
}

/// One system call that was really made.
struct TourCall: Sendable {
  var role: TourRole
  var record: SystemCallRecord

  /// The call as C writes it, and what it returned.
  var text: String {
    let arguments = record.arguments.map(Self.shortened).joined(separator: ", ")
    return "\(record.call.rawValue)(\(arguments)) = \(result)"
  }

  /// An argument with at most so many bytes of a buffer that it fits a line.
  private static func shortened(_ argument: SystemCallArgument) -> String {
    guard case .bytes(let prefix, let count) = argument, prefix.count > 32 || count > 32 else {
      return argument.description
    }
    return SystemCallArgument.bytes(Array(prefix.prefix(12)), count: count).description
  }

  /// What C returns: a number, or -1 and the name of the error.
  var result: String { record.result < 0 ? "-1 \(errorName ?? "")" : String(record.result) }

  /// The C name of the error, or `nil` when there was none.
  var errorName: String? {
    guard record.result < 0 else { return nil }
    let number = Int32(truncatingIfNeeded: -record.result)
    return ErrorTable.rows.first { $0.errno.rawValue == number }?.cName ?? "error \(number)"
  }
}

/// One packet that was seen on the loopback interface.
struct TourPacket: Sendable {
  var packet: Packet
  /// Who sent it and who gets it, for example `client → server`.
  var direction: String
  /// Whether it is worth looking into, layer by layer.
  var isDetailed: Bool
}

/// What happens on the tour, in the order in which it is shown.
enum TourEvent: Sendable {
  /// Words between the steps.
  case sentence(String)
  case call(TourCall)
  case packets([TourPacket], SequenceNumbers)
  /// Data arrived as it was sent.
  case checked(String)
}

/// How a row of the tour ended.
enum TourVerdict: Hashable, Sendable {
  case worked
  /// The kernel lacks it.
  case missing(reason: String, remedy: String)
  /// This user may not.
  case forbidden(reason: String, remedy: String)
  case failed(reason: String)
  /// It did not end in its time.
  case hung(reason: String)

  var name: String {
    switch self {
    case .worked: "worked"
    case .missing: "missing"
    case .forbidden: "not permitted"
    case .failed: "failed"
    case .hung: "timed out"
    }
  }

  var reason: String? {
    switch self {
    case .worked: nil
    case .missing(let reason, _), .forbidden(let reason, _): reason
    case .failed(let reason), .hung(let reason): reason
    }
  }

  var remedy: String? {
    switch self {
    case .missing(_, let remedy), .forbidden(_, let remedy): remedy
    case .worked, .failed, .hung: nil
    }
  }

  /// Whether something that the kernel supports did not work.
  var isFailure: Bool {
    switch self {
    case .failed, .hung: true
    case .worked, .missing, .forbidden: false
    }
  }

  var mark: String {
    switch self {
    case .worked: "✓"
    case .missing, .forbidden: "–"
    case .failed, .hung: "✗"
    }
  }

  var style: Style {
    switch self {
    case .worked: .good
    case .missing, .forbidden: .faint
    case .failed, .hung: .bad
    }
  }
}

/// Something that is not as it must be.
struct TourFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
