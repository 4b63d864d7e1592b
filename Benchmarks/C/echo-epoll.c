// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// The yardstick: an echo server by hand, one thread, level-triggered epoll, one buffer.
//
//   echo-epoll WHERE BUFFER [sink]     sink: reads and answers nothing
//
// WHERE is a port of 127.0.0.1 or a path.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int listen_at(const char *where) {
  int port = atoi(where), on = 1, listener;
  if (port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (void *)&address, sizeof address)) return -1;
  } else {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, where, sizeof address.sun_path - 1);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (bind(listener, (void *)&address, sizeof address)) return -1;
  }
  return listen(listener, 4096) ? -1 : listener;
}

static void watch(int set, int number) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = number};
  epoll_ctl(set, EPOLL_CTL_ADD, number, &event);
}

int main(int argc, char **argv) {
  if (argc < 3) return fprintf(stderr, "usage: echo-epoll WHERE BUFFER [sink]\n"), 2;
  size_t size = (size_t)atol(argv[2]);
  int is_sink = argc > 3, set = epoll_create1(EPOLL_CLOEXEC), listener = listen_at(argv[1]);
  char *buffer = malloc(size);
  if (listener < 0) return perror("listen"), 1;
  watch(set, listener);
  struct epoll_event events[256];
  for (;;) {
    int count = epoll_wait(set, events, 256, -1);
    for (int i = 0; i < count; i++) {
      int number = events[i].data.fd;
      if (number == listener) {
        for (int client; (client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;)
          watch(set, client);
        continue;
      }
      ssize_t got = recv(number, buffer, size, 0);
      if (got < 0 && errno == EAGAIN) continue;
      if (got <= 0) {
        close(number);
        continue;
      }
      for (ssize_t sent = 0; !is_sink && sent < got;) {
        ssize_t part = send(number, buffer + sent, (size_t)(got - sent), MSG_NOSIGNAL);
        if (part < 0 && errno != EAGAIN) break;
        if (part > 0) sent += part;
      }
    }
  }
}
