// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import SystemPackage

extension SocketError: CustomStringConvertible {
  /// The error as one line of a log: `connect to 127.0.0.1:9: connection refused (ECONNREFUSED)`.
  ///
  /// Operation and subject, then what happened, then the C name where the error is the kernel's.
  public var description: String {
    var text = operation.words
    switch subject {
    case .none: break
    case .socket(let family, let type, let number):
      text += "(\(family), \(type), \(number))"
    case .address(let address): text += " \(operation.preposition) \(address)"
    case .option(let name): text += " \(name)"
    }
    text += ": " + cause.words(for: self)
    if bytesTransferred > 0 { text += ", after \(bytesTransferred) bytes" }
    return text
  }
}

extension SocketError.Operation {
  /// The operation in words, as it begins an error's text.
  var words: String {
    switch self {
    case .socket: "socket"
    case .pair: "socket pair"
    case .receiveDatagram: "receive datagram"
    case .sendDatagram: "send datagram"
    case .receiveMessage: "receive message"
    case .sendMessage: "send message"
    case .receiveBatch: "receive batch"
    case .sendBatch: "send batch"
    case .sendFile: "send file"
    case .localAddress: "local address"
    case .peerAddress: "peer address"
    case .getOption: "read option"
    case .setOption: "set option"
    case .deviceControl: "device control"
    default: rawValue
    }
  }

  /// The word between the operation and an address.
  var preposition: String {
    switch self {
    case .bind: "to"
    case .listen, .accept: "on"
    case .receive, .receiveDatagram, .receiveMessage, .read: "from"
    default: "to"
    }
  }
}

extension SocketError.Cause {
  /// What happened, in words; the kernel's errors end with their C name.
  func words(for error: SocketError) -> String {
    switch self {
    case .system(let errno):
      guard let row = ErrorTable.description(of: errno) else { return "error \(errno.rawValue)" }
      let remedy = Remedy.text(for: error, errno).map { "; \($0)" } ?? ""
      return "\(row.sentence)\(remedy) (\(row.cName))"
    case .deadlinePassed: return "the deadline passed"
    case .cancelled: return "the task was cancelled"
    case .closed: return "the socket is closed"
    case .endOfStream: return "the peer ended the stream first"
    case .limitExceeded: return "more came than the limit allows"
    case .selfConnection: return "the socket connected to itself, since nobody listens there"
    case .pathInUse: return "a live socket already has this path"
    case .pathIsNotASocket:
      return "there is something else than a socket at this path; it was left alone"
    case .malformed: return "the answer is not of the expected form"
    case .valueOutOfRange: return "the value does not fit the kernel's field"
    case .wrongAddressFamily: return "the address is of another family than the socket"
    }
  }
}

/// What would make a refused socket, or a refused part of the table of sockets, possible.
enum Remedy {
  static func text(for error: SocketError, _ errno: Errno) -> String? {
    guard case .socket(let family, let type, let number) = error.subject else { return nil }
    switch error.operation {
    case .socket: return text(errno, family, type, number)
    case .diagnose where errno == .noSuchFileOrDirectory:
      guard let module = diagnosticModule(of: family, number) else { return nil }
      return "this kernel does not list such sockets: "
        + "that comes with the module '\(module)' (modprobe \(module))"
    default: return nil
    }
  }

  /// For a socket that was not made.
  private static func text(
    _ errno: Errno,
    _ family: AddressFamily,
    _ type: SocketType,
    _ number: ProtocolNumber
  ) -> String? {
    switch errno {
    case .addressFamilyNotSupported:
      guard let module = module(of: family) else { return "this kernel has no \(family)" }
      return
        "this kernel has no \(family): it comes with the module '\(module)' (modprobe \(module))"
    case .protocolNotSupported where number == .sctp:
      return "SCTP comes with the module 'sctp' (modprobe sctp)"
    case .protocolNotSupported where number == .mptcp:
      return "MPTCP needs Linux 5.6 or later, built with CONFIG_MPTCP"
    case .socketTypeNotSupported where family == .x25:
      return "X.25 has only SOCK_SEQPACKET"
    case .notPermitted where type == .raw || family == .packet,
      .permissionDenied where type == .raw || family == .packet:
      return "it needs CAP_NET_RAW: run as root, or give the program the capability"
    case .permissionDenied where number == .icmp || number == .icmpv6:
      return "the group is outside net.ipv4.ping_group_range: widen it, or use a raw socket"
    default: return nil
    }
  }

  /// The kernel module that lists sockets of a protocol.
  private static func diagnosticModule(
    of family: AddressFamily,
    _ number: ProtocolNumber
  ) -> String? {
    switch (family, number) {
    case (.unix, _): "unix_diag"
    case (.packet, _): "af_packet_diag"
    case (.netlink, _): "netlink_diag"
    case (.vsock, _): "vsock_diag"
    case (_, .tcp): "tcp_diag"
    case (_, .mptcp): "mptcp_diag"
    case (_, .udp), (_, .udpLite): "udp_diag"
    case (_, .raw): "raw_diag"
    default: nil
    }
  }

  /// The kernel module that provides a family.
  static func module(of family: AddressFamily) -> String? {
    switch family {
    case .unix: "unix"
    case .x25: "x25"
    case .ipv6: "ipv6"
    case .packet: "af_packet"
    case .vsock: "vsock"
    default: nil
    }
  }
}
