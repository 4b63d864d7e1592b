// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// An echo server of SwiftNIO's channel handlers: one loop.
import NIOCore
import NIOPosix

final class Echo: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    context.write(data, promise: nil)
  }

  func channelReadComplete(context: ChannelHandlerContext) { context.flush() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}

let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
let bootstrap = ServerBootstrap(group: group)
  .serverChannelOption(.backlog, value: 4096)
  .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
  .childChannelInitializer { channel in
    channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandler(Echo())
    }
  }
let where_ = CommandLine.arguments[1]
let channel =
  if let port = Int(where_) {
    try await bootstrap.bind(host: "127.0.0.1", port: port).get()
  } else {
    try await bootstrap.bind(unixDomainSocketPath: where_).get()
  }
try await channel.closeFuture.get()
