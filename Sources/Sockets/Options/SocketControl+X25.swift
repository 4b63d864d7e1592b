// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// The controls of X.25: x25(7), linux/x25.h. They answer `EINVAL` in the wrong state of the socket: what a call
// is made with is set before `connect` or `listen`.

extension SocketControl where Value == Void {
  /// The program approves each call itself, before it is accepted; on a socket that does not listen yet.
  ///
  /// The corresponding C constant is `SIOCX25CALLACCPTAPPRV`.
  public static var x25AcceptApproval: SocketControl<Void> {
    SocketControl(known: "SIOCX25CALLACCPTAPPRV", writeRequest: 0x89e8, coding: .nothing)
  }

  /// Approves an accepted call, and sends the packet that accepts it.
  ///
  /// The corresponding C constant is `SIOCX25SENDCALLACCPT`.
  public static var x25CallAcceptance: SocketControl<Void> {
    SocketControl(known: "SIOCX25SENDCALLACCPT", writeRequest: 0x89e9, coding: .nothing)
  }
}

extension SocketControl where Value == [UInt8] {
  /// The call user data, at most 128 bytes: sent with a call, and read from one that came.
  ///
  /// More than 16 bytes need the facility of fast select.
  ///
  /// The corresponding C constants are `SIOCX25GCALLUSERDATA` and `SIOCX25SCALLUSERDATA`.
  public static var x25CallUserData: SocketControl<[UInt8]> {
    SocketControl(
      known: "SIOCX25GCALLUSERDATA", readRequest: 0x89e4, writeRequest: 0x89e5,
      coding: .x25CallUserData)
  }
}

extension SocketControl where Value == X25Cause {
  /// Why the call was cleared; set, what the peer is told when this side clears it.
  ///
  /// The corresponding C constants are `SIOCX25GCAUSEDIAG` and `SIOCX25SCAUSEDIAG`.
  public static var x25Cause: SocketControl<X25Cause> {
    SocketControl(
      known: "SIOCX25GCAUSEDIAG", readRequest: 0x89e6, writeRequest: 0x89ec, coding: .x25Cause)
  }
}

extension SocketControl where Value == X25TerminalFacilities {
  /// The facilities between the two ends.
  ///
  /// The corresponding C constants are `SIOCX25GDTEFACILITIES` and `SIOCX25SDTEFACILITIES`.
  public static var x25TerminalFacilities: SocketControl<X25TerminalFacilities> {
    SocketControl(
      known: "SIOCX25GDTEFACILITIES", readRequest: 0x89ea, writeRequest: 0x89eb,
      coding: .x25TerminalFacilities)
  }
}

extension SocketControl where Value == X25Facilities {
  /// What is negotiated for a call: windows, packet sizes, throughput, who pays.
  ///
  /// The corresponding C constants are `SIOCX25GFACILITIES` and `SIOCX25SFACILITIES`.
  public static var x25Facilities: SocketControl<X25Facilities> {
    SocketControl(
      known: "SIOCX25GFACILITIES", readRequest: 0x89e2, writeRequest: 0x89e3,
      coding: .x25Facilities)
  }
}

extension SocketControl where Value == X25Subscription {
  /// What the link of a network interface has been subscribed to.
  ///
  /// To set it needs `CAP_NET_ADMIN`. `EINVAL` when the interface is no X.25 link.
  ///
  /// - Parameter device: the network interface to ask about.
  /// - Returns: the control.
  ///
  /// The corresponding C constants are `SIOCX25GSUBSCRIP` and `SIOCX25SSUBSCRIP`.
  public static func x25Subscription(device: String) -> SocketControl<X25Subscription> {
    var coding = OptionCoding<X25Subscription>.x25Subscription
    coding.question = coding.encode(X25Subscription(device: device, facilityMask: 0)) ?? []
    return SocketControl(
      known: "SIOCX25GSUBSCRIP", readRequest: 0x89e0, writeRequest: 0x89e1, coding: coding)
  }
}

extension SocketControl where Value == UInt32 {
  /// How many bytes of call user data choose among listening sockets of one address.
  ///
  /// The corresponding C constant is `SIOCX25SCUDMATCHLEN`.
  public static var x25MatchLength: SocketControl<UInt32> {
    SocketControl(
      known: "SIOCX25SCUDMATCHLEN", writeRequest: 0x89e7, coding: .unsigned(unit: "bytes"))
  }
}
