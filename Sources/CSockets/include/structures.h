// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// Structures of the Linux socket interface that Swift's Glibc module does not import, declared here with
// fixed-width fields. Their sizes and offsets are compared with the system's own in constants.c.
#ifndef CSOCKETS_STRUCTURES_H
#define CSOCKETS_STRUCTURES_H

#include <stddef.h>
#include <stdint.h>

/// `struct iovec`.
struct cs_iovec {
  void *base;
  size_t count;
};

/// `struct msghdr`.
struct cs_msghdr {
  void *name;
  uint32_t name_length;
  struct cs_iovec *parts;
  size_t part_count;
  void *control;
  size_t control_length;
  int32_t flags;
};

/// `struct mmsghdr`: one message of a batch and the count of its bytes.
struct cs_mmsghdr {
  struct cs_msghdr header;
  uint32_t byte_count;
};

/// `struct pollfd`.
struct cs_pollfd {
  int32_t descriptor;
  int16_t events;
  int16_t returned_events;
};

#endif
