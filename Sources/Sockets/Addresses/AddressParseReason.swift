// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

extension AddressParseError {
  /// What can be wrong with the text of an address; a closed list, each with one sentence.
  public enum Reason: String, CaseIterable, Hashable, Sendable {
    // Any text.
    /// There is nothing to parse.
    case empty
    /// A character that cannot stand at this place.
    case unexpectedCharacter
    /// A number begins with a zero that is not the whole number: it could be meant as octal.
    case leadingZero
    /// A number was expected.
    case numberMissing
    /// A number that begins with `0x` was expected.
    case hexadecimalMissing
    /// A number does not fit into 32 bits.
    case numberTooLarge

    // IP.
    /// Two dots in a row, or a dot at the beginning.
    case ipv4PartMissing
    /// A part of an IPv4 address is larger than 255.
    case ipv4PartTooLarge
    /// An IPv4 address has fewer than four parts.
    case ipv4TooFewParts
    /// An IPv4 address has more than four parts.
    case ipv4TooManyParts
    /// A group of an IPv6 address has more than four digits.
    case ipv6GroupTooLong
    /// An IPv6 address has fewer than eight groups and no `::`.
    case ipv6TooFewGroups
    /// An IPv6 address has more than eight groups, or eight and `::`.
    case ipv6TooManyGroups
    /// A second `::`.
    case ipv6SecondGap
    /// One single colon at the beginning or at the end of an IPv6 address.
    case ipv6SingleColon
    /// An IPv6 address stands before a port without brackets.
    case ipv6NeedsBrackets
    /// A bracket was opened and not closed.
    case bracketNotClosed
    /// Nothing stands between `%` and the end of the address.
    case zoneMissing
    /// The name of a zone is longer than 15 bytes.
    case zoneTooLong
    /// No network interface of this machine has the zone's name.
    case zoneUnknown
    /// A zone where none may stand, as in a prefix.
    case zoneNotAllowed
    /// No port where one must stand.
    case portMissing
    /// A port that is not made of decimal digits.
    case portNotDecimal
    /// A port beyond 65535.
    case portTooLarge
    /// No length behind the address of a prefix.
    case prefixLengthMissing
    /// A prefix longer than the address.
    case prefixLengthTooLarge
    /// Bits are set behind the length of a prefix.
    case prefixHostBits

    // Unix.
    /// A Unix path of more than 107 bytes.
    case unixPathTooLong
    /// An abstract Unix name of more than 107 bytes.
    case unixNameTooLong
    /// A NUL byte inside a Unix path.
    case unixPathHasNUL
    /// A backslash that is not followed by another or by `x` and two hexadecimal digits.
    case badEscape

    // Other families.
    /// More than 15 digits of an X.25 address.
    case x25TooLong
    /// An X.25 address with something that is not a decimal digit.
    case x25NotDecimal
    /// A hardware address that is not made of pairs of hexadecimal digits with colons.
    case hardwareAddressMalformed
    /// A hardware address of more than 32 bytes.
    case hardwareAddressTooLong
    /// A field whose name is unknown here, or that was given before.
    case fieldUnknown
    /// The value of a field does not fit.
    case fieldTooLarge

    // Endpoints.
    /// No colon, and so no transport.
    case transportMissing
    /// A transport that does not exist.
    case transportUnknown
    /// The transport is not followed by `//`.
    case slashesMissing
    /// The path of a Unix transport is preceded by `//`.
    case slashesNotAllowed
    /// Nothing where a host must stand.
    case hostMissing
    /// Nothing where a Unix path or name must stand.
    case pathMissing
    /// The last label of a host is a number, and the host no IPv4 address.
    case hostIsNumber
    /// A label of a host name is empty, longer than 63 bytes, or begins or ends with a hyphen.
    case hostLabelMalformed
    /// A host name of more than 253 bytes.
    case hostTooLong
    /// The address is IPv6 and the transport IPv4, or the other way round.
    case wrongIPVersion
    /// A port where the transport has none.
    case portNotAllowed
    /// The name of a service is longer than 31 bytes.
    case serviceTooLong
    /// The name of a service has a character that no such name has.
    case serviceMalformed
  }
}

extension AddressParseError.Reason {
  /// The reason in words, without a full stop.
  public var sentence: String {
    switch self {
    case .empty: "there is no text"
    case .unexpectedCharacter: "this character cannot stand here"
    case .leadingZero: "a number has a leading zero"
    case .numberMissing: "a decimal number is missing"
    case .hexadecimalMissing: "a hexadecimal number, as 0x1f, is missing"
    case .numberTooLarge: "number is larger than 4294967295"
    case .ipv4PartMissing: "a part of the IPv4 address is missing"
    case .ipv4PartTooLarge: "a part of the IPv4 address is larger than 255"
    case .ipv4TooFewParts: "an IPv4 address has four decimal parts, and here are fewer"
    case .ipv4TooManyParts: "an IPv4 address has four decimal parts, and here are more"
    case .ipv6GroupTooLong: "a group of the IPv6 address has more than four digits"
    case .ipv6TooFewGroups: "an IPv6 address has eight groups, and here are fewer and no '::'"
    case .ipv6TooManyGroups: "an IPv6 address has eight groups, and here are more"
    case .ipv6SecondGap: "'::' stands twice in the IPv6 address"
    case .ipv6SingleColon: "the IPv6 address begins or ends with a single colon"
    case .ipv6NeedsBrackets: "there is more than one colon, and an IPv6 address stands in brackets"
    case .bracketNotClosed: "the closing bracket is missing"
    case .zoneMissing: "the zone behind '%' is missing"
    case .zoneTooLong: "the zone's name has more than 15 bytes"
    case .zoneUnknown: "no network interface has this name"
    case .zoneNotAllowed: "a zone cannot stand here"
    case .portMissing: "the port is missing"
    case .portNotDecimal: "port is not a decimal number"
    case .portTooLarge: "port is larger than 65535"
    case .prefixLengthMissing: "the prefix length is missing"
    case .prefixLengthTooLarge: "the prefix is longer than the address"
    case .prefixHostBits: "bits behind the prefix length are set"
    case .unixPathTooLong: "a Unix path has at most 107 bytes"
    case .unixNameTooLong: "an abstract Unix name has at most 107 bytes"
    case .unixPathHasNUL: "a Unix path cannot have a NUL byte"
    case .badEscape: "a backslash is followed by a backslash or by 'x' and two hexadecimal digits"
    case .x25TooLong: "an X.25 address has at most 15 digits"
    case .x25NotDecimal: "an X.25 address has decimal digits only"
    case .hardwareAddressMalformed: "a hardware address is pairs of hexadecimal digits with colons"
    case .hardwareAddressTooLong: "a hardware address has at most 32 bytes"
    case .fieldUnknown: "this field is unknown, stands out of order or was given before"
    case .fieldTooLarge: "the value is too large for the field"
    case .transportMissing: "the transport is missing, as tcp in tcp://127.0.0.1:80"
    case .transportUnknown: "this transport is unknown"
    case .slashesMissing: "the transport is followed by '://'"
    case .slashesNotAllowed: "the path follows the colon directly, as in unix:/run/app.sock"
    case .pathMissing: "the path or name is missing"
    case .hostIsNumber: "a host whose last label is a number must be an IPv4 address"
    case .hostMissing: "the host is missing"
    case .hostLabelMalformed:
      "a label of the host name is empty, too long, or begins or ends with a hyphen"
    case .hostTooLong: "a host name has at most 253 bytes"
    case .wrongIPVersion: "the transport is of the other IP version"
    case .portNotAllowed: "this transport has no ports"
    case .serviceTooLong: "a service name has at most 31 bytes"
    case .serviceMalformed: "a service name has letters, digits, '-', '_', '+' and '.' only"
    }
  }
}
