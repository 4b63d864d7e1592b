// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import TestSupport

/// Echo servers in Python: one that does as it should, and others with a fault each that a benchmark must notice.
enum FaultyServer: String {
  /// Has no fault.
  case none = """
    import socket, threading
    s = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("listening on tcp://127.0.0.1:%d" % s.getsockname()[1], flush=True)
    def serve(c):
        c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while data := c.recv(65536):
            c.sendall(data)
    while True:
        threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
    """
  /// Echoes, and is silent once for half a second, one second after the first byte.
  case stalling = """
    import selectors, socket, time
    s = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("listening on tcp://127.0.0.1:%d" % s.getsockname()[1], flush=True)
    poll = selectors.DefaultSelector()
    poll.register(s, selectors.EVENT_READ)
    first = None
    while True:
        for key, _ in poll.select():
            if key.fileobj is s:
                c, _ = s.accept()
                c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                poll.register(c, selectors.EVENT_READ)
                continue
            data = key.fileobj.recv(65536)
            if not data:
                poll.unregister(key.fileobj)
                key.fileobj.close()
                continue
            now = time.monotonic()
            first = first or now
            if first > 0 and now - first > 1:
                time.sleep(0.5)
                first = -1
            key.fileobj.sendall(data)
    """
  /// Answers with a wrong byte after 2,000 right ones.
  case wrong = """
    import socket, threading
    s = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("listening on tcp://127.0.0.1:%d" % s.getsockname()[1], flush=True)
    def serve(c):
        done = 0
        while data := bytearray(c.recv(65536)):
            if done <= 2000 < done + len(data):
                data[2000 - done] ^= 1
            done += len(data)
            c.sendall(data)
    while True:
        threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
    """
  /// Closes each connection as soon as it is there.
  case closing = """
    import socket
    s = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("listening on tcp://127.0.0.1:%d" % s.getsockname()[1], flush=True)
    while True:
        s.accept()[0].close()
    """
  /// Takes connections and says nothing.
  case silent = """
    import socket
    s = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("listening on tcp://127.0.0.1:%d" % s.getsockname()[1], flush=True)
    held = []
    while True:
        held.append(s.accept()[0])
    """
  /// Drops each tenth datagram, answers each fifteenth twice, and says at its end how many it dropped.
  case lossy = """
    import os, signal, socket
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    print("listening on udp://127.0.0.1:%d" % s.getsockname()[1], flush=True)
    n = 0
    def end(*_):
        print("dropped %d" % (n // 10), flush=True)
        os._exit(0)
    signal.signal(signal.SIGTERM, end)
    while True:
        data, peer = s.recvfrom(65536)
        n += 1
        if n % 10 == 0:
            continue
        s.sendto(data, peer)
        if n % 15 == 1:
            s.sendto(data, peer)
    """
  /// Sends without end to whoever connects.
  case talking = """
    import socket, threading
    s = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("listening on tcp://127.0.0.1:%d" % s.getsockname()[1], flush=True)
    def serve(c):
        try:
            while True:
                c.sendall(b"x" * 65536)
        except OSError:
            pass
    while True:
        threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
    """

  /// Starts it.
  ///
  /// - Returns: the process, and where it listens.
  func start() throws -> (process: ChildProcess, endpoint: String) {
    let process = try ChildProcess("python3", ["-c", rawValue])
    return (process, try process.listeningEndpoint())
  }
}

/// Starts socat, which sends back what it gets.
///
/// - Parameter address: its first address, which listens.
/// - Returns: the process, and its line about where it listens.
/// - Throws: when it does not start.
func startEchoingSocat(_ address: String) throws -> (process: ChildProcess, line: String) {
  let process = try ChildProcess("socat", ["-d", "-d", address, "PIPE"])
  return (process, try process.waitForLine(containing: "listening on"))
}
