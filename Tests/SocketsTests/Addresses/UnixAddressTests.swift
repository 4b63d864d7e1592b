// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import Testing

@Suite struct UnixAddressTests {
  @Test func aPathHasAtMost107BytesAndIsNeverCut() throws {
    let longest = String(repeating: "a", count: 107)
    #expect(try UnixAddress(path: longest).nameBytes.count == 107)
    #expect(try UnixAddress(path: longest).socketAddress.byteCount == 110)
    let error = #expect(throws: AddressParseError.self) { try UnixAddress(path: longest + "a") }
    #expect(error?.reason == .unixPathTooLong)
    #expect(error?.position == 107)
    #expect(throws: AddressParseError.self) { try UnixAddress(path: FilePath(longest + "a")) }
  }

  @Test func aPathOf108BytesIsKeptWhereItIsAskedFor() throws {
    let bytes = [UInt8](repeating: 0x61, count: 108)
    let address = try UnixAddress(pathBytes: bytes.span, unterminated: true)
    #expect(address.isUnterminated)
    #expect(address.nameBytes == bytes)
    #expect(address.socketAddress.byteCount == 110)
    // The kernel tells such a name with one byte more: its NUL.
    let told = SocketAddress(bytes: address.socketAddress.bytes + [0])
    #expect(told?.unix == address)
    #expect(throws: AddressParseError.self) { try UnixAddress(pathBytes: bytes.span) }
  }

  @Test func aNULInsideAPathIsRefused() throws {
    let error = #expect(throws: AddressParseError.self) { try UnixAddress(path: "/a\0b") }
    #expect(error?.reason == .unixPathHasNUL)
    #expect(error?.position == 2)
    #expect(SocketAddress(bytes: [1, 0, 0x2f, 0, 0x61])?.unix == nil)
    #expect(throws: AddressParseError.self) { try UnixAddress(path: "") }
  }

  @Test func bytesThatAreNotUTF8AreKept() throws {
    let bytes: [UInt8] = [0x2f, 0xff, 0xfe, 0x61]
    let address = try UnixAddress(pathBytes: bytes.span)
    #expect(address.nameBytes == bytes)
    #expect(address.description == "/\\xff\\xfea")
    #expect(UnixAddress(address.description) == address)
    let path = try #require(address.path)
    #expect(try UnixAddress(path: path) == address)
  }

  @Test func anAbstractNameHasItsExactLength() throws {
    let name = try UnixAddress(abstract: "a\0\0")
    #expect(name.kind == .abstract)
    #expect(name.nameBytes == [0x61, 0, 0])
    #expect(name.socketAddress.byteCount == 6)
    #expect(name != (try UnixAddress(abstract: "a\0")))
    #expect(name.description == "@a\\x00\\x00")
    let longest = String(repeating: "a", count: 107)
    #expect(try UnixAddress(abstract: longest).socketAddress.byteCount == 110)
    #expect(throws: AddressParseError.self) { try UnixAddress(abstract: longest + "a") }
    #expect(name.path == nil)
  }

  @Test func noBytesAreNoName() {
    #expect(UnixAddress.unnamed.kind == .unnamed)
    #expect(UnixAddress.unnamed.nameBytes.isEmpty)
    #expect(SocketAddress(bytes: [1, 0])?.unix == .unnamed)
    #expect(SocketAddress().unix == nil)
  }

  @Test(arguments: [
    ("@home", "\\x40home"), ("@\u{31E}x", "\\x40\u{31E}x"),
    ("(unnamed)", "\\x28unnamed)"), ("a\\b", "a\\\\b"),
    ("(unterminated)", "\\x28unterminated)"), ("a\nb", "a\\x0ab"),
    ("a\u{202E}b", "a\\xe2\\x80\\xaeb"),
    ("søk et", "søk et"),
  ])
  func aPathThatCouldBeMistakenIsEscaped(path: String, text: String) throws {
    let address = try UnixAddress(path: path)
    #expect(address.kind == .path)
    #expect(address.description == text)
    #expect(UnixAddress(text) == address)
  }
}
