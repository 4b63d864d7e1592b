// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// Which way bytes go through a relay.
enum RelayDirection: Int, CaseIterable, Sendable {
  /// From who has called to who is dialled.
  case toTarget = 0
  /// Back.
  case toClient = 1
}

/// A TCP connection told as packets: what an analyser would have seen between the two ends.
///
/// It has sequence numbers of its own; everything is acknowledged at once.
struct SyntheticConversation {
  private let client: IPSocketAddress
  private let server: IPSocketAddress
  /// The next sequence number of each side, the client's first.
  private var clientNext: UInt32
  private var serverNext: UInt32
  private(set) var isOver = false

  /// Names the ends, which are of one version of IP.
  ///
  /// - Parameters:
  ///   - client: who called.
  ///   - server: who was called.
  ///   - number: which connection of the capture it is; the first sequence numbers follow from it.
  init(client: IPSocketAddress, server: IPSocketAddress, number: Int) {
    self.client = client
    self.server = server
    clientNext = UInt32(truncatingIfNeeded: number) &* 2_654_435_761
    serverNext = ~clientNext
  }

  /// The three packets of the beginning.
  mutating func open() -> [[UInt8]] {
    let first = segment(.toTarget, .synchronize, acknowledges: false)
    clientNext &+= 1
    let second = segment(.toClient, [.synchronize, .acknowledgement])
    serverNext &+= 1
    return [first, second, segment(.toTarget, .acknowledgement)]
  }

  /// Bytes in segments, the last of which is pushed, and their acknowledgement.
  mutating func data(_ bytes: ArraySlice<UInt8>, _ direction: RelayDirection) -> [[UInt8]] {
    guard !isOver, !bytes.isEmpty else { return [] }
    let size = SyntheticPacket.segmentSize(client.address)
    var packets: [[UInt8]] = []
    var rest = bytes
    while !rest.isEmpty {
      let piece = rest.prefix(size)
      rest = rest.dropFirst(size)
      packets.append(
        segment(direction, rest.isEmpty ? [.acknowledgement, .push] : .acknowledgement, piece))
      advance(direction, piece.count)
    }
    packets.append(segment(direction.opposite, .acknowledgement))
    return packets
  }

  /// The end of one direction.
  mutating func end(_ direction: RelayDirection) -> [[UInt8]] {
    guard !isOver else { return [] }
    let last = segment(direction, [.end, .acknowledgement])
    advance(direction, 1)
    return [last, segment(direction.opposite, .acknowledgement)]
  }

  /// A reset by the end that sends in a direction; nothing comes after it.
  mutating func reset(_ direction: RelayDirection) -> [[UInt8]] {
    guard !isOver else { return [] }
    isOver = true
    return [segment(direction, [.reset, .acknowledgement])]
  }

  private mutating func advance(_ direction: RelayDirection, _ count: Int) {
    let count = UInt32(truncatingIfNeeded: count)
    switch direction {
    case .toTarget: clientNext &+= count
    case .toClient: serverNext &+= count
    }
  }

  private func segment(
    _ direction: RelayDirection, _ flags: SyntheticPacket.Flags,
    _ payload: ArraySlice<UInt8> = [], acknowledges: Bool = true
  ) -> [UInt8] {
    let isForth = direction == .toTarget
    return SyntheticPacket.segment(
      from: isForth ? client : server, to: isForth ? server : client,
      sequence: isForth ? clientNext : serverNext,
      acknowledged: acknowledges ? isForth ? serverNext : clientNext : 0, flags: flags,
      payload: payload)
  }
}

extension RelayDirection {
  /// The other way.
  var opposite: RelayDirection { self == .toTarget ? .toClient : .toTarget }
}
