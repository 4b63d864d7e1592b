// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Text in HTML and in SVG.
enum MarkupText {
  /// Text that stands for itself, in an attribute as well: an endpoint or a name may hold any character.
  static func escaped(_ text: String) -> String {
    var markup = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": markup += "&amp;"
      case "<": markup += "&lt;"
      case ">": markup += "&gt;"
      case "\"": markup += "&quot;"
      case "'": markup += "&#39;"
      // XML has none of these two.
      case "\u{fffe}", "\u{ffff}": markup += "\u{fffd}"
      default:
        switch scalar.properties.generalCategory {
        // Control characters would not show, and those that turn the direction would lie about the name.
        case .control, .format, .lineSeparator, .paragraphSeparator: markup += "\u{fffd}"
        default: markup.unicodeScalars.append(scalar)
        }
      }
    }
    return markup
  }
}
