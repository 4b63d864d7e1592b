// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: all memory is this batch's own, made once and freed at its end; the kernel touches it only during a call that
// has the batch to itself. A slot is an index below the capacity, checked where it comes in, and all places are
// computed from slots by the functions at the end of this file.

internal import CSockets
internal import SystemPackage

/// Up to 64 datagrams that are received or sent by one call, in memory that is made once and used again.
///
///     var batch = DatagramBatch()
///     while true {
///       try socket.receiveBatch(into: &batch)
///       for index in 0..<batch.count {
///         batch.withBytes(of: index) { bytes in … }
///       }
///     }
///
/// A batch that was received can be sent back as it is: each datagram is addressed to its sender. Descriptors that came
/// with a datagram are the batch's until ``takeControl(of:into:)``; those that nobody took are closed when the batch
/// is used again, and when it ends.
///
/// The corresponding C type is an array of `struct mmsghdr`.
@safe public struct DatagramBatch: ~Copyable, @unchecked Sendable {
  // SENDABLE: the memory is the value's own, and the value has one owner.

  /// The most datagrams in a batch.
  public static let maximumCapacity = 64

  /// How many datagrams there is room for.
  public let capacity: Int
  /// How many bytes of each datagram there is room for.
  public let datagramSize: Int
  /// How many bytes of control messages of each datagram there is room for.
  public let controlSize: Int
  /// How many datagrams are in the batch: received, or waiting to be sent.
  public internal(set) var count = 0
  /// How many at the beginning were received, and have not been sent since.
  ///
  /// Descriptors among their control messages are the batch's; those of the others are lent by whoever has appended them.
  private var receivedCount = 0

  /// The families whose sockets read all control messages of a slot that waits to be sent, a bit each.
  private let readers: UnsafeMutablePointer<UInt8>
  private let headers: UnsafeMutablePointer<cs_mmsghdr>
  private let parts: UnsafeMutablePointer<cs_iovec>
  private let memory: UnsafeMutableRawPointer

  /// Makes a batch; the only call that allocates.
  ///
  /// - Parameters:
  ///   - capacity: how many datagrams, at most ``maximumCapacity``; more is as many as that, and less than one is one.
  ///   - datagramSize: the room for each, in bytes. A longer datagram is cut, which is told. With the
  ///     option ``SocketOption/receivesCoalescedDatagrams`` the kernel puts datagrams of one sender together: 65,535 then.
  ///   - controlSize: the room for control messages of each, in bytes; the default is enough for packet
  ///     information, a time, and the size of segments. What does not fit is cut, which is told.
  public init(
    capacity: Int = Self.maximumCapacity, datagramSize: Int = 2048, controlSize: Int = 128
  ) {
    self.capacity = max(1, min(capacity, Self.maximumCapacity))
    self.datagramSize = max(0, datagramSize)
    self.controlSize = ControlFormat.aligned(max(0, controlSize))
    unsafe readers = .allocate(capacity: self.capacity)
    unsafe readers.initialize(repeating: Self.allReaders, count: self.capacity)
    unsafe headers = .allocate(capacity: self.capacity)
    unsafe parts = .allocate(capacity: self.capacity)
    let slotSize = ControlFormat.aligned(self.datagramSize) + self.controlSize + Self.addressSize
    unsafe memory = .allocate(byteCount: self.capacity * slotSize, alignment: 16)
    for slot in 0..<self.capacity {
      let start = unsafe memory + slot * slotSize
      unsafe (parts + slot).initialize(
        to: cs_iovec(base: start + Self.addressSize + self.controlSize, count: self.datagramSize))
      let header = unsafe cs_msghdr(
        name: start, name_length: 0, parts: parts + slot, part_count: 1,
        control: start + Self.addressSize, control_length: 0, flags: 0)
      unsafe (headers + slot).initialize(to: cs_mmsghdr(header: header, byte_count: 0))
    }
  }

  deinit {
    closeDescriptors(ofFirst: count)
    unsafe readers.deallocate()
    unsafe headers.deallocate()
    unsafe parts.deallocate()
    unsafe memory.deallocate()
  }

  private static let addressSize = SocketAddress.maximumByteCount

  /// Whether there is no datagram.
  public var isEmpty: Bool { count == 0 }
  /// Whether there is no room for another datagram.
  public var isFull: Bool { count == capacity }

  // MARK: What has come

  /// The counts, the sender and the flags of a datagram.
  ///
  /// - Parameter index: which one, from zero to less than ``count``.
  public subscript(index: Int) -> ReceivedMessage {
    check(index)
    let header = unsafe headers[index].header
    let sender = unsafe RawSpan(
      _unsafeStart: header.name, byteCount: min(Int(header.name_length), Self.addressSize))
    let byteCount = unsafe Int(headers[index].byte_count)
    return unsafe ReceivedMessage(
      byteCount: min(byteCount, datagramSize), originalByteCount: byteCount,
      sender: SocketAddress(bytes: sender) ?? SocketAddress(),
      flags: MessageFlags(rawValue: header.flags))
  }

  /// Lends the bytes of a datagram.
  ///
  /// - Parameters:
  ///   - index: which one, from zero to less than ``count``.
  ///   - body: is lent the bytes; none for an empty datagram.
  /// - Returns: what the body returned.
  /// - Throws: what the body threw.
  public func withBytes<R: ~Copyable, E: Error>(
    of index: Int, _ body: (RawSpan) throws(E) -> R
  ) throws(E) -> R {
    check(index)
    let bytes = unsafe RawSpan(
      _unsafeStart: parts[index].base, byteCount: min(Int(headers[index].byte_count), datagramSize))
    return try body(bytes)
  }

  /// The size of the datagrams that the kernel has put together into this one; `nil` when it is single.
  ///
  /// All are of this size but the last, which may be shorter; see ``forEachSegment(of:_:)``.
  ///
  /// - Parameter index: which one, from zero to less than ``count``.
  /// - Returns: the size in bytes, or `nil`.
  ///
  /// The corresponding C constant is `UDP_GRO`.
  public func segmentSize(of index: Int) -> Int? {
    withItems(of: index) { ControlQuestions.coalescedSegmentSize($0) }
  }

  /// Lends each datagram that the kernel has put together into this one, or the only one.
  ///
  /// - Parameters:
  ///   - index: which one, from zero to less than ``count``.
  ///   - body: is lent the bytes of each in turn.
  /// - Throws: what the body threw.
  ///
  /// The corresponding C constant is `UDP_GRO`.
  public func forEachSegment<E: Error>(
    of index: Int, _ body: (RawSpan) throws(E) -> Void
  ) throws(E) {
    let size = segmentSize(of: index)
    try withBytes(of: index) { (bytes) throws(E) in
      guard let size, size < bytes.byteCount else { return try body(bytes) }
      var start = 0
      while start < bytes.byteCount {
        let end = min(start + size, bytes.byteCount)
        try body(bytes.extracting(start..<end))
        start = end
      }
    }
  }

  /// Calls a body with each control message of a datagram.
  ///
  /// - Parameters:
  ///   - index: which one, from zero to less than ``count``.
  ///   - body: is handed the item.
  /// - Throws: what the body threw.
  ///
  /// The corresponding C macros are `CMSG_FIRSTHDR` and `CMSG_NXTHDR`.
  public func forEachControlMessage<E: Error>(
    of index: Int, _ body: (ControlMessage) throws(E) -> Void
  ) throws(E) {
    try withItems(of: index) { (items) throws(E) in try ControlQuestions.forEach(items, body) }
  }

  /// Moves the control messages of a datagram, with the descriptors among them, to a buffer that answers typed questions.
  ///
  /// - Parameters:
  ///   - index: which one, from zero to less than ``count``. One that was appended keeps what goes beside it.
  ///   - control: gets them; what was in it is dropped, and its descriptors are closed.
  public mutating func takeControl(of index: Int, into control: inout ControlBuffer) {
    check(index)
    // What was appended has descriptors that are only lent: nobody may own them from here.
    guard index < receivedCount else { return control.removeAll() }
    withItems(of: index) { control.take($0) }
    unsafe headers[index].header.control_length = 0
  }

  // MARK: What is to go

  /// Adds a datagram to send.
  ///
  /// - Parameters:
  ///   - bytes: the datagram, copied into the batch.
  ///   - address: who it is for, or `nil` for the peer that the socket is connected to.
  ///   - control: what goes beside it.
  /// - Throws: ``SocketError`` with cause ``SocketError/Cause/limitExceeded`` when the batch is full, or the bytes
  ///   or control messages are more than ``datagramSize`` or ``controlSize``; the batch is as before then.
  ///
  /// The corresponding C type is `struct mmsghdr`.
  public mutating func append(
    _ bytes: RawSpan, to address: SocketAddress? = nil,
    control: borrowing ControlMessages = ControlMessages()
  ) throws(SocketError) {
    guard !isFull, bytes.byteCount <= datagramSize, control.byteCount <= controlSize else {
      throw SocketError(.sendBatch, .limitExceeded)
    }
    fill(count, bytes, address)
    let items = unsafe headers[count].header.control
    unsafe control.bytes.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, bytes.count > 0 else { return }
      unsafe items?.copyMemory(from: base, byteCount: bytes.count)
    }
    unsafe headers[count].header.control_length = control.byteCount
    var readers = Self.allReaders
    for (bit, family) in Self.families.enumerated() where !control.areRead(by: family) {
      readers &= ~(1 << UInt8(bit))
    }
    unsafe self.readers[count] = readers
    count += 1
  }

  /// Adds bytes that the kernel divides into datagrams of one size, the last of which may be shorter.
  ///
  /// One pass through the kernel's network layers for up to 64 datagrams: the cheapest way to send many to one peer.
  ///
  /// - Parameters:
  ///   - bytes: all the datagrams one after the other, at most 65,507 bytes in all.
  ///   - size: the size of each in bytes; what the path lets through, less the headers.
  ///   - address: who they are for, or `nil` for the peer that the socket is connected to.
  /// - Throws: ``SocketError`` with cause ``SocketError/Cause/limitExceeded`` when the batch is full, the bytes are more
  ///   than ``datagramSize``, ``controlSize`` is less than 24, or the size is not between 1 and 65,535.
  ///   Sending throws `EINVAL` for more than 64 (Linux 6.9: 128) segments, and `EMSGSIZE` when one is too long for
  ///   the interface.
  ///
  /// The corresponding C constant is `UDP_SEGMENT`.
  public mutating func append(
    _ bytes: RawSpan, inSegmentsOf size: Int, to address: SocketAddress? = nil
  ) throws(SocketError) {
    guard !isFull, bytes.byteCount <= datagramSize, (1...65535).contains(size),
      controlSize >= ControlFormat.space(2)
    else { throw SocketError(.sendBatch, .limitExceeded) }
    fill(count, bytes, address)
    setSegmentSize(size, of: count)
    unsafe readers[count] = Self.readersOfSegments
    count += 1
  }

  /// Drops datagrams from the beginning: the first that cannot be sent, for example.
  ///
  /// - Parameter number: how many; more than there are is all.
  public mutating func removeFirst(_ number: Int = 1) {
    let gone = max(0, min(number, count))
    closeDescriptors(ofFirst: gone)
    receivedCount = max(0, receivedCount - gone)
    // The slots that are free now go behind the others; what they point to goes with them.
    for index in gone..<max(gone, count) where gone > 0 {
      // Written out: the thread sanitizer's compiler cannot do `swap` of these.
      let (header, part) = unsafe (headers[index - gone], parts[index - gone])
      unsafe headers[index - gone] = headers[index]
      unsafe parts[index - gone] = parts[index]
      unsafe headers[index] = header
      unsafe parts[index] = part
      unsafe headers[index - gone].header.parts = parts + (index - gone)
      unsafe headers[index].header.parts = parts + index
      unsafe readers[index - gone] = readers[index]
    }
    count -= gone
  }

  /// Drops all datagrams, and closes the descriptors that were not taken.
  public mutating func removeAll() {
    closeDescriptors(ofFirst: count)
    receivedCount = 0
    count = 0
  }

  // MARK: The kernel's view

  /// How many datagrams at the beginning have no control message that a socket of the family would drop.
  func readableCount(by family: AddressFamily) -> Int {
    let bit = UInt8(Self.families.firstIndex(of: family) ?? Self.families.count - 1)
    return (0..<count).first { unsafe readers[$0] & 1 << bit == 0 } ?? count
  }

  /// Makes all slots ready to be filled, and lends them.
  mutating func receive(_ call: (UnsafeMutableBufferPointer<cs_mmsghdr>) -> Int) -> Int {
    removeAll()
    for slot in 0..<capacity {
      unsafe readers[slot] = Self.allReaders
      unsafe parts[slot].count = datagramSize
      unsafe headers[slot].header.name_length = UInt32(Self.addressSize)
      unsafe headers[slot].header.control_length = controlSize
      unsafe headers[slot].header.flags = 0
    }
    let result = unsafe call(UnsafeMutableBufferPointer(start: headers, count: capacity))
    count = max(0, min(result, capacity))
    receivedCount = count
    return result
  }

  /// Lends so many datagrams from the beginning, which are to go.
  ///
  /// Of those that came, what came beside them does not go, but for the size of segments.
  mutating func send(
    first number: Int, _ call: (UnsafeMutableBufferPointer<cs_mmsghdr>) -> Int
  ) -> Int {
    for index in 0..<count {
      if index < receivedCount {
        let size = segmentSize(of: index)
        closeDescriptors(of: index)
        unsafe headers[index].header.control_length = 0
        if let size { setSegmentSize(size, of: index) }
      }
      unsafe parts[index].count = min(Int(headers[index].byte_count), datagramSize)
      unsafe headers[index].header.flags = 0
    }
    receivedCount = 0
    return unsafe call(UnsafeMutableBufferPointer(start: headers, count: min(number, count)))
  }

  /// Writes the one control message that divides a datagram.
  private func setSegmentSize(_ size: Int, of slot: Int) {
    let items = unsafe headers[slot].header.control
    unsafe items?.storeBytes(of: UInt64(ControlFormat.headerByteCount + 2), as: UInt64.self)
    unsafe items?.storeBytes(of: CS_SOL_UDP, toByteOffset: 8, as: Int32.self)
    unsafe items?.storeBytes(of: CS_UDP_SEGMENT, toByteOffset: 12, as: Int32.self)
    unsafe items?.storeBytes(
      of: UInt16(truncatingIfNeeded: size), toByteOffset: 16, as: UInt16.self)
    unsafe headers[slot].header.control_length = ControlFormat.space(2)
  }

  private static let families: [AddressFamily] = [.unix, .ipv4, .ipv6, .netlink, .packet]
  private static let allReaders: UInt8 = 0b11111
  private static let readersOfSegments: UInt8 = 0b00110

  private func check(_ index: Int) {
    precondition(index >= 0 && index < count, "a batch of \(count) has no datagram \(index)")
  }

  private func withItems<R, E: Error>(
    of index: Int, _ body: (borrowing Span<UInt8>) throws(E) -> R
  ) throws(E) -> R {
    check(index)
    let header = unsafe headers[index].header
    guard let start = unsafe header.control?.assumingMemoryBound(to: UInt8.self) else {
      return try body(Span())
    }
    let items = unsafe Span(
      _unsafeStart: UnsafePointer(start), count: min(header.control_length, controlSize))
    return try body(items)
  }

  private mutating func fill(_ slot: Int, _ bytes: RawSpan, _ address: SocketAddress?) {
    unsafe bytes.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, bytes.count > 0 else { return }
      unsafe parts[slot].base?.copyMemory(from: base, byteCount: bytes.count)
    }
    unsafe headers[slot].byte_count = UInt32(truncatingIfNeeded: bytes.byteCount)
    unsafe headers[slot].header.name_length = 0
    guard let address else { return }
    unsafe address.withUnsafeAddress { name, length in
      unsafe headers[slot].header.name?.copyMemory(from: name, byteCount: Int(length))
      unsafe headers[slot].header.name_length = length
    }
  }

  /// Closes what has come with the first datagrams and was not taken.
  private func closeDescriptors(ofFirst number: Int) {
    for index in 0..<min(number, receivedCount) { closeDescriptors(of: index) }
  }

  private func closeDescriptors(of index: Int) {
    withItems(of: index) { ControlBuffer.closeDescriptors(in: $0) }
  }
}
