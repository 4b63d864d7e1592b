// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

package import Sockets

extension Deadline {
  /// Two minutes from now: for what must come, on a machine that is busy with everything else.
  ///
  /// A test says how long something may take only where that is what it tests. Elsewhere a deadline is there so that
  /// what never comes fails a test and does not hang it.
  package static var patience: Deadline { .seconds(120) }
}
