// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import Sockets
internal import Synchronization
internal import SystemPackage

extension Resolver {
  /// Finds the addresses that an endpoint means, without holding a thread of the caller's.
  ///
  /// The lookup runs on one of the resolver's threads, which are bounded in number. When the deadline passes or the task is
  /// cancelled the call returns at once, and the lookup is left to end by itself.
  ///
  /// - Parameters:
  ///   - endpoint: what to find; one that is an address already is returned at once.
  ///   - family: the family of the addresses, or `unspecified` for those that the endpoint's transport has.
  ///   - deadline: when to give up.
  /// - Returns: the addresses in the system's order; at least one.
  /// - Throws: `ResolutionError` as the core's calls do; cause `cancelled`.
  ///
  /// The corresponding C function is `getaddrinfo`.
  public func resolve(
    _ endpoint: Endpoint, family: AddressFamily = .unspecified, deadline: Deadline = .never
  ) async throws(ResolutionError) -> [SocketAddress] {
    if let address = endpoint.socketAddress { return [address] }
    let transport = endpoint.transport
    let hints = ResolutionHints(
      family: family == .unspecified ? transport.family : family, type: transport.socketType)
    let question = ResolutionError.Question.addresses(
      name: endpoint.host, service: endpoint.service)
    // On the lookup's thread nobody else waits.
    let own = Resolver(nameService: nameService, threads: threads)
    let found = try await onThread(question, deadline) { () throws(ResolutionError) in
      try own.addresses(of: endpoint.host, service: endpoint.service, hints: hints)
        .addresses.map(\.address)
    }
    guard !found.isEmpty else { throw ResolutionError(.resolver(.nameNotFound), question) }
    return found
  }

  /// Runs a lookup on one of the threads, and waits for it on a loop.
  private func onThread<R: Sendable>(
    _ question: ResolutionError.Question, _ deadline: Deadline,
    _ lookup: @escaping @Sendable () throws(ResolutionError) -> R
  ) async throws(ResolutionError) -> R {
    if Task.isCancelled { throw ResolutionError(.cancelled, question) }
    let loop: EventLoop
    do throws(SocketError) {
      loop = try EventLoopPool.choose(nil)
    } catch {
      throw ResolutionError(.system(error.errno ?? .resourceTemporarilyUnavailable), question)
    }
    let answer = Guarded<Result<R, ResolutionError>?>(nil)
    let request = RemoteRequest.timer(deadline)
    let ticket: LookupThreads.Ticket
    do {
      ticket = try threads.start {
        let result = Result { () throws(ResolutionError) in try lookup() }
        answer.withLock { $0 = result }
        // The answer ends the wait.
        request.isCancelled.store(true, ordering: .relaxed)
        loop.post(.cancelRequest(request))
      }
    } catch {
      throw ResolutionError(.system(error), question)
    }
    let status = await loop.wait(for: request)
    if let result = answer.withLock({ $0 }) { return try result.get() }
    threads.abandon(ticket)
    throw ResolutionError(status == 0 ? .deadlinePassed : .cancelled, question)
  }
}
