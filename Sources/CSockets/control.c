// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// Proof, at compile time, that the numbers in control.h are the system's own, and that control messages
// are laid out as ControlFormat.swift says.
#define _GNU_SOURCE
#include "CSockets.h"

#include <time.h>

#include <linux/errqueue.h>
#include <linux/if_packet.h>
#include <linux/udp.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define SAME(ours, system) _Static_assert((ours) == (system), #system " differs from the system's header")

SAME(CS_SOL_IP, SOL_IP);
SAME(CS_SOL_SOCKET, SOL_SOCKET);
SAME(CS_SOL_TCP, IPPROTO_TCP);
SAME(CS_SOL_UDP, IPPROTO_UDP);
SAME(CS_SOL_IPV6, SOL_IPV6);
SAME(CS_SOL_PACKET, SOL_PACKET);
#ifdef SOL_VSOCK
SAME(CS_SOL_VSOCK, SOL_VSOCK);
#endif
SAME(CS_SCM_RIGHTS, SCM_RIGHTS);
SAME(CS_SCM_CREDENTIALS, SCM_CREDENTIALS);
#ifdef SCM_SECURITY
SAME(CS_SCM_SECURITY, SCM_SECURITY);
#endif
#ifdef SCM_PIDFD
SAME(CS_SCM_PIDFD, SCM_PIDFD);
#endif
SAME(CS_SCM_PRIORITY, SO_PRIORITY);
SAME(CS_SCM_TIMESTAMP, SCM_TIMESTAMP);
SAME(CS_SCM_TIMESTAMPNS, SCM_TIMESTAMPNS);
SAME(CS_SCM_MARK, SO_MARK);
SAME(CS_SCM_TIMESTAMPING, SCM_TIMESTAMPING);
SAME(CS_SCM_RXQ_OVFL, SO_RXQ_OVFL);
SAME(CS_SCM_TXTIME, SCM_TXTIME);
SAME(CS_SCM_TIMESTAMP_NEW, SO_TIMESTAMP_NEW);
SAME(CS_SCM_TIMESTAMPNS_NEW, SO_TIMESTAMPNS_NEW);
SAME(CS_SCM_TIMESTAMPING_NEW, SO_TIMESTAMPING_NEW);
#ifdef SCM_TS_OPT_ID
SAME(CS_SCM_TS_OPT_ID, SCM_TS_OPT_ID);
#endif
SAME(CS_IP_TOS, IP_TOS);
SAME(CS_IP_TTL, IP_TTL);
SAME(CS_IP_PKTINFO, IP_PKTINFO);
SAME(CS_IP_RECVERR, IP_RECVERR);
SAME(CS_IP_ORIGDSTADDR, IP_ORIGDSTADDR);
SAME(CS_IPV6_RECVERR, IPV6_RECVERR);
SAME(CS_IPV6_PKTINFO, IPV6_PKTINFO);
SAME(CS_IPV6_HOPLIMIT, IPV6_HOPLIMIT);
SAME(CS_IPV6_TCLASS, IPV6_TCLASS);
#ifdef IPV6_ORIGDSTADDR
SAME(CS_IPV6_ORIGDSTADDR, IPV6_ORIGDSTADDR);
#endif
SAME(CS_UDP_SEGMENT, UDP_SEGMENT);
SAME(CS_UDP_GRO, UDP_GRO);
SAME(CS_PACKET_TX_TIMESTAMP, PACKET_TX_TIMESTAMP);
#ifdef VSOCK_RECVERR
SAME(CS_VSOCK_RECVERR, VSOCK_RECVERR);
#endif
SAME(CS_SO_EE_ORIGIN_ZEROCOPY, SO_EE_ORIGIN_ZEROCOPY);
SAME(CS_SO_EE_CODE_ZEROCOPY_COPIED, SO_EE_CODE_ZEROCOPY_COPIED);
SAME(CS_SO_ACCEPTCONN, SO_ACCEPTCONN);
SAME(CS_SO_ZEROCOPY, SO_ZEROCOPY);

// The arithmetic of ControlFormat.swift.
SAME(16, sizeof(struct cmsghdr));
SAME(8, offsetof(struct cmsghdr, cmsg_level));
SAME(12, offsetof(struct cmsghdr, cmsg_type));
SAME(17, CMSG_LEN(1));
SAME(24, CMSG_SPACE(1));
SAME(24, CMSG_SPACE(8));
SAME(12, sizeof(struct ucred));
SAME(12, sizeof(struct in_pktinfo));
SAME(4, offsetof(struct in_pktinfo, ipi_spec_dst));
SAME(8, offsetof(struct in_pktinfo, ipi_addr));
SAME(20, sizeof(struct in6_pktinfo));
SAME(16, offsetof(struct in6_pktinfo, ipi6_ifindex));
SAME(16, sizeof(struct sock_extended_err));
SAME(4, offsetof(struct sock_extended_err, ee_origin));
SAME(8, offsetof(struct sock_extended_err, ee_info));
SAME(12, offsetof(struct sock_extended_err, ee_data));
