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
long cs_splice_guarded(int in, int out, size_t count, unsigned flags);
int cs_pipe2(int ends[2], int flags);
/// `ppoll(2)`: a negative `nanoseconds` waits for ever.
int cs_poll(struct cs_pollfd *items, unsigned long count, int64_t nanoseconds);
/// `CLOCK_MONOTONIC` in nanoseconds.
int64_t cs_monotonic_nanoseconds(void);
/// `pthread_cond_timedwait(3)` until an instant of the condition's clock; returns an errno, not negated.
int cs_wait_until(void *condition, void *mutex, int64_t nanoseconds);

/// `posix_spawn(3)`: `descriptors` is `count` pairs of a number here and its number in the child. All other
/// descriptors above 2 are closed in the child, signals are handled by default and none is blocked; where
/// `leads_group` is not zero it leads a process group of its own. Returns an errno, not negated.
int cs_spawn(int *process_id, const char *path, char *const *arguments, char *const *environment,
             const int *descriptors, int count, int leads_group);
/// `pidfd_open(2)`.
int cs_pidfd_open(int process_id);
/// `environ`.
char **cs_environment(void);

/// `openat2(2)` with `RESOLVE_BENEATH` and `RESOLVE_NO_MAGICLINKS`: nothing outside of the folder is opened. Reading never waits for
/// the other end of a FIFO, and no terminal becomes ours; `only_path` opens nothing but the name (`O_PATH`).
int cs_open_beneath(int folder, const char *path, int only_path);
/// `openat(2)` of one name that is no symbolic link, for kernels without `openat2`.
int cs_open_component(int folder, const char *name, int is_folder);
/// Lets the process have as many descriptors as its hard limit allows, and returns how many that are.

/// `io_uring_setup(2)` and `io_uring_register(2)`, which the C library does not have.
long cs_io_uring_setup(unsigned entries, void *parameters);
long cs_io_uring_register(int ring, unsigned operation, void *argument, unsigned count);
/// A table of so many places for files that the ring need not look up (`IORING_REGISTER_FILES2`, sparse), and what is to be in
/// one of them: a descriptor, or -1 for nothing (`IORING_REGISTER_FILES_UPDATE`).
long cs_io_uring_reserve_files(int ring, unsigned count);
long cs_io_uring_set_file(int ring, unsigned place, int descriptor);
/// Whether the running kernel is at least this one.
int cs_kernel_is_at_least(int major, int minor);
/// `io_uring_enter(2)` with an extended argument: waits at most `nanoseconds`, for ever when negative.
long cs_io_uring_enter(int ring, unsigned submit, unsigned complete, unsigned flags, int64_t nanoseconds);

/// `recv(2)` and `send(2)` as bare system calls that return an errno negated: the C library's own are points of thread
/// cancellation, which costs each call in a program of several threads.
long cs_recv(int descriptor, void *bytes, size_t count, int flags);
long cs_send(int descriptor, const void *bytes, size_t count, int flags);

/// `epoll_create1(2)`, `epoll_ctl(2)` and `epoll_pwait2(2)`; a negative `nanoseconds` waits for ever.
int cs_epoll_create(int flags);
int cs_epoll_ctl(int set, int operation, int descriptor, uint32_t events, uint64_t data);
int cs_epoll_wait(int set, struct cs_epoll_event *events, int count, int64_t nanoseconds);
/// `eventfd(2)`.
int cs_eventfd(unsigned count, int flags);
/// `timerfd_create(2)` on `CLOCK_MONOTONIC`, closed on exec and non-blocking; and `timerfd_settime(2)` to one instant of that clock.
int cs_timer_create(void);
int cs_timer_set(int timer, int64_t nanoseconds);

/// Gives the calling thread a name, for tools that list threads; 15 bytes of it are kept.
void cs_name_thread(const uint8_t *name);

/// What the calling thread runs, an opaque pointer or NULL: the event loop's seat. Never inlined into Swift, so
/// that a task that moved to another thread cannot be answered with the old thread's value.
void *cs_loop_get(void);
void cs_loop_set(void *loop);
/// The running task of Swift's concurrency, or NULL: `swift_task_getCurrent`, a name of the runtime's ABI.
void *swift_task_getCurrent(void);
static inline void *cs_current_task(void) { return swift_task_getCurrent(); }
/// Whether the running task is cancelled: what `Task.isCancelled` says, which counts references to the task meanwhile.
_Bool swift_task_isCancelled(void *task) __attribute__((swiftcall));
static inline _Bool cs_is_cancelled(void) {
  void *task = swift_task_getCurrent();
  return task && swift_task_isCancelled(task);
}
/// How many processors the process may run on.
int cs_processor_count(void);

#endif
