// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
internal import SystemPackage

/// Reads the payloads of control messages: one function a form, `nil` where the payload has another.
enum ControlPayload {
  static func credentials(
    _ bytes: borrowing Span<UInt8>,
    _ payload: Range<Int>
  ) -> ProcessCredentials? {
    guard let process: Int32 = bytes.number(at: 0, in: payload),
      let user: UInt32 = bytes.number(at: 4, in: payload),
      let group: UInt32 = bytes.number(at: 8, in: payload)
    else { return nil }
    return ProcessCredentials(processID: process, userID: user, groupID: group)
  }

  static func securityLabel(_ bytes: borrowing Span<UInt8>, _ payload: Range<Int>) -> [UInt8] {
    var label = bytes.array(payload)
    if label.last == 0 { label.removeLast() }
    return label
  }

  /// A number from 0 to 255 in a C `int`, or in one byte as `IP_TOS` has it.
  static func octet(_ bytes: borrowing Span<UInt8>, _ payload: Range<Int>) -> UInt8? {
    if payload.count == 1 { return bytes.number(at: 0, in: payload) }
    let number: Int32? = bytes.number(at: 0, in: payload)
    return number.flatMap { UInt8(exactly: $0) }
  }

  /// A `struct timespec`; all zero is no timestamp.
  static func timestamp(
    _ bytes: borrowing Span<UInt8>,
    at offset: Int,
    _ payload: Range<Int>,
    unit: Int64 = 1
  ) -> MessageTimestamp? {
    guard let seconds: Int64 = bytes.number(at: offset, in: payload),
      let fraction: Int64 = bytes.number(at: offset + 8, in: payload),
      seconds != 0 || fraction != 0, fraction >= 0, fraction < 1_000_000_000 / unit
    else { return nil }
    return MessageTimestamp(
      seconds: seconds,
      nanoseconds: UInt32(truncatingIfNeeded: fraction * unit)
    )
  }

  /// The forms of timestamps: microseconds, nanoseconds, or software, nothing, hardware.
  static func timestamps(
    _ bytes: borrowing Span<UInt8>,
    _ item: ControlItem
  ) -> MessageTimestamps? {
    guard item.level == CS_SOL_SOCKET else { return nil }
    switch item.type {
    case CS_SCM_TIMESTAMP, CS_SCM_TIMESTAMP_NEW:
      guard let software = timestamp(bytes, at: 0, item.payload, unit: 1000) else { return nil }
      return MessageTimestamps(software: software)
    case CS_SCM_TIMESTAMPNS, CS_SCM_TIMESTAMPNS_NEW:
      guard let software = timestamp(bytes, at: 0, item.payload) else { return nil }
      return MessageTimestamps(software: software)
    case CS_SCM_TIMESTAMPING, CS_SCM_TIMESTAMPING_NEW:
      guard item.payload.count >= 48 else { return nil }
      return MessageTimestamps(
        software: timestamp(bytes, at: 0, item.payload),
        hardware: timestamp(bytes, at: 32, item.payload)
      )
    default: return nil
    }
  }

  /// A `struct sock_extended_err` and the offender's address behind it.
  static func extendedError(
    _ bytes: borrowing Span<UInt8>,
    _ item: ControlItem
  ) -> ExtendedError? {
    switch (item.level, item.type) {
    case (CS_SOL_IP, CS_IP_RECVERR), (CS_SOL_IPV6, CS_IPV6_RECVERR),
      (CS_SOL_PACKET, CS_PACKET_TX_TIMESTAMP), (CS_SOL_VSOCK, CS_VSOCK_RECVERR):
      break
    default: return nil
    }
    guard let number: UInt32 = bytes.number(at: 0, in: item.payload),
      let origin: UInt8 = bytes.number(at: 4, in: item.payload),
      let type: UInt8 = bytes.number(at: 5, in: item.payload),
      let code: UInt8 = bytes.number(at: 6, in: item.payload),
      let information: UInt32 = bytes.number(at: 8, in: item.payload),
      let data: UInt32 = bytes.number(at: 12, in: item.payload)
    else { return nil }
    let offender = bytes.address(at: 16, in: item.payload)
    return ExtendedError(
      errno: Errno(rawValue: Int32(truncatingIfNeeded: number)),
      origin: ExtendedError.Origin(rawValue: origin),
      type: type,
      code: code,
      information: information,
      data: data,
      offender: offender?.family == .unspecified ? nil : offender
    )
  }

  static func originalDestination(
    _ bytes: borrowing Span<UInt8>,
    _ item: ControlItem
  ) -> SocketAddress? {
    switch (item.level, item.type) {
    case (CS_SOL_IP, CS_IP_ORIGDSTADDR), (CS_SOL_IPV6, CS_IPV6_ORIGDSTADDR):
      bytes.address(at: 0, in: item.payload)
    default: nil
    }
  }
}

extension ControlMessage {
  /// Reads an item; what has no name or not the right form is ``other(level:type:bytes:)``.
  init(_ item: ControlItem, in bytes: borrowing Span<UInt8>) {
    let known: ControlMessage? =
      switch item.level {
      case CS_SOL_SOCKET: Self.ofSocket(item, bytes)
      case CS_SOL_IP, CS_SOL_IPV6: Self.ofIP(item, bytes)
      case CS_SOL_UDP: Self.ofUDP(item, bytes)
      default: ControlPayload.extendedError(bytes, item).map { .extendedError($0) }
      }
    self =
      known ?? .other(level: item.level, type: item.type, bytes: bytes.array(item.payload))
  }

  private static func ofSocket(
    _ item: ControlItem,
    _ bytes: borrowing Span<UInt8>
  ) -> ControlMessage? {
    switch item.type {
    case CS_SCM_RIGHTS:
      var count = 0
      for index in 0..<item.payload.count / 4 {
        if let number: Int32 = bytes.number(at: 4 * index, in: item.payload), number >= 0 {
          count += 1
        }
      }
      return .descriptors(count: count)
    case CS_SCM_CREDENTIALS:
      return ControlPayload.credentials(bytes, item.payload).map { .credentials($0) }
    case CS_SCM_SECURITY:
      return .securityLabel(ControlPayload.securityLabel(bytes, item.payload))
    case CS_SCM_PIDFD: return item.payload.count >= 4 ? .processDescriptor : nil
    case CS_SCM_RXQ_OVFL: return bytes.number(at: 0, in: item.payload).map { .dropCount($0) }
    case CS_SCM_TXTIME: return bytes.number(at: 0, in: item.payload).map { .transmitTime($0) }
    case CS_SCM_MARK: return bytes.number(at: 0, in: item.payload).map { .mark($0) }
    case CS_SCM_PRIORITY: return bytes.number(at: 0, in: item.payload).map { .priority($0) }
    case CS_SCM_TS_OPT_ID: return bytes.number(at: 0, in: item.payload).map { .timestampKey($0) }
    case CS_SCM_TIMESTAMPING where item.payload.count == 4:
      return bytes.number(at: 0, in: item.payload).map {
        .requestTimestamps(TransmitTimestamps(rawValue: $0))
      }
    default: return ControlPayload.timestamps(bytes, item).map { .timestamps($0) }
    }
  }

  private static func ofIP(
    _ item: ControlItem,
    _ bytes: borrowing Span<UInt8>
  ) -> ControlMessage? {
    switch (item.level, item.type) {
    case (CS_SOL_IP, CS_IP_PKTINFO), (CS_SOL_IPV6, CS_IPV6_PKTINFO):
      ControlPayload.packetInfo(bytes, item).map { .packetInfo($0) }
    case (CS_SOL_IP, CS_IP_TTL):
      ControlPayload.octet(bytes, item.payload).map { .timeToLive($0) }
    case (CS_SOL_IPV6, CS_IPV6_HOPLIMIT):
      ControlPayload.octet(bytes, item.payload).map { .hopLimit($0) }
    case (CS_SOL_IP, CS_IP_TOS):
      ControlPayload.octet(bytes, item.payload).map { .typeOfService(TrafficClass(rawValue: $0)) }
    case (CS_SOL_IPV6, CS_IPV6_TCLASS):
      ControlPayload.octet(bytes, item.payload).map { .trafficClass(TrafficClass(rawValue: $0)) }
    case (CS_SOL_IP, CS_IP_ORIGDSTADDR), (CS_SOL_IPV6, CS_IPV6_ORIGDSTADDR):
      ControlPayload.originalDestination(bytes, item).map { .originalDestination($0) }
    default: ControlPayload.extendedError(bytes, item).map { .extendedError($0) }
    }
  }

  private static func ofUDP(
    _ item: ControlItem,
    _ bytes: borrowing Span<UInt8>
  ) -> ControlMessage? {
    switch item.type {
    case CS_UDP_SEGMENT: return bytes.number(at: 0, in: item.payload).map { .segmentSize($0) }
    case CS_UDP_GRO:
      let size: Int32? = bytes.number(at: 0, in: item.payload)
      return size.flatMap { $0 > 0 ? .coalescedSegmentSize(Int($0)) : nil }
    default: return nil
    }
  }
}
