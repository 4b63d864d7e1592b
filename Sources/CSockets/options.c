// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// Proof, at compile time, that the numbers in options.h are the system's own: options of sockets of every family. Those that an
// older header may lack are compared only where it has them.
#define _GNU_SOURCE
#include "options.h"

#include <sys/socket.h>
#include <netinet/in.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/mptcp.h>
#include <linux/netlink.h>
#include <linux/if_packet.h>
#include <linux/vm_sockets.h>
#include <linux/x25.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#define SAME(name) _Static_assert(CS_##name == name, #name " differs from the system's header")

#ifdef SOL_SOCKET
SAME(SOL_SOCKET);
#endif
#ifdef SOL_IP
SAME(SOL_IP);
#endif
#ifdef SOL_IPV6
SAME(SOL_IPV6);
#endif
#ifdef SOL_TCP
SAME(SOL_TCP);
#endif
#ifdef SOL_UDP
SAME(SOL_UDP);
#endif
#ifdef SOL_UDPLITE
SAME(SOL_UDPLITE);
#endif
#ifdef SOL_RAW
SAME(SOL_RAW);
#endif
#ifdef SOL_ICMPV6
SAME(SOL_ICMPV6);
#endif
#ifdef SOL_PACKET
SAME(SOL_PACKET);
#endif
#ifdef SOL_NETLINK
SAME(SOL_NETLINK);
#endif
#ifdef SOL_X25
SAME(SOL_X25);
#endif
#ifdef SOL_MPTCP
SAME(SOL_MPTCP);
#endif
#ifdef SO_ACCEPTCONN
SAME(SO_ACCEPTCONN);
#endif
#ifdef SO_ATTACH_BPF
SAME(SO_ATTACH_BPF);
#endif
#ifdef SO_ATTACH_FILTER
SAME(SO_ATTACH_FILTER);
#endif
#ifdef SO_ATTACH_REUSEPORT_CBPF
SAME(SO_ATTACH_REUSEPORT_CBPF);
#endif
#ifdef SO_ATTACH_REUSEPORT_EBPF
SAME(SO_ATTACH_REUSEPORT_EBPF);
#endif
#ifdef SO_BINDTODEVICE
SAME(SO_BINDTODEVICE);
#endif
#ifdef SO_BINDTOIFINDEX
SAME(SO_BINDTOIFINDEX);
#endif
#ifdef SO_BPF_EXTENSIONS
SAME(SO_BPF_EXTENSIONS);
#endif
#ifdef SO_BROADCAST
SAME(SO_BROADCAST);
#endif
#ifdef SO_BSDCOMPAT
SAME(SO_BSDCOMPAT);
#endif
#ifdef SO_BUF_LOCK
SAME(SO_BUF_LOCK);
#endif
#ifdef SO_BUSY_POLL
SAME(SO_BUSY_POLL);
#endif
#ifdef SO_BUSY_POLL_BUDGET
SAME(SO_BUSY_POLL_BUDGET);
#endif
#ifdef SO_CNX_ADVICE
SAME(SO_CNX_ADVICE);
#endif
#ifdef SO_COOKIE
SAME(SO_COOKIE);
#endif
#ifdef SO_DEBUG
SAME(SO_DEBUG);
#endif
#ifdef SO_DETACH_FILTER
SAME(SO_DETACH_FILTER);
#endif
#ifdef SO_DETACH_REUSEPORT_BPF
SAME(SO_DETACH_REUSEPORT_BPF);
#endif
#ifdef SO_DEVMEM_DONTNEED
SAME(SO_DEVMEM_DONTNEED);
#endif
#ifdef SO_DOMAIN
SAME(SO_DOMAIN);
#endif
#ifdef SO_DONTROUTE
SAME(SO_DONTROUTE);
#endif
#ifdef SO_ERROR
SAME(SO_ERROR);
#endif
#ifdef SO_INCOMING_CPU
SAME(SO_INCOMING_CPU);
#endif
#ifdef SO_INCOMING_NAPI_ID
SAME(SO_INCOMING_NAPI_ID);
#endif
#ifdef SO_INQ
SAME(SO_INQ);
#endif
#ifdef SO_KEEPALIVE
SAME(SO_KEEPALIVE);
#endif
#ifdef SO_LINGER
SAME(SO_LINGER);
#endif
#ifdef SO_LOCK_FILTER
SAME(SO_LOCK_FILTER);
#endif
#ifdef SO_MARK
SAME(SO_MARK);
#endif
#ifdef SO_MAX_PACING_RATE
SAME(SO_MAX_PACING_RATE);
#endif
#ifdef SO_MEMINFO
SAME(SO_MEMINFO);
#endif
#ifdef SO_NETNS_COOKIE
SAME(SO_NETNS_COOKIE);
#endif
#ifdef SO_NOFCS
SAME(SO_NOFCS);
#endif
#ifdef SO_NO_CHECK
SAME(SO_NO_CHECK);
#endif
#ifdef SO_OOBINLINE
SAME(SO_OOBINLINE);
#endif
#ifdef SO_ORIGINAL_DST
SAME(SO_ORIGINAL_DST);
#endif
#ifdef SO_PASSCRED
SAME(SO_PASSCRED);
#endif
#ifdef SO_PASSPIDFD
SAME(SO_PASSPIDFD);
#endif
#ifdef SO_PASSRIGHTS
SAME(SO_PASSRIGHTS);
#endif
#ifdef SO_PASSSEC
SAME(SO_PASSSEC);
#endif
#ifdef SO_PEEK_OFF
SAME(SO_PEEK_OFF);
#endif
#ifdef SO_PEERCRED
SAME(SO_PEERCRED);
#endif
#ifdef SO_PEERGROUPS
SAME(SO_PEERGROUPS);
#endif
#ifdef SO_PEERPIDFD
SAME(SO_PEERPIDFD);
#endif
#ifdef SO_PEERSEC
SAME(SO_PEERSEC);
#endif
#ifdef SO_PREFER_BUSY_POLL
SAME(SO_PREFER_BUSY_POLL);
#endif
#ifdef SO_PRIORITY
SAME(SO_PRIORITY);
#endif
#ifdef SO_PROTOCOL
SAME(SO_PROTOCOL);
#endif
#ifdef SO_RCVBUF
SAME(SO_RCVBUF);
#endif
#ifdef SO_RCVBUFFORCE
SAME(SO_RCVBUFFORCE);
#endif
#ifdef SO_RCVLOWAT
SAME(SO_RCVLOWAT);
#endif
#ifdef SO_RCVMARK
SAME(SO_RCVMARK);
#endif
#ifdef SO_RCVPRIORITY
SAME(SO_RCVPRIORITY);
#endif
#ifdef SO_RCVTIMEO
SAME(SO_RCVTIMEO);
#endif
#ifdef SO_RESERVE_MEM
SAME(SO_RESERVE_MEM);
#endif
#ifdef SO_REUSEADDR
SAME(SO_REUSEADDR);
#endif
#ifdef SO_REUSEPORT
SAME(SO_REUSEPORT);
#endif
#ifdef SO_RXQ_OVFL
SAME(SO_RXQ_OVFL);
#endif
#ifdef SO_SELECT_ERR_QUEUE
SAME(SO_SELECT_ERR_QUEUE);
#endif
#ifdef SO_SNDBUF
SAME(SO_SNDBUF);
#endif
#ifdef SO_SNDBUFFORCE
SAME(SO_SNDBUFFORCE);
#endif
#ifdef SO_SNDLOWAT
SAME(SO_SNDLOWAT);
#endif
#ifdef SO_SNDTIMEO
SAME(SO_SNDTIMEO);
#endif
#ifdef SO_TIMESTAMP
SAME(SO_TIMESTAMP);
#endif
#ifdef SO_TIMESTAMPING
SAME(SO_TIMESTAMPING);
#endif
#ifdef SO_TIMESTAMPNS
SAME(SO_TIMESTAMPNS);
#endif
#ifdef SO_TXREHASH
SAME(SO_TXREHASH);
#endif
#ifdef SO_TXTIME
SAME(SO_TXTIME);
#endif
#ifdef SO_TYPE
SAME(SO_TYPE);
#endif
#ifdef SO_VM_SOCKETS_BUFFER_MAX_SIZE
SAME(SO_VM_SOCKETS_BUFFER_MAX_SIZE);
#endif
#ifdef SO_VM_SOCKETS_BUFFER_MIN_SIZE
SAME(SO_VM_SOCKETS_BUFFER_MIN_SIZE);
#endif
#ifdef SO_VM_SOCKETS_BUFFER_SIZE
SAME(SO_VM_SOCKETS_BUFFER_SIZE);
#endif
#ifdef SO_VM_SOCKETS_CONNECT_TIMEOUT
SAME(SO_VM_SOCKETS_CONNECT_TIMEOUT);
#endif
#ifdef SO_VM_SOCKETS_NONBLOCK_TXRX
SAME(SO_VM_SOCKETS_NONBLOCK_TXRX);
#endif
#ifdef SO_VM_SOCKETS_PEER_HOST_VM_ID
SAME(SO_VM_SOCKETS_PEER_HOST_VM_ID);
#endif
#ifdef SO_VM_SOCKETS_TRUSTED
SAME(SO_VM_SOCKETS_TRUSTED);
#endif
#ifdef SO_WIFI_STATUS
SAME(SO_WIFI_STATUS);
#endif
#ifdef SO_ZEROCOPY
SAME(SO_ZEROCOPY);
#endif
