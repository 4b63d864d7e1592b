// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import SystemPackage

/// Why a name was not resolved, or an address not named: what was asked, and the answer.
///
/// The errors of resolution are a number space of their own, `EAI_…`, apart from `errno`. The text
/// names what was asked and ends with the C name: `resolve db.example:5432: the name is not known
/// (EAI_NONAME)`.
public struct ResolutionError: Error, Hashable, Sendable {
  /// Why it failed.
  public var cause: Cause
  /// What was asked.
  public var question: Question

  /// Makes an error.
  public init(_ cause: Cause, _ question: Question) {
    self.cause = cause
    self.question = question
  }

  /// Why a question has no answer; a closed list, in which the resolver's own open list is one
  /// case.
  public enum Cause: Hashable, Sendable {
    /// The resolver's answer.
    case resolver(Code)
    /// A system call of the resolver failed, or a thread for the lookup could not be started.
    ///
    /// The corresponding C constant is `EAI_SYSTEM`.
    case system(Errno)
    /// The deadline passed before there was an answer. The lookup was left to end by itself.
    case deadlinePassed
    /// The task that asked was cancelled. The lookup was left to end by itself.
    case cancelled
    /// The text cannot be a name or a service, so nobody was asked.
    case unusableText(TextFault)
  }

  /// What is wrong with a text that cannot be asked for.
  public enum TextFault: String, Hashable, Sendable {
    /// There is nothing in it.
    case empty = "is empty"
    /// It has a NUL, at which C would silently end it.
    case containsNUL = "contains a NUL"
    /// It has more bytes than ``Resolver/maximumTextByteCount``.
    case tooLong = "is too long"
  }

  /// What was asked.
  public enum Question: Hashable, Sendable {
    /// The addresses of a name and a service; `nil` where none was given.
    case addresses(name: String?, service: String?)
    /// The name of an address.
    case name(SocketAddress)
    /// The port of a service.
    case service(named: String, protocolName: String?)
    /// The service of a port.
    case port(Port, protocolName: String?)
  }

  /// The resolver's code, or `nil` when the cause is another.
  public var code: Code? {
    if case .resolver(let code) = cause { code } else { nil }
  }

  /// The C error of a failed system call, or `nil` when the cause is another.
  public var errno: Errno? {
    if case .system(let errno) = cause { errno } else { nil }
  }

  /// Whether to ask again later may help: the name servers did not answer, or time ran out.
  ///
  /// A name that does not exist (`EAI_NONAME`) is an answer, and stays one.
  public var isTemporary: Bool { code == .tryAgain || cause == .deadlinePassed }
}

extension ResolutionError: CustomStringConvertible {
  /// One line that ends with the C name.
  public var description: String {
    let reason =
      switch cause {
      case .resolver(let code): "\(code.sentence) (\(code.cName))"
      case .system(let errno): "\(Self.sentence(of: errno)) (EAI_SYSTEM)"
      case .deadlinePassed: "the deadline passed"
      case .cancelled: "the task was cancelled"
      case .unusableText(let fault): "the text \(fault.rawValue)"
      }
    return "\(question): \(reason)"
  }

  private static func sentence(of errno: Errno) -> String {
    guard let row = ErrorTable.description(of: errno) else { return "error \(errno.rawValue)" }
    return "\(row.sentence), \(row.cName)"
  }
}

extension ResolutionError.Question: CustomStringConvertible {
  /// The question as the beginning of a line.
  public var description: String {
    switch self {
    case .addresses(let name, let service):
      // An IPv6 address stands in brackets, so that the service can be told from it.
      let host = name.map { $0.contains(":") ? "[\(Self.printable($0))]" : Self.printable($0) }
      return "resolve \(host ?? "*")" + (service.map { ":" + Self.printable($0) } ?? "")
    case .name(let address):
      return "name \(address)"
    case .service(let name, let number):
      return "find service \(Self.printable(name))"
        + (number.map { "/" + Self.printable($0) } ?? "")
    case .port(let port, let number):
      return "find service of port \(port)" + (number.map { "/" + Self.printable($0) } ?? "")
    }
  }

  /// The text without control characters, and at most 256 characters of it: it may come from
  /// anywhere.
  private static func printable(_ text: String) -> String {
    var result = ""
    for (count, scalar) in text.unicodeScalars.enumerated() {
      guard count < 256 else { return result + "…" }
      result +=
        scalar.properties.generalCategory == .control
        ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return result
  }
}
