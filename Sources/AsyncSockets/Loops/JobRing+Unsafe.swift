// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: the items are one allocation of this ring; every index is masked below its capacity, and those between head
// and tail are initialised.

/// Jobs that are ready to run, first in, first out: an array that is used in a circle.
///
/// It allocates only when it has to grow, so in a steady state never.
@safe struct JobRing: ~Copyable {
  /// A job and whether it belongs to the loop's serial executor.
  struct Item {
    var job: UnownedJob
    var isSerial: Bool
  }

  private var items: UnsafeMutablePointer<Item>
  private var capacity: Int
  private var head = 0
  private var tail = 0

  init() {
    capacity = 256
    unsafe items = .allocate(capacity: capacity)
  }

  deinit { unsafe items.deallocate() }

  var count: Int { tail &- head }

  mutating func append(_ item: Item) {
    if count == capacity { grow() }
    unsafe (items + (tail & (capacity - 1))).initialize(to: item)
    tail &+= 1
  }

  /// Takes the first; `nil` when there is none.
  mutating func takeFirst() -> Item? {
    guard head != tail else { return nil }
    let item = unsafe items[head & (capacity - 1)]
    head &+= 1
    return item
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Item>.allocate(capacity: capacity * 2)
    let number = count
    for offset in 0..<number {
      unsafe (larger + offset).initialize(to: items[(head &+ offset) & (capacity - 1)])
    }
    unsafe items.deallocate()
    unsafe items = larger
    capacity *= 2
    head = 0
    tail = number
  }
}
