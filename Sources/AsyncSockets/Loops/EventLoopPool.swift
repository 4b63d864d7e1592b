// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
public import Sockets
internal import Synchronization

/// Some loops, and whose turn it is.
///
/// Loops are made when they are first needed, and go on when the pool is gone, until each is told to end by
/// ``EventLoop/shutDown()``: so keep a pool for as long as the program runs, like ``shared``, or shut down ``all()``.
public final class EventLoopPool: Sendable {
  /// The loops that a program uses which never mentions one: one for each processor that it may run on.
  public static let shared = EventLoopPool(count: Int(cs_processor_count()))

  private let configuration: EventLoop.Configuration
  private let loops: Guarded<[EventLoop?]>
  private let turn = Atomic<Int>(0)

  /// Makes a pool; its loops are made when they are needed.
  ///
  /// - Parameters:
  ///   - count: how many loops, at least one.
  ///   - configuration: how each behaves.
  public init(count: Int, _ configuration: EventLoop.Configuration = EventLoop.Configuration()) {
    self.configuration = configuration
    loops = Guarded(Array(repeating: nil, count: max(1, count)))
  }

  /// How many loops the pool has.
  public var count: Int { loops.withLock { $0.count } }

  /// The loop whose turn it is.
  ///
  /// - Throws: `SocketError` as ``EventLoop/init(_:)`` does, when the loop had to be made.
  public func next() throws(SocketError) -> EventLoop {
    let number = turn.wrappingAdd(1, ordering: .relaxed).oldValue
    return try loop(at: number)
  }

  /// All loops, made by now.
  ///
  /// - Throws: `SocketError` as ``EventLoop/init(_:)`` does.
  public func all() throws(SocketError) -> [EventLoop] {
    var all: [EventLoop] = []
    for number in 0..<count { all.append(try loop(at: number)) }
    return all
  }

  private func loop(at number: Int) throws(SocketError) -> EventLoop {
    let answer = loops.withLock { loops -> Result<EventLoop, SocketError> in
      let place = Int(UInt(bitPattern: number) % UInt(loops.count))
      if let loop = loops[place] { return .success(loop) }
      do throws(SocketError) {
        let loop = try EventLoop(configuration)
        loops[place] = loop
        return .success(loop)
      } catch {
        return .failure(error)
      }
    }
    return try answer.get()
  }

  /// The loop that a caller named, or its own if it runs on one, or the next of the shared pool.
  static func choose(_ loop: EventLoop?) throws(SocketError) -> EventLoop {
    if let loop = loop ?? EventLoop.current { return loop }
    return try shared.next()
  }
}
