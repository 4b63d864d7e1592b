// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
internal import Glibc
package import SystemPackage

// Starting processes and waiting for them.
extension Syscall {
  /// `posix_spawn` with chosen descriptors, default signals and an empty signal mask, and a process group of its own where that is
  /// asked for.
  package static func spawn(
    _ executable: FilePath,
    arguments: [String],
    environment: [String]?,
    adding: [String],
    descriptors: [(here: Int32, there: Int32)],
    leadsGroup: Bool = false,
    processID: inout Int32
  ) -> Int {
    var child: Int32 = 0
    let status = perform(.posix_spawn, -1, arguments: { _ in [.text(executable.string)] }) { _ in
      // SAFETY: the lists end with NULL and live until they are freed here, after the call.
      let argv = unsafe cStrings(([executable.string] + arguments).map { Array($0.utf8) })
      let envp = unsafe cStrings(
        Self.environment(
          environment?.map { Array($0.utf8) } ?? currentEnvironment(), adding: adding))
      defer {
        unsafe free(argv)
        unsafe free(envp)
      }
      guard let argv = unsafe argv, let envp = unsafe envp else { return -Int(ENOMEM) }
      let flat = descriptors.flatMap { [$0.here, $0.there] }
      return unsafe -Int(
        executable.withPlatformString { path in
          unsafe cs_spawn(
            &child, path, argv, envp, flat, Int32(descriptors.count), leadsGroup ? 1 : 0)
        }
      )
    }
    processID = child
    return status
  }

  /// `pidfd_open`, closed on exec: becomes readable when the process ends.
  package static func processDescriptor(_ processID: Int32) -> Int {
    perform(.pidfd_open, -1, arguments: { _ in [.number(Int(processID))] }) { _ in
      result(cs_pidfd_open(processID))
    }
  }

  package static func kill(_ processID: Int32, signal: Int32) -> Int {
    perform(.kill, -1, arguments: { _ in [.number(Int(processID)), .number(Int(signal))] }) { _ in
      result(Glibc.kill(processID, signal))
    }
  }

  /// `waitpid` of one child: its wait status, or an errno negated.
  package static func waitForExit(_ processID: Int32, waiting: Bool) -> Int {
    var status: Int32 = 0
    let answer = performRetrying(
      .waitpid,
      -1,
      arguments: { _ in [.number(Int(processID))] }
    ) { _ in
      // SAFETY: the status is lent for the length of the call.
      unsafe result(waitpid(processID, &status, waiting ? 0 : WNOHANG))
    }
    return answer < 0 ? answer : Int(status)
  }

  /// `getenv`.
  package static func environmentValue(_ name: String) -> String? {
    // SAFETY: glibc's text is copied at once; nothing in this package changes the environment.
    guard let text = unsafe getenv(name) else { return nil }
    return unsafe String(cString: text)
  }

  /// An environment and what is added to it, which takes the place of what has the same name.
  private static func environment(_ entries: [[UInt8]], adding: [String]) -> [[UInt8]] {
    let added = adding.map { Array($0.utf8) }
    let names = added.map { $0.prefix { $0 != UInt8(ascii: "=") } + [UInt8(ascii: "=")] }
    return entries.filter { entry in !names.contains { entry.starts(with: $0) } } + added
  }

  /// The environment of this process as `NAME=value`, which need not be UTF-8.
  private static func currentEnvironment() -> [[UInt8]] {
    var list: [[UInt8]] = []
    // SAFETY: environ ends with NULL.
    var next = unsafe cs_environment()
    while let entry = unsafe next?.pointee {
      unsafe list.append(UnsafeRawBufferPointer(start: entry, count: strlen(entry)).map { $0 })
      unsafe next = next?.advanced(by: 1)
    }
    return list
  }

  /// A list of C strings in one block, which the caller frees; `nil` when there is no memory.
  private static func cStrings(
    _ texts: [[UInt8]]
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
    let header = unsafe (texts.count + 1) * MemoryLayout<UnsafeMutablePointer<CChar>?>.stride
    let size = texts.reduce(header) { $0 + $1.count + 1 }
    // SAFETY: the block holds the pointers first and then every text with its NUL, as sized above.
    guard let block = unsafe malloc(size) else { return nil }
    let list = unsafe block.bindMemory(
      to: UnsafeMutablePointer<CChar>?.self,
      capacity: texts.count + 1
    )
    var place = unsafe block.advanced(by: header).assumingMemoryBound(to: CChar.self)
    for (index, text) in texts.enumerated() {
      unsafe list[index] = place
      for byte in text {
        unsafe place.pointee = CChar(bitPattern: byte)
        unsafe place = place.advanced(by: 1)
      }
      unsafe place.pointee = 0
      unsafe place = place.advanced(by: 1)
    }
    unsafe list[texts.count] = nil
    return unsafe list
  }
}
