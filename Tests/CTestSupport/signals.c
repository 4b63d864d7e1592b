// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// Storms of signals: a thread that sends a signal again and again to the threads that have asked for it, and a handler without
// SA_RESTART that counts how many were taken. A system call of such a thread that waits ends with EINTR.
//
// C, because a handler may run no Swift.
#define _GNU_SOURCE
#include "CTestSupport.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { most_targets = 64 };

struct cts_storm {
  pthread_t thread;
  pthread_mutex_t lock;
  long pause;
  int is_ending;
  int count;
  pid_t targets[most_targets];
  atomic_long taken;
};

/// Whose signals the calling thread counts.
static _Thread_local atomic_long *mine;
/// How many storms there are, and what was done with the signal before the first.
static pthread_mutex_t storms_lock = PTHREAD_MUTEX_INITIALIZER;
static int storms;
static struct sigaction before;
/// Whether a thread has never left its storm: it may have the signal pending, and take it whenever it likes.
static int handler_must_stay;

static int storm_signal(void) { return SIGUSR2; }

static void take(int number) {
  (void)number;
  int saved = errno;
  atomic_long *counter = mine;
  if (counter) atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
  errno = saved;
}

static void *blow(void *argument) {
  struct cts_storm *storm = argument;
  struct timespec pause = {0, storm->pause};
  for (;;) {
    pthread_mutex_lock(&storm->lock);
    int is_ending = storm->is_ending;
    for (int index = 0; index < storm->count; index++) {
      syscall(SYS_tgkill, getpid(), storm->targets[index], storm_signal());
    }
    pthread_mutex_unlock(&storm->lock);
    if (is_ending) return NULL;
    nanosleep(&pause, NULL);
  }
}

struct cts_storm *cts_storm_begin(long nanoseconds) {
  struct cts_storm *storm = calloc(1, sizeof *storm);
  if (!storm) return NULL;
  storm->pause = nanoseconds;
  pthread_mutex_init(&storm->lock, NULL);
  pthread_mutex_lock(&storms_lock);
  if (storms++ == 0 && !handler_must_stay) {
    // No SA_RESTART: the call that is interrupted says so.
    struct sigaction action = {.sa_handler = take};
    sigemptyset(&action.sa_mask);
    sigaction(storm_signal(), &action, &before);
  }
  pthread_mutex_unlock(&storms_lock);
  // The storm's own thread takes none.
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  int status = pthread_create(&storm->thread, NULL, blow, storm);
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  if (status == 0) return storm;
  free(storm);
  return NULL;
}

void cts_storm_join(struct cts_storm *storm, int exposes) {
  pthread_mutex_lock(&storm->lock);
  mine = &storm->taken;
  if (storm->count < most_targets) storm->targets[storm->count++] = gettid();
  pthread_mutex_unlock(&storm->lock);
  if (!exposes) return;
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, storm_signal());
  pthread_sigmask(SIG_UNBLOCK, &one, NULL);
}

void cts_storm_leave(struct cts_storm *storm) {
  pthread_mutex_lock(&storm->lock);
  for (int index = 0; index < storm->count; index++) {
    if (storm->targets[index] == gettid()) storm->targets[index] = storm->targets[--storm->count];
  }
  pthread_mutex_unlock(&storm->lock);
  // What was sent last: a thread that takes signals takes it on its way back from here, and one that blocks them drops it.
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, storm_signal());
  struct timespec none = {0, 0};
  while (sigtimedwait(&one, NULL, &none) == storm_signal()) {}
  mine = NULL;
}

long cts_storm_taken(struct cts_storm *storm) {
  return atomic_load_explicit(&storm->taken, memory_order_relaxed);
}

int cts_storm_is_pending(void) {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, storm_signal()) == 1;
}

void cts_storm_end(struct cts_storm *storm) {
  pthread_mutex_lock(&storm->lock);
  int strays = storm->count;
  storm->count = 0;
  storm->is_ending = 1;
  pthread_mutex_unlock(&storm->lock);
  pthread_join(storm->thread, NULL);
  pthread_mutex_lock(&storms_lock);
  if (strays > 0) handler_must_stay = 1;
  if (--storms == 0 && !handler_must_stay) sigaction(storm_signal(), &before, NULL);
  pthread_mutex_unlock(&storms_lock);
  // The counter of a thread that has not left.
  if (strays == 0) free(storm);
}

void cts_hold_sigpipe(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int cts_sigpipe_is_pending(void) {
  sigset_t set;
  sigpending(&set);
  return sigismember(&set, SIGPIPE);
}
