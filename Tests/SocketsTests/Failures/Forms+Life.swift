// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport

// The calls of a socket's life, from the first to the last.
extension Form {
  static let life: [Form] = [
    Form(.socket, "Socket.init", .socket) { trial in
      trial.subject = .socket(.ipv4, .stream, .automatic)
      trial.attempt {
        _ = try Socket(.ipv4)
        return true
      }
    },
    Form(.socketpair, "ConnectedSocket.pair", .pair) { trial in
      trial.subject = .socket(.unix, .stream, .automatic)
      trial.attempt {
        _ = try ConnectedSocket.pair()
        return true
      }
    },
    Form(.bind, "Socket.bind", .bind) { trial in
      trial.subject = .address(anyPort)
      trial.attempt {
        _ = try Socket(.ipv4).bind(to: anyPort)
        return true
      }
    },
    Form(.bind, "Socket.attemptBind", .bind) { trial in
      trial.subject = .address(anyPort)
      trial.attempt {
        switch try Socket(.ipv4).attemptBind(to: anyPort) {
        case .bound: return true
        case .refused(let socket, let error):
          // The socket came back and is good.
          _ = try socket.bind(to: anyPort)
          throw error
        }
      }
    },
    Form(.bind, "MessageSocket.bind", .bind) { trial in
      let socket = try MessageSocket(.ipv4)
      trial.subject = .address(anyPort)
      trial.attempt {
        try socket.bind(to: anyPort)
        return true
      }
      if trial.ending != .returned { try socket.bind(to: anyPort) }
      trial.isUsable = try socket.localAddress().ip?.port != 0
    },
    Form(.listen, "BoundSocket.listen", .listen) { trial in
      trial.attempt {
        let bound = try Socket(.ipv4).bind(to: anyPort)
        trial.subject = .address(try bound.localAddress())
        _ = try bound.listen()
        return true
      }
    },
    Form(.shutdown, "shutdown", .shutdown) { trial in
      let pair = try ConnectedSocket.pair()
      trial.attempt {
        try pair.first.shutdown(.read)
        return true
      }
      try pair.first.write([1])
      var byte: [UInt8] = [0]
      trial.isUsable = try pair.second.read(into: &byte) == 1
    },
    Form(.close, "close", .close) { trial in
      trial.attempt {
        try Socket(.ipv4).close()
        return true
      }
    },
    Form(.getsockname, "localAddress", .localAddress) { trial in
      let pair = try ConnectedSocket.pair()
      trial.attempt {
        _ = try pair.first.localAddress()
        return true
      }
      trial.isUsable = try works(pair)
    },
    Form(.getpeername, "peerAddress", .peerAddress) { trial in
      let pair = try ConnectedSocket.pair()
      trial.attempt {
        _ = try pair.first.peerAddress()
        return true
      }
      trial.isUsable = try works(pair)
    },
    Form(.getsockopt, "takePendingError", .getOption) { trial in
      let pair = try ConnectedSocket.pair()
      trial.subject = .option(StaticText("SO_ERROR"))
      trial.attempt {
        _ = try pair.first.takePendingError()
        return true
      }
      trial.isUsable = try works(pair)
    },
    Form(.setsockopt, "reset", .setOption) { trial in
      trial.subject = .option(StaticText("SO_LINGER"))
      trial.attempt {
        let pair = try ConnectedSocket.pair()
        try pair.first.reset()
        return true
      }
    },
    Form(.fcntl, "isNonBlocking", .deviceControl) { trial in
      let pair = try ConnectedSocket.pair()
      trial.attempt {
        _ = try pair.first.isNonBlocking()
        return true
      }
      trial.isUsable = try works(pair)
    },
    Form(.fcntl, "duplicate", .duplicate) { trial in
      let pair = try ConnectedSocket.pair()
      trial.attempt {
        _ = try pair.first.duplicate()
        return true
      }
      trial.isUsable = try works(pair)
    },
    Form(.ioctl, "isAtOutOfBandMark", .deviceControl) { trial in
      let listener = try Socket(.ipv4).bind(to: anyPort).listen()
      let client = try Socket(.ipv4).connect(to: listener.localAddress())
      trial.attempt {
        _ = try client.isAtOutOfBandMark()
        return true
      }
      try client.write([1])
      trial.isUsable = true
    },
    Form(.pipe2, "Splice.init", .splice) { trial in
      trial.attempt {
        _ = try Splice()
        return true
      }
    },
    Form(.poll, "accept(deadline:)", .accept) { trial in
      let listener = try Socket(.ipv4).bind(to: anyPort).listen()
      let client = try Socket(.ipv4).connect(to: listener.localAddress())
      trial.forced.add(.fail(.accept4, .resourceTemporarilyUnavailable))
      trial.attempt {
        _ = try listener.accept(deadline: .patience)
        return true
      }
      if trial.ending != .returned { _ = try listener.accept(deadline: .patience) }
      trial.isUsable = try client.takePendingError() == nil
    },
  ]

  static let meeting: [Form] = [
    accepting("accept", .waits) { listener throws(SocketError) in
      _ = try listener.accept()
      return true
    },
    accepting("accept(deadline:)", .waits) { listener throws(SocketError) in
      _ = try listener.accept(deadline: .patience)
      return true
    },
    accepting("tryAccept", .neverWaits) { listener throws(SocketError) in
      try listener.tryAccept() != nil
    },
    connecting("connect") { socket, address throws(SocketError) in
      _ = try socket.connect(to: address)
    },
    connecting("connect(deadline:)") { socket, address throws(SocketError) in
      _ = try socket.connect(to: address, deadline: .patience)
    },
    connecting("beginConnecting") { socket, address throws(SocketError) in
      _ = try socket.beginConnecting(to: address).finish(deadline: .patience)
    },
    Form(
      .connect,
      "connect to a Unix path",
      .connect,
      differs: ["EAGAIN": .repeated, "EINTR": .repeated, "EINPROGRESS": .thrown]
    ) { trial in
      let name = try SocketAddress.unix(.init(abstract: "trial-\(UInt64.random(in: 0 ... .max))"))
      let listener = try Socket(.unix).bind(to: name).listen()
      trial.subject = .address(name)
      trial.attempt {
        _ = try Socket(.unix).connect(to: name, deadline: .patience)
        return true
      }
      trial.isUsable = try listener.takePendingError() == nil
    },
    Form(.getsockname, "connect", .connect, always: .succeeded) { trial in
      let listener = try Socket(.ipv4).bind(to: anyPort).listen()
      let address = try listener.localAddress()
      trial.attempt {
        _ = try Socket(.ipv4).connect(to: address)
        return true
      }
    },
    afterConnecting(.getpeername), afterConnecting(.getsockopt),
  ]

  private static func accepting(
    _ name: String,
    _ style: Style,
    _ accept: @escaping @Sendable (borrowing ListeningSocket) throws(SocketError) -> Bool
  ) -> Form {
    Form(.accept4, name, .accept, style: style) { trial in
      let listener = try Socket(.ipv4).bind(to: anyPort).listen()
      let address = try listener.localAddress()
      let client = try Socket(.ipv4).connect(to: address)
      trial.attempt { try accept(listener) }
      let next = try Socket(.ipv4).connect(to: address)
      trial.isUsable = try listener.tryAccept() != nil
      _ = try (client.takePendingError(), next.takePendingError())
    }
  }

  private static func connecting(
    _ name: String,
    _ connect:
      @escaping @Sendable (consuming Socket, SocketAddress) throws(SocketError) -> Void
  ) -> Form {
    Form(.connect, name, .connect, kernelGoesOn: ["EINTR", "EINPROGRESS"]) { trial in
      let listener = try Socket(.ipv4).bind(to: anyPort).listen()
      let address = try listener.localAddress()
      trial.subject = .address(address)
      trial.attempt {
        try connect(try Socket(.ipv4), address)
        return true
      }
      trial.isUsable = try listener.takePendingError() == nil
    }
  }

  /// The questions that follow an attempt in steps.
  private static func afterConnecting(_ call: SystemCall) -> Form {
    Form(call, "connect(deadline:)", .connect) { trial in
      let listener = try Socket(.ipv4).bind(to: anyPort).listen()
      let address = try listener.localAddress()
      trial.subject = .address(address)
      trial.forced.add(.failAfterwards(.connect, .nowInProgress))
      trial.attempt {
        _ = try Socket(.ipv4).connect(to: address, deadline: .patience)
        return true
      }
    }
  }
}
