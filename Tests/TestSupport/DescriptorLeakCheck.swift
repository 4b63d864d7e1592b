// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import Glibc

/// The descriptors that this process has open now, by number.
public func openDescriptors() -> Set<CInt> {
  var open: Set<CInt> = []
  for number in CInt(0)..<4096 where fcntl(number, F_GETFD) != -1 { open.insert(number) }
  return open
}
