// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// How long a server needs from its start to its first echo, in milliseconds.
//
//   first ROUNDS COMMAND... PORT ...     prints one line of JSON: the best and the median
//
// The word PORT stands for a port of its own in each round: a server that was killed may hold its own for a while. The server
// runs on the first core and this on the second.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void pin(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  sched_setaffinity(0, sizeof set, &set);
}

/// Sets the address to one whose port nobody has.
static int choose(struct sockaddr_in *address) {
  socklen_t size = sizeof *address;
  int number = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address->sin_family = AF_INET;
  address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bind(number, (void *)address, sizeof *address);
  getsockname(number, (void *)address, &size);
  close(number);
  return ntohs(address->sin_port);
}

static double once(char **command) {
  struct sockaddr_in address = {0};
  char port[8];
  snprintf(port, sizeof port, "%d", choose(&address));
  for (char **word = command; *word; word++)
    if (!strcmp(*word, "PORT")) *word = port;
  double start = now();
  pid_t child = fork();
  if (child == 0) {
    pin(0);
    execv(command[0], command);
    _exit(127);
  }
  int number = -1;
  while (now() - start < 10) {
    struct timeval patience = {.tv_sec = 5};
    number = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (!connect(number, (void *)&address, sizeof address)) break;
    close(number);
    number = -1;
  }
  char byte = 1;
  int done = number >= 0 && send(number, &byte, 1, MSG_NOSIGNAL) == 1 && recv(number, &byte, 1, 0) == 1;
  double time = now() - start;
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  for (char **word = command; *word; word++)
    if (*word == port) *word = "PORT";
  if (number >= 0) close(number);
  return done ? time * 1e3 : -1;
}

static int order(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
  if (argc < 3) return fprintf(stderr, "usage: first ROUNDS COMMAND...\n"), 2;
  int rounds = atoi(argv[1]);
  double times[1000];
  if (rounds < 1 || rounds > 1000) return 2;
  pin(1);
  for (int i = 0; i < rounds; i++)
    if ((times[i] = once(argv + 2)) < 0) return fprintf(stderr, "%s does not answer\n", argv[2]), 1;
  qsort(times, (size_t)rounds, sizeof *times, order);
  printf("{\"best\": %.2f, \"median\": %.2f}\n", times[0], times[rounds / 2]);
  return 0;
}
