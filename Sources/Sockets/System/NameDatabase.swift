// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import Glibc
internal import SystemPackage

/// The C library's functions that ask for names, one Swift function each.
package enum NameDatabase {
  /// Why one failed.
  package struct Failure: Error {
    /// The code, or the C error that it stands for.
    package var cause: ResolutionError.Cause

    /// Takes the result of a function, and `errno` at once where that is the reason.
    init(_ status: Int32) {
      cause =
        status == EAI_SYSTEM
        ? .system(Errno(rawValue: errno)) : .resolver(ResolutionError.Code(rawValue: status))
    }

    init(errno: Int32) { cause = .system(Errno(rawValue: errno)) }
  }

  /// `getaddrinfo`.
  package static func addresses(
    of name: String?,
    _ service: String?,
    _ hints: ResolutionHints
  ) -> Result<Resolution, Failure> {
    // SAFETY: the structure is all zero and pointers into nothing before it is filled here.
    var wanted = unsafe addrinfo()
    unsafe wanted.ai_flags = hints.flags.rawValue
    unsafe wanted.ai_family = Int32(hints.family.rawValue)
    unsafe wanted.ai_socktype = hints.type?.rawValue ?? 0
    unsafe wanted.ai_protocol = hints.protocolNumber.rawValue
    var list: UnsafeMutablePointer<addrinfo>?
    // SAFETY: the strings end with a NUL and outlive the call; the list is freed below.
    let status = unsafe withOptionalCString(name) { name in
      unsafe withOptionalCString(service) { service in
        unsafe getaddrinfo(name, service, &wanted, &list)
      }
    }
    guard status == 0 else { return .failure(Failure(status)) }
    defer { unsafe freeaddrinfo(list) }
    var resolution = Resolution(addresses: [])
    // SAFETY: the list is the C library's, whole, and ends with a null pointer.
    var next = unsafe list
    while let item = unsafe next?.pointee {
      if let canonical = unsafe item.ai_canonname {
        resolution.canonicalName = unsafe String(cString: canonical)
      }
      let bytes = unsafe UnsafeRawBufferPointer(start: item.ai_addr, count: Int(item.ai_addrlen))
      if let address = unsafe SocketAddress(bytes: bytes.bytes) {
        resolution.addresses.append(
          ResolvedAddress(
            address: address,
            type: SocketType(rawValue: unsafe item.ai_socktype),
            protocolNumber: ProtocolNumber(rawValue: unsafe item.ai_protocol)
          )
        )
      }
      unsafe next = item.ai_next
    }
    return .success(resolution)
  }

  /// `getnameinfo`.
  package static func name(
    of address: SocketAddress,
    _ flags: NamingFlags
  ) -> Result<ResolvedName, Failure> {
    // NI_MAXHOST and NI_MAXSERV, which netdb.h says are enough.
    var host = [CChar](repeating: 0, count: 1025)
    var service = [CChar](repeating: 0, count: 1025)
    let status = unsafe address.withUnsafeAddress { pointer, length in
      // SAFETY: the pointer and the length are of one address; the counts are the arrays'.
      unsafe getnameinfo(
        pointer.assumingMemoryBound(to: sockaddr.self),
        length,
        &host,
        socklen_t(host.count),
        &service,
        socklen_t(service.count),
        flags.rawValue
      )
    }
    guard status == 0 else { return .failure(Failure(status)) }
    return .success(ResolvedName(host: text(host), service: text(service)))
  }

  /// `getservbyname_r`.
  package static func service(
    named name: String,
    _ protocolName: String?
  ) -> Result<ServiceName?, Failure> {
    // SAFETY: the strings end with a NUL and outlive the call.
    unsafe withOptionalCString(protocolName) { number in
      unsafe entry { result, buffer, found in
        unsafe getservbyname_r(
          name,
          number,
          result,
          buffer.baseAddress,
          buffer.count,
          found
        )
      }
    }
  }

  /// `getservbyport_r`.
  package static func service(
    at port: Port,
    _ protocolName: String?
  ) -> Result<ServiceName?, Failure> {
    // SAFETY: the strings end with a NUL and outlive the call.
    unsafe withOptionalCString(protocolName) { number in
      unsafe entry { result, buffer, found in
        unsafe getservbyport_r(
          Int32(port.rawValue.bigEndian),
          number,
          result,
          buffer.baseAddress,
          buffer.count,
          found
        )
      }
    }
  }

  /// Has a function fill a service entry, with more room for its texts as long as it wants more.
  private static func entry(
    _ find: (
      UnsafeMutablePointer<servent>, UnsafeMutableBufferPointer<CChar>,
      UnsafeMutablePointer<UnsafeMutablePointer<servent>?>
    ) -> Int32
  ) -> Result<ServiceName?, Failure> {
    var count = 1024
    while true {
      var room = [CChar](repeating: 0, count: count)
      // SAFETY: the entry points into the room, and is copied before the room ends.
      var result = unsafe servent()
      var found: UnsafeMutablePointer<servent>?
      let answer: Result<ServiceName?, Failure>? = unsafe room.withUnsafeMutableBufferPointer {
        room in
        let status = unsafe find(&result, room, &found)
        if status == ERANGE && room.count < 1 << 20 { return nil }
        if status != 0 && status != ENOENT { return .failure(Failure(errno: status)) }
        return .success(unsafe found.map { unsafe ServiceName(entry: $0.pointee) })
      }
      if let answer { return answer }
      count *= 4
    }
  }

  /// The characters before the NUL.
  private static func text(_ characters: [CChar]) -> String {
    String(
      decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
      as: UTF8.self
    )
  }

  private static func withOptionalCString<R>(
    _ text: String?,
    _ body: (UnsafePointer<CChar>?) -> R
  ) -> R {
    guard let text else { return body(nil) }
    // SAFETY: the string is lent for the length of the call.
    return unsafe text.withCString { unsafe body($0) }
  }
}

extension ServiceName {
  /// Copies the C library's entry.
  init(entry: servent) {
    // SAFETY: the texts are the C library's, each ends with a NUL, the list with a null pointer.
    self.init(
      name: unsafe String(cString: entry.s_name),
      port: Port(UInt16(bigEndian: UInt16(truncatingIfNeeded: unsafe entry.s_port))),
      protocolName: unsafe String(cString: entry.s_proto)
    )
    var next = unsafe entry.s_aliases
    while let alias = unsafe next?.pointee {
      aliases.append(unsafe String(cString: alias))
      unsafe next = next?.advanced(by: 1)
    }
  }
}
