// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// A Python program that makes one socket of each kind and state, all in a network namespace of its own, and then asks
/// `ss` and our tool for them.
enum ListScene {
  /// The program.
  ///
  /// Its arguments: the tool and a folder. It prints an object: for each question what `ss` and what the tool answered.
  static let program = #"""
    from socket import *
    import json, os, socket, subprocess, sys
    tool = sys.argv[1]
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    kept = []
    def keep(s): kept.append(s); return s
    def listener(family=AF_INET, host="127.0.0.1", backlog=16, only=None):
        s = keep(socket.socket(family, SOCK_STREAM))
        if only is not None: s.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, only)
        s.bind((host, 0)); s.listen(backlog)
        return s
    def pair(family=AF_INET, host="127.0.0.1"):
        l = listener(family, host)
        c = keep(socket.create_connection(l.getsockname()[:2]))
        return c, keep(l.accept()[0])
    def fill(s):
        s.setblocking(False)
        try:
            while True: s.send(b"x" * 65536)
        except BlockingIOError: pass
    listener(AF_INET6, "::1"); listener(AF_INET6, "::", only=0); listener(AF_INET6, "::", only=1)
    listener(AF_INET, "0.0.0.0")
    c, s = pair(); c.send(b"hello"); s.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)
    pair(AF_INET6, "::1")
    c, s = pair(); c.shutdown(SHUT_WR)                    # fin-wait-2 and close-wait
    c, s = pair(); c.close(); s.close()                   # time-wait
    c, s = pair(); fill(c); c.shutdown(SHUT_WR)           # fin-wait-1: the end does not fit any more
    c, s = pair(); c.shutdown(SHUT_WR); fill(s)           # last-ack
    while s.recv(1): pass
    s.close()
    l = listener(backlog=0)                               # syn-sent: nobody is let in any more
    for _ in range(3):
        c = keep(socket.socket()); c.setblocking(False); c.connect_ex(l.getsockname())
    l = listener(); l.setsockopt(IPPROTO_TCP, TCP_DEFER_ACCEPT, 60)
    keep(socket.create_connection(l.getsockname()))       # syn-recv: it says nothing
    u = keep(socket.socket(AF_INET, SOCK_DGRAM)); u.bind(("127.0.0.1", 0))
    v = keep(socket.socket(AF_INET, SOCK_DGRAM)); v.connect(u.getsockname()); v.send(b"x" * 99)
    w = keep(socket.socket(AF_INET6, SOCK_DGRAM)); w.bind(("::1", 0))
    w = keep(socket.socket(AF_INET, SOCK_DGRAM)); w.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, b"lo")
    w.bind(("127.0.0.1", 0))
    folder = sys.argv[2]
    for kind, name in (SOCK_STREAM, "stream"), (SOCK_SEQPACKET, "packet"):
        for address in folder + "/" + name, "\0" + folder + name:
            l = keep(socket.socket(AF_UNIX, kind)); l.bind(address); l.listen(7)
            c = keep(socket.socket(AF_UNIX, kind)); c.connect(address); c.send(b"abc")
            keep(l.accept()[0])
        c = keep(socket.socket(AF_UNIX, kind)); c.connect(folder + "/" + name)
    d = keep(socket.socket(AF_UNIX, SOCK_DGRAM)); d.bind(folder + "/datagram")
    e = keep(socket.socket(AF_UNIX, SOCK_DGRAM)); e.connect(folder + "/datagram"); e.send(b"abcd")
    kept += socket.socketpair() + socket.socketpair(AF_UNIX, SOCK_DGRAM)
    keep(socket.socket(AF_UNIX, SOCK_STREAM))
    keep(socket.socket(AF_INET, SOCK_RAW, 1)); keep(socket.socket(AF_INET6, SOCK_RAW, 58))
    keep(socket.socket(AF_PACKET, SOCK_RAW, htons(3)))
    p = keep(socket.socket(AF_PACKET, SOCK_DGRAM, htons(0x800))); p.bind(("lo", 0x800))
    for s in kept:
        if s.fileno() >= 0: os.set_inheritable(s.fileno(), False)
    def run(*words):
        r = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if r.returncode: raise SystemExit(f"{words}: {r.returncode} {r.stderr}")
        return r.stdout
    def ask(option, only):
        # The same twice around the other, so that a moment is found in which nothing changed meanwhile.
        for _ in range(50):
            before = run(tool, "list", "--only", only, "--json", "--details")
            theirs = run("ss", option, "-anopieOH")
            after = run(tool, "list", "--only", only, "--json", "--details")
            a, b = json.loads(before), json.loads(after)
            strip = lambda rows: [(r["inode"], r["state"], r["receiveQueue"], r["sendQueue"],
              r["timer"] and r["timer"]["kind"]) for r in rows]
            if strip(a) == strip(b): return {"ss": theirs, "list": b}
        raise SystemExit("the scene does not come to rest")
    answer = {"pid": os.getpid(), "sockets": ask("-tux", "tcp,udp,unix"), "raw": ask("-w", "raw"),
      "packet": ask("-0", "packet")}
    answer["filters"] = {
      " ".join(words): json.loads(run(tool, "list", "--json", *words)) for words in
      [["--state", "listening"], ["--state", "connected", "--only", "tcp"], ["--address", "::1"],
       ["--state", "bucket", "--only", "tcp"], ["--address", "127.0.0.0/8", "--only", "udp"],
       ["--port", str(u.getsockname()[1])], ["--process", str(os.getpid())],
       ["--process", "no-such-process"], ["--all", "--no-processes"], ["--user", "root"],
       ["--only", "unix", "--state", "listening"], ["--sort", "recv"], ["--sort", "local", "--reverse"],
       ["--sort", "rtt", "--only", "tcp"]]}
    blind = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
    answer["blind"] = json.loads(run(*blind, tool, "list", "--json", "--state", "listening"))
    answer["port"] = u.getsockname()[1]
    answer["table"] = run(tool, "list", "--all")
    answer["summary"] = json.loads(run(tool, "list", "--all", "--summary", "--json"))
    print(json.dumps(answer))
    """#
}
