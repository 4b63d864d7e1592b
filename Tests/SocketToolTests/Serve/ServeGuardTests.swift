// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// What is internal can be tested in a debug build alone.
#if DEBUG

import Foundation
import Sockets
import SystemPackage
import TestSupport
import Testing

@testable import SocketTool

/// What `sockets serve` withstands: strange files, strange hosts, and clients that take too much.
@Suite(.blocking) struct ServeGuardTests {
  private static func small(_ folder: String) throws {
    try Data(count: 1024).write(to: URL(filePath: "\(folder)/small"))
  }

  private static let get = "GET /small HTTP/1.1\r\nHost: localhost\r\n\r\n"

  // MARK: Files

  /// Together the files have more bytes than there are numbers.
  @Test func sizesAddUpWithoutATrap() throws {
    let entries = (0..<3).map {
      FolderEntry(name: Array("\($0)".utf8), isFolder: false, byteCount: .max, modified: 0)
    }
    let page = String(decoding: Pages.listing([], entries, isCut: false), as: UTF8.self)
    #expect(page.contains("0 folders, 3 files, \(ByteText.count(.max))"))
  }

  @Test func aLongPageIsCut() throws {
    let name = String(repeating: "é", count: 100)
    let entries = (0..<10_000).map {
      FolderEntry(name: Array("\(name)\($0)".utf8), isFolder: false, byteCount: 1, modified: 0)
    }
    let page = Pages.listing([], entries, isCut: false)
    #expect((1 << 20..<(1 << 20) + 8192).contains(page.count))
    let text = String(decoding: page, as: UTF8.self)
    #expect(text.contains("10000 files") && text.contains("more than there is room for"))
    #expect(text.hasSuffix("</html>\n"))
  }

  @Test func nobodyWantsTheEntriesAnyMore() throws {
    let scratch = try ScratchFolder()
    for number in 0..<600 { try scratch.write("", to: "\(number)") }
    let folder = try ServedFolder(scratch.path, showsHidden: false)
    var turns = 0
    let answer = folder.entries([]) {
      turns += 1
      return turns == 2
    }
    guard case .failure(.canceled) = answer else {
      Issue.record("the entries were listed all the same")
      return
    }
    #expect(turns == 2)
  }

  /// Whoever waits to write into a FIFO goes on waiting, and is not killed by a reader that leaves.
  @Test func aFIFOIsNotOpened() throws {
    let server = try ServedScratch { _ = unsafe mkfifo("\($0)/fifo", 0o644) }
    let path = "\(server.folder.path)/public/fifo"
    let writer = try ChildProcess(
      "/bin/sh", ["-c", "echo begins; { echo opened >&2; yes; } > \"$1\"", "sh", path])
    _ = try writer.waitForLine(containing: "begins")
    for _ in 0..<20 { #expect(try server.status(of: "/fifo") == 403) }
    #expect(!writer.text.contains("opened"))
    // The writer is still there for a reader that means it.
    let reader = try ServedScratch.run("head", ["-n", "1", path])
    #expect(reader.text == "y\n")
    _ = try writer.waitForExit()
    #expect(writer.text.contains("opened"))
  }

  /// A folder whose index cannot be served does not show what else it has.
  @Test func anIndexThatCannotBeReadHidesTheFolder() throws {
    let server = try ServedScratch { folder in
      let files = FileManager.default
      for name in ["out", "fifo", "folder/index.html", "nothing"] {
        try files.createDirectory(
          atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
      }
      try files.createSymbolicLink(
        atPath: "\(folder)/out/index.html", withDestinationPath: "/etc/passwd")
      _ = unsafe mkfifo("\(folder)/fifo/index.html", 0o644)
    }
    #expect(try server.status(of: "/out/") == 404)
    #expect(try server.status(of: "/fifo/") == 403)
    #expect(try server.status(of: "/folder/") == 200)
    #expect(try server.status(of: "/nothing/") == 200)
  }

  /// A shortage is no missing file.
  @Test(arguments: [Errno.tooManyOpenFiles, .resourceTemporarilyUnavailable])
  func aShortageIsToldAsItIs(_ errno: Errno) throws {
    let scratch = try ScratchFolder()
    try scratch.write("", to: "file")
    let folder = try ServedFolder(scratch.path, showsHidden: false)
    let script = ForcedCalls(.fail(.fcntl, errno, times: 1))
    script.observing {
      guard case .failure(errno) = folder.entries([]) else {
        Issue.record("the folder was listed, or for another reason not")
        return
      }
    }
    #expect(script.isPlayedThrough)
  }

  /// Setting the time of the content back makes no old version of a new one.
  @Test func aTagTellsVersionsApart() throws {
    let server = try ServedScratch { try Self.small($0) }
    let path = "\(server.folder.path)/public/small"
    let then = Date(timeIntervalSince1970: 784_111_777)
    var tags: Set<String> = []
    for byte in [UInt8(1), 2] {
      var tag = ""
      // A machine that stalls in between asks too late.
      for _ in 0..<5 where !tag.hasPrefix("W/") {
        try Data(repeating: byte, count: 1024).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.modificationDate: then], ofItemAtPath: path)
        tag = try #require(ServedScratch.field("ETag", of: server.exchange(Self.get)))
      }
      #expect(tag.hasPrefix("W/"), "it was changed just now")
      tags.insert(tag)
    }
    #expect(tags.count == 2)
  }

  @Test func noFileIsOfTheFuture() throws {
    let server = try ServedScratch { folder in
      try Self.small(folder)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: 1e8)], ofItemAtPath: "\(folder)/small")
    }
    let answer = try server.exchange(Self.get)
    #expect(
      ServedScratch.field("Last-Modified", of: answer) == ServedScratch.field("Date", of: answer))
  }

  // MARK: Hosts

  /// A name that somebody made to lead to this machine is not served.
  @Test func onlyKnownHostsAreServed() throws {
    let rows: [(target: String, host: String, status: Int)] = [
      ("/small", "evil.example", 421), ("/small", "evil.example:80", 421),
      ("/small", "localhost.evil.example", 421), ("/small", "xlocalhost", 421),
      ("/small", "127.0.0.1.evil.example", 421), ("/small", "evil.example.", 421),
      ("http://evil.example/small", "localhost", 421), ("/small", "localhost", 200),
      ("/small", "LOCALHOST:1234", 200), ("/small", "localhost.", 200),
      ("/small", "a.localhost", 200), ("/small", "127.0.0.1:80", 200), ("/small", "[::1]:80", 200),
      ("/small", "192.0.2.1", 200), ("http://localhost/small", "evil.example", 200),
    ]
    let server = try ServedScratch { try Self.small($0) }
    for (target, host, status) in rows {
      let answer = try server.exchange(
        "HEAD \(target) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n")
      #expect(ServedScratch.status(answer) == status, "\(target) at \(host)")
      #expect(ServedScratch.field("Cross-Origin-Resource-Policy", of: answer) == "same-origin")
    }
    #expect(
      try ServedScratch.status(server.exchange("HEAD /small HTTP/1.0\r\n\r\n")) == 200)
    // Whoever lets others in has names of which this machine knows nothing.
    let open = try ServedScratch(["--host", "0.0.0.0"]) { try Self.small($0) }
    let answer = try open.exchange("HEAD /small HTTP/1.1\r\nHost: evil.example\r\n\r\n")
    #expect(ServedScratch.status(answer) == 200)
  }

  // MARK: Clients

  /// A download that the client gives up is told with what was sent.
  @Test func anAbortedDownloadIsLogged() throws {
    let byteCount = 64 << 20
    let server = try ServedScratch(["--access-log", "-", "--json"]) { folder in
      try Data().write(to: URL(filePath: "\(folder)/large"))
      #expect(unsafe truncate("\(folder)/large", byteCount) == 0)
    }
    let request = "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"
    do {
      let socket = try server.connected()
      try socket.write(Array(request.utf8), deadline: .patience)
      #expect(try nextBytes(of: socket).starts(with: "HTTP/1.1 200".utf8))
      // The socket is closed with bytes unread: a reset.
    }
    let line = try server.process.waitForLine(containing: "/large")
    let fields = try #require(
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    let sent = try #require(fields["bytes"] as? Int)
    #expect(fields["status"] as? Int == 200 && (1..<byteCount).contains(sent))
  }

  /// An empty line before a request is no beginning of it.
  @Test func anEmptyLineHasNoDeadline() throws {
    let server = try ServedScratch(["--head-timeout", "5s"]) { try Self.small($0) }
    let other = try server.connected()
    try other.write(Array(Self.get.utf8), deadline: .patience)
    var more: [UInt8] = []
    while more.count < 1024 { more += try nextBytes(of: other) }
    try other.write(Array("\r".utf8), deadline: .patience)
    #expect(try server.status(of: "/small") == 200)
    try other.write(Array("\n".utf8), deadline: .patience)
    #expect(try ServedScratch.status(Self.slow(server)) == 408)
    try other.write(Array("GET /small HTTP/1.1\r\n".utf8), deadline: .patience)
    #expect(try server.status(of: "/small") == 200)
    try other.write(
      Array("Host: localhost\r\nConnection: close\r\n\r\n".utf8), deadline: .patience)
    let answer = String(decoding: ServedScratch.rest(of: other), as: UTF8.self)
    #expect(ServedScratch.status(answer) == 200)
  }

  /// What a client gets that begins a head and does not end it, when its time is over.
  private static func slow(_ server: ServedScratch) throws -> String {
    let socket = try server.connected()
    try socket.write(Array("GET /".utf8), deadline: .patience)
    return String(decoding: ServedScratch.rest(of: socket), as: UTF8.self)
  }

  /// Who has been idle for longest makes room, and nobody else.
  @Test func theOldestIdleConnectionMakesRoom() throws {
    let server = try ServedScratch([
      "--max-connections", "8", "--max-per-client", "100", "--head-timeout", "1h",
      "--idle-timeout", "1h",
    ]) { try Self.small($0) }
    var clients: [Client] = []
    for _ in 0..<6 {
      let client = Client(try server.connected())
      try client.send(Self.get)
      #expect(try client.answer().hasPrefix("HTTP/1.1 200"))
      clients.append(client)
      // It is idle when its loop has come to know that. On a busy machine other loops may have answered those behind it by then, so
      // that another one is the oldest; or the server is full by then, and who becomes idle then may not wait at all.
      #expect(try server.becomesQuiet())
    }
    // Two are in the middle of their requests; with the second one the server is full.
    for _ in 0..<2 {
      let client = Client(try server.connected())
      try client.send("GET /small HTTP/1.1\r\n")
      clients.append(client)
    }
    #expect(try clients[0].answer() == "", "it has been idle for longest")
    for client in clients.dropFirst().prefix(5) {
      try client.send(Self.get)
      #expect(try client.answer().hasPrefix("HTTP/1.1 200"))
    }
    for client in clients.suffix(2) {
      try client.send("Host: localhost\r\n\r\n")
      let answer = try client.answer()
      #expect(answer.hasPrefix("HTTP/1.1 200"), "\(answer)")
    }
  }

  /// One client cannot have all the places.
  @Test func oneClientHasHalfThePlaces() throws {
    let server = try ServedScratch(["--max-connections", "8"]) { try Self.small($0) }
    var clients: [Client] = []
    for _ in 0..<4 {
      let client = Client(try server.connected())
      try client.send(Self.get)
      #expect(try client.answer().hasPrefix("HTTP/1.1 200"))
      clients.append(client)
    }
    let fifth = Client(try server.connected())
    // It may be closed by now.
    try? fifth.send(Self.get)
    #expect(fifth.rest() == "")
    #expect(clients.count == 4)
  }

  /// Many pages of large folders at once: few threads make them, and the end comes in time all the same.
  @Test func manyListingsDoNotHoldTheEndUp() throws {
    // The time that it has may be too little on a busy machine: not three times.
    let isInTime = try (0..<3).contains { _ in try endsWhileListing() == 0 }
    #expect(isInTime)
  }

  /// - Returns: the exit code of a server that is to end while it makes many pages.
  private func endsWhileListing() throws -> Int32 {
    let server = try ServedScratch(["--max-per-client", "1000"]) { folder in
      for number in 0..<8000 {
        let link = "\(folder)/\(number)-\(String(repeating: "a", count: 40))"
        #expect(unsafe symlink("small", link) == 0)
      }
      try Self.small(folder)
    }
    var clients: [Client] = []
    for _ in 0..<60 {
      let client = Client(try server.connected())
      try client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      clients.append(client)
    }
    var most = 0
    let deadline = Deadline.patience
    while clients.count == 60, !deadline.hasPassed {
      let count = try Self.blockingCalls(of: server.process)
      // All have been asked for when the first ones are done, or when there are too many.
      if count > 4 || most > 0 && count == 0 { break }
      most = max(most, count)
      if most == 4, try server.status(of: "/small") == 200 { break }
    }
    #expect(try Self.blockingCalls(of: server.process) <= 4)
    let code = try server.terminate()
    #expect([0, 128 + SIGTERM].contains(code), "\(server.process.text)")
    return code
  }

  /// How many threads of a process make calls that may take long.
  private static func blockingCalls(of process: ChildProcess) throws -> Int {
    let folder = "/proc/\(process.processIdentifier)/task"
    return try FileManager.default.contentsOfDirectory(atPath: folder).count { thread in
      // The thread may have ended by now.
      let name = try? String(contentsOfFile: "\(folder)/\(thread)/comm", encoding: .utf8)
      return name == "blocking-call\n"
    }
  }

  // MARK: Log

  @Test func controlCharactersAreEscapedInJSON() {
    #expect(
      JSON.string("\u{0}\u{1f}\u{7f}\u{80}\u{9b}\u{9f}\u{a0}\u{2028}\u{2029}é").line
        == "\"\\u0000\\u001f\\u007f\\u0080\\u009b\\u009f\u{a0}\\u2028\\u2029é\"\n")
  }

  /// A full disk is told once, and ends neither the server nor the log.
  @Test func aFullDiskIsToldOnce() throws {
    let server = try ServedScratch(["--access-log", "/dev/full"]) { try Self.small($0) }
    #expect(try server.status(of: "/small") == 200)
    _ = try server.process.waitForLine(containing: "ENOSPC")
    for _ in 0..<10 { #expect(try server.status(of: "/small") == 200) }
    #expect(try server.terminate() == 0)
    #expect(server.process.text.components(separatedBy: "ENOSPC").count == 2)
  }

  /// What had no room is written, whole and once, when there is some again.
  @Test(.requires(.root, .program("unshare"))) func noLineIsTornByAFullDisk() throws {
    let scratch = try ScratchFolder()
    try scratch.write("hello", to: "small")
    let server = try ChildProcess(
      "unshare",
      [
        "-m", "/bin/sh", "-c",
        """
        cd "$1" && mkdir disk && mount -t tmpfs -o size=8k none disk &&
        head -c 4096 /dev/zero > disk/filler &&
        exec "$0" serve . --port 0 --access-log disk/log
        """, builtProgram("sockets"), scratch.path,
      ])
    let port = try #require(server.listeningEndpoint().split(separator: ":").last)
    let disk = "/proc/\(server.processIdentifier)/root\(scratch.path)/disk"
    let target = SocketAddress.ipv4(.loopback, port: Port(try #require(UInt16(port))))
    func ask() throws {
      let client = try ConnectedSocket.connected(to: target, deadline: .patience)
      try client.write("GET /small HTTP/1.0\r\n\r\n".utf8, deadline: .patience)
      var answer = [UInt8](repeating: 0, count: 1000)
      while try client.read(into: &answer, deadline: .patience) > 0 {}
    }
    // A line has 71 bytes; the log has room for 4096.
    for _ in 0..<90 { try ask() }
    _ = try server.waitForLine(containing: "ENOSPC")
    for _ in 0..<10 { try ask() }
    try FileManager.default.removeItem(atPath: "\(disk)/filler")
    func lines() throws -> [Substring] {
      try readFile("\(disk)/log").split(separator: "\n")
    }
    #expect(try settles { try lines().count == 100 })
    #expect(
      try lines().allSatisfy {
        $0.hasPrefix("127.0.0.1 - - [") && $0.hasSuffix("\"GET /small HTTP/1.0\" 200 5")
      })
    #expect(!server.text.contains("lost"))
  }

  /// Objects of JSON without a place to go are written to standard output.
  @Test func linesOfJSONGoToStandardOutput() throws {
    let server = try ServedScratch(["--json"]) { try Self.small($0) }
    #expect(try server.status(of: "/small") == 200)
    _ = try server.process.waitForLine(containing: "\"target\":\"/small\"")
  }

  /// A log goes on when its disk has room again.
  @Test func aLogOutlivesAFullDisk() throws {
    let scratch = try ScratchFolder()
    let full = try FileDescriptor.open(FilePath("/dev/full"), .writeOnly)
    defer { try? full.close() }
    let log = try AccessLog(full.rawValue, isJSON: false)
    let record = AccessRecord(
      peer: "a", line: Array("GET / HTTP/1.1".utf8)[...], status: 200, byteCount: 1, seconds: 0)
    log.write(record)
    let path = "\(scratch.path)/log"
    let file = try FileDescriptor.open(
      FilePath(path), .writeOnly, options: .create, permissions: .ownerReadWrite)
    defer { try? file.close() }
    // Until the first line is lost; then the same number is another file.
    let deadline = Deadline.patience
    while try String(contentsOfFile: path, encoding: .utf8).isEmpty, !deadline.hasPassed {
      log.write(record)
      if log.isWaitingForRoom { _ = try file.duplicate(as: full) }
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8).hasPrefix("a - - ["))
    log.finish()
  }

  /// A FIFO that nobody reads does not keep the command from being ended.
  @Test func aFIFOForTheLogHoldsNobodyUp() throws {
    let scratch = try ScratchFolder()
    #expect(unsafe mkfifo("\(scratch.path)/log", 0o644) == 0)
    let process = try ChildProcess(
      try builtProgram("sockets"),
      ["serve", scratch.path, "--port", "0", "--access-log", "\(scratch.path)/log"])
    let deadline = Deadline.after(.seconds(30))
    while try Self.blockingCalls(of: process) == 0, !deadline.hasPassed {}
    kill(process.processIdentifier, SIGTERM)
    #expect(try process.waitForExit() == 0)
  }
}

/// One connection in a list of them.
private final class Client {
  private let socket: ConnectedSocket

  init(_ socket: consuming ConnectedSocket) { self.socket = socket }

  func send(_ text: String) throws { try socket.write(Array(text.utf8), deadline: .patience) }

  /// One answer with a body of 1 KiB, or what comes until the end.
  func answer() throws -> String {
    var all: [UInt8] = []
    while !all.suffix(1024).elementsEqual(repeatElement(0, count: 1024)) {
      let some = try nextBytes(of: socket)
      if some.isEmpty { break }
      all += some
    }
    return String(decoding: all, as: UTF8.self)
  }

  /// What comes until the end.
  func rest() -> String { String(decoding: ServedScratch.rest(of: socket), as: UTF8.self) }
}

#endif
