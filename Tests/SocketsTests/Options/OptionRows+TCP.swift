// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// The loopback address of a kind's family.
func loopback(_ kind: SocketKind) -> IPAddress {
  kind.family == .ipv6 ? .ipv6(.loopback) : .ipv4(.loopback)
}

let tcpRows: [OptionRow] = [
  checks("congestionInformation", instead: "read only: Reno tells nothing, BBR 20 bytes") {
    socket, kind in
    try socket.setOption(.congestionControl, to: "reno")
    let bytes = try socket.option(.congestionInformation)
    #expect(bytes.isEmpty, "\(kind)")
    guard setError(.congestionControl, "bbr", socket) == nil else { return }
    let more = try socket.option(.congestionInformation)
    #expect(more.count == 20, "\(kind)")
  },
  sets("congestionControl", .congestionControl, "reno"),
  flips("cork", .cork),
  sets("deferAccept", .deferAccept, .seconds(3)),
  sets("maximumAcknowledgementDelay", .maximumAcknowledgementDelay, .milliseconds(20)),
  checks("tcpInformation", instead: "read only: an unconnected socket is closed") { socket, kind in
    let information = try socket.option(.tcpInformation)
    #expect(information.state == .closed, "\(kind)")
    #expect(information.congestionState == .open, "\(kind)")
  },
  flips("receivesUnreadCountTCP", .receivesUnreadCountTCP),
  reads("isMultipath", .isMultipath, instead: "read only: as it was made") {
    $0 == .multipathIPv4 || $0 == .multipathIPv6
  },
  sets("keepAliveCount", .keepAliveCount, 3),
  sets("keepAliveIdle", .keepAliveIdle, .seconds(90)),
  sets("keepAliveInterval", .keepAliveInterval, .seconds(11)),
  sets("finWait2Timeout", .finWait2Timeout, .seconds(30)),
  sets("maximumSegmentSize", .maximumSegmentSize, 1000),
  flips("noDelay", .noDelay),
  sets("notSentLowWaterMark", .notSentLowWaterMark, 16384),
  flips("quickAcknowledgement", .quickAcknowledgement),
  sets("maximumRetransmissionTimeout", .maximumRetransmissionTimeout, .seconds(60)),
  sets("minimumRetransmissionTimeout", .minimumRetransmissionTimeout, .milliseconds(100)),
  sets("synCount", .synCount, 3),
  checks("thinDuplicateAcknowledgements", instead: "the kernel takes it and reads as off") {
    socket, kind in
    try socket.setOption(.thinDuplicateAcknowledgements, to: true)
    let value = try socket.option(.thinDuplicateAcknowledgements)
    #expect(!value, "\(kind)")
  },
  flips("thinLinearTimeouts", .thinLinearTimeouts),
  sets("transmitDelay", .transmitDelay, .milliseconds(1)),
  checks("upperLayerProtocol", instead: "only a connection has one") { socket, kind in
    let name = try socket.option(.upperLayerProtocol)
    #expect(name.isEmpty, "\(kind)")
    #expect(setError(.upperLayerProtocol, "nosuch", socket) == .noSuchFileOrDirectory, "\(kind)")
  },
  sets("userTimeout", .userTimeout, .milliseconds(5001)),
  sets("windowClamp", .windowClamp, 100_000),
  sets("fastOpen", .fastOpen, 5),
  flips("fastOpenConnect", .fastOpenConnect),
  sets("fastOpenKey", .fastOpenKey, Array(0..<16)),
  flips("fastOpenWithoutCookie", .fastOpenWithoutCookie),
  checks("signatureKey", instead: "set only: a key is taken and removed once") { socket, kind in
    let key = TCPSignatureKey(peer: loopback(kind), key: Array("secret".utf8))
    let removal = TCPSignatureKey(peer: loopback(kind), key: [])
    #expect(setError(.signatureKey, removal, socket) == .noSuchFileOrDirectory, "\(kind)")
    try socket.setOption(.signatureKey, to: key)
    try socket.setOption(.signatureKey, to: removal)
    #expect(setError(.signatureKey, removal, socket) == .noSuchFileOrDirectory, "\(kind)")
  },
  checks("prefixSignatureKey", instead: "set only: a key is taken and removed once") {
    socket, kind in
    let peer = loopback(kind)
    let secret = Array("secret".utf8)
    let key = TCPSignatureKey(
      peer: peer, key: secret, prefixLength: UInt8(peer.bitCount))
    let removal = TCPSignatureKey(peer: peer, key: [], prefixLength: UInt8(peer.bitCount))
    #expect(setError(.prefixSignatureKey, removal, socket) == .noSuchFileOrDirectory, "\(kind)")
    try socket.setOption(.prefixSignatureKey, to: key)
    try socket.setOption(.prefixSignatureKey, to: removal)
  },
  flips("savesOpeningSegment", .savesOpeningSegment),
  reads(
    "savedOpeningSegment", .savedOpeningSegment,
    instead: "read only: only an accepted connection has one"
  ) { _ in [] },
]

let tcpRepairRows: [OptionRow] = [
  checks("queueSequence", instead: "it needs a repair and a chosen queue", needs: .netAdmin) {
    socket, kind in
    #expect(setError(.queueSequence, 1, socket) == .invalidArgument, "\(kind)")
    try socket.setOption(.repair, to: .on)
    try socket.setOption(.repairQueue, to: .send)
    let before = try socket.option(.queueSequence)
    try socket.setOption(.queueSequence, to: 12345)
    let after = try socket.option(.queueSequence)
    #expect(before != 12345 && after == 12345, "\(kind)")
  },
  sets("repair", .repair, .on, needs: .netAdmin),
  checks("repairOptions", instead: "set only: under repair, once connected", needs: .netAdmin) {
    socket, kind in
    let options = [TCPRepairOption(kind: 2, value: 1400), TCPRepairOption(kind: 4)]
    #expect(setError(.repairOptions, options, socket) == .invalidArgument, "\(kind)")
    try connectUnderRepair(socket, kind)
    try socket.setOption(.repairOptions, to: options)
    let agreements = try socket.option(.tcpInformation).agreements
    #expect(agreements.contains(.selectiveAcknowledgements), "\(kind)")
  },
  checks("repairQueue", instead: "it needs a repair", needs: .netAdmin) { socket, kind in
    #expect(setError(.repairQueue, .send, socket) == .notPermitted, "\(kind)")
    try socket.setOption(.repair, to: .on)
    try socket.setOption(.repairQueue, to: .receive)
    let queue = try socket.option(.repairQueue)
    #expect(queue == .receive, "\(kind)")
  },
  checks("repairWindow", instead: "it needs a connection under repair", needs: .netAdmin) {
    socket, kind in
    #expect(readError(.repairWindow, socket) == .notPermitted, "\(kind)")
    try connectUnderRepair(socket, kind)
    var window = try socket.option(.repairWindow)
    window.maximumWindowByteCount = 60000
    window.sendWindowByteCount = 50000
    try socket.setOption(.repairWindow, to: window)
    let after = try socket.option(.repairWindow)
    #expect(after == window, "\(kind)")
  },
  checks("timestampClock", instead: "it runs on between two readings", needs: .netAdmin) {
    socket, kind in
    #expect(setError(.timestampClock, 5_000_000, socket) == .notPermitted, "\(kind)")
    try socket.setOption(.repair, to: .on)
    try socket.setOption(.timestampClock, to: 5_000_000)
    let clock = try socket.option(.timestampClock)
    #expect((5_000_000..<5_100_000).contains(clock), "\(kind)")
  },
]

/// Under repair a connection is made without a packet, and nobody need listen.
private func connectUnderRepair(_ socket: borrowing MessageSocket, _ kind: SocketKind) throws {
  try socket.setOption(.repair, to: .on)
  try socket.bind(to: .ip(loopback(kind), port: Port(rawValue: 0)))
  try socket.connect(to: .ip(loopback(kind), port: Port(rawValue: 9)))
}
