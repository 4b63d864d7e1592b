// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Ports as people list them: `22,80,8000-8100,https`.
struct PortList: Hashable, Sendable {
  /// Why a list cannot be read.
  struct Failure: Error, Hashable, Sendable {
    var text: String
  }

  /// The ports, each once, from the smallest to the largest.
  var ports: [UInt16]

  /// Reads a list.
  ///
  /// - Parameters:
  ///   - text: items between commas: a port, a range of ports, or the name of a service.
  ///   - service: finds the port of a name.
  /// - Throws: ``Failure``.
  init(parsing text: String, service: (String) -> UInt16?) throws(Failure) {
    var wanted = [Bool](repeating: false, count: 65536)
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      for port in try Self.range(String(item), service) where wanted.indices.contains(port) {
        wanted[port] = true
      }
    }
    ports = wanted.indices.compactMap { wanted[$0] ? UInt16(exactly: $0) : nil }
  }

  private static func range(
    _ item: String, _ service: (String) -> UInt16?
  ) throws(Failure) -> ClosedRange<Int> {
    guard !item.isEmpty else {
      throw Failure(text: "an item is empty; wanted are ports as in 22,80,8000-8100,https")
    }
    let isNumeric = item.utf8.allSatisfy {
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
    }
    guard isNumeric else {
      guard let port = service(item), port > 0 else {
        throw Failure(text: "there is no service named \(item.debugDescription)")
      }
      return Int(port)...Int(port)
    }
    let ends = item.split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count <= 2, let first = ends.first, let last = ends.last else {
      throw Failure(text: "\"\(item)\" is no range of ports; wanted is for example 8000-8100")
    }
    let lower = try port(String(first), item)
    let upper = try port(String(last), item)
    guard lower <= upper else {
      throw Failure(text: "the range \(item) ends before it begins")
    }
    return lower...upper
  }

  private static func port(_ text: String, _ item: String) throws(Failure) -> Int {
    guard let port = UInt16(text), port > 0 else {
      throw Failure(text: "\"\(item)\" is not a port, or ports, from 1 to 65535")
    }
    return Int(port)
  }
}
