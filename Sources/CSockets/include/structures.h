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

// Addresses that Glibc's module does not import. The library writes their bytes itself; these declarations
// hold its offsets against the system's.

/// `struct sockaddr_x25`.
struct cs_sockaddr_x25 {
  uint16_t family;
  char digits[16];
};

/// `struct sockaddr_vm`.
struct cs_sockaddr_vm {
  uint16_t family;
  uint16_t reserved;
  uint32_t port;
  uint32_t context_id;
  uint8_t flags;
  uint8_t zero[3];
};

/// `struct sockaddr_ll`.
struct cs_sockaddr_ll {
  uint16_t family;
  uint16_t protocol;
  int32_t interface_index;
  uint16_t hardware_type;
  uint8_t packet_type;
  uint8_t address_length;
  uint8_t address[8];
};

/// `struct sockaddr_nl`.
struct cs_sockaddr_nl {
  uint16_t family;
  uint16_t padding;
  uint32_t port_id;
  uint32_t groups;
};

/// `struct sock_fprog`: a classic BPF program by its address.
struct cs_sock_fprog {
  uint16_t count;
  const void *instructions;
};

// The kernel's event interfaces.

/// `struct epoll_event`; packed on x86-64 alone.
struct cs_epoll_event {
  uint32_t events;
  uint64_t data;
}
#ifdef __x86_64__
__attribute__((packed))
#endif
;

/// `struct io_uring_sqe` as the operations of sockets use it.
struct cs_sqe {
  uint8_t operation;
  uint8_t flags;
  uint16_t io_priority;
  int32_t descriptor;
  uint64_t offset;
  uint64_t address;
  uint32_t count;
  uint32_t operation_flags;
  uint64_t user_data;
  uint16_t buffer_group;
  uint16_t personality;
  int32_t file_index;
  uint64_t address3;
  uint64_t unused;
};

/// `struct io_uring_cqe`.
struct cs_cqe {
  uint64_t user_data;
  int32_t result;
  uint32_t flags;
};

/// `struct io_uring_params`.
struct cs_ring_parameters {
  uint32_t submission_entries;
  uint32_t completion_entries;
  uint32_t flags;
  uint32_t thread_processor;
  uint32_t thread_idle;
  uint32_t features;
  uint32_t shared_workers;
  uint32_t reserved[3];
  struct {
    uint32_t head, tail, ring_mask, ring_entries, flags, dropped, array, reserved;
    uint64_t address;
  } submission;
  struct {
    uint32_t head, tail, ring_mask, ring_entries, overflow, entries, flags, reserved;
    uint64_t address;
  } completion;
};

#endif
