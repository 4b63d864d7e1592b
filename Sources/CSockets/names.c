// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// Proof, at compile time, that the numbers under Sources/Sockets/Names are the system's own.
#define _GNU_SOURCE
#include <netdb.h>

#define SAME(ours, system) _Static_assert((ours) == (system), #system " differs from the system's header")

// ResolutionError.Code
SAME(-1, EAI_BADFLAGS);
SAME(-2, EAI_NONAME);
SAME(-3, EAI_AGAIN);
SAME(-4, EAI_FAIL);
SAME(-5, EAI_NODATA);
SAME(-6, EAI_FAMILY);
SAME(-7, EAI_SOCKTYPE);
SAME(-8, EAI_SERVICE);
SAME(-9, EAI_ADDRFAMILY);
SAME(-10, EAI_MEMORY);
SAME(-12, EAI_OVERFLOW);
SAME(-105, EAI_IDN_ENCODE);

// ResolutionHints.Flags
SAME(0x1, AI_PASSIVE);
SAME(0x2, AI_CANONNAME);
SAME(0x4, AI_NUMERICHOST);
SAME(0x8, AI_V4MAPPED);
SAME(0x10, AI_ALL);
SAME(0x20, AI_ADDRCONFIG);
SAME(0x400, AI_NUMERICSERV);

// NamingFlags
SAME(1, NI_NUMERICHOST);
SAME(2, NI_NUMERICSERV);
SAME(4, NI_NOFQDN);
SAME(8, NI_NAMEREQD);
SAME(16, NI_DGRAM);
SAME(1025, NI_MAXHOST);
