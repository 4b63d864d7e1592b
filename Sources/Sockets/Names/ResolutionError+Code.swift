// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

extension ResolutionError {
  /// A code of the resolver; an open set, since the C library owns the list.
  ///
  /// The corresponding C constants are `EAI_…`, the sentences are by `getaddrinfo(3)`.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The C library's number.
    public var rawValue: Int32

    /// Makes a code from the C library's number.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// The name servers gave no answer now: to ask again later may help.
    ///
    /// The corresponding C constant is `EAI_AGAIN`.
    public static let tryAgain = Code(rawValue: -3)
    /// The name, or the service, is not known.
    ///
    /// The corresponding C constant is `EAI_NONAME`.
    public static let nameNotFound = Code(rawValue: -2)
    /// The name exists, and has no address.
    ///
    /// The corresponding C constant is `EAI_NODATA`.
    public static let noAddress = Code(rawValue: -5)
    /// The name exists, and has no address of the wanted family.
    ///
    /// The corresponding C constant is `EAI_ADDRFAMILY`.
    public static let noAddressOfFamily = Code(rawValue: -9)
    /// The name servers refused to answer, or answered nonsense: to ask again does not help.
    ///
    /// The corresponding C constant is `EAI_FAIL`.
    public static let failed = Code(rawValue: -4)
    /// The service is not known for this type of socket.
    ///
    /// The corresponding C constant is `EAI_SERVICE`.
    public static let serviceNotFound = Code(rawValue: -8)
    /// The wanted family is not one that the resolver knows.
    ///
    /// The corresponding C constant is `EAI_FAMILY`.
    public static let familyNotSupported = Code(rawValue: -6)
    /// The wanted type is not one that the resolver knows, or does not go with the protocol.
    ///
    /// The corresponding C constant is `EAI_SOCKTYPE`.
    public static let typeNotSupported = Code(rawValue: -7)
    /// The hints contradict each other.
    ///
    /// The corresponding C constant is `EAI_BADFLAGS`.
    public static let invalidHints = Code(rawValue: -1)
    /// The system is out of memory.
    ///
    /// The corresponding C constant is `EAI_MEMORY`.
    public static let outOfMemory = Code(rawValue: -10)
    /// A name was longer than the room for it.
    ///
    /// The corresponding C constant is `EAI_OVERFLOW`.
    public static let overflow = Code(rawValue: -12)
    /// The name could not be written in the encoding of domain names.
    ///
    /// The corresponding C constant is `EAI_IDN_ENCODE`.
    public static let nameNotEncodable = Code(rawValue: -105)

    /// The codes that have a name here.
    public static let known: [Code] = [
      .invalidHints, .nameNotFound, .tryAgain, .failed, .noAddress, .familyNotSupported,
      .typeNotSupported, .serviceNotFound, .noAddressOfFamily, .outOfMemory, .overflow,
      .nameNotEncodable,
    ]

    /// The C constant, for example `EAI_AGAIN`; a nameless code prints as `EAI_(-104)`.
    public var cName: String { row?.cName ?? "EAI_(\(rawValue))" }

    /// What the code means, as a part of a sentence.
    public var sentence: String { row?.sentence ?? "the resolver failed" }

    private var row: (cName: String, sentence: String)? {
      switch self {
      case .invalidHints: ("EAI_BADFLAGS", "the hints contradict each other")
      case .nameNotFound: ("EAI_NONAME", "the name or the service is not known")
      case .tryAgain: ("EAI_AGAIN", "the name servers gave no answer now, try again later")
      case .failed: ("EAI_FAIL", "the name servers failed for good")
      case .noAddress: ("EAI_NODATA", "the name has no address")
      case .familyNotSupported: ("EAI_FAMILY", "the address family is not supported")
      case .typeNotSupported: ("EAI_SOCKTYPE", "the socket type is not supported")
      case .serviceNotFound:
        ("EAI_SERVICE", "the service is not known for this type of socket")
      case .noAddressOfFamily:
        ("EAI_ADDRFAMILY", "the name has no address of the wanted family")
      case .outOfMemory: ("EAI_MEMORY", "out of memory")
      case .overflow: ("EAI_OVERFLOW", "a name is too long")
      case .nameNotEncodable:
        ("EAI_IDN_ENCODE", "the name cannot be written as a domain name")
      default: nil
      }
    }
  }
}

extension ResolutionError.Code: CustomStringConvertible {
  /// The C constant.
  public var description: String { cName }
}
