// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import Testing

@Test func anEmptyAddressHasNoFamily() {
  #expect(SocketAddress().family == .unspecified)
}
