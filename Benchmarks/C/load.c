// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// The load generator: one thread, epoll, every byte counted. It measures what the server's process costs the
// processor for each operation, and how long the operations take.
//
//   load echo WHERE CONNECTIONS SIZE PIPELINE SECONDS SERVER_PID
//   load spin WHERE CONNECTIONS SIZE PIPELINE SECONDS SERVER_PID   the same, and never sleeps
//   load udp PORT SOCKETS SIZE PIPELINE SECONDS SERVER_PID         datagrams, so many on their way for each socket
//   load connect WHERE SIZE SECONDS SERVER_PID        connect, one round trip, close
//   load bulk WHERE CONNECTIONS SIZE SECONDS SERVER_PID   one way, as fast as it goes
//
// WHERE is a port of 127.0.0.1 or a path. Prints one line of JSON.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <glob.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { most_events = 256, buckets = 4096, largest_read = 1 << 20 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/// Processor time of all threads of a process, in seconds, by the scheduler's own count.
static double processor_time(int process) {
  char pattern[64];
  snprintf(pattern, sizeof pattern, "/proc/%d/task/*/schedstat", process);
  glob_t found;
  double sum = 0;
  if (glob(pattern, 0, NULL, &found)) return 0;
  for (size_t i = 0; i < found.gl_pathc; i++) {
    FILE *file = fopen(found.gl_pathv[i], "r");
    unsigned long long running = 0;
    if (file && fscanf(file, "%llu", &running) == 1) sum += (double)running;
    if (file) fclose(file);
  }
  globfree(&found);
  return sum * 1e-9;
}

/// The part of it in user mode, in seconds; counted in ticks of a hundredth, so for seconds only.
static double user_time(int process) {
  char path[64], text[2048];
  snprintf(path, sizeof path, "/proc/%d/stat", process);
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  size_t count = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[count] = 0;
  unsigned long user = 0;
  const char *rest = strrchr(text, ')');
  if (rest) sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu", &user);
  return (double)user / (double)sysconf(_SC_CLK_TCK);
}

static int dial(const char *where) {
  int port = atoi(where), number, on = 1;
  if (port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    number = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(number, (void *)&address, sizeof address)) fail("connect");
    setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  } else {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, where, sizeof address.sun_path - 1);
    number = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(number, (void *)&address, sizeof address)) fail("connect");
  }
  return number;
}

static void send_all(int number, const char *bytes, size_t size) {
  for (size_t sent = 0; sent < size;) {
    ssize_t count = send(number, bytes + sent, size - sent, MSG_NOSIGNAL);
    if (count < 0) fail("send");
    sent += (size_t)count;
  }
}

static unsigned long latencies[buckets];

/// Buckets of a fortieth of an octave.
static void note_latency(double seconds) {
  double value = seconds * 1e9;
  int bucket = 0;
  while (value > 2 && bucket < buckets - 80) value /= 2, bucket += 40;
  bucket += (int)((value - 1) * 40);
  latencies[bucket < 0 ? 0 : bucket]++;
}

static double latency(double part) {
  unsigned long sum = 0, all = 0;
  for (int i = 0; i < buckets; i++) all += latencies[i];
  for (int i = 0; i < buckets; i++) {
    sum += latencies[i];
    if ((double)sum >= part * (double)all) return (double)(1ull << (i / 40)) * (1 + (i % 40) / 40.0) / 1e3;
  }
  return 0;
}

static void report(double operations, double bytes, double seconds, double processor, double user) {
  printf("{\"operations\": %.0f, \"seconds\": %.4f, \"perSecond\": %.1f, \"processor\": %.4f, "
         "\"user\": %.4f, \"bytes\": %.0f, \"p50\": %.1f, \"p99\": %.1f, \"p999\": %.1f, \"own\": %.4f}\n",
         operations, seconds, operations / seconds, processor, user, bytes, latency(0.5), latency(0.99),
         latency(0.999), processor_time(getpid()));
}

struct peer {
  int number;
  size_t missing;
  double sent;
};

static void echo(const char *where, int connections, size_t size, size_t pipeline, double length, int server,
                 int spins) {
  size_t turn = size * pipeline;
  char *bytes = malloc(turn), *answer = malloc(largest_read);
  memset(bytes, 'x', turn);
  struct peer *peers = calloc((size_t)connections, sizeof *peers);
  int set = epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < connections; i++) {
    peers[i].number = dial(where);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &peers[i]};
    if (epoll_ctl(set, EPOLL_CTL_ADD, peers[i].number, &event)) fail("epoll_ctl");
  }
  double begin = now(), start = 0, processor = 0, user = 0;
  for (int i = 0; i < connections; i++) {
    peers[i].missing = turn;
    peers[i].sent = now();
    send_all(peers[i].number, bytes, turn);
  }
  unsigned long done = 0;
  struct epoll_event events[most_events];
  for (;;) {
    int count = epoll_wait(set, events, most_events, spins ? 0 : 1000);
    if (count < 0 || (count == 0 && !spins)) fail("the server is silent");
    double time = now();
    // What comes first warms up.
    if (start == 0 && time - begin > 0.3) {
      start = time, processor = processor_time(server), user = user_time(server), done = 0;
      memset(latencies, 0, sizeof latencies);
    }
    if (start > 0 && time - start > length) break;
    for (int i = 0; i < count; i++) {
      struct peer *peer = events[i].data.ptr;
      ssize_t got = recv(peer->number, answer, largest_read, MSG_DONTWAIT);
      if (got < 0 && errno == EAGAIN) continue;
      if (got <= 0 || (size_t)got > peer->missing) fail("recv");
      peer->missing -= (size_t)got;
      if (peer->missing) continue;
      done += pipeline;
      note_latency(time - peer->sent);
      peer->missing = turn;
      peer->sent = time;
      send_all(peer->number, bytes, turn);
    }
  }
  double seconds = now() - start;
  report((double)done, (double)(done * size), seconds, processor_time(server) - processor,
         user_time(server) - user);
}

/// Datagrams: what is lost is sent again when nothing has come for a while.
static void datagrams(const char *port, int sockets, size_t size, size_t pipeline, double length, int server) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  char *bytes = calloc(1, size), *answer = malloc(largest_read);
  int set = epoll_create1(EPOLL_CLOEXEC), *numbers = calloc((size_t)sockets, sizeof *numbers);
  for (int i = 0; i < sockets; i++) {
    numbers[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (connect(numbers[i], (void *)&address, sizeof address)) fail("connect");
    struct epoll_event event = {.events = EPOLLIN, .data.fd = numbers[i]};
    if (epoll_ctl(set, EPOLL_CTL_ADD, numbers[i], &event)) fail("epoll_ctl");
  }
  double begin = now(), start = 0, processor = 0, user = 0;
  unsigned long done = 0;
  struct epoll_event events[most_events];
  for (int count = 0;; count = epoll_wait(set, events, most_events, 100)) {
    double time = now();
    if (start == 0 && time - begin > 0.3)
      start = time, processor = processor_time(server), user = user_time(server), done = 0;
    if (start > 0 && time - start > length) break;
    for (int i = 0; count <= 0 && i < sockets; i++)
      for (size_t j = 0; j < pipeline; j++) send(numbers[i], bytes, size, MSG_DONTWAIT);
    for (int i = 0; i < count; i++)
      while (recv(events[i].data.fd, answer, largest_read, MSG_DONTWAIT) >= 0) {
        done++;
        send(events[i].data.fd, bytes, size, MSG_DONTWAIT);
      }
  }
  report((double)done, (double)(done * size), now() - start, processor_time(server) - processor,
         user_time(server) - user);
}

static void connect_each_time(const char *where, size_t size, double length, int server) {
  char *bytes = calloc(1, size);
  double start = now(), processor = processor_time(server), user = user_time(server);
  unsigned long done = 0;
  while (now() - start < length) {
    double begin = now();
    int number = dial(where);
    send_all(number, bytes, size);
    for (size_t missing = size; missing;) {
      ssize_t got = recv(number, bytes, missing, 0);
      if (got <= 0) fail("recv");
      missing -= (size_t)got;
    }
    close(number);
    note_latency(now() - begin);
    done++;
  }
  report((double)done, 0, now() - start, processor_time(server) - processor, user_time(server) - user);
}

static void bulk(const char *where, int connections, size_t size, double length, int server) {
  char *bytes = calloc(1, size);
  struct epoll_event events[most_events];
  int set = epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < connections; i++) {
    int number = dial(where);
    struct epoll_event event = {.events = EPOLLOUT, .data.fd = number};
    if (epoll_ctl(set, EPOLL_CTL_ADD, number, &event)) fail("epoll_ctl");
  }
  double begin = now(), start = 0, processor = 0, user = 0, moved = 0;
  unsigned long done = 0;
  for (;;) {
    int count = epoll_wait(set, events, most_events, 1000);
    if (count <= 0) fail("the server does not read");
    double time = now();
    if (start == 0 && time - begin > 0.3)
      start = time, processor = processor_time(server), user = user_time(server), done = 0, moved = 0;
    if (start > 0 && time - start > length) break;
    for (int i = 0; i < count; i++) {
      ssize_t sent = send(events[i].data.fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) continue;
      if (sent < 0) fail("send");
      moved += (double)sent, done++;
    }
  }
  report((double)done, moved, now() - start, processor_time(server) - processor, user_time(server) - user);
}

int main(int argc, char **argv) {
  if (argc == 8 && (!strcmp(argv[1], "echo") || !strcmp(argv[1], "spin")))
    echo(argv[2], atoi(argv[3]), (size_t)atol(argv[4]), (size_t)atol(argv[5]), atof(argv[6]), atoi(argv[7]),
         !strcmp(argv[1], "spin"));
  else if (argc == 8 && !strcmp(argv[1], "udp"))
    datagrams(argv[2], atoi(argv[3]), (size_t)atol(argv[4]), (size_t)atol(argv[5]), atof(argv[6]), atoi(argv[7]));
  else if (argc == 6 && !strcmp(argv[1], "connect"))
    connect_each_time(argv[2], (size_t)atol(argv[3]), atof(argv[4]), atoi(argv[5]));
  else if (argc == 7 && !strcmp(argv[1], "bulk"))
    bulk(argv[2], atoi(argv[3]), (size_t)atol(argv[4]), atof(argv[5]), atoi(argv[6]));
  else
    return fprintf(stderr, "usage: see the top of load.c\n"), 2;
  return 0;
}
