// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets

/// What a run is asked for, beside its plan.
struct BenchSetting: Sendable {
  var plan: LoadPlan
  var endpoint: Endpoint
  var hasServer: Bool
  var engine: EngineKind?
}

/// One measurement from its first connection to its last answer.
struct BenchRun: Sendable {
  let setting: BenchSetting
  private var plan: LoadPlan { setting.plan }
  /// How many descriptors are used beside connections.
  private static let otherDescriptors = 64

  /// Measures.
  ///
  /// When the task is cancelled meanwhile, the result says what there was until then.
  ///
  /// - Parameter watch: is told of each interval that has passed.
  /// - Returns: what was measured.
  /// - Throws: why the first connection failed that did, before anything was measured.
  func measure(_ watch: (BenchResult.Interval, BenchResult) -> Void) async throws -> BenchResult {
    try checkDescriptors()
    let configuration = EventLoop.Configuration(engine: setting.engine)
    let server =
      setting.hasServer
      ? try await BenchServer.start(at: setting.endpoint, on: EventLoop(configuration)) : nil
    let endpoint = server?.endpoint ?? setting.endpoint
    let loops = try (0..<plan.loops).map { _ in try EventLoop(configuration) }
    let target = try await Self.target(endpoint, plan, on: loops[0])
    let payload = Payload(
      seed: plan.seed, longestPiece: max(plan.size + 1, LoadPlan.pieceByteCount))
    let loads = loops.enumerated().map { number, loop in
      LoadLoop(
        LoadContext(
          plan: plan, payload: payload, target: target, loop: loop, number: number,
          tally: Guarded(LoadTally()), clock: Guarded(nil)),
        number: number)
    }
    let meter = BenchMeter(
      loads: loads, server: server,
      result: BenchResult(setting: setting, endpoint: endpoint, engine: loops[0].engineKind))
    // The server ends last: a signal that ended it first would look like its failure.
    let serving = server.map { server in
      Task(executorPreference: server.loop) { await server.serve(plan) }
    }
    do {
      try await open(loads)
      let result = await drive(loads, meter, watch)
      await end(serving)
      return result
    } catch {
      await end(serving)
      throw error
    }
  }

  private func end(_ serving: Task<Void, Never>?) async {
    serving?.cancel()
    await serving?.value
  }

  private func checkDescriptors() throws {
    let limit = DescriptorLimit.raise()
    // A connection that is begun at its instant has a timer.
    let hasTimers = plan.mode == .connect && plan.rate != nil
    let each = (setting.hasServer ? 2 : 1) + (hasTimers ? 1 : 0)
    let needed = plan.connections * each + Self.otherDescriptors
    guard needed > limit else { return }
    throw CommandFailure(
      "\(plan.connections) connections need \(needed) descriptors, and this process may have"
        + " \(limit): ulimit -n")
  }

  /// The address that all connections go to: the one that the first finds when it is a name.
  private static func target(
    _ endpoint: Endpoint, _ plan: LoadPlan, on loop: EventLoop
  ) async throws -> LoadTarget {
    let deadline = Deadline.after(plan.timeout)
    var address = endpoint.socketAddress
    if address == nil, endpoint.socketType == .datagram {
      address = try await Resolver.system.resolve(endpoint, deadline: deadline)[0]
    } else if address == nil {
      let connection = try await Connection.connect(to: endpoint, deadline: deadline, on: loop)
      address = try connection.peerAddress()
      try await connection.close()
    }
    let found = address ?? SocketAddress()
    return LoadTarget(
      address: found, type: endpoint.socketType,
      protocolNumber: endpoint.transport.protocolNumber(for: found.family))
  }

  /// Opens all connections of all loops.
  private func open(_ loads: [LoadLoop]) async throws {
    let opened = Guarded(0)
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for load in loads {
          group.addTask(executorPreference: load.context.loop) { try await load.open(opened) }
        }
        try await group.waitForAll()
      }
    } catch {
      let count = opened.withLock { $0 }
      guard count > 0, !error.isCancellation, let failure = error.asCommandFailure else {
        throw error
      }
      throw CommandFailure(
        "\(count) of \(plan.connections) connections were opened, the next failed: \(failure.text)",
        failure.code)
    }
  }

  private func drive(
    _ loads: [LoadLoop], _ meter: BenchMeter,
    _ watch: (BenchResult.Interval, BenchResult) -> Void
  ) async -> BenchResult {
    // A little later, so that all loops begin together.
    let clock = RunClock(plan, start: Deadline.after(.milliseconds(2)).nanoseconds)
    let running = Guarded(loads.count)
    return await withDiscardingTaskGroup { group in
      for load in loads {
        group.addTask(executorPreference: load.context.loop) {
          _ = await load.context.loop.sleep(until: Deadline(nanoseconds: clock.start))
          await load.drive(clock)
          running.withLock { $0 -= 1 }
        }
      }
      var meter = meter
      await meter.sample(clock, while: { running.withLock { $0 } > 0 }, watch)
      return meter
    }.finished()
  }
}
