// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// The settings of an X.25 call: x25(7), linux/x25.h. Facilities and call user data are set before `connect` or
// `listen`, or for an accepted call before it is approved; what the network answered is read afterwards.

/// What is negotiated for a call.
///
/// The corresponding C type is `struct x25_facilities`.
public struct X25Facilities: Hashable, Sendable {
  /// Packets that may be under way towards this side, 1 to 127.
  public var receiveWindow: UInt32
  /// Packets that may be under way towards the peer, 1 to 127.
  public var sendWindow: UInt32
  /// The size of packets to this side as a power of two, 4 to 12: 7 is 128 bytes.
  public var receivePacketSizeExponent: UInt32
  /// The size of packets to the peer as a power of two, 4 to 12.
  public var sendPacketSizeExponent: UInt32
  /// The throughput classes of both directions, four bits each.
  public var throughput: UInt32
  /// Who pays: 0 the caller, 1 the called side; 0x80 and above with the bits of fast select.
  public var reverseCharging: UInt32

  /// Puts facilities together; what is not said is what Linux begins with.
  public init(
    receiveWindow: UInt32 = 2, sendWindow: UInt32 = 2, receivePacketSizeExponent: UInt32 = 7,
    sendPacketSizeExponent: UInt32 = 7, throughput: UInt32 = 0, reverseCharging: UInt32 = 0
  ) {
    self.receiveWindow = receiveWindow
    self.sendWindow = sendWindow
    self.receivePacketSizeExponent = receivePacketSizeExponent
    self.sendPacketSizeExponent = sendPacketSizeExponent
    self.throughput = throughput
    self.reverseCharging = reverseCharging
  }
}

/// Facilities between the two ends that the network passes on (ITU-T X.25, annex G).
///
/// The corresponding C type is `struct x25_dte_facilities`.
public struct X25TerminalFacilities: Hashable, Sendable {
  /// How many half-bytes of the calling address extension count, at most 40.
  public var callingDigitCount: UInt8
  /// How many half-bytes of the called address extension count, at most 40.
  public var calledDigitCount: UInt8
  /// The calling address extension, at most 20 bytes.
  public var callingExtension: [UInt8]
  /// The called address extension, at most 20 bytes.
  public var calledExtension: [UInt8]

  /// Puts facilities together; the digits of an extension are two a byte.
  public init(callingExtension: [UInt8] = [], calledExtension: [UInt8] = []) {
    self.callingExtension = callingExtension
    self.calledExtension = calledExtension
    callingDigitCount = UInt8(clamping: 2 * callingExtension.count)
    calledDigitCount = UInt8(clamping: 2 * calledExtension.count)
  }
}

/// Why a call was cleared.
///
/// The corresponding C type is `struct x25_causediag`.
public struct X25Cause: Hashable, Sendable {
  /// The cause: 0 is the peer itself, others are the network's.
  public var cause: UInt8
  /// The diagnostic code.
  public var diagnostic: UInt8

  /// Puts a cause together.
  public init(cause: UInt8, diagnostic: UInt8) {
    self.cause = cause
    self.diagnostic = diagnostic
  }
}

/// What a link to the network has been subscribed to.
///
/// The corresponding C type is `struct x25_subscrip_struct`.
public struct X25Subscription: Hashable, Sendable {
  /// Which facilities are negotiated: 1 reverse charging, 2 throughput, 4 packet size, 8 window size, 16 and 32
  /// the calling and called address extensions; zero for none.
  public var facilityMask: UInt64
  /// Whether packets are numbered up to 127 instead of 7.
  public var isExtended: Bool
  /// The network interface.
  public var device: String

  /// Puts a subscription together.
  public init(device: String, facilityMask: UInt64, isExtended: Bool = false) {
    self.device = device
    self.facilityMask = facilityMask
    self.isExtended = isExtended
  }
}

extension OptionCoding where Value == X25Facilities {
  /// Six numbers of 32 bits.
  static var x25Facilities: OptionCoding<X25Facilities> {
    .structure(
      24,
      write: { value, writer in
        for number in [
          value.receiveWindow, value.sendWindow, value.receivePacketSizeExponent,
          value.sendPacketSizeExponent, value.throughput, value.reverseCharging,
        ] { writer.put(number) }
      },
      read: { reader in
        X25Facilities(
          receiveWindow: reader.take(), sendWindow: reader.take(),
          receivePacketSizeExponent: reader.take(), sendPacketSizeExponent: reader.take(),
          throughput: reader.take(), reverseCharging: reader.take())
      })
  }
}

extension OptionCoding where Value == X25TerminalFacilities {
  /// Delays and throughput, which Linux does not use, then counts and extensions; longer ones do not fit.
  static var x25TerminalFacilities: OptionCoding<X25TerminalFacilities> {
    OptionCoding(
      capacity: 50,
      encode: { value in
        guard value.callingExtension.count <= 20, value.calledExtension.count <= 20,
          value.callingDigitCount <= 40, value.calledDigitCount <= 40
        else { return nil }
        var writer = FieldWriter()
        writer.pad(8)
        writer.put(value.callingDigitCount)
        writer.put(value.calledDigitCount)
        writer.put(value.callingExtension, padTo: 20)
        writer.put(value.calledExtension, padTo: 20)
        return writer.bytes
      },
      decode: { bytes in
        guard bytes.count >= 50 else { return nil }
        var reader = FieldReader(bytes)
        reader.skip(8)
        let calling: UInt8 = reader.take()
        let called: UInt8 = reader.take()
        let callingField = reader.take(count: 20)
        let calledField = reader.take(count: 20)
        var value = X25TerminalFacilities(
          callingExtension: Array(callingField.prefix((Int(calling) + 1) / 2)),
          calledExtension: Array(calledField.prefix((Int(called) + 1) / 2)))
        value.callingDigitCount = calling
        value.calledDigitCount = called
        return value
      })
  }
}

extension OptionCoding where Value == X25Cause {
  /// Two bytes.
  static var x25Cause: OptionCoding<X25Cause> {
    .structure(
      2,
      write: { value, writer in
        writer.put(value.cause)
        writer.put(value.diagnostic)
      }, read: { X25Cause(cause: $0.take(), diagnostic: $0.take()) })
  }
}

extension OptionCoding where Value == [UInt8] {
  /// A count and 128 bytes; more do not fit.
  static var x25CallUserData: OptionCoding<[UInt8]> {
    OptionCoding(
      capacity: 132, unit: "bytes",
      encode: { data in
        guard data.count <= 128 else { return nil }
        var writer = FieldWriter()
        writer.put(UInt32(data.count))
        writer.put(data, padTo: 128)
        return writer.bytes
      },
      decode: { bytes in
        guard bytes.count >= 132 else { return nil }
        var reader = FieldReader(bytes)
        let count = Int(reader.take(UInt32.self))
        return count <= 128 ? reader.take(count: count) : nil
      })
  }
}

extension OptionCoding where Value == X25Subscription {
  /// The name in a field of 192 bytes, a C `unsigned long`, and a C `int`.
  static var x25Subscription: OptionCoding<X25Subscription> {
    OptionCoding(
      capacity: 208,
      encode: { value in
        let name = Array(value.device.utf8)
        guard name.count < 192, !name.contains(0) else { return nil }
        var writer = FieldWriter()
        writer.put(name, padTo: 192)
        writer.put(value.facilityMask)
        writer.put(UInt32(value.isExtended ? 1 : 0))
        writer.pad(4)
        return writer.bytes
      },
      decode: { bytes in
        guard bytes.count >= 208 else { return nil }
        var reader = FieldReader(bytes)
        let field = reader.take(count: 192)
        guard let device = String(validating: field.prefix { $0 != 0 }, as: UTF8.self) else {
          return nil
        }
        return X25Subscription(
          device: device, facilityMask: reader.take(), isExtended: reader.take(UInt32.self) != 0)
      })
  }
}
