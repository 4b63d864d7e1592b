// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import TestSupport
import Testing

/// The catalog against the sources that it lists, and the page that is made from it.
@Suite struct OptionCatalogTests {
  /// A static member as its source shows it.
  private struct Member: Hashable {
    /// With argument labels where it is a function.
    var name: String
    var cName: String
    var summary: String
    var file: String
    /// Which extension of the file it stands in.
    var group: Int
  }

  private static let folder = "Sources/Sockets/Options"

  /// All public static members that are options or controls.
  private static func members() throws -> [Member] {
    var members: [Member] = []
    let files = try RepositoryFiles.names(in: folder)
      .filter { $0.hasPrefix("Options+") || $0.hasPrefix("SocketControl") }
    for file in files {
      let lines = try RepositoryFiles.text("\(folder)/\(file)").split(
        separator: "\n", omittingEmptySubsequences: false
      ).map(String.init)
      var group = 0
      for (index, line) in lines.enumerated() {
        if line.hasPrefix("extension ") { group += 1 }
        guard let name = memberName(lines, index) else { continue }
        let comment = lines[..<index].reversed().prefix { $0.hasPrefix("  ///") }.reversed()
          .map { $0.dropFirst(5).drop { $0 == " " } }
        let summary = comment.prefix { !$0.isEmpty }.joined(separator: " ")
        let quoted = comment.last?.split(separator: "`").dropFirst().first
        members.append(
          Member(
            name: name, cName: String(quoted ?? ""), summary: summary,
            file: "\(folder)/\(file)", group: group))
      }
    }
    return members
  }

  /// `noDelay`, or `packetHeaderSize(of:)`; `nil` when the line declares no public static member.
  private static func memberName(_ lines: [String], _ index: Int) -> String? {
    let line = lines[index]
    if line.hasPrefix("  public static var ") {
      return String(line.dropFirst(20).prefix { $0.isLetter || $0.isNumber })
    }
    guard line.hasPrefix("  public static func ") else { return nil }
    let text = lines[index...].prefix(4).joined(separator: " ").dropFirst(21)
    let name = text.prefix { $0 != "(" }
    let parameters = text.dropFirst(name.count + 1).prefix { $0 != ")" }
    let labels = parameters.split(separator: ",").map { parameter in
      parameter.drop { $0 == " " }.prefix { $0.isLetter || $0.isNumber || $0 == "_" } + ":"
    }
    return "\(name)(\(labels.joined()))"
  }

  @Test func eachStaticMemberIsInTheCatalog() throws {
    let names = Set(OptionCatalog.entries.map(\.swiftName))
    let members = try Self.members()
    #expect(members.count > 250, "the sources were not read")
    for member in members where !names.contains(member.name) {
      Issue.record(
        "\(member.name) of \(member.file) has no entry: add one to \(Self.folder)/OptionCatalog+Entries.swift"
      )
    }
  }

  @Test func theCatalogSaysWhatTheSourcesSay() throws {
    let members = Dictionary(try Self.members().map { ($0.name, $0) }) { first, _ in first }
    for entry in OptionCatalog.entries {
      guard let member = members[entry.swiftName] else {
        let isCall = ["peerProcessDescriptor()", "peerAddress()"].contains(entry.swiftName)
        #expect(isCall, "\(entry.swiftName) is no static member")
        continue
      }
      #expect(member.cName == entry.cName, "\(member.name) of \(member.file)")
      #expect(member.summary == entry.meaning, "\(member.name) of \(member.file)")
    }
  }

  @Test func membersStandInTheOrderOfTheirCNames() throws {
    let groups = Dictionary(grouping: try Self.members().filter { $0.file.contains("Options+") }) {
      "\($0.file) \($0.group)"
    }
    for (group, members) in groups {
      #expect(members.map(\.cName) == members.map(\.cName).sorted(), "\(group)")
    }
  }

  @Test func namesAreUniqueAndFactsAreWellFormed() {
    let entries = OptionCatalog.entries
    #expect(Set(entries.map(\.swiftName)).count == entries.count)
    #expect(Set(entries.map(\.cName)).count >= 140)
    for entry in entries {
      let version = entry.oldestKernel.split(separator: ".").map { Int($0) }
      #expect((2...3).contains(version.count) && !version.contains(nil), "\(entry.swiftName)")
      #expect(!entry.kinds.members.isEmpty, "\(entry.swiftName)")
      #expect(entry.meaning.hasSuffix("."), "\(entry.swiftName)")
    }
  }

  @Test func whatCanBeReadHasALiveValue() throws {
    let socket = try MessageSocket(.ipv4, .datagram)
    var values: [String: String] = [:]
    for entry in OptionCatalog.entries where entry.kinds.contains(SocketKinds(.udpIPv4)) {
      do throws(SocketError) {
        let value = try entry.liveValue(of: socket)
        #expect((value == nil) == (entry.access == .writeOnly), "\(entry.swiftName)")
        values[entry.swiftName] = value
      } catch {
        // Facts about a connection: this socket has none.
        #expect(error.errno != nil, "\(entry.swiftName): \(error)")
      }
    }
    #expect(values["type"] == "SOCK_DGRAM")
    #expect(values["reuseAddress"] == "off")
    #expect(values["linger"] == "none")
    #expect(values["timeToLive"] == "64 hops")
    #expect(values["busyPoll"] == "0.0 seconds")
    #expect(values["filter"] == "none")
    #expect(values["family"] == "AF_INET")
    #expect(values["localPortRange"] == "lowest 0, highest 0")
    #expect(values["timestamping"] == "flags 0x0, clockIndex 0")
  }

  /// To write the page anew: `SOCKETS_WRITE_OPTIONS_PAGE=1 swift test --filter OptionCatalogTests`.
  @Test func thePageOfTheDocumentationIsUpToDate() throws {
    if environment("SOCKETS_WRITE_OPTIONS_PAGE") == "1" {
      try OptionsPage.write(to: "\(RepositoryFiles.root)/\(OptionsPage.path)")
    }
    let committed = try RepositoryFiles.text(OptionsPage.path)
    #expect(
      committed == OptionsPage.text,
      "\(OptionsPage.path) is old: SOCKETS_WRITE_OPTIONS_PAGE=1 swift test --filter OptionCatalogTests"
    )
  }

  @Test func thePageHasEveryOption() {
    let rows = OptionsPage.text.split(separator: "\n").filter { $0.hasPrefix("| `") }
    #expect(
      rows.count == OptionCatalog.entries.count, "a level has no section in OptionsPage.swift")
  }
}
