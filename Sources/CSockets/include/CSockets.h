// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// What Swift cannot import from the system's headers: the few variadic or macro-only entry points, and
// the thread-local seat of the system-call observer. No system header is included here on purpose: they
// would be parsed a second time beside Swift's own Glibc module and clash with it (fd_set).
#ifndef CSOCKETS_H
#define CSOCKETS_H

#include "constants.h"
#include "options.h"
#include "control.h"
#include "netlink.h"
#include "structures.h"

/// How many observers are installed in the whole process. Read through ``cs_observing``.
extern int cs_observer_count;

/// Nonzero while any thread has an observer: the one test that a system call pays for being observable.
static inline int cs_observing(void) { return __atomic_load_n(&cs_observer_count, __ATOMIC_RELAXED); }

/// The observer of the calling thread, or NULL. Never inlined into Swift, so a task that moved to another
/// thread cannot be answered with the old thread's value.
void *cs_observer_get(void);

/// Installs (or with NULL removes) the observer of the calling thread, and keeps the count.
void cs_observer_set(void *observer);

/// `ioctl(2)` with a pointer argument: the C function is variadic, which Swift cannot call.
int cs_ioctl(int descriptor, unsigned long request, void *argument);

/// `fcntl(2)` with an integer argument.
int cs_fcntl(int descriptor, int command, int argument);

// Calls that the Glibc module hides because it is built without _GNU_SOURCE. Each is the C function of the
// same name with our own layout-identical structures.
int cs_accept4(int descriptor, void *address, uint32_t *length, int flags);
int cs_sendmmsg(int descriptor, struct cs_mmsghdr *messages, unsigned count, int flags);
int cs_recvmmsg(int descriptor, struct cs_mmsghdr *messages, unsigned count, int flags);
long cs_sendmsg(int descriptor, const struct cs_msghdr *message, int flags);
long cs_recvmsg(int descriptor, struct cs_msghdr *message, int flags);
long cs_readv(int descriptor, const struct cs_iovec *parts, int count);
/// `send(2)`, `sendfile(2)` and `splice(2)` while the calling thread's SIGPIPE is held back: one that the
/// call caused is taken off, one that was pending before stays.
long cs_send_guarded(int descriptor, const void *bytes, size_t count, int flags);
long cs_sendmsg_guarded(int descriptor, const struct cs_msghdr *message, int flags);
long cs_sendfile(int out, int in, int64_t *offset, size_t count);
long cs_splice(int in, int out, size_t count, unsigned flags);
int cs_pipe2(int ends[2], int flags);
/// `ppoll(2)`: a negative `nanoseconds` waits for ever.
int cs_poll(struct cs_pollfd *items, unsigned long count, int64_t nanoseconds);
/// `CLOCK_MONOTONIC` in nanoseconds.
int64_t cs_monotonic_nanoseconds(void);

/// `posix_spawn(3)`: `descriptors` is `count` pairs of a number here and its number in the child. All other
/// descriptors above 2 are closed in the child, signals are handled by default and none is blocked. Returns
/// an errno, not negated.
int cs_spawn(int *process_id, const char *path, char *const *arguments, char *const *environment,
             const int *descriptors, int count);
/// `pidfd_open(2)`.
int cs_pidfd_open(int process_id);
/// `environ`.
char **cs_environment(void);

/// `io_uring_setup(2)` and `io_uring_register(2)`, which the C library does not have.
long cs_io_uring_setup(unsigned entries, void *parameters);
long cs_io_uring_register(int ring, unsigned operation, void *argument, unsigned count);

#endif
