// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import TestSupport

/// The programs at both ends of a relay, in Python: a server that the relay dials and clients that dial the relay.
///
/// It says where its server is, is told where the relay is, and says `ok` or why not.
struct RelayPeer {
  let process: ChildProcess
  /// Where its server listens.
  let target: String

  /// Starts the server.
  ///
  /// - Parameters:
  ///   - family: `tcp4`, `tcp6`, `mptcp`, `unix`, `vsock`, `unix-packet`, `vsock-packet`, `udp4`, `udp6` or `unix-datagram`.
  ///   - path: of the server, where the family has paths.
  ///   - mode: what to do, and its numbers.
  /// - Throws: when it does not start.
  init(_ family: String, path: String = "", _ mode: String...) throws {
    process = try ChildProcess("python3", ["-c", Self.source, family, path] + mode)
    let line = try process.waitForLine(containing: "target ")
    target = String(line.split(separator: " ").last ?? "")
  }

  /// Lets the clients go, through the relay.
  ///
  /// - Parameters:
  ///   - relay: where it listens, and maybe its process.
  ///   - seconds: how long they may take.
  /// - Returns: what it says at the end: `ok` and maybe some numbers.
  /// - Throws: when it says something else.
  func run(through relay: String, seconds: Double = 120) throws -> String {
    process.write(relay + "\n")
    return try process.waitForLine(containing: "ok", seconds: seconds)
  }

  private static let source = """
    import sys, socket, os, threading, hashlib, struct, errno, resource, select, time
    family, path, mode = sys.argv[1], sys.argv[2], sys.argv[3]
    numbers = [int(word) for word in sys.argv[4:]]
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit[1], limit[1]))
    threading.stack_size(1 << 18)
    kinds = {
      "tcp4": (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
      "tcp6": (socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0)),
      "mptcp": (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
      "vsock": (socket.AF_VSOCK, socket.SOCK_STREAM, (1, socket.VMADDR_PORT_ANY)),
      "vsock-packet": (socket.AF_VSOCK, socket.SOCK_SEQPACKET, (1, socket.VMADDR_PORT_ANY)),
      "unix": (socket.AF_UNIX, socket.SOCK_STREAM, path),
      "unix-packet": (socket.AF_UNIX, socket.SOCK_SEQPACKET, path),
      "unix-datagram": (socket.AF_UNIX, socket.SOCK_DGRAM, path),
      "udp4": (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
      "udp6": (socket.AF_INET6, socket.SOCK_DGRAM, ("::1", 0)),
    }

    # Of what has no type of its own.
    protocols = {"mptcp": 262}

    def open_target():
      number, type, address = kinds[family]
      server = socket.socket(number, type, protocols.get(family, 0))
      server.bind(address)
      if type != socket.SOCK_DGRAM: server.listen(4096)
      if number == socket.AF_UNIX: text = f"{family}:{path}"
      elif number == socket.AF_INET: text = f"{family}://127.0.0.1:{server.getsockname()[1]}"
      elif number == socket.AF_VSOCK: text = f"{family}://1:{server.getsockname()[1]}"
      else: text = f"{family}://[::1]:{server.getsockname()[1]}"
      print("target", text, flush=True)
      return server

    def dial():
      scheme, rest = relay.split(":", 1)
      if rest.startswith("//"):
        host, port = rest[2:].rsplit(":", 1)
        host = host.strip("[]")
        number = socket.AF_INET6 if ":" in host else socket.AF_INET
        if scheme.startswith("vsock"): number, host = socket.AF_VSOCK, int(host)
        address = (host, int(port))
      else:
        number, address = socket.AF_UNIX, rest
      type = {"unix-packet": socket.SOCK_SEQPACKET, "unix-datagram": socket.SOCK_DGRAM,
        "vsock-packet": socket.SOCK_SEQPACKET}
      kind = socket.SOCK_DGRAM if scheme.startswith("udp") else type.get(scheme, socket.SOCK_STREAM)
      client = socket.socket(number, kind, protocols.get(scheme, 0))
      if scheme == "unix-datagram": client.bind("")
      client.connect(address)
      return client

    def read_all(one):
      hash, count = hashlib.sha256(), 0
      while True:
        piece = one.recv(1 << 18)
        if not piece: return hash.hexdigest(), count
        hash.update(piece)
        count += len(piece)

    def in_thread(body, *arguments):
      box = []
      def run():
        try: box.append(body(*arguments))
        except BaseException as error: box.append(error)
      thread = threading.Thread(target=run, daemon=True)
      thread.start()
      def result():
        thread.join()
        if isinstance(box[0], BaseException): raise box[0]
        return box[0]
      return result

    def expect(condition, *words):
      if not condition:
        print("wrong:", *words, flush=True)
        os._exit(1)

    def both(count):
      # Both send at once, block after block of random bytes, each turned a little further.
      block = os.urandom(min(count, 1 << 20))
      def blocks():
        left, start = count, 0
        while left:
          turned = block[start:] + block[:start]
          yield turned[:left]
          left -= min(left, len(block))
          start = (start + 4099) % len(block)
      hash = hashlib.sha256()
      for piece in blocks(): hash.update(piece)
      def side(one):
        reading = in_thread(read_all, one)
        for piece in blocks(): one.sendall(piece)
        one.shutdown(socket.SHUT_WR)
        expect(reading() == (hash.hexdigest(), count), "hashes differ", reading())
      serving = in_thread(lambda: side(server.accept()[0]))
      start = time.monotonic()
      side(dial())
      serving()
      print(f"ok {time.monotonic() - start:.3f}", flush=True)

    def small(count):
      def serve():
        one = server.accept()[0]
        one.sendall("".join(map(str, read_all(one))).encode())
        one.close()
      serving = in_thread(serve)
      client = dial()
      if client.family != socket.AF_UNIX:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
      hash, total = hashlib.sha256(), 0
      for index in range(count):
        piece = b"%d," % index
        hash.update(piece)
        total += len(piece)
        client.sendall(piece)
      client.shutdown(socket.SHUT_WR)
      answer = client.recv(1000, socket.MSG_WAITALL).decode()
      expect(answer == hash.hexdigest() + str(total), answer)
      serving()
      print("ok", flush=True)

    def halves():
      # The client ends first and hears all the same; then the server does.
      client = dial()
      one = server.accept()[0]
      client.sendall(b"question")
      client.shutdown(socket.SHUT_WR)
      expect(read_all(one)[1] == 8, "question")
      one.sendall(b"a long answer")
      expect(client.recv(100) == b"a long answer", "answer")
      one.close()
      expect(client.recv(100) == b"", "end")
      client = dial()
      one = server.accept()[0]
      one.sendall(b"hello")
      one.shutdown(socket.SHUT_WR)
      expect(read_all(client)[1] == 5, "greeting")
      client.sendall(b"x" * 100000)
      client.close()
      expect(read_all(one)[1] == 100000, "the rest")
      print("ok", flush=True)

    def hard_close(one):
      one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
      one.close()

    def fails(one):
      try:
        while one.recv(1000): pass
        return "end"
      except OSError as error:
        return errno.errorcode[error.errno]

    def resets():
      for way in (0, 1):
        client = dial()
        one = server.accept()[0]
        client.sendall(b"x")
        expect(one.recv(10) == b"x", "first byte")
        hard_close(one if way else client)
        expect(fails(client if way else one) == "ECONNRESET", "no reset", way)
      # What was sent before a reset still arrives.
      client = dial()
      one = server.accept()[0]
      one.sendall(b"y" * 50000)
      expect(len(client.recv(50000, socket.MSG_WAITALL)) == 50000, "all before the reset")
      hard_close(one)
      expect(fails(client) == "ECONNRESET", "no reset")
      print("ok", flush=True)

    def resets_in_a_loop(count):
      # Clients that go at once, in the middle of what they send, and in the middle of what they are sent.
      talking = in_thread(talk_to_all, count)
      for index in range(count):
        client = dial()
        if index % 4 > 0: client.sendall(b"z" * 5000)
        if index % 4 > 1: client.recv(1000)
        if index % 4 > 2: client.shutdown(socket.SHUT_WR)
        hard_close(client)
      # One that stays is served as ever.
      client = dial()
      client.sendall(b"last")
      expect(client.recv(4, socket.MSG_WAITALL) == b"last", "the last")
      client.close()
      print("ok", flush=True)

    def talk_to_all(count):
      # Echoes, and is content with whatever becomes of that.
      def echo(one):
        try:
          while piece := one.recv(65536): one.sendall(piece)
        except OSError: pass
        one.close()
      while True: in_thread(echo, server.accept()[0])

    def cut(count):
      # The server resets while the client writes: what the client reads must not look like a whole answer.
      def writes(one, done):
        try:
          while not done.is_set(): one.sendall(b"z" * 100)
          return "written"
        except OSError as error: return errno.errorcode[error.errno]
      clean = []
      for index in range(count):
        client = dial()
        one = server.accept()[0]
        done = threading.Event()
        writing = in_thread(writes, client, done)
        one.sendall(b"partial")
        expect(len(client.recv(7, socket.MSG_WAITALL)) == 7, "what came before")
        for _ in range(20): one.recv(65536)
        # A Unix socket resets when something is left that nobody has read.
        select.select([one], [], [])
        hard_close(one)
        end = fails(client)
        done.set()
        # Of the client's own two calls, too, one alone is told; after an end the write would fail with EPIPE.
        if "ECONNRESET" not in (end, writing()): clean.append(index)
        client.close()
      print("ok", len(clean), flush=True)

    def finished(count):
      # The server ends, and resets since it does not read the rest: the answer is whole all the same.
      for _ in range(count):
        client = dial()
        one = server.accept()[0]
        client.sendall(b"x")
        expect(one.recv(10) == b"x", "first byte")
        one.sendall(b"whole")
        one.shutdown(socket.SHUT_WR)
        expect(client.recv(10, socket.MSG_WAITALL) == b"whole", "answer")
        expect(fails(client) == "end", "no end")
        client.sendall(b"more")
        one.close()
        client.close()
      print("ok", flush=True)

    def empty(count):
      # A record without bytes is no end.
      client = dial()
      one = server.accept()[0]
      for index in range(count):
        client.send(b"")
        expect(one.recv(10) == b"", "an empty one", index)
        client.send(b"x")
        expect(one.recv(10) == b"x", "one behind it", index)
        one.send(b"y")
        expect(client.recv(10) == b"y", "an answer", index)
      # Nor is one behind which the end is waiting already.
      # A record has a time (29 is SO_TIMESTAMP), the end has none.
      one.setsockopt(socket.SOL_SOCKET, 29, 1)
      client.send(b"")
      client.close()
      expect(one.recvmsg(10, 100)[1] != [], "an empty one at last")
      expect(one.recvmsg(10, 100)[:2] == (b"", []), "end")
      print("ok", flush=True)

    def echo_all(count):
      def echo(one):
        while True:
          piece = one.recv(65536)
          if not piece: break
          one.sendall(piece)
        one.close()
      for _ in range(count): in_thread(echo, server.accept()[0])

    def many(count):
      serving = in_thread(echo_all, count)
      clients = [dial() for _ in range(count)]
      for index, client in enumerate(clients): client.sendall(b"%06d" % index * 100)
      for index, client in enumerate(clients):
        expect(client.recv(600, socket.MSG_WAITALL) == b"%06d" % index * 100, index)
      for client in clients: client.close()
      serving()
      print("ok", flush=True)

    def serve():
      # Echoes for whoever comes.
      echo_all(1 << 30)

    def serve_datagrams():
      # The same.
      while True:
        piece, sender = server.recvfrom(1 << 18)
        server.sendto(piece, sender)

    def crowd(count, milliseconds, relay_process):
      # More clients than can be served: the first ones stay for a while, all are served in the end.
      def used():
        fields = open(f"/proc/{relay_process}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
      in_thread(echo_all, count)
      clients = [dial() for _ in range(count)]
      for client in clients: client.sendall(b"ping")
      expect(clients[0].recv(4, socket.MSG_WAITALL) == b"ping", "first")
      before = used()
      time.sleep(milliseconds / 1000)
      share = (used() - before) / milliseconds * 1000
      clients.pop(0).close()
      for client in clients:
        expect(client.recv(4, socket.MSG_WAITALL) == b"ping", "one")
        client.close()
      print(f"ok {share:.3f}", flush=True)

    def messages(count):
      # Numbered, each answered by the same one.
      def serve():
        if server.type != socket.SOCK_DGRAM: one = server.accept()[0]
        while True:
          if server.type == socket.SOCK_DGRAM:
            piece, sender = server.recvfrom(1 << 18)
            server.sendto(piece, sender)
          else:
            piece = one.recv(1 << 18)
            if not piece: return
            one.send(piece)
      in_thread(serve)
      client = dial()
      client.settimeout(60)
      for index in range(count):
        piece = b"%06d" % index + b"." * (index * 37 % 9000)
        client.send(piece)
        expect(client.recv(1 << 18) == piece, index)
      if client.type == socket.SOCK_DGRAM:
        client.send(b"")
        expect(client.recv(10) == b"", "an empty one")
      print("ok", flush=True)

    def losses(count):
      # Which of the datagrams arrive; a last word is said until it arrives, too.
      client = dial()
      def listen():
        seen = []
        while True:
          piece = server.recv(100)
          if piece == b"end": return seen
          seen.append(piece.decode())
      done = threading.Event()
      def say_the_end():
        while not done.wait(0.01): client.send(b"end")
      listening = in_thread(listen)
      for index in range(count): client.send(b"%d" % index)
      in_thread(say_the_end)
      seen = listening()
      done.set()
      print("ok", ",".join(seen), flush=True)

    def received(count):
      # What arrives of zeros, and how the stream ended.
      client = dial()
      one = server.accept()[0]
      def send():
        try:
          client.sendall(bytes(count))
          client.shutdown(socket.SHUT_WR)
        except OSError: pass
      start, data, end = time.monotonic(), b"", "end"
      sending = in_thread(send)
      try:
        while True:
          piece = one.recv(65536)
          if not piece: break
          data += piece
      except OSError as error: end = errno.errorcode[error.errno]
      changed = [str(place) for place, byte in enumerate(data) if byte]
      print("ok", len(data), end, f"{time.monotonic() - start:.3f}", ",".join(changed), flush=True)

    server = open_target()
    # Where the relay is, and maybe its process.
    relay, *more = sys.stdin.readline().split()
    globals()[mode](*numbers, *map(int, more))
    """
}
