// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
internal import SystemPackage

/// A set of sockets that are waited for together, each for what it is wanted for.
///
///     var set = PollSet()
///     set.add(listener, for: .readable)
///     set.add(connection, for: [.readable, .peerHangUp])
///     for event in try set.wait(deadline: .seconds(5)) where event.events.contains(.readable) { … }
///
/// Waiting costs one system call and no allocation, and the kernel looks at every socket of the
/// set: this is for programs with some dozens of sockets, on one thread. A pipe or a terminal can
/// be in the set as well, by ``SocketDescriptor/init(rawValue:)``.
///
/// ### What the caller must see to
///
/// The set holds the numbers of the sockets and owns none of them, so that the sockets can be read,
/// written and closed while they are in it. Remove a socket **before** it is closed or ends. A
/// closed number is reported as ``Events/invalid`` in each wait; but the system gives it to the
/// next file that is opened, and from then on the set tells of that file under the old name.
///
/// The corresponding C type is an array of `struct pollfd`.
public struct PollSet: Sendable {
  /// What the kernel reads and fills, in the order of ``add(_:for:)-(SocketDescriptor,_)``.
  private var items: [cs_pollfd] = []
  /// Where in `items` a descriptor is.
  private var places: [Int32: Int] = [:]

  /// Makes an empty set.
  public init() {}

  /// How many sockets are in the set.
  public var count: Int { items.count }

  /// Whether no socket is in the set.
  public var isEmpty: Bool { items.isEmpty }

  /// Makes room, so that adding that many sockets allocates nothing.
  ///
  /// - Parameter capacity: how many sockets.
  public mutating func reserveCapacity(_ capacity: Int) {
    items.reserveCapacity(capacity)
    places.reserveCapacity(capacity)
  }

  // MARK: Members

  /// Adds a socket, or changes what a socket of the set is wanted for.
  ///
  /// Errors, hang-ups and invalid descriptors are reported whatever is wanted; to hear nothing of a
  /// socket, remove it.
  ///
  /// - Parameters:
  ///   - descriptor: the socket's number; a negative one is a bug of the caller and traps.
  ///   - interest: what it is wanted for.
  ///
  /// The corresponding C field is `events` of `struct pollfd`.
  public mutating func add(_ descriptor: SocketDescriptor, for interest: Interest) {
    let number = descriptor.rawValue
    precondition(number >= 0, "a negative number is no descriptor that could be polled")
    if let place = places[number] {
      items[place].events = interest.rawValue
    } else {
      places[number] = items.count
      items.append(
        cs_pollfd(descriptor: number, events: interest.rawValue, returned_events: 0)
      )
    }
  }

  /// Adds a socket, or changes what a socket of the set is wanted for.
  ///
  /// - Parameters:
  ///   - socket: the socket; it must be removed before it ends.
  ///   - interest: what it is wanted for.
  ///
  /// The corresponding C field is `events` of `struct pollfd`.
  public mutating func add<Owner: SocketOwner & ~Copyable>(
    _ socket: borrowing Owner,
    for interest: Interest
  ) {
    add(socket.descriptor, for: interest)
  }

  /// Changes what a socket of the set is wanted for.
  ///
  /// - Parameters:
  ///   - descriptor: the socket's number.
  ///   - interest: what it is wanted for from now on.
  /// - Returns: `false` when the socket is not in the set, which stays as it was.
  ///
  /// The corresponding C field is `events` of `struct pollfd`.
  @discardableResult
  public mutating func update(_ descriptor: SocketDescriptor, to interest: Interest) -> Bool {
    guard let place = places[descriptor.rawValue] else { return false }
    items[place].events = interest.rawValue
    return true
  }

  /// Removes a socket.
  ///
  /// - Parameter descriptor: the socket's number.
  /// - Returns: `false` when it was not in the set.
  @discardableResult
  public mutating func remove(_ descriptor: SocketDescriptor) -> Bool {
    guard let place = places.removeValue(forKey: descriptor.rawValue) else { return false }
    // The last one fills the gap: the order means nothing to the kernel.
    let last = items.removeLast()
    if place < items.count {
      items[place] = last
      places[last.descriptor] = place
    }
    return true
  }

  /// Removes every socket and keeps the room.
  public mutating func removeAll() {
    items.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
  }

  /// What a socket of the set is wanted for; `nil` when it is not in the set.
  ///
  /// - Parameter descriptor: the socket's number.
  /// - Returns: the interest of ``add(_:for:)-(SocketDescriptor,_)``.
  ///
  /// The corresponding C field is `events` of `struct pollfd`.
  public func interest(in descriptor: SocketDescriptor) -> Interest? {
    places[descriptor.rawValue].map { Interest(rawValue: items[$0].events) }
  }

  // MARK: Waiting

  /// Waits until at least one socket has something to tell, or the deadline passes.
  ///
  /// An interrupted wait goes on with what is left of the deadline. With a deadline that has passed
  /// the kernel is still asked once, so ``Deadline/now`` looks without waiting.
  ///
  /// - Parameter deadline: when to give up. An empty set needs one: without, nothing could end the
  ///   wait, and the call traps.
  /// - Returns: the sockets that have something to tell, none when the deadline passed first. Let
  ///   it go before the set waits again or changes; while it lives, that copies the set's storage.
  /// - Throws: ``SocketError`` with `EINVAL` when the set has more sockets than the process may
  ///   open (`RLIMIT_NOFILE`), `ENOMEM` when the system is out of memory.
  ///
  /// The corresponding C function is `ppoll`.
  public mutating func wait(deadline: Deadline = .never) throws(SocketError) -> Ready {
    precondition(
      !items.isEmpty || deadline != .never,
      "an empty set without a deadline would wait for ever"
    )
    while true {
      let count = Syscall.poll(&items, nanoseconds: deadline.remainingNanoseconds)
      if count >= 0 { return Ready(items: items, count: count) }
      guard count == -Int(Errno.interrupted.rawValue) else {
        throw SocketError(.poll, result: count)
      }
    }
  }

  /// What the last wait told of one socket; empty when it told nothing, or the socket is not in the
  /// set.
  ///
  /// - Parameter descriptor: the socket's number.
  /// - Returns: what it has to tell.
  ///
  /// The corresponding C field is `revents` of `struct pollfd`.
  public func events(of descriptor: SocketDescriptor) -> Events {
    places[descriptor.rawValue].map { Events(rawValue: items[$0].returned_events) } ?? []
  }

  /// The sockets of one wait that have something to tell: at most one event each.
  public struct Ready: Sequence, Sendable {
    fileprivate let items: [cs_pollfd]
    /// How many sockets have something to tell.
    public let count: Int

    /// Whether the deadline passed before any socket had something to tell.
    public var isEmpty: Bool { count == 0 }

    /// How many there are, exactly.
    public var underestimatedCount: Int { count }

    /// Goes through the sockets.
    public func makeIterator() -> Iterator { Iterator(items: items, left: count) }

    /// Goes through the sockets that have something to tell.
    public struct Iterator: IteratorProtocol, Sendable {
      fileprivate let items: [cs_pollfd]
      fileprivate var left: Int
      private var place = 0

      fileprivate init(items: [cs_pollfd], left: Int) {
        self.items = items
        self.left = left
      }

      /// The next socket, or `nil` after the last.
      public mutating func next() -> Event? {
        guard left > 0 else { return nil }
        while place < items.count {
          let item = items[place]
          place += 1
          guard item.returned_events != 0 else { continue }
          left -= 1
          return Event(
            descriptor: SocketDescriptor(rawValue: item.descriptor),
            events: Events(rawValue: item.returned_events)
          )
        }
        return nil
      }
    }
  }
}
