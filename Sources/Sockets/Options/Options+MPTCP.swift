// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

// Of multipath TCP.

extension SocketOption where Value == MultipathInformation {
  /// The state of a multipath connection.
  ///
  /// It can only be read. Linux 5.16 or later.
  ///
  /// The corresponding C constant is `MPTCP_INFO`.
  public static var multipathInformation: SocketOption<MultipathInformation> {
    SocketOption(
      level: CS_SOL_MPTCP, name: CS_MPTCP_INFO, cName: "MPTCP_INFO", coding: .multipathInformation)
  }
}

extension SocketOption where Value == [MultipathAddresses] {
  /// The addresses of each path of the connection.
  ///
  /// It can only be read. Linux 5.16 or later.
  ///
  /// The corresponding C constant is `MPTCP_SUBFLOW_ADDRS`.
  public static var multipathAddresses: SocketOption<[MultipathAddresses]> {
    SocketOption(
      level: CS_SOL_MPTCP, name: CS_MPTCP_SUBFLOW_ADDRS, cName: "MPTCP_SUBFLOW_ADDRS",
      coding: .multipathAddresses)
  }
}

extension SocketOption where Value == [TCPInformation] {
  /// The state and measurements of each path of the connection.
  ///
  /// It can only be read. Linux 5.16 or later.
  ///
  /// The corresponding C constant is `MPTCP_TCPINFO`.
  public static var multipathTCPInformation: SocketOption<[TCPInformation]> {
    SocketOption(
      level: CS_SOL_MPTCP, name: CS_MPTCP_TCPINFO, cName: "MPTCP_TCPINFO",
      coding: .multipathTCPInformation)
  }
}
