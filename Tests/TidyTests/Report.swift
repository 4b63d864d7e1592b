// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Testing

/// Fails the test with all findings at once, a line each, each beginning with file and line.
func expectNone(_ findings: [Finding], sourceLocation: SourceLocation = #_sourceLocation) {
  if findings.isEmpty { return }
  let text = findings.map(\.description).joined(separator: "\n")
  Issue.record("\n\(text)\n", sourceLocation: sourceLocation)
}
