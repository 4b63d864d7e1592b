// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets
import SystemPackage
import TestSupport
import Testing

/// Ten thousand rounds in which descriptors come and are not wanted, cut, or in the way of an error.
///
/// Other tests of the process open and close descriptors meanwhile, so the passed ones are counted by what they
/// are: each is a copy of one socket, known by its number in the
/// sockets' file system.
@Suite struct DescriptorLeaks {
  /// What a descriptor refers to, as numbers of the file system that it lives in.
  private func identity(_ number: Int32) -> [UInt64]? {
    var facts = stat()
    guard unsafe fstat(number, &facts) == 0 else { return nil }
    return [UInt64(facts.st_dev), UInt64(facts.st_ino)]
  }

  /// How many descriptors of this process refer to the same; the system gives out the lowest free numbers.
  private func copies(of identity: [UInt64]?) -> Int {
    (0..<Int32(8192)).count { self.identity($0) == identity }
  }

  /// Takes a descriptor for something that it is not.
  private func mistake(_ descriptor: consuming ReceivedDescriptor) -> Errno? {
    do throws(SocketError) {
      _ = try descriptor.listeningSocket()
      return nil
    } catch {
      return error.errno
    }
  }

  @Test(.tags(.slow)) func noneIsLeftAfterTenThousandRounds() throws {
    let wire = try ConnectedSocket.pair(.datagram)
    let passed = try MessageSocket(.ipv4)
    let descriptor = FileDescriptor(rawValue: passed.descriptor.rawValue)
    let target = try #require(identity(descriptor.rawValue))
    #expect(copies(of: target) == 1)
    var control = ControlBuffer(capacity: 64)
    var small = ControlBuffer(capacity: 16 + 4 * 3 + 2)
    var none = ControlBuffer(capacity: 0)
    var buffer = [UInt8](repeating: 0, count: 4)
    for round in 0..<10_000 {
      let count = 1 + round % 7
      let sent = try ControlMessages(descriptors: Array(repeating: descriptor, count: count))
      _ = try wire.first.sendMessage("abcd".utf8, control: sent)
      switch round % 8 {
      case 0:
        // Left in the buffer for the next round.
        _ = try wire.second.receiveMessage(into: &buffer, control: &control)
      case 1:
        // Cut, in the middle of a number.
        let message = try wire.second.receiveMessage(into: &buffer, control: &small)
        #expect(message.isControlTruncated == (count > 3))
        #expect(small.descriptorCount == min(count, 3))
      case 2:
        let message = try wire.second.receiveMessage(into: &buffer, control: &none)
        #expect(message.isControlTruncated && none.descriptorCount == 0)
      case 3:
        // Some taken, the rest in a list that ends.
        _ = try wire.second.receiveMessage(into: &buffer, control: &control)
        var descriptors = control.takeDescriptors()
        _ = descriptors.takeFirst()
      case 4:
        // Not asked for at all.
        _ = try wire.second.read(into: &buffer)
      case 5:
        // Looked at first.
        _ = try wire.second.receiveMessage(into: &buffer, control: &control, flags: .peek)
        _ = try wire.second.receiveMessage(into: &buffer, control: &small)
      case 6:
        // An error in a call after the one that brought them.
        _ = try wire.second.receiveMessage(into: &buffer, control: &control)
        #expect(throws: SocketError(.receiveMessage, .deadlinePassed)) {
          try wire.second.receiveMessage(into: &buffer, control: &control, deadline: .now)
        }
        #expect(control.descriptorCount == 0)
      default:
        // A conversion that fails.
        _ = try wire.second.receiveMessage(into: &buffer, control: &control)
        var descriptors = control.takeDescriptors()
        if let first = descriptors.takeFirst() { #expect(mistake(first) == .invalidArgument) }
      }
    }
    control.removeAll()
    small.removeAll()
    #expect(copies(of: target) == 1)
  }
}
