// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// X.25 over the null-modem.
func checkX25(_ report: Report) {
  report.check("x25: a socket is made") {
    let number = Syscall.socket(9, 5, 0)
    guard number >= 0 else { throw Failure("\(number)") }
    _ = Syscall.close(Int32(number))
  }
}

func checkVsock(_ report: Report) {
}

func checkSCTP(_ report: Report) {
}
