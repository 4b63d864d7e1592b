// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// One public call with one forced failure, and what came of it.
final class Trial {
  /// How the public call ended.
  enum Ending: Equatable {
    case returned
    case returnedNil
    case threw(SocketError)
  }

  let forced: ForcedCalls
  private(set) var ending: Ending?
  /// What the error must be about.
  var subject = SocketError.Subject.none
  /// Whether a socket that was only lent still works; `nil` when it was consumed.
  var isUsable: Bool?

  init(_ forced: ForcedCalls) { self.forced = forced }

  /// Makes the public call under the script; `false` stands for `nil`.
  func attempt(_ body: () throws -> Bool) {
    forced.observing {
      do {
        ending = try body() ? .returned : .returnedNil
      } catch let error as SocketError {
        ending = .threw(error)
      } catch {
        Issue.record(error)
      }
    }
  }

  /// How many descriptors the attempt has opened and not closed.
  var leaked: Int {
    forced.records.reduce(0) { sum, record in
      guard record.result >= 0 else { return record.call == .close ? sum - 1 : sum }
      switch record.call {
      case .socket, .accept4, .open, .pidfd_open: return sum + 1
      case .socketpair, .pipe2: return sum + 2
      case .fcntl: return sum + (record.arguments.description.contains("F_DUPFD") ? 1 : 0)
      case .close: return sum - 1
      default: return sum
      }
    }
  }
}

/// One way to reach a system call by the public API.
struct Form: Sendable, CustomTestStringConvertible {
  /// Whether the form waits where the call would block.
  enum Style: Sendable { case waits, neverWaits }

  let call: SystemCall
  let name: String
  let operation: SocketError.Operation
  var style = Style.waits
  /// Where a failure has another outcome by this way than the table says.
  var differs: [String: Outcome] = [:]
  /// The outcome of every failure by this way, where the answer does not matter.
  var always: Outcome?
  /// Errors that the kernel reports although it does what was asked.
  var kernelGoesOn: Set<String> = []
  let body: @Sendable (Trial) throws -> Void

  init(
    _ call: SystemCall,
    _ name: String,
    _ operation: SocketError.Operation,
    style: Style = .waits,
    differs: [String: Outcome] = [:],
    always: Outcome? = nil,
    kernelGoesOn: Set<String> = [],
    _ body: @escaping @Sendable (Trial) throws -> Void
  ) {
    self.call = call
    self.name = name
    self.operation = operation
    self.style = style
    self.differs = differs
    self.always = always
    self.kernelGoesOn = kernelGoesOn
    self.body = body
  }

  var testDescription: String { "\(call.rawValue) by \(name)" }
}

/// 127.0.0.1, the port is the system's choice.
let anyPort = SocketAddress.ipv4(.loopback, port: 0)

/// Lends an array to the forms that take a span.
func withSpan<R>(
  _ array: inout [UInt8],
  _ body: (inout MutableRawSpan) throws(SocketError) -> R
) throws(SocketError) -> R {
  var span = array.mutableSpan
  // SAFETY: every byte of an array of bytes may be read and written.
  var bytes = unsafe span.mutableBytes
  return try body(&bytes)
}

/// Whether bytes still go both ways over a pair.
func works(_ pair: borrowing SocketPair) throws -> Bool {
  var answer: [UInt8] = [0]
  while try withSpan(&answer, { bytes throws(SocketError) in try pair.first.tryRead(into: &bytes) })
    != nil
  {}
  while try withSpan(
    &answer, { bytes throws(SocketError) in try pair.second.tryRead(into: &bytes) })
    != nil
  {}
  try pair.first.write([7], deadline: .patience)
  try pair.second.read(exactlyInto: &answer, deadline: .patience)
  try pair.second.write([8], deadline: .patience)
  let there = answer
  try pair.first.read(exactlyInto: &answer, deadline: .patience)
  return there == [7] && answer == [8]
}
