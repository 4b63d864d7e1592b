// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import TestSupport

/// A name service that answers by script: at once, or only when the test says so.
final class ScriptedNameService: NameService {
  /// What a name is answered with.
  enum Answer: Sendable {
    case addresses([SocketAddress])
    case fails(ResolutionError.Cause)
    /// There is no answer until ``release()``; then the name is not found.
    case hangs
  }

  private let answers: [String: Answer]
  private let released = Pending<Bool>()
  private let state = Guarded<(asked: [String], ended: Int)>(([], 0))

  init(_ answers: [String: Answer]) { self.answers = answers }

  /// Every hanging lookup ends now.
  func release() { released.complete(true) }

  /// The names that were asked for, in order.
  var asked: [String] { state.withLock { $0.asked } }
  /// How many lookups have ended.
  var ended: Int { state.withLock { $0.ended } }

  func addresses(
    of name: String?,
    service: String?,
    hints: ResolutionHints
  ) throws(ResolutionError) -> Resolution {
    let name = name ?? ""
    let question = ResolutionError.Question.addresses(name: name, service: service)
    state.withLock { $0.asked.append(name) }
    defer { state.withLock { $0.ended += 1 } }
    switch answers[name] ?? .fails(.resolver(.nameNotFound)) {
    case .addresses(let addresses):
      return Resolution(
        addresses: addresses.map {
          ResolvedAddress(address: $0, type: hints.type ?? .stream, protocolNumber: .tcp)
        }
      )
    case .fails(let cause):
      throw ResolutionError(cause, question)
    case .hangs:
      _ = released.wait(until: .never)
      throw ResolutionError(.resolver(.nameNotFound), question)
    }
  }

  func name(
    of address: SocketAddress,
    flags: NamingFlags
  ) throws(ResolutionError) -> ResolvedName {
    guard answers["\(address)"] != nil else {
      throw ResolutionError(.resolver(.tryAgain), .name(address))
    }
    _ = released.wait(until: .never)
    return ResolvedName(host: "released", service: "0")
  }

  func service(
    named name: String,
    protocolName: String?
  ) throws(ResolutionError) -> ServiceName? { nil }

  func service(
    at port: Port,
    protocolName: String?
  ) throws(ResolutionError) -> ServiceName? { nil }
}
