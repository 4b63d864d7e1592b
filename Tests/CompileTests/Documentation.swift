// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import TestSupport

/// The blocks of Swift in the pages of the repository.
enum Documentation {
  /// One block between ```` ```swift ```` and ```` ``` ````.
  struct Block {
    /// The page and the number of its first line, as a name of a file.
    var name: String
    var code: String
  }

  /// The pages that have code to copy.
  private static let pages = ["README", "Sources/AsyncSockets/AsyncSockets.docc/AsyncSockets"]

  /// All blocks of the pages.
  static func blocks() throws -> [Block] {
    var blocks: [Block] = []
    for page in pages {
      var open: Block?
      let text = try readFile("\(Compiler.root)/\(page).md")
      for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
        .enumerated()
      {
        if line == "```swift" {
          let name = page.split(separator: "/").last ?? "page"
          open = Block(name: "\(name)-\(index + 2)", code: "")
        } else if line == "```", let block = open {
          blocks.append(block)
          open = nil
        } else {
          open?.code += line + "\n"
        }
      }
    }
    return blocks
  }
}
