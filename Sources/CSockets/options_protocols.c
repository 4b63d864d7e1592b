// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// Proof, at compile time, that the numbers in options.h are the system's own: options of protocols and links. Those that an
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

#ifdef MPTCP_INFO
SAME(MPTCP_INFO);
#endif
#ifdef MPTCP_SUBFLOW_ADDRS
SAME(MPTCP_SUBFLOW_ADDRS);
#endif
#ifdef MPTCP_TCPINFO
SAME(MPTCP_TCPINFO);
#endif
#ifdef NETLINK_ADD_MEMBERSHIP
SAME(NETLINK_ADD_MEMBERSHIP);
#endif
#ifdef NETLINK_BROADCAST_ERROR
SAME(NETLINK_BROADCAST_ERROR);
#endif
#ifdef NETLINK_CAP_ACK
SAME(NETLINK_CAP_ACK);
#endif
#ifdef NETLINK_DROP_MEMBERSHIP
SAME(NETLINK_DROP_MEMBERSHIP);
#endif
#ifdef NETLINK_EXT_ACK
SAME(NETLINK_EXT_ACK);
#endif
#ifdef NETLINK_GET_STRICT_CHK
SAME(NETLINK_GET_STRICT_CHK);
#endif
#ifdef NETLINK_LISTEN_ALL_NSID
SAME(NETLINK_LISTEN_ALL_NSID);
#endif
#ifdef NETLINK_LIST_MEMBERSHIPS
SAME(NETLINK_LIST_MEMBERSHIPS);
#endif
#ifdef NETLINK_NO_ENOBUFS
SAME(NETLINK_NO_ENOBUFS);
#endif
#ifdef NETLINK_PKTINFO
SAME(NETLINK_PKTINFO);
#endif
#ifdef PACKET_ADD_MEMBERSHIP
SAME(PACKET_ADD_MEMBERSHIP);
#endif
#ifdef PACKET_AUXDATA
SAME(PACKET_AUXDATA);
#endif
#ifdef PACKET_COPY_THRESH
SAME(PACKET_COPY_THRESH);
#endif
#ifdef PACKET_DROP_MEMBERSHIP
SAME(PACKET_DROP_MEMBERSHIP);
#endif
#ifdef PACKET_FANOUT
SAME(PACKET_FANOUT);
#endif
#ifdef PACKET_FANOUT_DATA
SAME(PACKET_FANOUT_DATA);
#endif
#ifdef PACKET_HDRLEN
SAME(PACKET_HDRLEN);
#endif
#ifdef PACKET_IGNORE_OUTGOING
SAME(PACKET_IGNORE_OUTGOING);
#endif
#ifdef PACKET_LOSS
SAME(PACKET_LOSS);
#endif
#ifdef PACKET_ORIGDEV
SAME(PACKET_ORIGDEV);
#endif
#ifdef PACKET_QDISC_BYPASS
SAME(PACKET_QDISC_BYPASS);
#endif
#ifdef PACKET_RESERVE
SAME(PACKET_RESERVE);
#endif
#ifdef PACKET_ROLLOVER_STATS
SAME(PACKET_ROLLOVER_STATS);
#endif
#ifdef PACKET_RX_RING
SAME(PACKET_RX_RING);
#endif
#ifdef PACKET_STATISTICS
SAME(PACKET_STATISTICS);
#endif
#ifdef PACKET_TIMESTAMP
SAME(PACKET_TIMESTAMP);
#endif
#ifdef PACKET_TX_HAS_OFF
SAME(PACKET_TX_HAS_OFF);
#endif
#ifdef PACKET_TX_RING
SAME(PACKET_TX_RING);
#endif
#ifdef PACKET_VERSION
SAME(PACKET_VERSION);
#endif
#ifdef PACKET_VNET_HDR
SAME(PACKET_VNET_HDR);
#endif
#ifdef PACKET_VNET_HDR_SZ
SAME(PACKET_VNET_HDR_SZ);
#endif
#ifdef TCP_CC_INFO
SAME(TCP_CC_INFO);
#endif
#ifdef TCP_CONGESTION
SAME(TCP_CONGESTION);
#endif
#ifdef TCP_CORK
SAME(TCP_CORK);
#endif
#ifdef TCP_DEFER_ACCEPT
SAME(TCP_DEFER_ACCEPT);
#endif
#ifdef TCP_DELACK_MAX_US
SAME(TCP_DELACK_MAX_US);
#endif
#ifdef TCP_FASTOPEN
SAME(TCP_FASTOPEN);
#endif
#ifdef TCP_FASTOPEN_CONNECT
SAME(TCP_FASTOPEN_CONNECT);
#endif
#ifdef TCP_FASTOPEN_KEY
SAME(TCP_FASTOPEN_KEY);
#endif
#ifdef TCP_FASTOPEN_NO_COOKIE
SAME(TCP_FASTOPEN_NO_COOKIE);
#endif
#ifdef TCP_INFO
SAME(TCP_INFO);
#endif
#ifdef TCP_INQ
SAME(TCP_INQ);
#endif
#ifdef TCP_IS_MPTCP
SAME(TCP_IS_MPTCP);
#endif
#ifdef TCP_KEEPCNT
SAME(TCP_KEEPCNT);
#endif
#ifdef TCP_KEEPIDLE
SAME(TCP_KEEPIDLE);
#endif
#ifdef TCP_KEEPINTVL
SAME(TCP_KEEPINTVL);
#endif
#ifdef TCP_LINGER2
SAME(TCP_LINGER2);
#endif
#ifdef TCP_MAXSEG
SAME(TCP_MAXSEG);
#endif
#ifdef TCP_MD5SIG
SAME(TCP_MD5SIG);
#endif
#ifdef TCP_MD5SIG_EXT
SAME(TCP_MD5SIG_EXT);
#endif
#ifdef TCP_NODELAY
SAME(TCP_NODELAY);
#endif
#ifdef TCP_NOTSENT_LOWAT
SAME(TCP_NOTSENT_LOWAT);
#endif
#ifdef TCP_QUEUE_SEQ
SAME(TCP_QUEUE_SEQ);
#endif
#ifdef TCP_QUICKACK
SAME(TCP_QUICKACK);
#endif
#ifdef TCP_REPAIR
SAME(TCP_REPAIR);
#endif
#ifdef TCP_REPAIR_OPTIONS
SAME(TCP_REPAIR_OPTIONS);
#endif
#ifdef TCP_REPAIR_QUEUE
SAME(TCP_REPAIR_QUEUE);
#endif
#ifdef TCP_REPAIR_WINDOW
SAME(TCP_REPAIR_WINDOW);
#endif
#ifdef TCP_RTO_MAX_MS
SAME(TCP_RTO_MAX_MS);
#endif
#ifdef TCP_RTO_MIN_US
SAME(TCP_RTO_MIN_US);
#endif
#ifdef TCP_SAVED_SYN
SAME(TCP_SAVED_SYN);
#endif
#ifdef TCP_SAVE_SYN
SAME(TCP_SAVE_SYN);
#endif
#ifdef TCP_SYNCNT
SAME(TCP_SYNCNT);
#endif
#ifdef TCP_THIN_DUPACK
SAME(TCP_THIN_DUPACK);
#endif
#ifdef TCP_THIN_LINEAR_TIMEOUTS
SAME(TCP_THIN_LINEAR_TIMEOUTS);
#endif
#ifdef TCP_TIMESTAMP
SAME(TCP_TIMESTAMP);
#endif
#ifdef TCP_TX_DELAY
SAME(TCP_TX_DELAY);
#endif
#ifdef TCP_ULP
SAME(TCP_ULP);
#endif
#ifdef TCP_USER_TIMEOUT
SAME(TCP_USER_TIMEOUT);
#endif
#ifdef TCP_WINDOW_CLAMP
SAME(TCP_WINDOW_CLAMP);
#endif
#ifdef UDPLITE_RECV_CSCOV
SAME(UDPLITE_RECV_CSCOV);
#endif
#ifdef UDPLITE_SEND_CSCOV
SAME(UDPLITE_SEND_CSCOV);
#endif
#ifdef UDP_CORK
SAME(UDP_CORK);
#endif
#ifdef UDP_ENCAP
SAME(UDP_ENCAP);
#endif
#ifdef UDP_GRO
SAME(UDP_GRO);
#endif
#ifdef UDP_NO_CHECK6_RX
SAME(UDP_NO_CHECK6_RX);
#endif
#ifdef UDP_NO_CHECK6_TX
SAME(UDP_NO_CHECK6_TX);
#endif
#ifdef UDP_SEGMENT
SAME(UDP_SEGMENT);
#endif
#ifdef X25_QBITINCL
SAME(X25_QBITINCL);
#endif
