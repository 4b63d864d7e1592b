// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// Proof, at compile time, that the numbers in constants.h and the structures in structures.h are the
// system's own.
#define _GNU_SOURCE
#include "CSockets.h"

#include <sys/socket.h>
#include <poll.h>
#include <sys/uio.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <linux/x25.h>

#define SAME(ours, system) _Static_assert((ours) == (system), #system " differs from the system's header")

SAME(CS_AF_X25, AF_X25);
SAME(CS_AF_NETLINK, AF_NETLINK);
SAME(CS_AF_PACKET, AF_PACKET);
SAME(CS_AF_VSOCK, AF_VSOCK);

// Layouts: the same size, and each field in the same place.
#define LAYOUT(ours, system) _Static_assert(sizeof(ours) == sizeof(system), #system " has another size")
#define FIELD(ours, f, system, g) \
  _Static_assert(offsetof(ours, f) == offsetof(system, g), #system "." #g " is elsewhere")

LAYOUT(struct cs_iovec, struct iovec);
FIELD(struct cs_iovec, count, struct iovec, iov_len);
LAYOUT(struct cs_msghdr, struct msghdr);
FIELD(struct cs_msghdr, name_length, struct msghdr, msg_namelen);
FIELD(struct cs_msghdr, parts, struct msghdr, msg_iov);
FIELD(struct cs_msghdr, part_count, struct msghdr, msg_iovlen);
FIELD(struct cs_msghdr, control, struct msghdr, msg_control);
FIELD(struct cs_msghdr, control_length, struct msghdr, msg_controllen);
FIELD(struct cs_msghdr, flags, struct msghdr, msg_flags);
LAYOUT(struct cs_mmsghdr, struct mmsghdr);
FIELD(struct cs_mmsghdr, byte_count, struct mmsghdr, msg_len);
LAYOUT(struct cs_pollfd, struct pollfd);
FIELD(struct cs_pollfd, returned_events, struct pollfd, revents);

// The numbers of Sources/Sockets/System/Constants.swift.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <linux/sockios.h>
SAME(02000000, SOCK_CLOEXEC);
SAME(04000, SOCK_NONBLOCK);
SAME(3, F_GETFL);
SAME(4, F_SETFL);
SAME(2, F_SETFD);
SAME(1, FD_CLOEXEC);
SAME(1030, F_DUPFD_CLOEXEC);
SAME(04000, O_NONBLOCK);
SAME(1, SOL_SOCKET);
SAME(4, SO_ERROR);
SAME(39, SO_DOMAIN);
SAME(3, SO_TYPE);
SAME(21, SO_SNDTIMEO);
SAME(13, SO_LINGER);
SAME(0x1, POLLIN);
SAME(0x2, POLLPRI);
SAME(0x4, POLLOUT);
SAME(1, SPLICE_F_MOVE);
SAME(2, SPLICE_F_NONBLOCK);
SAME(0x8, POLLERR);
SAME(0x10, POLLHUP);
SAME(0x20, POLLNVAL);
SAME(0x2000, POLLRDHUP);
SAME(0x8905, SIOCATMARK);

// Addresses.
LAYOUT(struct cs_sockaddr_x25, struct sockaddr_x25);
FIELD(struct cs_sockaddr_x25, digits, struct sockaddr_x25, sx25_addr);
LAYOUT(struct cs_sockaddr_vm, struct sockaddr_vm);
FIELD(struct cs_sockaddr_vm, port, struct sockaddr_vm, svm_port);
FIELD(struct cs_sockaddr_vm, context_id, struct sockaddr_vm, svm_cid);
_Static_assert(offsetof(struct cs_sockaddr_vm, flags) == 12, "svm_flags follows svm_cid");
LAYOUT(struct cs_sockaddr_ll, struct sockaddr_ll);
FIELD(struct cs_sockaddr_ll, protocol, struct sockaddr_ll, sll_protocol);
FIELD(struct cs_sockaddr_ll, interface_index, struct sockaddr_ll, sll_ifindex);
FIELD(struct cs_sockaddr_ll, hardware_type, struct sockaddr_ll, sll_hatype);
FIELD(struct cs_sockaddr_ll, packet_type, struct sockaddr_ll, sll_pkttype);
FIELD(struct cs_sockaddr_ll, address_length, struct sockaddr_ll, sll_halen);
FIELD(struct cs_sockaddr_ll, address, struct sockaddr_ll, sll_addr);
LAYOUT(struct cs_sockaddr_nl, struct sockaddr_nl);
FIELD(struct cs_sockaddr_nl, port_id, struct sockaddr_nl, nl_pid);
FIELD(struct cs_sockaddr_nl, groups, struct sockaddr_nl, nl_groups);

#include <linux/filter.h>
LAYOUT(struct cs_sock_fprog, struct sock_fprog);
FIELD(struct cs_sock_fprog, instructions, struct sock_fprog, filter);

// The event interfaces: the numbers of Sources/AsyncSockets/Engine.
#include <linux/io_uring.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
LAYOUT(struct cs_epoll_event, struct epoll_event);
FIELD(struct cs_epoll_event, data, struct epoll_event, data);
SAME(0x1, EPOLLIN);
SAME(0x2, EPOLLPRI);
SAME(0x4, EPOLLOUT);
SAME(0x8, EPOLLERR);
SAME(0x10, EPOLLHUP);
SAME(0x2000, EPOLLRDHUP);
SAME(1u << 31, EPOLLET);
SAME(1, EPOLL_CTL_ADD);
SAME(2, EPOLL_CTL_DEL);
SAME(02000000, EPOLL_CLOEXEC);
SAME(02004000, EFD_CLOEXEC | EFD_NONBLOCK);
LAYOUT(struct cs_sqe, struct io_uring_sqe);
FIELD(struct cs_sqe, io_priority, struct io_uring_sqe, ioprio);
FIELD(struct cs_sqe, offset, struct io_uring_sqe, off);
FIELD(struct cs_sqe, address, struct io_uring_sqe, addr);
FIELD(struct cs_sqe, count, struct io_uring_sqe, len);
FIELD(struct cs_sqe, operation_flags, struct io_uring_sqe, msg_flags);
FIELD(struct cs_sqe, user_data, struct io_uring_sqe, user_data);
FIELD(struct cs_sqe, buffer_group, struct io_uring_sqe, buf_group);
FIELD(struct cs_sqe, file_index, struct io_uring_sqe, file_index);
_Static_assert(sizeof(struct cs_cqe) == 16, "struct io_uring_cqe has 16 bytes");
FIELD(struct cs_cqe, result, struct io_uring_cqe, res);
FIELD(struct cs_cqe, flags, struct io_uring_cqe, flags);
LAYOUT(struct cs_ring_parameters, struct io_uring_params);
FIELD(struct cs_ring_parameters, features, struct io_uring_params, features);
FIELD(struct cs_ring_parameters, submission, struct io_uring_params, sq_off);
FIELD(struct cs_ring_parameters, submission.array, struct io_uring_params, sq_off.array);
FIELD(struct cs_ring_parameters, completion, struct io_uring_params, cq_off);
FIELD(struct cs_ring_parameters, completion.entries, struct io_uring_params, cq_off.cqes);
SAME(6, IORING_OP_POLL_ADD);
SAME(9, IORING_OP_SENDMSG);
SAME(10, IORING_OP_RECVMSG);
SAME(13, IORING_OP_ACCEPT);
SAME(14, IORING_OP_ASYNC_CANCEL);
SAME(16, IORING_OP_CONNECT);
SAME(22, IORING_OP_READ);
SAME(26, IORING_OP_SEND);
SAME(27, IORING_OP_RECV);
SAME(1u << 6, IORING_SETUP_R_DISABLED);
SAME(1u << 3, IORING_SETUP_CQSIZE);
SAME(1u << 7, IORING_SETUP_SUBMIT_ALL);
SAME(1u << 8, IORING_SETUP_COOP_TASKRUN);
SAME(1u << 12, IORING_SETUP_SINGLE_ISSUER);
SAME(1u << 13, IORING_SETUP_DEFER_TASKRUN);
SAME(1, IORING_ENTER_GETEVENTS);
SAME(8, IORING_ENTER_EXT_ARG);
SAME(0, IORING_OFF_SQ_RING);
SAME(0x10000000, IORING_OFF_SQES);
SAME(1, IORING_FEAT_SINGLE_MMAP);
SAME(2, IORING_FEAT_NODROP);
SAME(1 << 8, IORING_FEAT_EXT_ARG);
SAME(12, IORING_REGISTER_ENABLE_RINGS);
SAME(2, IORING_CQE_F_MORE);
SAME(2, IORING_SQ_CQ_OVERFLOW);
