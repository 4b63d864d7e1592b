// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// The table of what is reached by `ioctl`. The recipe is the same as for options.

extension OptionCatalog {
  /// By C name.
  // swift-format-ignore
  static let controlEntries: [Entry] = [
    entry(.isAtMark, "isAtMark", [.tcp, .unixStream], since: "2.4",
      "Whether a stream has been read up to the out-of-band mark."),
    entry(.unreadByteCount, "unreadByteCount", [.tcp, .udp, .unix], since: "2.0",
      "How many bytes wait to be read; of datagrams, those of the next one."),
    entry(.sendQueueByteCount, "sendQueueByteCount", [.tcpAndMultipath, .udp, .unix], since: "2.0",
      "How many bytes of the send queue have not been sent, or on TCP not been acknowledged."),
    entry(.notSentByteCount, "notSentByteCount", .tcpAndMultipath, since: "2.6.33",
      "How many bytes of a TCP connection have not been sent at all."),
    entry(.x25AcceptApproval, "x25AcceptApproval", .x25, since: "2.6.13",
      "The program approves each call itself, before it is accepted; on a socket that does not "
      + "listen yet."),
    entry(.x25Cause, "x25Cause", .x25, since: "2.2",
      "Why the call was cleared; set, what the peer is told when this side clears it."),
    entry(.x25CallUserData, "x25CallUserData", .x25, since: "2.2",
      "The call user data, at most 128 bytes: sent with a call, and read from one that came."),
    entry(.x25TerminalFacilities, "x25TerminalFacilities", .x25, since: "2.6.16",
      "The facilities between the two ends."),
    entry(.x25Facilities, "x25Facilities", .x25, since: "2.2",
      "What is negotiated for a call: windows, packet sizes, throughput, who pays."),
    entry(.x25Subscription(device: "x25"), "x25Subscription(device:)", .x25, since: "2.2",
      "What the link of a network interface has been subscribed to."),
    entry(.x25MatchLength, "x25MatchLength", .x25, since: "2.6.13",
      "How many bytes of call user data choose among listening sockets of one address."),
    entry(.x25CallAcceptance, "x25CallAcceptance", .x25, since: "2.6.13",
      "Approves an accepted call, and sends the packet that accepts it."),
  ]

  /// An entry for a control, whose C name, direction, type and unit it knows itself.
  static func entry<Value>(
    _ control: SocketControl<Value>, _ swiftName: String, _ kinds: SocketKinds,
    since oldestKernel: String, _ meaning: String
  ) -> Entry {
    let unit = control.coding.unit.description
    let read: @Sendable (Int32) throws(SocketError) -> String = {
      (descriptor) throws(SocketError) in
      OptionText.text(try Options.get(control, of: descriptor), unit: unit)
    }
    let canRead = control.readRequest != nil
    return Entry(
      cName: control.cName.description, swiftName: swiftName, valueType: "\(Value.self)",
      unit: unit, level: nil,
      access: canRead ? (control.writeRequest == nil ? .readOnly : .readWrite) : .writeOnly,
      kinds: kinds, oldestKernel: oldestKernel, meaning: meaning, read: canRead ? read : nil,
      write: control.writeRequest == nil ? nil : OptionWriter.of(control))
  }
}
