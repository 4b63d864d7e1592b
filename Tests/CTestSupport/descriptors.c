// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// The descriptor check of a whole test run. Tests of one process run side by side, so what one test left
// open cannot be told from what another still uses; at the end of the run it can. When the process is
// loaded the open descriptors are noted; when it exits, every other one that is still open is a leak,
// is listed with what it is, and fails the run.
//
// C, because it must run before any test and after all of them, which Swift has no place for.
#include "CTestSupport.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { highest = 65536, grace_rounds = 500 };

static unsigned char open_at_start[highest];
static int armed;

int cts_descriptor_check_is_armed(void) { return armed; }

/// Calls `visit` with each open descriptor's number and what it refers to, and returns the sum of answers.
static int each_descriptor(int (*visit)(int number, const char *target)) {
  DIR *directory = opendir("/proc/self/fd");
  if (!directory) return 0;
  int sum = 0;
  struct dirent *entry;
  while ((entry = readdir(directory))) {
    if (entry->d_name[0] == '.') continue;
    int number = atoi(entry->d_name);
    if (number == dirfd(directory) || number < 0 || number >= highest) continue;
    char target[256];
    ssize_t count = readlinkat(dirfd(directory), entry->d_name, target, sizeof target - 1);
    if (count < 0) continue;
    target[count] = 0;
    sum += visit(number, target);
  }
  closedir(directory);
  return sum;
}

static int note(int number, const char *target) {
  (void)target;
  open_at_start[number] = 1;
  return 1;
}

/// Whether pipes count. The thread sanitizer asks a program for names by pipes that stay open, whenever it compares a
/// report with Tests/ThreadSanitizer.txt.
#if __has_feature(thread_sanitizer)
enum { pipes_count = 0 };
#else
enum { pipes_count = 1 };
#endif

/// Whether a descriptor counts. The test runner and the run time library open files, an event descriptor
/// and a timer of their own for the life of the process; the package's tests open sockets and pipes.
static int is_leak(int number, const char *target) {
  if (open_at_start[number]) return 0;
  return strncmp(target, "socket:", 7) == 0 || (pipes_count && strncmp(target, "pipe:", 5) == 0)
      || strncmp(target, "/dev/net/tun", 12) == 0 || strncmp(target, "anon_inode:[pidfd", 17) == 0;
}

static int count_leak(int number, const char *target) { return is_leak(number, target); }

static int print_leak(int number, const char *target) {
  if (!is_leak(number, target)) return 0;
  fprintf(stderr, "LEAKED: descriptor %d, %s\n", number, target);
  return 1;
}

static void check(void) {
  // A thread that a finished test no longer waits for may be about to close its own.
  struct timespec pause = {0, 10 * 1000 * 1000};
  for (int round = 0; round < grace_rounds && each_descriptor(count_leak) > 0; round++) {
    nanosleep(&pause, NULL);
  }
  int leaked = each_descriptor(print_leak);
  if (leaked == 0) {
    fprintf(stderr, "Descriptors leaked by the whole run: 0\n");
    return;
  }
  fprintf(stderr, "Descriptors leaked by the whole run: %d. `./check leaks` names the suites.\n", leaked);
  fflush(NULL);
  _exit(1);
}

__attribute__((constructor)) static void arm(int argc, char **argv) {
  // Only the runner's own process: not the lister of tests, not the child of an exit test.
  if (getenv("SWT_EXIT_TEST_ID")) return;
  int runs_tests = 0;
  for (int index = 1; index < argc; index++) {
    if (strcmp(argv[index], "swift-testing") == 0) runs_tests = 1;
    if (strstr(argv[index], "list-tests")) return;
  }
  if (!runs_tests) return;
  // A run that hangs and is ended from outside must still have said which test it was in.
  setvbuf(stdout, NULL, _IOLBF, 0);
  each_descriptor(note);
  armed = 1;
  atexit(check);
}
