// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// Where the events of one row go: to the screen as they happen, and into the report.
///
/// Several threads may tell it things; when the row was given up, nothing is heard any more.
final class TourStage: Sendable {
  private struct State {
    var events: [TourEvent] = []
    var isOver = false
    /// The calls that were not shown, by name.
    var counts: [String: Int] = [:]
  }

  private let state = Guarded(State())
  private let show: @Sendable (TourEvent) -> Void

  init(show: @escaping @Sendable (TourEvent) -> Void) { self.show = show }

  func tell(_ event: TourEvent) {
    state.withLock { state in
      guard !state.isOver else { return }
      state.events.append(event)
      show(event)
    }
  }

  /// Counts a call that is not shown.
  func count(_ call: SystemCall) {
    state.withLock { $0.counts[call.rawValue, default: 0] += 1 }
  }

  /// The calls that were not shown, for a sentence; empty when all were.
  var countedCalls: String {
    state.withLock { state in
      state.counts.sorted { $0.key < $1.key }
        .map { "\($0.value) \u{d7} \($0.key)" }.joined(separator: ", ")
    }
  }

  /// Ends the row; what it told so far.
  func end() -> [TourEvent] {
    state.withLock { state in
      state.isOver = true
      return state.events
    }
  }

  /// The last call that was told of, for one who wonders where a row hangs.
  var lastCall: String? {
    state.withLock { state in
      for case .call(let call) in state.events.reversed() { return call.record.call.rawValue }
      return nil
    }
  }
}

/// Tells the story of one row: words, the calls of its thread as they are made, and the packets they cause.
final class Narrator: SystemCallObserver {
  /// Who makes the calls from now on.
  var role: TourRole = .server
  let stage: TourStage
  private let capture: PacketCapture?
  private var numbers = SequenceNumbers()
  private var isBusy = false
  private var hasDetailed: Set<String> = []
  /// Calls by which the library only waits and keeps count; they are counted and not shown.
  var bookkeeping: Set<SystemCall> = []
  /// What the last `getsockname` told.
  private(set) var lastName: SocketAddress?
  /// Packets that each kind of call must cause in this row.
  var expectedPackets: [SystemCall: Int] = [:]

  /// Whether this is the first row of its kind, which explains everything.
  let tellsAll: Bool

  init(_ stage: TourStage, capture: PacketCapture? = nil, tellsAll: Bool = false) {
    self.stage = stage
    self.capture = capture
    self.tellsAll = tellsAll
  }

  /// Whether packets are shown.
  var seesPackets: Bool { capture != nil }

  /// Another narrator of the same row, for another thread; it sees no packets.
  convenience init(_ stage: TourStage, as role: TourRole) {
    self.init(stage)
    self.role = role
  }

  // MARK: Words

  /// Says a sentence, in every row; an empty one is not said.
  func say(_ sentence: String) {
    if !sentence.isEmpty { stage.tell(.sentence(sentence)) }
  }

  /// Says a sentence that is heard once, in the first row of its kind.
  func explain(_ sentence: String) {
    if tellsAll { say(sentence) }
  }

  /// Has the server make the calls that follow, and explains why.
  func server(_ sentence: String = "") {
    role = .server
    explain(sentence)
  }

  /// Has the client make the calls that follow, and explains why.
  func client(_ sentence: String = "") {
    role = .client
    explain(sentence)
  }

  /// Shows that something was found to be as it must be.
  func confirm(_ fact: String) { stage.tell(.checked(fact)) }

  /// Compares what arrived with what was sent, byte for byte.
  func check(_ found: [UInt8], is wanted: [UInt8], _ what: String) throws(TourFailure) {
    guard found == wanted else {
      throw TourFailure(
        "\(what): \(found.count) bytes came and are not the \(wanted.count) that were sent")
    }
    stage.tell(
      .checked(wanted.isEmpty ? what : "\(what): \(wanted.count) bytes, each as it was sent"))
  }

  /// Packets from and to this port belong to the row.
  func watch(port: Port) { capture?.interest.ports.insert(port.rawValue) }

  /// Echoes with this identifier belong to the row.
  func watch(identifier: UInt16) { capture?.interest.identifiers.insert(identifier) }

  // MARK: Watching

  func didPerform(_ record: SystemCallRecord) {
    // The calls by which packets are seen are not part of the story.
    guard !isBusy else { return }
    isBusy = true
    defer { isBusy = false }
    guard !bookkeeping.contains(record.call) else { return stage.count(record.call) }
    stage.tell(.call(TourCall(role: role, record: record)))
    if record.call == .getsockname, case .address(let name)? = record.arguments.last {
      lastName = name
    }
    guard let capture else { return }
    let expected = record.result < 0 ? 0 : expectedPackets[record.call] ?? 0
    let packets = capture.drain(expecting: expected).map(described)
    if !packets.isEmpty { stage.tell(.packets(packets, numbers)) }
  }

  /// Adds who sent a packet to whom, and chooses those that are shown layer by layer: the first of all and the first
  /// with data of each row.
  private func described(_ packet: Packet) -> TourPacket {
    if let header = packet.tcp { numbers.learn(header) }
    let kind = packet.payload.isEmpty ? "empty" : "data"
    return TourPacket(
      packet: packet, direction: direction(of: packet),
      isDetailed: hasDetailed.insert(kind).inserted)
  }

  private func direction(of packet: Packet) -> String {
    guard let ports = packet.ports else {
      return packet.title == "echo reply" ? "kernel → client" : "client → kernel"
    }
    return capture?.interest.ports.contains(ports.destination) == true
      ? "client → server" : "server → client"
  }
}
