// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// What a file is, by the ending of its name.
enum MediaType {
  static let html = "text/html; charset=utf-8"
  private static let text = "text/plain; charset=utf-8"

  /// The type of a file; bytes of any kind when its ending is not known.
  static func of(_ path: [UInt8]) -> String {
    let start = path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
    let name = path[start...]
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex,
      name.endIndex - dot <= 16
    else {
      let whole = String(decoding: name, as: UTF8.self)
      return plainNames.contains(whole) ? text : "application/octet-stream"
    }
    let ending = String(decoding: name[(dot + 1)...], as: UTF8.self)
    return types[ending] ?? types[ending.lowercased()] ?? "application/octet-stream"
  }

  /// Names without an ending of files that are text wherever they are met.
  private static let plainNames: Set<String> = [
    "AUTHORS", "CHANGELOG", "CONTRIBUTING", "COPYING", "Dockerfile", "INSTALL", "LICENSE",
    "Makefile", "NEWS", "NOTICE", "README", "VERSION",
  ]

  private static let types: [String: String] = {
    var types: [String: String] = [:]
    for line in table.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard let type = words.first else { continue }
      // Text is in UTF-8 unless it says otherwise itself.
      let isText = type.hasPrefix("text/") || type == "application/json"
      for ending in words.dropFirst() {
        types[String(ending)] = isText ? "\(type); charset=utf-8" : String(type)
      }
    }
    return types
  }()

  private static let table = """
    text/html html htm
    text/css css
    text/javascript js mjs cjs
    text/plain txt text log conf cfg ini toml yaml yml diff patch tex bib
    text/plain sh bash zsh fish py rb pl swift c h cc cpp hpp m go rs java kt lua sql r jl ts tsx jsx
    text/markdown md markdown
    text/csv csv
    text/tab-separated-values tsv
    text/calendar ics
    text/vcard vcf
    text/vtt vtt
    application/json json map geojson
    application/ld+json jsonld
    application/manifest+json webmanifest
    application/jsonl jsonl ndjson
    application/xml xml xsd xsl
    application/xhtml+xml xhtml
    application/rss+xml rss
    application/atom+xml atom
    application/pdf pdf
    application/postscript ps eps
    application/rtf rtf
    application/wasm wasm
    application/zip zip
    application/gzip gz tgz
    application/zstd zst
    application/x-bzip2 bz2
    application/x-xz xz
    application/x-7z-compressed 7z
    application/x-tar tar
    application/vnd.rar rar
    application/vnd.debian.binary-package deb
    application/x-rpm rpm
    application/java-archive jar
    application/epub+zip epub
    application/vnd.sqlite3 sqlite sqlite3 db
    application/vnd.tcpdump.pcap pcap pcapng
    application/vnd.openxmlformats-officedocument.wordprocessingml.document docx
    application/vnd.openxmlformats-officedocument.spreadsheetml.sheet xlsx
    application/vnd.openxmlformats-officedocument.presentationml.presentation pptx
    application/vnd.oasis.opendocument.text odt
    application/vnd.oasis.opendocument.spreadsheet ods
    application/vnd.oasis.opendocument.presentation odp
    application/msword doc
    application/vnd.ms-excel xls
    application/vnd.ms-powerpoint ppt
    image/png png
    image/apng apng
    image/jpeg jpg jpeg
    image/gif gif
    image/webp webp
    image/avif avif
    image/heic heic
    image/jxl jxl
    image/svg+xml svg
    image/bmp bmp
    image/tiff tif tiff
    image/vnd.microsoft.icon ico
    audio/mpeg mp3
    audio/mp4 m4a
    audio/aac aac
    audio/ogg oga ogg opus
    audio/flac flac
    audio/wav wav
    audio/midi mid midi
    video/mp4 mp4 m4v
    video/webm webm
    video/ogg ogv
    video/quicktime mov
    video/x-matroska mkv
    video/x-msvideo avi
    video/mpeg mpeg mpg
    video/mp2t m2ts
    font/woff woff
    font/woff2 woff2
    font/ttf ttf
    font/otf otf
    """
}
