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
