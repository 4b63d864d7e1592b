// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// Figure F23: what people read when something went wrong, whole and in one place to be reviewed.
///
/// After a change of texts: `SOCKETS_WRITE_ERROR_TEXTS=1 swift test --filter ErrorTextsTests`, and then read the
/// difference as somebody who meets it at night.
@Suite struct ErrorTextsTests {
  @Test func theTextsAreThoseOfTheGoldenTable() throws {
    let path = "\(RepositoryFiles.root)/\(ErrorTexts.path)"
    if environment("SOCKETS_WRITE_ERROR_TEXTS") == "1" {
      let file = try FileDescriptor.open(
        FilePath(path), .writeOnly, options: [.create, .truncate],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
      try file.closeAfter { _ = try file.writeAll(ErrorTexts.text.utf8) }
    }
    let golden = try readFile(path).split(separator: "\n", omittingEmptySubsequences: false)
    let now = ErrorTexts.text.split(separator: "\n", omittingEmptySubsequences: false)
    let difference = now.difference(from: golden)
    #expect(difference.isEmpty, "\(difference.map { "\($0)" }.joined(separator: "\n"))")
  }

  @Test func everyTextIsOneLineThatFitsALog() {
    for line in ErrorTexts.sections.flatMap(\.lines) {
      #expect(!line.contains { $0.isNewline }, "\(line)")
      #expect(
        !line.unicodeScalars.contains { $0.properties.generalCategory == .control }, "\(line)")
      #expect((10...220).contains(line.count), "\(line)")
      #expect(line.contains(": "), "\(line)")
    }
  }

  @Test func theKernelsErrorsEndWithTheirNames() {
    for row in ErrorTable.rows {
      let error = SocketError(
        .connect, .system(row.errno), subject: .address(.ipv4(.loopback, port: 9)))
      #expect(error.description.hasPrefix("connect to 127.0.0.1:9: "))
      #expect(error.description.hasSuffix("(\(row.cName))"))
    }
  }
}
