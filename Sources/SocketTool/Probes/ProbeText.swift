// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// Times and errors of probes, as people read them.
enum ProbeText {
  /// `0.043 ms`, always with three digits behind the point, so that columns of them stand.
  static func milliseconds(_ value: Double) -> String {
    let text = DecimalText.text(value, digits: 3)
    let fraction = text.firstIndex(of: ".").map { text.distance(from: $0, to: text.endIndex) - 1 }
    let missing = 3 - (fraction ?? 0)
    return text + (fraction == nil ? "." : "") + String(repeating: "0", count: missing) + " ms"
  }

  /// What happened, without the name of the call: `connection refused (ECONNREFUSED)`.
  static func reason(_ error: any Error) -> String {
    guard let error = error as? SocketError, let errno = error.errno,
      let known = ErrorTable.description(of: errno)
    else { return "\(error)" }
    return "\(known.sentence) (\(known.cName))"
  }
}
