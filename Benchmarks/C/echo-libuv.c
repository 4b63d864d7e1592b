// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// The same on libuv: one loop, one buffer for all, tried at once and queued only when there is no room.
//
//   echo-libuv WHERE BUFFER [sink]     sink: reads and answers nothing
//
// WHERE is a port of 127.0.0.1 or a path.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

static char *memory;
static size_t size;
static int is_sink, is_path;

struct answer {
  uv_write_t request;
  char bytes[];
};

static void lend(uv_handle_t *peer, size_t suggested, uv_buf_t *buffer) {
  (void)peer, (void)suggested;
  *buffer = uv_buf_init(memory, (unsigned)size);
}

static void release(uv_handle_t *peer) { free(peer); }

static void written(uv_write_t *request, int status) {
  if (status < 0 && !uv_is_closing((uv_handle_t *)request->handle)) uv_close((uv_handle_t *)request->handle, release);
  free(request);
}

static void received(uv_stream_t *peer, ssize_t count, const uv_buf_t *buffer) {
  if (count < 0) return uv_close((uv_handle_t *)peer, release);
  if (is_sink || count == 0) return;
  uv_buf_t part = uv_buf_init(buffer->base, (unsigned)count);
  int sent = uv_try_write(peer, &part, 1);
  if (sent == count) return;
  size_t gone = sent < 0 ? 0 : (size_t)sent, left = (size_t)count - gone;
  struct answer *answer = malloc(sizeof *answer + left);
  memcpy(answer->bytes, buffer->base + gone, left);
  part = uv_buf_init(answer->bytes, (unsigned)left);
  uv_write(&answer->request, peer, &part, 1, written);
}

static void called(uv_stream_t *listener, int status) {
  if (status < 0) return;
  uv_stream_t *peer = malloc(is_path ? sizeof(uv_pipe_t) : sizeof(uv_tcp_t));
  if (is_path) uv_pipe_init(listener->loop, (uv_pipe_t *)peer, 0);
  else uv_tcp_init(listener->loop, (uv_tcp_t *)peer);
  if (uv_accept(listener, peer)) uv_close((uv_handle_t *)peer, release);
  else uv_read_start(peer, lend, received);
}

int main(int argc, char **argv) {
  if (argc < 3) return fprintf(stderr, "usage: echo-libuv WHERE BUFFER [sink]\n"), 2;
  int port = atoi(argv[1]);
  size = (size_t)atol(argv[2]);
  memory = malloc(size);
  is_sink = argc > 3;
  is_path = port == 0;
  uv_loop_t *loop = uv_default_loop();
  uv_tcp_t tcp;
  uv_pipe_t pipe;
  uv_stream_t *listener = is_path ? (uv_stream_t *)&pipe : (uv_stream_t *)&tcp;
  if (is_path) {
    uv_pipe_init(loop, &pipe, 0);
    if (uv_pipe_bind(&pipe, argv[1])) return 1;
  } else {
    struct sockaddr_in address;
    uv_ip4_addr("127.0.0.1", port, &address);
    uv_tcp_init(loop, &tcp);
    if (uv_tcp_bind(&tcp, (struct sockaddr *)&address, 0)) return 1;
  }
  if (uv_listen(listener, 4096, called)) return fprintf(stderr, "cannot listen\n"), 1;
  return uv_run(loop, UV_RUN_DEFAULT);
}
