// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
#define _GNU_SOURCE
#include "CSockets.h"

#include <fcntl.h>
#include <stddef.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

int cs_observer_count = 0;
static _Thread_local void *observer = NULL;

void *cs_observer_get(void) { return observer; }

void cs_observer_set(void *next) {
  int change = (next != NULL) - (observer != NULL);
  observer = next;
  __atomic_fetch_add(&cs_observer_count, change, __ATOMIC_RELAXED);
}

int cs_ioctl(int descriptor, unsigned long request, void *argument) {
  return ioctl(descriptor, request, argument);
}

int cs_fcntl(int descriptor, int command, int argument) { return fcntl(descriptor, command, argument); }

int cs_accept4(int descriptor, void *address, uint32_t *length, int flags) {
  return accept4(descriptor, address, length, flags);
}

int cs_sendmmsg(int descriptor, struct cs_mmsghdr *messages, unsigned count, int flags) {
  return sendmmsg(descriptor, (struct mmsghdr *)messages, count, flags);
}

int cs_recvmmsg(int descriptor, struct cs_mmsghdr *messages, unsigned count, int flags) {
  return recvmmsg(descriptor, (struct mmsghdr *)messages, count, flags, NULL);
}

long cs_sendmsg(int descriptor, const struct cs_msghdr *message, int flags) {
  return sendmsg(descriptor, (const struct msghdr *)message, flags);
}

long cs_recvmsg(int descriptor, struct cs_msghdr *message, int flags) {
  return recvmsg(descriptor, (struct msghdr *)message, flags);
}

long cs_readv(int descriptor, const struct cs_iovec *parts, int count) {
  return readv(descriptor, (const struct iovec *)parts, count);
}

// SIGPIPE is sent to the thread that made the call, so holding it back in this thread alone is enough.
struct held {
  sigset_t before;
  int pending;
};

static void hold_sigpipe(struct held *held) {
  sigset_t pipe;
  sigset_t pending;
  sigpending(&pending);
  held->pending = sigismember(&pending, SIGPIPE);
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, &held->before);
}

// A call of several sends that moved a part may have raised it in the end, and has no error to say so: `is_short` says it
// then.
static void let_sigpipe_go(const struct held *held, long result, int is_short) {
  int saved = errno;
  if (((result < 0 && saved == EPIPE) || is_short) && !held->pending) {
    sigset_t pipe;
    struct timespec none = {0, 0};
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    while (sigtimedwait(&pipe, NULL, &none) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &held->before, NULL);
  errno = saved;
}

long cs_send_guarded(int descriptor, const void *bytes, size_t count, int flags) {
  struct held held;
  hold_sigpipe(&held);
  long result = send(descriptor, bytes, count, flags);
  let_sigpipe_go(&held, result, 0);
  return result;
}

long cs_sendmsg_guarded(int descriptor, const struct cs_msghdr *message, int flags) {
  struct held held;
  hold_sigpipe(&held);
  long result = sendmsg(descriptor, (const struct msghdr *)message, flags);
  let_sigpipe_go(&held, result, 0);
  return result;
}

long cs_sendfile(int out, int in, int64_t *offset, size_t count) {
  struct held held;
  hold_sigpipe(&held);
  long result = sendfile(out, in, (off_t *)offset, count);
  let_sigpipe_go(&held, result, result >= 0 && (size_t)result < count);
  return result;
}

long cs_splice(int in, int out, size_t count, unsigned flags) {
  return splice(in, NULL, out, NULL, count, flags);
}

long cs_splice_guarded(int in, int out, size_t count, unsigned flags) {
  struct held held;
  hold_sigpipe(&held);
  long result = splice(in, NULL, out, NULL, count, flags);
  let_sigpipe_go(&held, result, result >= 0 && (size_t)result < count);
  return result;
}

int cs_pipe2(int ends[2], int flags) { return pipe2(ends, flags); }

int cs_poll(struct cs_pollfd *items, unsigned long count, int64_t nanoseconds) {
  struct timespec limit = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  return ppoll((struct pollfd *)items, count, nanoseconds < 0 ? NULL : &limit, NULL);
}

int64_t cs_monotonic_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int cs_wait_until(void *condition, void *mutex, int64_t nanoseconds) {
  struct timespec instant = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
  return pthread_cond_timedwait(condition, mutex, &instant);
}

int cs_spawn(int *process_id, const char *path, char *const *arguments, char *const *environment,
             const int *descriptors, int count, int leads_group) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none;
  sigset_t all;
  int lifted = 0;
  int moved[16];
  int highest = 2;
  int status = count > 16 ? E2BIG : posix_spawn_file_actions_init(&actions);
  if (status != 0) return status;
  status = posix_spawnattr_init(&attributes);
  if (status != 0) goto actions;
  // A source may have the number that another is to get: move every source above all targets first.
  for (int i = 0; i < count; i++)
    if (descriptors[2 * i + 1] > highest) highest = descriptors[2 * i + 1];
  // One that is there already takes no descriptor: there may be none left.
  for (; status == 0 && lifted < count; lifted++) {
    moved[lifted] = descriptors[2 * lifted];
    if (moved[lifted] > highest) continue;
    moved[lifted] = fcntl(descriptors[2 * lifted], F_DUPFD_CLOEXEC, highest + 1);
    if (moved[lifted] < 0) {
      status = errno;
      break;
    }
  }
  for (int i = 0; status == 0 && i < count; i++)
    status = posix_spawn_file_actions_adddup2(&actions, moved[i], descriptors[2 * i + 1]);
  if (status == 0) status = posix_spawn_file_actions_addclosefrom_np(&actions, highest + 1);
  sigemptyset(&none);
  sigfillset(&all);
  if (status == 0) status = posix_spawnattr_setsigmask(&attributes, &none);
  if (status == 0) status = posix_spawnattr_setsigdefault(&attributes, &all);
  if (status == 0) status = posix_spawnattr_setpgroup(&attributes, 0);
  if (status == 0)
    status = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                       (leads_group ? POSIX_SPAWN_SETPGROUP : 0));
  if (status == 0)
    status = posix_spawn(process_id, path, &actions, &attributes, arguments, environment);
  while (lifted > 0) {
    lifted--;
    if (moved[lifted] != descriptors[2 * lifted]) close(moved[lifted]);
  }
  posix_spawnattr_destroy(&attributes);
actions:
  posix_spawn_file_actions_destroy(&actions);
  return status;
}

int cs_pidfd_open(int process_id) { return (int)syscall(SYS_pidfd_open, process_id, 0); }

char **cs_environment(void) { return environ; }

// The numbers are the same on x86-64 and arm64 (asm-generic/unistd.h).
#ifndef __NR_io_uring_setup
#define __NR_io_uring_setup 425
#endif
#ifndef __NR_io_uring_register
#define __NR_io_uring_register 427
#endif

long cs_io_uring_setup(unsigned entries, void *parameters) {
  return syscall(__NR_io_uring_setup, entries, parameters);
}

long cs_io_uring_register(int ring, unsigned operation, void *argument, unsigned count) {
  return syscall(__NR_io_uring_register, ring, operation, argument, count);
}

long cs_io_uring_reserve_files(int ring, unsigned count) {
  struct {
    uint32_t count, flags;
    uint64_t reserved, data, tags;
  } table = {.count = count, .flags = 1};
  return cs_io_uring_register(ring, 13, &table, sizeof table);
}

long cs_io_uring_set_file(int ring, unsigned place, int descriptor) {
  struct {
    uint32_t offset, reserved;
    uint64_t descriptors;
  } update = {.offset = place, .descriptors = (uint64_t)(uintptr_t)&descriptor};
  return cs_io_uring_register(ring, 6, &update, 1);
}

int cs_kernel_is_at_least(int major, int minor) {
  struct utsname name;
  int has_major = 0, has_minor = 0;
  if (uname(&name) != 0 || sscanf(name.release, "%d.%d", &has_major, &has_minor) != 2) return 0;
  return has_major > major || (has_major == major && has_minor >= minor);
}

#ifndef __NR_io_uring_enter
#define __NR_io_uring_enter 426
#endif
#ifndef __NR_epoll_pwait2
#define __NR_epoll_pwait2 441
#endif

long cs_io_uring_enter(int ring, unsigned submit, unsigned complete, unsigned flags, int64_t nanoseconds) {
  struct __kernel_limit {
    int64_t seconds, nanoseconds;
  } limit = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  // struct io_uring_getevents_arg
  struct {
    uint64_t mask;
    uint32_t mask_size, padding;
    uint64_t limit;
  } argument = {0, 8, 0, nanoseconds < 0 ? 0 : (uint64_t)(uintptr_t)&limit};
  return syscall(__NR_io_uring_enter, ring, submit, complete, flags, &argument, sizeof argument);
}

#if defined(__x86_64__)
static inline long six(long number, long a, long b, long c, long d) {
  register long r10 __asm__("r10") = d, r8 __asm__("r8") = 0, r9 __asm__("r9") = 0;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#else
static inline long six(long number, long a, long b, long c, long d) {
  long result = syscall(number, a, b, c, d, 0L, 0L);
  return result < 0 ? -errno : result;
}
#endif

long cs_recv(int descriptor, void *bytes, size_t count, int flags) {
  return six(SYS_recvfrom, descriptor, (long)bytes, (long)count, flags);
}

long cs_send(int descriptor, const void *bytes, size_t count, int flags) {
  return six(SYS_sendto, descriptor, (long)bytes, (long)count, flags);
}

int cs_epoll_create(int flags) { return epoll_create1(flags); }

int cs_epoll_ctl(int set, int operation, int descriptor, uint32_t events, uint64_t data) {
  struct epoll_event event = {.events = events, .data = {.u64 = data}};
  return epoll_ctl(set, operation, descriptor, &event);
}

int cs_epoll_wait(int set, struct cs_epoll_event *events, int count, int64_t nanoseconds) {
  // Linux 5.11 has a wait in nanoseconds; before it, milliseconds, rounded up so that no wait is too short.
  static int coarse = 0;
  if (nanoseconds <= 0) return epoll_wait(set, (struct epoll_event *)events, count, nanoseconds < 0 ? -1 : 0);
  if (!__atomic_load_n(&coarse, __ATOMIC_RELAXED)) {
    struct {
      int64_t seconds, nanoseconds;
    } limit = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    long answer = syscall(__NR_epoll_pwait2, set, events, count, &limit, NULL, 0);
    // Filters of system calls that are older than the call answer EPERM, which the call itself never does.
    if (answer >= 0 || (errno != ENOSYS && errno != EPERM)) return (int)answer;
    __atomic_store_n(&coarse, 1, __ATOMIC_RELAXED);
  }
  int64_t milliseconds = (nanoseconds + 999999) / 1000000;
  return epoll_wait(set, (struct epoll_event *)events, count,
                    milliseconds > 86400000 ? 86400000 : (int)milliseconds);
}

int cs_open_beneath(int folder, const char *path, int only_path) {
  // struct open_how and its constants (linux/openat2.h), which older headers lack.
  struct {
    uint64_t flags, mode, resolve;
  } how = {
      .flags = only_path ? O_PATH | O_CLOEXEC : O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
      .resolve = 0x08 /* RESOLVE_BENEATH */ | 0x02 /* RESOLVE_NO_MAGICLINKS */,
  };
#ifdef SYS_openat2
  return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
#else
  return (int)syscall(437, folder, path, &how, sizeof how);
#endif
}

int cs_open_component(int folder, const char *name, int is_folder) {
  int flags = O_NOFOLLOW | O_CLOEXEC;
  return openat(folder, name, flags | (is_folder ? O_PATH | O_DIRECTORY : O_RDONLY | O_NONBLOCK | O_NOCTTY));
}

int cs_eventfd(unsigned count, int flags) { return eventfd(count, flags); }

int cs_timer_create(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK); }

int cs_timer_set(int timer, int64_t nanoseconds) {
  struct itimerspec setting = {0};
  setting.it_value.tv_sec = (time_t)(nanoseconds / 1000000000);
  setting.it_value.tv_nsec = (long)(nanoseconds % 1000000000);
  return timerfd_settime(timer, TFD_TIMER_ABSTIME, &setting, NULL);
}

static _Thread_local void *current_loop = NULL;

void *cs_loop_get(void) { return current_loop; }

void cs_loop_set(void *loop) { current_loop = loop; }

int cs_processor_count(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  int count = CPU_COUNT(&set);
  return count < 1 ? 1 : count;
}

void cs_name_thread(const uint8_t *name) {
  char text[16];
  strncpy(text, (const char *)name, sizeof text - 1);
  text[sizeof text - 1] = 0;
  pthread_setname_np(pthread_self(), text);
}
