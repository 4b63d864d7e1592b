// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// An echo server of SwiftNIO's async channel: one loop, a task for each connection.
import NIOCore
import NIOPosix

let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
let bootstrap = ServerBootstrap(group: group)
  .serverChannelOption(.backlog, value: 4096)
  .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
let wrap: @Sendable (any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> = {
  channel in
  channel.eventLoop.makeCompletedFuture {
    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
  }
}
let where_ = CommandLine.arguments[1]
let server =
  if let port = Int(where_) {
    try await bootstrap.bind(host: "127.0.0.1", port: port, childChannelInitializer: wrap)
  } else {
    try await bootstrap.bind(unixDomainSocketPath: where_, childChannelInitializer: wrap)
  }
try await withThrowingDiscardingTaskGroup { tasks in
  try await server.executeThenClose { clients in
    for try await client in clients {
      tasks.addTask {
        try? await client.executeThenClose { inbound, outbound in
          for try await bytes in inbound { try await outbound.write(bytes) }
        }
      }
    }
  }
}
