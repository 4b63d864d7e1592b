// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets
import SystemPackage

/// Why a check failed, in words.
struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Throws the errno of a call of CTestSupport.
@discardableResult
func succeed(_ result: CInt) throws -> CInt {
  // SAFETY: strerror's text is copied at once, and one thread reports.
  guard result >= 0 else { throw Failure(unsafe String(cString: strerror(-result))) }
  return result
}

/// Throws unless both are equal.
func expect<T: Equatable>(_ what: String, _ found: T, _ wanted: T) throws {
  guard found == wanted else { throw Failure("\(what) is \(found) and not \(wanted)") }
}

/// Prints the lines that the test outside reads: `ok NAME` or `FAILED NAME: REASON`.
final class Report {
  private(set) var failures = 0

  /// Prints a line at once, so that nothing is lost when the kernel is powered off.
  func say(_ line: String) {
    print(line)
    fflush(nil)
  }

  /// Does one check and prints its line.
  func check(_ name: String, _ body: () throws -> Void) {
    do {
      try body()
      say("ok \(name)")
    } catch {
      failures += 1
      say("FAILED \(name): \(error)")
    }
  }
}

/// Throws unless the body fails by this operation with this C error.
func expectError(
  _ operation: SocketError.Operation,
  _ cause: Errno,
  _ body: () throws -> Void
) throws {
  do {
    try body()
  } catch let error as SocketError {
    guard error.operation == operation, error.errno == cause else {
      throw Failure("the error is \(error) and not \(operation) with \(cause)")
    }
    return
  }
  throw Failure("there was no error: \(cause)")
}
