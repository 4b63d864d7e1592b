// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// The same by completions: an echo server by hand on io_uring, raw system calls, one thread, a buffer for each connection.
//
//   echo-uring WHERE BUFFER [sink]     sink: reads and answers nothing
//
// WHERE is a port of 127.0.0.1 or a path.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { entries = 1024 };
enum step { accepting, receiving, sending };

struct peer {
  int number;
  size_t filled, sent;
  char bytes[];
};

static struct io_uring_sqe *submissions;
static struct io_uring_cqe *completions;
static unsigned *head, *tail, mask, *completion_head, *completion_tail, completion_mask, local_tail, unsubmitted;
static int ring;

static void enter(unsigned complete) {
  __atomic_store_n(tail, local_tail, __ATOMIC_RELEASE);
  long taken = syscall(__NR_io_uring_enter, ring, unsubmitted, complete, IORING_ENTER_GETEVENTS, NULL, 0);
  if (taken > 0) unsubmitted -= (unsigned)taken;
}

static struct io_uring_sqe *next(int operation, int number, enum step step, struct peer *peer) {
  if (local_tail - __atomic_load_n(head, __ATOMIC_ACQUIRE) > mask) enter(0);
  struct io_uring_sqe *entry = &submissions[local_tail++ & mask];
  unsubmitted++;
  memset(entry, 0, sizeof *entry);
  entry->opcode = (unsigned char)operation;
  entry->fd = number;
  entry->user_data = (unsigned long)peer | step;
  return entry;
}

static int listen_at(const char *where) {
  int port = atoi(where), on = 1, listener;
  if (port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (void *)&address, sizeof address)) return -1;
  } else {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, where, sizeof address.sun_path - 1);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (void *)&address, sizeof address)) return -1;
  }
  return listen(listener, 4096) ? -1 : listener;
}

static int make_ring(void) {
  struct io_uring_params p = {0};
  p.flags = IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
  p.cq_entries = entries * 4;
  ring = (int)syscall(__NR_io_uring_setup, entries, &p);
  if (ring < 0) return -1;
  size_t one = p.sq_off.array + p.sq_entries * sizeof(unsigned), two = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe);
  char *map = mmap(NULL, one > two ? one : two, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
  submissions = mmap(NULL, p.sq_entries * sizeof *submissions, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
  if (map == MAP_FAILED || submissions == MAP_FAILED) return -1;
  head = (unsigned *)(map + p.sq_off.head);
  tail = (unsigned *)(map + p.sq_off.tail);
  mask = *(unsigned *)(map + p.sq_off.ring_mask);
  completion_head = (unsigned *)(map + p.cq_off.head);
  completion_tail = (unsigned *)(map + p.cq_off.tail);
  completion_mask = *(unsigned *)(map + p.cq_off.ring_mask);
  completions = (void *)(map + p.cq_off.cqes);
  unsigned *array = (unsigned *)(map + p.sq_off.array);
  for (unsigned i = 0; i < p.sq_entries; i++) array[i] = i;
  return 0;
}

static size_t size;

static void receive(struct peer *peer) {
  struct io_uring_sqe *entry = next(IORING_OP_RECV, peer->number, receiving, peer);
  entry->addr = (unsigned long)peer->bytes;
  entry->len = (unsigned)size;
}

static void transmit(struct peer *peer) {
  struct io_uring_sqe *entry = next(IORING_OP_SEND, peer->number, sending, peer);
  entry->addr = (unsigned long)(peer->bytes + peer->sent);
  entry->len = (unsigned)(peer->filled - peer->sent);
  entry->msg_flags = MSG_NOSIGNAL;
}

static void end(struct peer *peer) {
  close(peer->number);
  free(peer);
}

int main(int argc, char **argv) {
  if (argc < 3) return fprintf(stderr, "usage: echo-uring WHERE BUFFER [sink]\n"), 2;
  size = (size_t)atol(argv[2]);
  int is_sink = argc > 3, listener = listen_at(argv[1]);
  if (listener < 0) return perror("listen"), 1;
  if (make_ring()) return perror("io_uring"), 1;
  next(IORING_OP_ACCEPT, listener, accepting, NULL)->ioprio = IORING_ACCEPT_MULTISHOT;
  for (;;) {
    enter(1);
    unsigned at = *completion_head, last = __atomic_load_n(completion_tail, __ATOMIC_ACQUIRE);
    for (; at != last; at++) {
      struct io_uring_cqe completion = completions[at & completion_mask];
      struct peer *peer = (void *)(unsigned long)(completion.user_data & ~7ull);
      switch ((enum step)(completion.user_data & 7)) {
      case accepting:
        if (completion.res >= 0) {
          peer = calloc(1, sizeof *peer + size);
          peer->number = completion.res;
          receive(peer);
        }
        if (!(completion.flags & IORING_CQE_F_MORE))
          next(IORING_OP_ACCEPT, listener, accepting, NULL)->ioprio = IORING_ACCEPT_MULTISHOT;
        break;
      case receiving:
        if (completion.res <= 0) {
          end(peer);
          break;
        }
        peer->filled = (size_t)completion.res;
        peer->sent = 0;
        if (is_sink) receive(peer);
        else transmit(peer);
        break;
      case sending:
        if (completion.res <= 0) {
          end(peer);
          break;
        }
        peer->sent += (size_t)completion.res;
        if (peer->sent < peer->filled) transmit(peer);
        else receive(peer);
      }
    }
    __atomic_store_n(completion_head, at, __ATOMIC_RELEASE);
  }
}
