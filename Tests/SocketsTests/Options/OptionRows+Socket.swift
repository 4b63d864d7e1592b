// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

let socketRows: [OptionRow] = [
  checks("isListening", instead: "read only: it changes by listening, on TCP") { socket, kind in
    let before = try socket.option(.isListening)
    #expect(!before, "\(kind)")
    guard kind == .tcpIPv4 || kind == .tcpIPv6 else { return }
    #expect(Syscall.listen(socket.descriptor.rawValue, backlog: 1) == 0)
    let after = try socket.option(.isListening)
    #expect(after, "\(kind)")
  },
  sets("boundDevice", .boundDevice, "lo"),
  sets("boundInterface", .boundInterface, loopbackInterface),
  flips("broadcast", .broadcast),
  checks("bsdCompatibility", instead: "the kernel takes any value and reads as off") {
    socket, kind in
    try socket.setOption(.bsdCompatibility, to: true)
    let value = try socket.option(.bsdCompatibility)
    #expect(!value, "\(kind)")
  },
  sets("bufferLocks", .bufferLocks, [.send]),
  sets("busyPoll", .busyPoll, .microseconds(50), needs: .netAdmin),
  checks("busyPollBudget", instead: "set only: more than 65535 is refused", needs: .netAdmin) {
    socket, kind in
    try socket.setOption(.busyPollBudget, to: 4)
    #expect(setError(.busyPollBudget, 1 << 16, socket) == .invalidArgument, "\(kind)")
  },
  checks("badRouteAdvice", instead: "set only: it is taken, and cannot be read") { socket, kind in
    try socket.setOption(.badRouteAdvice, to: true)
    #expect(readError(.badRouteAdvice, socket) == .noSuchOption, "\(kind)")
  },
  checks("cookie", instead: "read only: two sockets differ") { socket, kind in
    let other = try MessageSocket(kind.family, kind.type, kind.protocolNumber)
    let cookies = try (socket.option(.cookie), other.option(.cookie))
    #expect(cookies.0 != 0 && cookies.0 != cookies.1, "\(kind)")
  },
  flips("debug", .debug, needs: .netAdmin),
  reads("family", .family, instead: "read only: as it was made") { $0.family },
  flips("unrouted", .unrouted),
  reads("pendingError", .pendingError, instead: "read only: a fresh socket has none") { _ in nil },
  sets("incomingCPU", .incomingCPU, 0),
  reads("incomingQueue", .incomingQueue, instead: "read only: nothing has come yet") { _ in 0 },
  flips("keepAlive", .keepAlive),
  sets("linger", .linger, .seconds(5)),
  sets("mark", .mark, 7, needs: .netAdmin),
  sets("maximumPacingRate", .maximumPacingRate, 1_000_000),
  checks("memory", instead: "read only: the limits are those of the buffers") { socket, kind in
    let memory = try socket.option(.memory)
    let sizes = try (socket.option(.receiveBufferSize), socket.option(.sendBufferSize))
    #expect(memory.receiveBufferByteCount == UInt32(sizes.0), "\(kind)")
    #expect(memory.sendBufferByteCount == UInt32(sizes.1), "\(kind)")
    #expect(memory.dropCount == 0, "\(kind)")
  },
  checks("networkNamespaceCookie", instead: "read only: sockets of a namespace agree") {
    socket, kind in
    let other = try MessageSocket(.unix)
    let cookies = try (
      socket.option(.networkNamespaceCookie), other.option(.networkNamespaceCookie)
    )
    #expect(cookies.0 != 0 && cookies.0 == cookies.1, "\(kind)")
  },
  flips("noChecksum", .noChecksum),
  flips("noFrameCheckSequence", .noFrameCheckSequence),
  flips("outOfBandInline", .outOfBandInline),
  sets("peekOffset", .peekOffset, 0),
  flips("busyPollPreferred", .busyPollPreferred, needs: .netAdmin),
  sets("priority", .priority, 5),
  reads("protocolNumber", .protocolNumber, instead: "read only: as it was made") { kind in
    switch kind {
    case .tcpIPv4, .tcpIPv6: .tcp
    case .udpIPv4, .udpIPv6: .udp
    default: kind.protocolNumber
    }
  },
  sets("receiveBufferSize", .receiveBufferSize, 16384, reads: 32768),
  checks(
    "forcedReceiveBufferSize", instead: "set only: it is read by another option",
    needs: .netAdmin
  ) { socket, kind in
    try socket.setOption(.forcedReceiveBufferSize, to: 64 << 20)
    let size = try socket.option(.receiveBufferSize)
    #expect(size == 128 << 20, "\(kind)")
  },
  sets("receiveLowWaterMark", .receiveLowWaterMark, 100),
  sets("receiveTimeout", .receiveTimeout, .milliseconds(2500)),
  refuses(
    "reservedMemory", .reservedMemory, 4096,
    instead: "the tests run in no memory control group of their own", .notOnThisSocket),
  flips("reuseAddress", .reuseAddress),
  flips("reusePort", .reusePort),
  flips("errorQueuePriorityEvent", .errorQueuePriorityEvent),
  sets("sendBufferSize", .sendBufferSize, 16384, reads: 32768),
  checks(
    "forcedSendBufferSize", instead: "set only: it is read by another option",
    needs: .netAdmin
  ) { socket, kind in
    try socket.setOption(.forcedSendBufferSize, to: 64 << 20)
    let size = try socket.option(.sendBufferSize)
    #expect(size == 128 << 20, "\(kind)")
  },
  reads("sendLowWaterMark", .sendLowWaterMark, instead: "read only: always 1") { _ in 1 },
  sets("sendTimeout", .sendTimeout, .milliseconds(2500)),
  flips("transmitRehash", .transmitRehash),
  sets(
    "transmitTime", .transmitTime,
    TransmitTime(clock: 1, isDeadline: true, reportsErrors: true)),
  reads("type", .type, instead: "read only: as it was made") { $0.type },
  flips("zeroCopy", .zeroCopy),
]

let socketMessageRows: [OptionRow] = [
  checks("receivesUnreadCountUnix", instead: "set only: the kernel does not give it back") {
    socket, kind in
    try socket.setOption(.receivesUnreadCountUnix, to: true)
    #expect(readError(.receivesUnreadCountUnix, socket) == .noSuchOption, "\(kind)")
  },
  flips("receivesCredentials", .receivesCredentials),
  flips("receivesProcessDescriptors", .receivesProcessDescriptors),
  flips("receivesDescriptors", .receivesDescriptors),
  flips("receivesSecurityLabels", .receivesSecurityLabels),
  flips("receivesMark", .receivesMark),
  flips("receivesPriority", .receivesPriority),
  flips("receivesDropCount", .receivesDropCount),
  flips("receivesTimestamps", .receivesTimestamps),
  sets("timestamping", .timestamping, Timestamping([.receiveSoftware, .software])),
  flips("receivesNanosecondTimestamps", .receivesNanosecondTimestamps),
  flips("receivesWirelessStatus", .receivesWirelessStatus),
]

let socketProgramRows: [OptionRow] = [
  checks("filterProgram", instead: "set only: a descriptor that is no program is refused") {
    socket, kind in
    let descriptor = FileDescriptor(rawValue: socket.descriptor.rawValue)
    #expect(setError(.filterProgram, descriptor, socket) == .invalidArgument, "\(kind)")
  },
  sets("filter", .filter, [.loadByte(at: 0), .answer(0xffff)]),
  checks("reusePortFilter", instead: "set only: it needs a shared port first") { socket, kind in
    #expect(setError(.reusePortFilter, [.answer(0)], socket) == .invalidArgument, "\(kind)")
    try socket.setOption(.reusePort, to: true)
    try socket.setOption(.reusePortFilter, to: [.answer(0)])
  },
  checks("reusePortProgram", instead: "set only: a descriptor that is no program is refused") {
    socket, kind in
    let descriptor = FileDescriptor(rawValue: socket.descriptor.rawValue)
    #expect(setError(.reusePortProgram, descriptor, socket) == .invalidArgument, "\(kind)")
  },
  checks("filterExtensionCount", instead: "read only: the kernel has some") { socket, kind in
    let count = try socket.option(.filterExtensionCount)
    #expect(count > 0, "\(kind)")
  },
  checks("filterRemoval", instead: "set only: it acts on the filter") { socket, kind in
    #expect(setError(.filterRemoval, (), socket) == .noSuchFileOrDirectory, "\(kind)")
    try socket.setOption(.filter, to: [.answer(1)])
    try socket.setOption(.filterRemoval, to: ())
    let filter = try socket.option(.filter)
    #expect(filter.isEmpty, "\(kind)")
  },
  checks("reusePortFilterRemoval", instead: "set only: it acts on the shared port's program") {
    socket, kind in
    #expect(setError(.reusePortFilterRemoval, (), socket) == .invalidArgument, "\(kind)")
    try socket.setOption(.reusePort, to: true)
    try socket.setOption(.reusePortFilter, to: [.answer(0)])
    try socket.setOption(.reusePortFilterRemoval, to: ())
    #expect(setError(.reusePortFilterRemoval, (), socket) == .noSuchFileOrDirectory, "\(kind)")
  },
  refuses(
    "releasedDeviceMemory", .releasedDeviceMemory, [],
    instead: "no device here has such memory: an empty list is refused", .invalidArgument),
  checks("filterLock", instead: "it cannot be turned off again") { socket, kind in
    let before = try socket.option(.filterLock)
    try socket.setOption(.filterLock, to: true)
    let after = try socket.option(.filterLock)
    #expect(!before && after, "\(kind)")
    #expect(setError(.filterLock, false, socket) == .notPermitted, "\(kind)")
    #expect(setError(.filter, [.answer(1)], socket) == .notPermitted, "\(kind)")
  },
  checks("peerCredentials", instead: "read only: an unconnected socket has no peer") {
    socket, kind in
    let peer = try socket.option(.peerCredentials)
    #expect(peer == ProcessCredentials(processID: 0, userID: .max, groupID: .max), "\(kind)")
  },
  refusesReading("peerGroups", .peerGroups, instead: "read only: there is no peer", .noData),
  checks("peerAddress()", instead: "read only: there is no peer; netlink has the kernel for one") {
    socket, kind in
    do throws(SocketError) {
      let address = try socket.peerAddress()
      #expect(kind == .netlink && address.family == .netlink, "\(kind)")
    } catch {
      #expect(error.errno == .socketNotConnected || kind.family == .packet, "\(kind)")
    }
  },
  refusesReading(
    "peerSecurityLabel", .peerSecurityLabel,
    instead: "read only: without a peer, or a security module, there is none", .noSuchOption),
  checks("peerProcessDescriptor()", instead: "read only: there is no peer") { socket, kind in
    do throws(SocketError) {
      _ = try socket.peerProcessDescriptor()
      Issue.record("\(kind) has a peer")
    } catch {
      guard error.errno == .noData else { throw error }
    }
  },
]
