// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

/// Which way a packet came in, or is to go out.
///
/// Received, it says what a datagram socket that is bound to every address cannot tell otherwise: where the
/// packet was going. Sent back with the answer, it makes the answer come from the address that was asked:
///
///     guard let way = control.packetInfo else { … }
///     let answer = try ControlMessages(.packetInfo(PacketInfo(source: way.localAddress)))
///
/// The corresponding C types are `struct in_pktinfo` and `struct in6_pktinfo`.
public struct PacketInfo: Hashable, Sendable {
  /// The interface that the packet came in by, or is to leave by; ``InterfaceIndex/any`` has the kernel choose.
  public var interface: InterfaceIndex
  /// This machine's address: received, the one that answers should come from, sent, the source of the packet.
  ///
  /// The unspecified address has the kernel choose; it stands here when an IPv6 packet went to a group. Of the same version as ``destination``.
  public var localAddress: IPAddress
  /// Where the packet was going, which may be a group or a broadcast address; not looked at when sending.
  public var destination: IPAddress

  /// Describes a packet that came.
  ///
  /// - Parameters:
  ///   - interface: the interface.
  ///   - localAddress: this machine's address.
  ///   - destination: where the packet was going.
  public init(interface: InterfaceIndex, localAddress: IPAddress, destination: IPAddress) {
    self.interface = interface
    self.localAddress = localAddress
    self.destination = destination
  }

  /// Describes a packet to send.
  ///
  /// - Parameters:
  ///   - source: an address of this machine, or the unspecified one; it decides the IP version.
  ///   - interface: the interface to send by.
  public init(source: IPAddress, interface: InterfaceIndex = .any) {
    self.init(interface: interface, localAddress: source, destination: source)
  }
}

extension ControlPayload {
  static func packetInfo(_ bytes: borrowing Span<UInt8>, _ item: ControlItem) -> PacketInfo? {
    switch (item.level, item.type) {
    case (CS_SOL_IP, CS_IP_PKTINFO):
      guard let interface: UInt32 = bytes.number(at: 0, in: item.payload),
        let local: UInt32 = bytes.bigEndian(at: 4, in: item.payload),
        let destination: UInt32 = bytes.bigEndian(at: 8, in: item.payload)
      else { return nil }
      return PacketInfo(
        interface: InterfaceIndex(rawValue: interface),
        localAddress: .ipv4(IPv4Address(bits: local)),
        destination: .ipv4(IPv4Address(bits: destination)))
    case (CS_SOL_IPV6, CS_IPV6_PKTINFO):
      guard let high: UInt64 = bytes.bigEndian(at: 0, in: item.payload),
        let low: UInt64 = bytes.bigEndian(at: 8, in: item.payload),
        let interface: UInt32 = bytes.number(at: 16, in: item.payload)
      else { return nil }
      var address = IPv6Address(bits: UInt128(high) << 64 | UInt128(low))
      // Without its zone a link-local address says nothing.
      if address.isLinkLocal { address.zone = interface }
      // A packet to a group does not say which address of this machine is to answer, and the group cannot.
      return PacketInfo(
        interface: InterfaceIndex(rawValue: interface),
        localAddress: .ipv6(address.isMulticast ? .any : address), destination: .ipv6(address))
    default: return nil
    }
  }
}

extension PacketInfo {
  func encode(into bytes: inout [UInt8]) {
    switch localAddress {
    case .ipv4(let source):
      ControlFormat.append(level: CS_SOL_IP, type: CS_IP_PKTINFO, to: &bytes) { bytes in
        bytes.appendNumber(interface.rawValue)
        bytes.appendNumber(source.bits.byteSwapped)
        bytes.appendNumber(UInt32(0))
      }
    case .ipv6(let source):
      ControlFormat.append(level: CS_SOL_IPV6, type: CS_IPV6_PKTINFO, to: &bytes) { bytes in
        bytes.appendNumber(source.bits.byteSwapped)
        // A link-local source lives on one interface.
        bytes.appendNumber(interface == .any ? source.zone : interface.rawValue)
      }
    }
  }
}
