// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: nothing is touched here; that the coding has the size of the request's structure is the caller's duty.

extension SocketControl {
  /// Names a control by its requests.
  ///
  /// Not safe: the kernel writes the structure of the request into the room that the coding gives, whatever its size, and may follow
  /// pointers in it.
  ///
  /// - Parameters:
  ///   - cName: the C constant.
  ///   - readRequest: the request that reads.
  ///   - writeRequest: the request that sets.
  ///   - coding: must have the size that the request's structure has (see ioctl_list(2)).
  @unsafe public init(
    cName: StaticString, readRequest: UInt? = nil, writeRequest: UInt? = nil,
    coding: OptionCoding<Value>
  ) {
    self.init(known: cName, readRequest: readRequest, writeRequest: writeRequest, coding: coding)
  }
}
