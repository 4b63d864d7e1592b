// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

// Of X.25: x25(7). Its ioctls are in SocketControl+X25.swift.

extension SocketOption where Value == Bool {
  /// Each record begins with a byte that holds the Q bit.
  ///
  /// The corresponding C constant is `X25_QBITINCL`.
  public static var qualifierIncluded: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_X25, name: CS_X25_QBITINCL, cName: "X25_QBITINCL", coding: .flag)
  }
}
