// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
internal import SystemPackage

extension NetworkInterface {
  /// Reads an `RTM_NEWLINK`, which has no addresses.
  package init(
    link message: NetlinkMessage,
    in bytes: borrowing Span<UInt8>
  ) throws(NetlinkMalformed) {
    var attributes = try NetlinkAttributeCursor(message, after: 16)
    hardwareType = try bytes.field(2, of: message.payload)
    index = InterfaceIndex(rawValue: try bytes.field(4, of: message.payload))
    flags = Flags(rawValue: try bytes.field(8, of: message.payload))
    name = ""
    hardwareAddress = HardwareAddress()
    broadcastHardwareAddress = HardwareAddress()
    mtu = 0
    operationalState = .unknown
    addresses = []
    while let attribute = try attributes.next(in: bytes) {
      let value = attribute.payload
      switch attribute.type {
      case CS_IFLA_IFNAME: name = bytes.text(value)
      case CS_IFLA_MTU: mtu = try bytes.field(0, of: value)
      case CS_IFLA_OPERSTATE:
        operationalState = OperationalState(rawValue: try bytes.field(0, of: value))
      case CS_IFLA_ADDRESS:
        hardwareAddress = try Self.hardwareAddress(value, in: bytes)
      case CS_IFLA_BROADCAST:
        broadcastHardwareAddress = try Self.hardwareAddress(value, in: bytes)
      default: break
      }
    }
  }

  private static func hardwareAddress(
    _ value: Range<Int>,
    in bytes: borrowing Span<UInt8>
  ) throws(NetlinkMalformed) -> HardwareAddress {
    guard let address = HardwareAddress(bytes: bytes.extracting(value)) else {
      throw NetlinkMalformed(offset: value.lowerBound)
    }
    return address
  }
}

extension InterfaceAddress {
  /// Reads an `RTM_NEWADDR`; `nil` when the address is not of IP.
  package init?(
    address message: NetlinkMessage,
    in bytes: borrowing Span<UInt8>
  ) throws(NetlinkMalformed) {
    var attributes = try NetlinkAttributeCursor(message, after: 8)
    let family = AddressFamily(
      rawValue: UInt16(try bytes.field(0, of: message.payload, as: UInt8.self)))
    let interface = try Self.interface(of: message, in: bytes)
    prefixLength = Int(try bytes.field(1, of: message.payload, as: UInt8.self))
    flags = Flags(rawValue: UInt32(try bytes.field(2, of: message.payload, as: UInt8.self)))
    scope = Scope(rawValue: try bytes.field(3, of: message.payload))
    broadcast = nil
    var local: IPAddress?
    var other: IPAddress?
    while let attribute = try attributes.next(in: bytes) {
      let value = attribute.payload
      switch attribute.type {
      case CS_IFA_LOCAL:
        local = try bytes.ipAddress(0, of: value, family: family, zone: interface)
      case CS_IFA_ADDRESS:
        other = try bytes.ipAddress(0, of: value, family: family, zone: interface)
      case CS_IFA_BROADCAST:
        broadcast = try bytes.ipAddress(0, of: value, family: family, zone: interface)?.ipv4
      // Has also the bits that the one byte of the fixed part has no room for.
      case CS_IFA_FLAGS: flags = Flags(rawValue: try bytes.field(0, of: value))
      default: break
      }
    }
    // IFA_ADDRESS is the other end's where there is IFA_LOCAL and they differ (linux/if_addr.h).
    guard let address = local ?? other else { return nil }
    self.address = address
    peer = other == address ? nil : other
  }

  /// The number of the interface that an `RTM_NEWADDR` is about.
  package static func interface(
    of message: NetlinkMessage,
    in bytes: borrowing Span<UInt8>
  ) throws(NetlinkMalformed) -> InterfaceIndex {
    InterfaceIndex(rawValue: try bytes.field(4, of: message.payload))
  }
}

/// Asking for interfaces: first for the links, then for the addresses of all.
enum InterfaceList {
  /// How often a list that changes while it is read is read again.
  static let attemptLimit = 16

  /// Reads all that a request for links is answered with, and the addresses.
  ///
  /// - Parameters:
  ///   - request: without its fixed part.
  ///   - index: whose link is asked for, or all.
  ///   - selecting: appends what else the link is chosen by.
  /// - Returns: the interfaces in the order of their numbers.
  /// - Throws: ``SocketError`` as ``NetworkInterface/all()`` does, and with `ENODEV` for one that is not there.
  static func read(
    _ request: NetlinkRequest,
    _ index: InterfaceIndex = .any,
    selecting: (inout NetlinkRequest) -> Void
  ) throws(SocketError) -> [NetworkInterface] {
    var request = request
    // struct ifinfomsg: of it only the number is looked at.
    request.append(UInt32(0))
    request.append(index.rawValue)
    request.pad(8)
    request.append(attribute: CS_IFLA_EXT_MASK, UInt32(CS_RTEXT_FILTER_SKIP_STATS))
    selecting(&request)
    for _ in 0..<attemptLimit {
      if let interfaces = try attempt(request) { return interfaces }
    }
    throw SocketError(.interfaces, .system(.resourceTemporarilyUnavailable))
  }

  /// Reads one, or `nil` when there is none of this number or name.
  static func readOne(
    _ index: InterfaceIndex = .any,
    selecting: (inout NetlinkRequest) -> Void
  ) throws(SocketError) -> NetworkInterface? {
    do throws(SocketError) {
      return try read(.one(CS_RTM_GETLINK), index, selecting: selecting).first
    } catch {
      // ENODEV.
      if error.errno == .operationNotSupportedByDevice { return nil }
      throw error
    }
  }

  /// Reads once; `nil` when the list changed in the meantime.
  private static func attempt(_ request: NetlinkRequest) throws(SocketError) -> [NetworkInterface]?
  {
    var interfaces: [NetworkInterface] = []
    var links = try NetlinkQuery(request, CS_NETLINK_ROUTE, .interfaces)
    while let message = try links.next() {
      guard message.type == CS_RTM_NEWLINK else { continue }
      do throws(NetlinkMalformed) {
        interfaces.append(try NetworkInterface(link: message, in: links.datagram.span))
      } catch {
        throw links.error(.malformed)
      }
    }
    if links.wasInterrupted { return nil }
    interfaces.sort { $0.index.rawValue < $1.index.rawValue }
    var places: [InterfaceIndex: Int] = [:]
    for (place, interface) in interfaces.enumerated() { places[interface.index] = place }

    var request = NetlinkRequest.all(CS_RTM_GETADDR)
    // struct ifaddrmsg: of every family and interface.
    request.pad(8)
    var addresses = try NetlinkQuery(request, CS_NETLINK_ROUTE, .interfaces)
    while let message = try addresses.next() {
      guard message.type == CS_RTM_NEWADDR else { continue }
      do throws(NetlinkMalformed) {
        let bytes = addresses.datagram
        // An interface that came in between is not in the list of links.
        guard let place = places[try InterfaceAddress.interface(of: message, in: bytes.span)],
          let address = try InterfaceAddress(address: message, in: bytes.span)
        else { continue }
        interfaces[place].addresses.append(address)
      } catch {
        throw addresses.error(.malformed)
      }
    }
    return addresses.wasInterrupted ? nil : interfaces
  }
}
