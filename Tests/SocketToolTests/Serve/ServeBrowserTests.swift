// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import TestSupport
import Testing

/// `sockets serve` as a browser sees it.
@Suite(.blocking) struct ServeBrowserTests {
  /// A page with a hundred files, each of which says that it has come.
  @Test(.requires(.program("chromium"))) func aBrowserLoadsAPageWithAHundredFiles() throws {
    let server = try ServedScratch(["--access-log", "-"]) { folder in
      var page = "<!DOCTYPE html><title>x</title><script>var failed = 0, seen = 0</script>\n"
      for number in 0..<25 {
        let parts: [(String, String, String)] = [
          (
            "s\(number).js", "seen += 1",
            "<script src=\"s\(number).js\" onerror=\"failed++\"></script>"
          ),
          (
            "c\(number).css", ".c\(number) { top: 1px }",
            "<link rel=\"stylesheet\" href=\"c\(number).css\" onload=\"seen++\" onerror=\"failed++\">"
          ),
          (
            "i\(number).svg",
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>",
            "<img src=\"i\(number).svg\" onload=\"seen++\" onerror=\"failed++\">"
          ),
          (
            "m\(number).mjs", "seen += 1; export {}",
            "<script type=\"module\" src=\"m\(number).mjs\" onerror=\"failed++\"></script>"
          ),
        ]
        for (name, text, tag) in parts {
          try text.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
          page += tag + "\n"
        }
      }
      page +=
        "<p id=\"result\"></p><script>onload = () => { result.textContent = `seen ${seen} failed ${failed}` }</script>"
      try page.write(toFile: "\(folder)/index.html", atomically: false, encoding: .utf8)
    }
    let browser = try ServedScratch.run(
      "chromium",
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--user-data-dir=\(server.folder.path)/profile", "--virtual-time-budget=60000",
        "--dump-dom", "\(server.url)/",
      ])
    #expect(browser.text.contains("seen 100 failed 0"))
    #expect(try server.terminate() == 0)
    let lines = server.process.text.split(separator: "\n").filter {
      // The browser asks for an icon of its own accord.
      $0.contains("\"GET ") && !$0.contains("favicon")
    }
    #expect(
      lines.count >= 101 && lines.allSatisfy { $0.contains("\" 200 ") || $0.contains("\" 304 ") })
  }
}
