// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// Numbers of control messages: what travels beside the bytes of a message. Each is compared with the
// system's own header, where that has it, in control.c.
#ifndef CSOCKETS_CONTROL_H
#define CSOCKETS_CONTROL_H

// Levels.
#define CS_SOL_IP 0
#define CS_SOL_SOCKET 1
#define CS_SOL_TCP 6
#define CS_SOL_UDP 17
#define CS_SOL_IPV6 41
#define CS_SOL_PACKET 263
#define CS_SOL_VSOCK 287

// Level SOL_SOCKET.
#define CS_SCM_RIGHTS 1
#define CS_SCM_CREDENTIALS 2
#define CS_SCM_SECURITY 3
#define CS_SCM_PIDFD 4
#define CS_SCM_PRIORITY 12
#define CS_SCM_TIMESTAMP 29
#define CS_SCM_TIMESTAMPNS 35
#define CS_SCM_MARK 36
#define CS_SCM_TIMESTAMPING 37
#define CS_SCM_RXQ_OVFL 40
#define CS_SCM_TXTIME 61
#define CS_SCM_TIMESTAMP_NEW 63
#define CS_SCM_TIMESTAMPNS_NEW 64
#define CS_SCM_TIMESTAMPING_NEW 65
#define CS_SCM_TS_OPT_ID 81

// Level SOL_IP.
#define CS_IP_TOS 1
#define CS_IP_TTL 2
#define CS_IP_PKTINFO 8
#define CS_IP_RECVERR 11
#define CS_IP_ORIGDSTADDR 20

// Level SOL_IPV6.
#define CS_IPV6_RECVERR 25
#define CS_IPV6_PKTINFO 50
#define CS_IPV6_HOPLIMIT 52
#define CS_IPV6_TCLASS 67
#define CS_IPV6_ORIGDSTADDR 74

// Level SOL_UDP.
#define CS_UDP_SEGMENT 103
#define CS_UDP_GRO 104

// Error queues of the other levels.
#define CS_PACKET_TX_TIMESTAMP 16
#define CS_VSOCK_RECVERR 1

// Origins and codes of error-queue records (linux/errqueue.h).
#define CS_SO_EE_ORIGIN_ZEROCOPY 5
#define CS_SO_EE_CODE_ZEROCOPY_COPIED 1

// Options that this folder sets itself.
#define CS_SO_ACCEPTCONN 30
#define CS_SO_ZEROCOPY 60

/// The most descriptors that one message carries: SCM_MAX_FD (net/scm.h), which no header exports.
#define CS_SCM_MAX_FD 253

#endif
