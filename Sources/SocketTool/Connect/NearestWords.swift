// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The words that somebody may have meant.
enum NearestWords {
  /// Of some words the few that are most like a wrong one, the nearest first; none when none is like it.
  static func to(_ wrong: String, among words: [String], atMost count: Int = 3) -> [String] {
    let wrong = wrong.lowercased()
    guard !wrong.isEmpty, wrong.count <= 64 else { return [] }
    let rated = words.compactMap { word -> (word: String, distance: Int)? in
      let lower = word.lowercased()
      var distance = editDistance(wrong, lower)
      // A part of a name is as good as a slip or two.
      if wrong.count >= 3, lower.contains(wrong) { distance = min(distance, 2) }
      return distance <= max(2, wrong.count / 3) ? (word, distance) : nil
    }
    return rated.sorted { ($0.distance, $0.word) < ($1.distance, $1.word) }.prefix(count)
      .map(\.word)
  }

  /// How many characters must be put in, taken out, changed, or swapped with their neighbour, to make one word of the other.
  static func editDistance(_ left: String, _ right: String) -> Int {
    let left = Array(left)
    let right = Array(right)
    var beforeLast = [Int](repeating: 0, count: right.count + 1)
    var last = Array(0...right.count)
    for (row, character) in left.enumerated() {
      var next = [row + 1]
      for (column, other) in right.enumerated() {
        var best = min(last[column + 1] + 1, next[column] + 1)
        best = min(best, last[column] + (character == other ? 0 : 1))
        if row > 0, column > 0, character == right[column - 1], left[row - 1] == other {
          best = min(best, beforeLast[column - 1] + 1)
        }
        next.append(best)
      }
      beforeLast = last
      last = next
    }
    return last.last ?? 0
  }
}
