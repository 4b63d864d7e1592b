// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// Sees the packets of the loopback interface, by a packet socket: it needs `CAP_NET_RAW`.
final class PacketCapture {
  /// Which packets belong to the conversation that is watched.
  struct Interest {
    /// The ports of its servers.
    var ports: Set<UInt16> = []
    /// The identifiers of its echoes.
    var identifiers: Set<UInt16> = []

    func includes(_ packet: Packet) -> Bool {
      if let (source, destination) = packet.ports {
        return ports.contains(source) || ports.contains(destination)
      }
      return packet.echo.map { identifiers.contains($0.identifier) } ?? false
    }
  }

  /// All frames, `ETH_P_ALL`.
  private static let allFrames: UInt16 = 3
  /// How long a packet that a call must have caused is waited for.
  private static let patience: Duration = .milliseconds(50)
  /// Other programs use the interface too: no turn looks at more frames than this.
  private static let maximumFrameCount = 4096

  private let socket: MessageSocket
  private var buffer = [UInt8](repeating: 0, count: 65536 + 14)
  var interest = Interest()

  /// Opens the packet socket.
  init() throws {
    guard let loopback = InterfaceIndex(name: "lo") else {
      throw TourFailure("there is no interface lo")
    }
    socket = try MessageSocket(.packet, .raw, .etherType(Self.allFrames))
    try socket.bind(
      to: .packet(LinkLayerAddress(interface: loopback, etherType: Self.allFrames)))
  }

  /// The packets of interest that have come since the last time.
  ///
  /// - Parameter expected: how many a call must have caused; they are waited for, but not for long.
  /// - Returns: the packets in the order in which they were received.
  func drain(expecting expected: Int) -> [Packet] {
    let deadline = Deadline.after(Self.patience)
    var packets: [Packet] = []
    for _ in 0..<Self.maximumFrameCount {
      let wait = packets.count < expected ? deadline : .now
      guard let frame = try? socket.receiveDatagram(into: &buffer, deadline: wait) else { break }
      // Each packet passes the loopback interface twice, out and in: the second time counts.
      guard let link = frame.sender.packet, link.packetType != .outgoing else { continue }
      let packet = Packet(ethernetFrame: Array(buffer.prefix(frame.byteCount)))
      if interest.includes(packet) { packets.append(packet) }
    }
    return packets
  }
}
