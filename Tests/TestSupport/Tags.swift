// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

package import Testing

extension Tag {
  /// The test takes more than a quarter of a second.
  @Tag package static var slow: Self
}
