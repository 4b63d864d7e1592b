// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

extension ControlMessage {
  /// Appends the item as the kernel reads it; `false`, and nothing appended, when it can only be received.
  func encode(into bytes: inout [UInt8]) -> Bool {
    switch self {
    case .credentials(let credentials):
      ControlFormat.append(
        level: CS_SOL_SOCKET,
        type: CS_SCM_CREDENTIALS,
        to: &bytes
      ) { bytes in
        bytes.appendNumber(credentials.processID)
        bytes.appendNumber(credentials.userID)
        bytes.appendNumber(credentials.groupID)
      }
    case .packetInfo(let info): info.encode(into: &bytes)
    case .timeToLive(let limit):
      Self.append(Int32(limit), CS_SOL_IP, CS_IP_TTL, &bytes)
    case .hopLimit(let limit):
      Self.append(Int32(limit), CS_SOL_IPV6, CS_IPV6_HOPLIMIT, &bytes)
    case .typeOfService(let service):
      Self.append(Int32(service.rawValue), CS_SOL_IP, CS_IP_TOS, &bytes)
    case .trafficClass(let service):
      Self.append(Int32(service.rawValue), CS_SOL_IPV6, CS_IPV6_TCLASS, &bytes)
    case .requestTimestamps(let stages):
      Self.append(stages.rawValue, CS_SOL_SOCKET, CS_SCM_TIMESTAMPING, &bytes)
    case .timestampKey(let key): Self.append(key, CS_SOL_SOCKET, CS_SCM_TS_OPT_ID, &bytes)
    case .segmentSize(let size): Self.append(size, CS_SOL_UDP, CS_UDP_SEGMENT, &bytes)
    case .transmitTime(let time): Self.append(time, CS_SOL_SOCKET, CS_SCM_TXTIME, &bytes)
    case .mark(let mark): Self.append(mark, CS_SOL_SOCKET, CS_SCM_MARK, &bytes)
    case .priority(let priority):
      Self.append(priority, CS_SOL_SOCKET, CS_SCM_PRIORITY, &bytes)
    case .other(let level, let type, let payload):
      // Descriptors have their own way in, which counts them.
      if level == CS_SOL_SOCKET && type == CS_SCM_RIGHTS { return false }
      ControlFormat.append(level: level, type: type, to: &bytes) { $0.append(contentsOf: payload) }
    case .descriptors, .processDescriptor, .securityLabel, .timestamps, .coalescedSegmentSize,
      .dropCount, .originalDestination, .extendedError, .malformed:
      return false
    }
    return true
  }

  /// Whether a socket of a family reads the item at all; the kernel drops others without a word.
  func isRead(by family: AddressFamily) -> Bool {
    switch self {
    case .descriptors: family == .unix
    case .credentials: family == .unix || family == .netlink
    case .packetInfo(let info):
      family == .ipv6 || info.localAddress.family == .ipv4 && family == .ipv4
    case .timeToLive, .typeOfService: family == .ipv4 || family == .ipv6
    case .hopLimit, .trafficClass: family == .ipv6
    case .segmentSize: family == .ipv4 || family == .ipv6
    default: true
    }
  }

  private static func append<Number: FixedWidthInteger>(
    _ number: Number,
    _ level: Int32,
    _ type: Int32,
    _ bytes: inout [UInt8]
  ) {
    ControlFormat.append(level: level, type: type, to: &bytes) { $0.appendNumber(number) }
  }
}
