// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// Figure F1: every system call × every error of its manual page has a decided outcome, and that is what reaches
/// the caller of every public form.
@Suite struct CallOutcomeTests {
  static let forms = Form.life + Form.meeting + Form.data

  @Test func everyPairOfTheManualPagesIsDecidedOnceAndHasAForm() {
    var pairs = 0
    for call in ManualPageErrors.calls {
      let decided = (CallOutcomes.decided[call] ?? []).flatMap { $0.1.split(separator: " ") }
      #expect(decided.count == Set(decided).count, "\(call): an error is decided twice")
      for name in ManualPageErrors.errors(of: call) {
        pairs += 1
        #expect(errno(named: name) != nil, "\(call) × \(name): not an error of Linux")
        #expect(
          CallOutcomes.outcome(of: call, name) != nil,
          "decide \(call) × \(name) in CallOutcomes.swift"
        )
      }
      #expect(Self.forms.contains { $0.call == call }, "\(call) has no form in Forms+….swift")
    }
    print("F1: \(pairs) pairs of \(ManualPageErrors.calls.count) calls, \(Self.forms.count) forms")
    #expect(pairs > 300)
  }

  @Test(arguments: forms) func whatReachesTheCallerIsWhatWasDecided(form: Form) throws {
    for name in ManualPageErrors.errors(of: form.call) {
      let error = try #require(errno(named: name))
      let decided = try #require(CallOutcomes.outcome(of: form.call, name))
      let outcome = form.always ?? form.differs[name] ?? decided
      let happens = form.kernelGoesOn.contains(name)
      let trial = Trial(
        ForcedCalls(happens ? .failAfterwards(form.call, error) : .fail(form.call, error))
      )
      try form.body(trial)
      expect(outcome, error, of: trial, form, "\(form.testDescription): \(name)")
    }
  }

  private func expect(
    _ outcome: Outcome,
    _ error: Errno,
    of trial: Trial,
    _ form: Form,
    _ text: Comment
  ) {
    #expect(trial.forced.isPlayedThrough, text)
    #expect(trial.leaked == 0, text)
    #expect(trial.isUsable != false, text)
    var outcome = outcome
    if outcome == .paused && form.style == .neverWaits { outcome = .thrown }
    let count = trial.forced.count(of: form.call)
    switch outcome {
    case .thrown:
      let expected = SocketError(form.operation, .system(error), subject: trial.subject)
      #expect(trial.ending == .threw(expected), text)
      #expect(expected.description.contains(ErrorTable.description(of: error)?.cName ?? "?"), text)
    case .waited where form.style == .neverWaits:
      #expect(trial.ending == .returnedNil, text)
      #expect(trial.forced.count(of: .poll) == 0, text)
    case .waited, .paused:
      #expect(trial.ending == .returned, text)
      #expect(trial.forced.count(of: .poll) > 0, text)
      #expect(count > 1, text)
    case .repeated, .passedOver:
      #expect(trial.ending == .returned, text)
      #expect(count > 1, text)
    case .succeeded:
      #expect(trial.ending == .returned, text)
    case .goesOn:
      #expect(trial.ending == .returned, text)
      #expect(count == 1, "made once only")
      #expect(trial.forced.count(of: .poll) > 0, text)
    }
  }

  /// Calls that a signal interrupts, with the exceptions that have rules of their own.
  @Test(arguments: forms.filter { CallOutcomes.outcome(of: $0.call, "EINTR") == .repeated })
  func interruptionsAreRepeatedHoweverMany(form: Form) throws {
    for times in [1, 3, nil] as [Int?] {
      let trial = Trial(ForcedCalls(.interrupt(form.call, times: times)))
      try form.body(trial)
      guard form.always == nil else { continue }
      if times != nil {
        #expect(trial.ending == .returned, "\(form.testDescription) × \(times ?? 0)")
      } else {
        // The script gives up with an error of its own: it was asked again and again until then.
        #expect(trial.forced.gaveUp, "\(form.testDescription)")
      }
      #expect(trial.leaked == 0)
    }
  }

  @Test func aCloseThatIsInterruptedIsNeverRepeated() throws {
    for name in ["EINTR", "EIO", "EBADF"] {
      let trial = Trial(ForcedCalls(.fail(.close, try #require(errno(named: name)), times: nil)))
      trial.attempt {
        try Socket(.ipv4).close()
        return true
      }
      #expect(trial.forced.count(of: .close) == 1)
    }
  }

  /// All the errors that there are, and some that there are not: never a trap, and the number is told.
  @Test func anErrorNobodyKnowsHasItsNumberInTheText() throws {
    for number in Array(Int32(1)...135) + [4095] {
      let error = Errno(rawValue: number)
      let forced = ForcedCalls(.fail(.shutdown, error), .fail(.socket, error))
      try forced.observing {
        let pair = try ConnectedSocket.pair()
        do throws(SocketError) {
          try pair.first.shutdown(.both)
          #expect(error == .socketNotConnected)
        } catch {
          let text = ErrorTable.description(of: Errno(rawValue: number))?.cName
          #expect(error.description.contains(text ?? "error \(number)"))
        }
        #expect(throws: SocketError.self) { _ = try Socket(.ipv4) }
      }
    }
  }
}

/// Short counts: whatever the kernel moves at once, the bytes are the same in the end.
@Suite struct ShortCountTests {
  /// Few enough that one by one they fit a socket: each byte costs the kernel a buffer of its own.
  static let bytes = (0..<120).map { UInt8(truncatingIfNeeded: $0 &* 7) }

  /// Runs a body with one byte moved at a time, and gives what reached the other end.
  private func arrived(
    _ call: SystemCall,
    _ send: (borrowing ConnectedSocket) throws -> Void
  ) throws -> [UInt8] {
    let pair = try ConnectedSocket.pair()
    let forced = ForcedCalls(.shorten(call, to: 1))
    try forced.observing { try send(pair.first) }
    #expect(forced.count(of: call) >= Self.bytes.count)
    try pair.first.shutdown(.write)
    return try readToEnd(pair.second)
  }

  private func readToEnd(_ socket: borrowing ConnectedSocket) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 1000)
    var all: [UInt8] = []
    while true {
      let count = try socket.read(into: &buffer, deadline: .patience)
      if count == 0 { return all }
      all += buffer.prefix(count)
    }
  }

  @Test func writeSendsEveryByteOnce() throws {
    #expect(try arrived(.send) { try $0.write(Self.bytes) } == Self.bytes)
  }

  @Test func aGatheredWriteGoesOnInTheMiddleOfAPiece() throws {
    let pieces = [
      Array(Self.bytes[..<7]), [], Array(Self.bytes[7..<8]), Array(Self.bytes[8...]),
    ]
    #expect(try arrived(.sendmsg) { try $0.write(gathering: pieces) } == Self.bytes)
  }

  @Test func aFileIsSentWhole() throws {
    let folder = try ScratchFolder()
    try folder.write(String(repeating: "x", count: 120), to: "file")
    let file = try FileDescriptor.open(FilePath(folder.path + "/file"), .readOnly)
    defer { try? file.close() }
    let sent = try arrived(.sendfile) { socket in
      let count = try socket.sendFile(file)
      #expect(count == 120)
    }
    #expect(sent == [UInt8](repeating: UInt8(ascii: "x"), count: 120))
  }

  @Test func aSpliceMovesEveryByte() throws {
    let source = try ConnectedSocket.pair()
    try source.second.write(Self.bytes)
    try source.second.shutdown(.write)
    let moved = try arrived(.splice) { target in
      var splice = try Splice()
      while try splice.move(from: source.first, to: target, upTo: 100) > 0 {}
    }
    #expect(moved == Self.bytes)
  }

  @Test(arguments: [SystemCall.read, .recv])
  func readingExactlyFillsTheBuffer(call: SystemCall) throws {
    let pair = try ConnectedSocket.pair()
    try pair.second.write(Self.bytes)
    var answer = [UInt8](repeating: 0, count: Self.bytes.count)
    let forced = ForcedCalls(.shorten(call, to: 1))
    try forced.observing {
      try pair.first.read(
        exactlyInto: &answer,
        deadline: call == .read ? .never : .seconds(5)
      )
    }
    #expect(forced.count(of: call) == Self.bytes.count)
    #expect(answer == Self.bytes)
  }

  @Test(arguments: [SystemCall.readv, .recvmsg])
  func aScatteredReadFillsPiecesInOrder(call: SystemCall) throws {
    let pair = try ConnectedSocket.pair()
    try pair.second.write([1, 2, 3])
    var pieces: [[UInt8]] = [[0], [0, 0]]
    let forced = ForcedCalls(.shorten(call, to: 2))
    let count = try forced.observing {
      try pair.first.read(
        scatteringInto: &pieces,
        deadline: call == .readv ? .never : .seconds(5)
      )
    }
    #expect(count == 2)
    #expect(pieces == [[1], [2, 0]])
  }
}
