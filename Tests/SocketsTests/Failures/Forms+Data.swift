// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport

// The calls that move bytes.
extension Form {
  static let data: [Form] =
    receiving + sending + [
      Form(.sendfile, "sendFile", .sendFile) { try sendFile($0, .never) },
      Form(.sendfile, "sendFile(deadline:)", .sendFile) { try sendFile($0, .patience) },
      Form(.splice, "Splice.move", .splice) { try splice($0, .never) },
      Form(.splice, "Splice.move(deadline:)", .splice) { try splice($0, .patience) },
      batch(.recvmmsg, "receiveBatch", .receiveBatch) { socket, batch throws(SocketError) in
        try socket.receiveBatch(into: &batch)
        return batch.count == 1
      },
      batch(.recvmmsg, "receiveBatch(deadline:)", .receiveBatch) {
        socket, batch throws(SocketError) in
        try socket.receiveBatch(into: &batch, deadline: .patience)
        return batch.count == 1
      },
      batch(.recvmmsg, "tryReceiveBatch", .receiveBatch, style: .neverWaits) {
        socket, batch throws(SocketError) in
        try socket.tryReceiveBatch(into: &batch)
      },
      batch(.sendmmsg, "sendBatch", .sendBatch) { socket, batch throws(SocketError) in
        try socket.sendBatch(&batch)
        return batch.isEmpty
      },
      batch(.sendmmsg, "sendBatch(deadline:)", .sendBatch) { socket, batch throws(SocketError) in
        try socket.sendBatch(&batch, deadline: .patience)
        return batch.isEmpty
      },
      batch(.sendmmsg, "trySendBatch", .sendBatch, style: .neverWaits) {
        socket, batch throws(SocketError) in
        try socket.trySendBatch(&batch) == 1
      },
    ]

  private static let receiving: [Form] = [
    reading(.read, "read") { socket, bytes throws(SocketError) in
      try socket.read(into: &bytes) == 1
    },
    reading(.read, "read(exactlyInto:)") { socket, bytes throws(SocketError) in
      try socket.read(exactlyInto: &bytes)
      return true
    },
    reading(.recv, "read(deadline:)") { socket, bytes throws(SocketError) in
      try socket.read(into: &bytes, deadline: .patience) == 1
    },
    reading(.recv, "tryRead", style: .neverWaits) { socket, bytes throws(SocketError) in
      try withSpan(&bytes) { span throws(SocketError) in try socket.tryRead(into: &span) } != nil
    },
    reading(.recv, "receive(flags:)", .receive) { socket, bytes throws(SocketError) in
      try socket.receive(into: &bytes, flags: .peek) == 1
    },
    reading(.recvfrom, "receiveDatagram", .receiveDatagram) { socket, bytes throws(SocketError) in
      try socket.receiveDatagram(into: &bytes).byteCount == 1
    },
    reading(.recvfrom, "receiveDatagram(deadline:)", .receiveDatagram) {
      socket, bytes throws(SocketError) in
      try socket.receiveDatagram(into: &bytes, deadline: .patience).byteCount == 1
    },
    reading(.recvfrom, "tryReceiveDatagram", .receiveDatagram, style: .neverWaits) {
      socket, bytes throws(SocketError) in
      try withSpan(&bytes) { span throws(SocketError) in
        try socket.tryReceiveDatagram(into: &span)
      } != nil
    },
    reading(.readv, "read(scatteringInto:)") { socket, bytes throws(SocketError) in
      var pieces: [[UInt8]] = [[0], [0]]
      return try socket.read(scatteringInto: &pieces) == 1
    },
    reading(.recvmsg, "read(scatteringInto:deadline:)") { socket, bytes throws(SocketError) in
      var pieces: [[UInt8]] = [[0], [0]]
      return try socket.read(scatteringInto: &pieces, deadline: .patience) == 1
    },
  ]

  private static func reading(
    _ call: SystemCall,
    _ name: String,
    _ operation: SocketError.Operation = .read,
    style: Style = .waits,
    _ read:
      @escaping @Sendable (borrowing ConnectedSocket, inout [UInt8]) throws(SocketError) -> Bool
  ) -> Form {
    Form(call, name, operation, style: style) { trial in
      let pair = try ConnectedSocket.pair()
      try pair.second.write([1])
      var bytes: [UInt8] = [0]
      trial.attempt { try read(pair.first, &bytes) }
      trial.isUsable = try works(pair)
    }
  }

  private static let sending: [Form] = [
    writing(.send, "write") { socket throws(SocketError) in
      try socket.write([1])
      return true
    },
    writing(.send, "write(deadline:)") { socket throws(SocketError) in
      try socket.write([1], deadline: .patience)
      return true
    },
    writing(.send, "send", .send) { socket throws(SocketError) in try socket.send([1]) == 1 },
    writing(.send, "trySend", .send, style: .neverWaits) { socket throws(SocketError) in
      // SAFETY: every byte of an array of bytes may be read.
      try socket.trySend(unsafe ([1] as [UInt8]).span.bytes) != nil
    },
    writing(.send, "write of a datagram", type: .datagram) { socket throws(SocketError) in
      try socket.write([1])
      return true
    },
    writing(.sendmsg, "write(gathering:)") { socket throws(SocketError) in
      try socket.write(gathering: [[1], [2]])
      return true
    },
    writing(.sendmsg, "write(gathering:deadline:)") { socket throws(SocketError) in
      try socket.write(gathering: [[1], [2]], deadline: .patience)
      return true
    },
    datagram("sendDatagram") { socket, address throws(SocketError) in
      try socket.sendDatagram([1], to: address)
      return true
    },
    datagram("sendDatagram(deadline:)") { socket, address throws(SocketError) in
      try socket.sendDatagram([1], to: address, deadline: .patience)
      return true
    },
    datagram("trySendDatagram", style: .neverWaits) { socket, address throws(SocketError) in
      // SAFETY: as above.
      try socket.trySendDatagram(unsafe ([1] as [UInt8]).span.bytes, to: address) != nil
    },
  ]

  private static let outOfMemoryIsThrown: [String: Outcome] = [
    "ENOBUFS": .thrown, "ENOMEM": .thrown,
  ]

  private static func writing(
    _ call: SystemCall,
    _ name: String,
    _ operation: SocketError.Operation = .write,
    style: Style = .waits,
    type: SocketType = .stream,
    _ write: @escaping @Sendable (borrowing ConnectedSocket) throws(SocketError) -> Bool
  ) -> Form {
    let differs = type == .stream ? [:] : outOfMemoryIsThrown
    return Form(call, name, operation, style: style, differs: differs) { trial in
      let pair = try ConnectedSocket.pair(type)
      trial.attempt { try write(pair.first) }
      trial.isUsable = try works(pair)
    }
  }

  private static func datagram(
    _ name: String,
    style: Style = .waits,
    _ send:
      @escaping @Sendable (borrowing MessageSocket, SocketAddress) throws(SocketError) -> Bool
  ) -> Form {
    Form(.sendto, name, .sendDatagram, style: style, differs: outOfMemoryIsThrown) { trial in
      let receiver = try MessageSocket.bound(to: anyPort)
      let sender = try MessageSocket(.ipv4)
      let address = try receiver.localAddress()
      trial.subject = .address(address)
      trial.attempt { try send(sender, address) }
      try sender.sendDatagram([2], to: address)
      var byte: [UInt8] = [0]
      while byte != [2] {
        _ = try receiver.receiveDatagram(into: &byte, deadline: .patience)
      }
      trial.isUsable = true
    }
  }

  private static func sendFile(_ trial: Trial, _ deadline: Deadline) throws {
    let folder = try ScratchFolder()
    try folder.write("0123456789", to: "file")
    let file = try FileDescriptor.open(FilePath(folder.path + "/file"), .readOnly)
    defer { try? file.close() }
    let pair = try ConnectedSocket.pair()
    trial.attempt { try pair.first.sendFile(file, deadline: deadline) == 10 }
    trial.isUsable = try works(pair)
  }

  private static func splice(_ trial: Trial, _ deadline: Deadline) throws {
    let from = try ConnectedSocket.pair()
    let to = try ConnectedSocket.pair()
    try from.second.write([1, 2, 3])
    var splice = try Splice()
    trial.attempt {
      try splice.move(from: from.first, to: to.first, upTo: 3, deadline: deadline) == 3
    }
    trial.isUsable = try works(to)
  }

  /// A call with a batch of one datagram, on a pair over which one has come.
  private static func batch(
    _ call: SystemCall, _ name: String, _ operation: SocketError.Operation, style: Style = .waits,
    _ body:
      @escaping @Sendable (borrowing ConnectedSocket, inout DatagramBatch) throws(SocketError) ->
      Bool
  ) -> Form {
    let differs = call == .sendmmsg ? outOfMemoryIsThrown : [:]
    return Form(call, name, operation, style: style, differs: differs) { trial in
      let pair = try ConnectedSocket.pair(.datagram)
      try pair.second.write([1])
      var batch = DatagramBatch(capacity: 1, datagramSize: 8)
      // SAFETY: every byte of an array of bytes may be read.
      if call == .sendmmsg { try batch.append(unsafe ([1] as [UInt8]).span.bytes) }
      trial.attempt { try body(pair.first, &batch) }
      trial.isUsable = try works(pair)
    }
  }
}
