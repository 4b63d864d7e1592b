// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets
import SystemPackage
import TestSupport
import Testing

@Suite struct Credentials {
  private static let pass = SocketOption<Bool>.flag(1, 16, "SO_PASSCRED")
  private static let passProcess = SocketOption<Bool>.flag(1, 76, "SO_PASSPIDFD")

  private static let hasProcessDescriptors = Requirement.kernelFeature("SO_PASSPIDFD") {
    guard let pair = try? ConnectedSocket.pair() else { return false }
    return (try? pair.first.setOption(passProcess, to: true)) != nil
  }

  @Test(arguments: [SocketType.stream, .datagram, .sequencedPacket])
  func theKernelSaysWhoSent(_ kind: SocketType) throws {
    let wire = try ConnectedSocket.pair(kind)
    try wire.second.setOption(Self.pass, to: true)
    try wire.first.write("x".utf8)
    var control = ControlBuffer()
    var buffer = [UInt8](repeating: 0, count: 8)
    _ = try wire.second.receiveMessage(into: &buffer, control: &control, deadline: .patience)
    #expect(control.credentials == .current)
    #expect(control.messages == [.credentials(.current)])
    #expect(ProcessCredentials.current.processID == getpid())
  }

  @Test func aProcessMayNameItself() throws {
    let wire = try ConnectedSocket.pair()
    try wire.second.setOption(Self.pass, to: true)
    let control = try ControlMessages(.credentials(.current))
    #expect(try wire.first.sendMessage("x".utf8, control: control) == 1)
    var received = ControlBuffer()
    var buffer = [UInt8](repeating: 0, count: 8)
    _ = try wire.second.receiveMessage(into: &buffer, control: &received, deadline: .patience)
    #expect(received.credentials == .current)
  }

  @Test func credentialsOfNobodyAreRefused() throws {
    let wire = try ConnectedSocket.pair()
    let nobody = ProcessCredentials(processID: .max, userID: getuid(), groupID: getgid())
    let control = try ControlMessages(.credentials(nobody))
    // ESRCH with the capability to name others, EPERM without.
    do throws(SocketError) {
      _ = try wire.first.sendMessage("x".utf8, control: control)
      Issue.record("the kernel took the credentials of no process")
    } catch {
      #expect(error.errno == .noSuchProcess || error.errno == .notPermitted)
    }
  }

  @Test(.requires(hasProcessDescriptors)) func aProcessDescriptorArrivesAsAnOwner() throws {
    let wire = try ConnectedSocket.pair()
    try wire.second.setOption(Self.passProcess, to: true)
    try wire.first.write("x".utf8)
    var control = ControlBuffer()
    var buffer = [UInt8](repeating: 0, count: 8)
    _ = try wire.second.receiveMessage(into: &buffer, control: &control, deadline: .patience)
    #expect(control.messages.contains(.processDescriptor))
    guard let process = control.takeProcessDescriptor() else { throw Missing() }
    let (number, hasEnded) = (process.rawValue, process.hasEnded)
    #expect(number >= 0 && !hasEnded)
    let again = control.takeProcessDescriptor() == nil
    #expect(again)
  }
}
