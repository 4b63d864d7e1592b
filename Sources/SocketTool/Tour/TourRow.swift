// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage

/// What the command line says about the tour.
struct TourOptions: Sendable {
  /// The X.25 addresses of the two ends; the called one must be reached over a link.
  var x25Local: X25Address
  var x25Remote: X25Address
  /// Where Unix paths are made; removed at the end.
  var folder: FilePath
}

/// One kind of socket that the tour visits.
struct TourRow: Sendable {
  /// What it is called on the command line and in data.
  var name: String
  /// The heading.
  var title: String
  var family: AddressFamily
  var type: SocketType
  var protocolNumber: ProtocolNumber
  /// What it is, for one who has not met it.
  var about: String
  /// What a user does when the kernel lacks it.
  var remedy: String
  /// Which story is told; the first row of each story is told with all explanations.
  var story: Story
  /// Tells it, and throws when something is not as it must be.
  var tell: @Sendable (Narrator, TourRow, TourOptions) throws -> Void

  /// The kinds of story.
  enum Story: Hashable, Sendable {
    case connection, datagrams, echo
    /// Each is a story of its own.
    case serving(String)
  }

  /// Whether packets can be told to belong to calls: not when several threads make calls at once.
  var showsPackets: Bool { story != .serving("threads") && story != .serving("processes") }
}

extension TourRow {
  /// What an error says about the kernel or the user, or `nil` when it is a failure.
  func excuse(for error: SocketError) -> TourVerdict? {
    let reason = error.description
    switch (error.operation, error.errno) {
    case (.socket, .addressFamilyNotSupported?), (.socket, .socketTypeNotSupported?),
      (.socket, .protocolNotSupported?):
      return .missing(reason: reason, remedy: remedy)
    case (.socket, .notPermitted?), (.socket, .permissionDenied?):
      return .forbidden(reason: reason, remedy: remedy)
    // The family is there, and nothing to carry it: no address, no link, no transport.
    case (.bind, .addressNotAvailable?) where family == .ipv6 || family == .vsock,
      (.connect, Errno(rawValue: 19)?) where family == .vsock,
      (.connect, .networkUnreachable?) where family == .x25 || family == .vsock,
      (.connect, .socketTypeNotSupported?) where family == .vsock,
      (.connect, .timedOut?) where family == .vsock:
      return .missing(reason: reason, remedy: remedy)
    default: return nil
    }
  }

  /// Every row, in the order of the tour.
  static let all: [TourRow] = connectionRows + datagramRows + echoRows + servingRows

  /// The files that rows make in the tour's folder.
  static let fileNames = [
    "unix-stream", "unix-packet", "datagram-server", "datagram-client",
  ]

  /// The rows whose names are these, or begin with these.
  ///
  /// - Returns: the rows in the order of the tour, or the name that fits none.
  static func named(_ names: [String]) -> Result<[TourRow], UnknownRow> {
    guard !names.isEmpty else { return .success(all) }
    var chosen: Set<String> = []
    for name in names {
      let exact = all.filter { $0.name == name }
      let rows = exact.isEmpty ? all.filter { $0.name.hasPrefix(name) } : exact
      guard !name.isEmpty, !rows.isEmpty else { return .failure(UnknownRow(name: name)) }
      chosen.formUnion(rows.map(\.name))
    }
    return .success(all.filter { chosen.contains($0.name) })
  }

  struct UnknownRow: Error { var name: String }
}
