// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// The yardsticks of datagrams, and what stands at the other end of ours.
//
//   udp echo PORT                   answers each by recvfrom and sendto
//   udp send PORT SECONDS           sends 1,200 bytes at a time by send
//   udp receive PORT SECONDS        receives them by recv
//   udp flood PORT                  sends as fast as it goes, by GSO
//   udp sink PORT                   receives as fast as it goes, by GRO
//
// send and receive print one line of JSON: bytes, and the processor time that they took.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { piece = 1200, pieces = 50 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double processor(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int open_socket(int port, int binds) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int number = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), room = 4 << 20;
  setsockopt(number, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  struct timeval patience = {.tv_usec = 100000};
  setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (binds ? bind(number, (void *)&address, sizeof address) : connect(number, (void *)&address, sizeof address)) {
    perror(binds ? "bind" : "connect");
    exit(1);
  }
  return number;
}

static void report(double bytes, double seconds) {
  printf("{\"bytes\": %.0f, \"processor\": %.4f, \"seconds\": %.3f}\n", bytes, processor(), seconds);
}

int main(int argc, char **argv) {
  if (argc < 3) return fprintf(stderr, "usage: see the top of udp.c\n"), 2;
  const char *what = argv[1];
  int port = atoi(argv[2]);
  double length = argc > 3 ? atof(argv[3]) : 0, start = now(), bytes = 0;
  static char buffer[65536];
  if (!strcmp(what, "echo")) {
    int number = open_socket(port, 1);
    struct sockaddr_in peer;
    for (;;) {
      socklen_t size = sizeof peer;
      ssize_t got = recvfrom(number, buffer, sizeof buffer, 0, (void *)&peer, &size);
      if (got >= 0) sendto(number, buffer, (size_t)got, 0, (void *)&peer, size);
    }
  } else if (!strcmp(what, "send")) {
    for (int number = open_socket(port, 0); now() - start < length;)
      for (int i = 0; i < 64; i++) {
        ssize_t sent = send(number, buffer, piece, 0);
        if (sent > 0) bytes += (double)sent;
      }
  } else if (!strcmp(what, "receive")) {
    for (int number = open_socket(port, 1); now() - start < length;)
      for (int i = 0; i < 64; i++) {
        ssize_t got = recv(number, buffer, sizeof buffer, 0);
        if (got > 0) bytes += (double)got;
      }
  } else if (!strcmp(what, "flood")) {
    int number = open_socket(port, 0), size = piece;
    setsockopt(number, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size);
    for (;;) send(number, buffer, piece * pieces, 0);
  } else if (!strcmp(what, "sink")) {
    int number = open_socket(port, 1), on = 1;
    setsockopt(number, IPPROTO_UDP, UDP_GRO, &on, sizeof on);
    for (;;) recv(number, buffer, sizeof buffer, 0);
  }
  report(bytes, now() - start);
  return 0;
}
