// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The state of a multipath connection.
///
/// Each field is zero on a kernel that does not have it yet.
///
/// The corresponding C type is `struct mptcp_info`.
public struct MultipathInformation: Hashable, Sendable {
  /// Paths besides the first one.
  public var additionalPathCount: UInt8
  /// Addresses of this side that the peer was told of.
  public var announcedAddressCount: UInt8
  /// Addresses of the peer that were accepted.
  public var acceptedAddressCount: UInt8
  /// The limit of additional paths.
  public var maximumPathCount: UInt8
  /// The limit of addresses to announce.
  public var maximumAnnouncedAddressCount: UInt8
  /// The limit of addresses to accept.
  public var maximumAcceptedAddressCount: UInt8
  /// Whether the connection fell back to plain TCP.
  public var hasFallenBack: Bool
  /// Whether the peer's key was received: the connection is really multipath.
  public var hasRemoteKey: Bool
  /// The number that names the connection to the kernel's path manager.
  public var token: UInt32
  /// The sequence number of the next byte to send.
  public var writeSequence: UInt64
  /// The sequence number of the first byte that is not acknowledged.
  public var unacknowledgedSequence: UInt64
  /// The sequence number of the next byte to come.
  public var receiveSequence: UInt64
}

extension OptionCoding where Value == MultipathInformation {
  /// `struct mptcp_info`, whose fields have been appended to over the years.
  static var multipathInformation: OptionCoding<MultipathInformation> {
    .readOnly(40, capacity: 256) { reader in
      let counts = reader.take(count: 6)
      reader.skip(2)
      let flags: UInt32 = reader.take()
      return MultipathInformation(
        additionalPathCount: counts[0], announcedAddressCount: counts[1],
        acceptedAddressCount: counts[2], maximumPathCount: counts[3],
        maximumAnnouncedAddressCount: counts[4], maximumAcceptedAddressCount: counts[5],
        hasFallenBack: flags & 1 != 0, hasRemoteKey: flags & 2 != 0, token: reader.take(),
        writeSequence: reader.take(), unacknowledgedSequence: reader.take(),
        receiveSequence: reader.take())
    }
  }
}

/// The addresses of one path of a multipath connection.
///
/// The corresponding C type is `struct mptcp_subflow_addrs`.
public struct MultipathAddresses: Hashable, Sendable {
  /// The address on this side.
  public var local: SocketAddress
  /// The address of the peer.
  public var remote: SocketAddress
}

/// The answers that are lists begin with `struct mptcp_subflow_data`: its size, a count, and the sizes of one
/// element for the kernel and for the caller.
private let listHeaderByteCount = 16
private let mostPaths = 16

private func listQuestion(elementByteCount: Int) -> [UInt8] {
  var writer = FieldWriter()
  writer.put(UInt32(listHeaderByteCount))
  writer.put(UInt32(0))
  writer.put(UInt32(0))
  writer.put(UInt32(elementByteCount))
  return writer.bytes
}

/// The elements of a list, each in its own reader; `nil` when the header does not fit the bytes.
private func listElements(_ bytes: [UInt8], elementByteCount: Int) -> [FieldReader]? {
  guard bytes.count >= listHeaderByteCount else { return nil }
  var reader = FieldReader(bytes)
  reader.skip(4)
  let count = Int(reader.take(UInt32.self))
  reader.skip(8)
  var elements: [FieldReader] = []
  while elements.count < count, reader.remaining >= elementByteCount {
    elements.append(FieldReader(reader.take(count: elementByteCount)))
  }
  return elements
}

extension OptionCoding where Value == [MultipathAddresses] {
  /// Pairs of `struct sockaddr_storage` behind the header of a list.
  static var multipathAddresses: OptionCoding<[MultipathAddresses]> {
    let size = 2 * SocketAddress.maximumByteCount
    var coding = OptionCoding(
      capacity: listHeaderByteCount + mostPaths * size, encode: { _ in nil },
      decode: { bytes in
        listElements(bytes, elementByteCount: size)?.compactMap { element in
          var reader = element
          guard let local = reader.takeSocketAddress(), let remote = reader.takeSocketAddress()
          else { return nil }
          return MultipathAddresses(local: local, remote: remote)
        }
      })
    coding.question = listQuestion(elementByteCount: size)
    return coding
  }
}

extension OptionCoding where Value == [TCPInformation] {
  /// `struct tcp_info` of each path behind the header of a list.
  static var multipathTCPInformation: OptionCoding<[TCPInformation]> {
    let size = 256
    var coding = OptionCoding(
      capacity: listHeaderByteCount + mostPaths * size, encode: { _ in nil },
      decode: { bytes in
        listElements(bytes, elementByteCount: size)?.map { element in
          var reader = element
          return TCPInformation(&reader)
        }
      })
    coding.question = listQuestion(elementByteCount: size)
    return coding
  }
}
