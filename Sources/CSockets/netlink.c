// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// Proof, at compile time, that the numbers in netlink.h, and those under Sources/Sockets/Netlink, Names and
// Diagnostics, are the system's own, and that its structures are laid out as these folders read them.
#define _GNU_SOURCE
#include "CSockets.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <linux/bpf.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/netlink_diag.h>
#include <linux/packet_diag.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <linux/vm_sockets_diag.h>

#define SAME(ours, system) _Static_assert((ours) == (system), #system " differs from the system's header")

SAME(CS_NETLINK_ROUTE, NETLINK_ROUTE);
SAME(CS_NETLINK_SOCK_DIAG, NETLINK_SOCK_DIAG);
SAME(CS_NLMSG_NOOP, NLMSG_NOOP);
SAME(CS_NLMSG_ERROR, NLMSG_ERROR);
SAME(CS_NLMSG_DONE, NLMSG_DONE);
SAME(CS_NLMSG_OVERRUN, NLMSG_OVERRUN);
SAME(CS_NLM_F_REQUEST, NLM_F_REQUEST);
SAME(CS_NLM_F_ACK, NLM_F_ACK);
SAME(CS_NLM_F_DUMP_INTR, NLM_F_DUMP_INTR);
SAME(CS_NLM_F_DUMP, NLM_F_DUMP);
SAME(CS_NLA_TYPE_MASK, (uint16_t)NLA_TYPE_MASK);
SAME(CS_RTM_NEWLINK, RTM_NEWLINK);
SAME(CS_RTM_GETLINK, RTM_GETLINK);
SAME(CS_IFLA_ADDRESS, IFLA_ADDRESS);
SAME(CS_IFLA_BROADCAST, IFLA_BROADCAST);
SAME(CS_IFLA_IFNAME, IFLA_IFNAME);
SAME(CS_IFLA_MTU, IFLA_MTU);
SAME(CS_IFLA_OPERSTATE, IFLA_OPERSTATE);
SAME(CS_IFLA_EXT_MASK, IFLA_EXT_MASK);
SAME(CS_RTEXT_FILTER_SKIP_STATS, RTEXT_FILTER_SKIP_STATS);
SAME(CS_RTM_NEWADDR, RTM_NEWADDR);
SAME(CS_RTM_GETADDR, RTM_GETADDR);
SAME(CS_IFA_ADDRESS, IFA_ADDRESS);
SAME(CS_IFA_LOCAL, IFA_LOCAL);
SAME(CS_IFA_BROADCAST, IFA_BROADCAST);
SAME(CS_IFA_FLAGS, IFA_FLAGS);
SAME(CS_SOCK_DIAG_BY_FAMILY, SOCK_DIAG_BY_FAMILY);
SAME(CS_INET_DIAG_REQ_PROTOCOL, INET_DIAG_REQ_PROTOCOL);
SAME(CS_INET_DIAG_INFO, INET_DIAG_INFO);
SAME(CS_INET_DIAG_CONG, INET_DIAG_CONG);
SAME(CS_INET_DIAG_TCLASS, INET_DIAG_TCLASS);
SAME(CS_INET_DIAG_SKMEMINFO, INET_DIAG_SKMEMINFO);
SAME(CS_INET_DIAG_SHUTDOWN, INET_DIAG_SHUTDOWN);
SAME(CS_INET_DIAG_PROTOCOL, INET_DIAG_PROTOCOL);
SAME(CS_INET_DIAG_SKV6ONLY, INET_DIAG_SKV6ONLY);
SAME(CS_INET_DIAG_MARK, INET_DIAG_MARK);
SAME(CS_UDIAG_SHOW_NAME, UDIAG_SHOW_NAME);
SAME(CS_UDIAG_SHOW_PEER, UDIAG_SHOW_PEER);
SAME(CS_UDIAG_SHOW_RQLEN, UDIAG_SHOW_RQLEN);
SAME(CS_UDIAG_SHOW_MEMINFO, UDIAG_SHOW_MEMINFO);
SAME(CS_UDIAG_SHOW_UID, UDIAG_SHOW_UID);
SAME(CS_UNIX_DIAG_NAME, UNIX_DIAG_NAME);
SAME(CS_UNIX_DIAG_PEER, UNIX_DIAG_PEER);
SAME(CS_UNIX_DIAG_RQLEN, UNIX_DIAG_RQLEN);
SAME(CS_UNIX_DIAG_MEMINFO, UNIX_DIAG_MEMINFO);
SAME(CS_UNIX_DIAG_SHUTDOWN, UNIX_DIAG_SHUTDOWN);
SAME(CS_UNIX_DIAG_UID, UNIX_DIAG_UID);
SAME(CS_PACKET_SHOW_INFO, PACKET_SHOW_INFO);
SAME(CS_PACKET_SHOW_MEMINFO, PACKET_SHOW_MEMINFO);
SAME(CS_PACKET_DIAG_INFO, PACKET_DIAG_INFO);
SAME(CS_PACKET_DIAG_UID, PACKET_DIAG_UID);
SAME(CS_PACKET_DIAG_MEMINFO, PACKET_DIAG_MEMINFO);
SAME(CS_NDIAG_SHOW_MEMINFO, NDIAG_SHOW_MEMINFO);
SAME(CS_NDIAG_SHOW_GROUPS, NDIAG_SHOW_GROUPS);
SAME(CS_NDIAG_PROTO_ALL, (uint8_t)NDIAG_PROTO_ALL);
SAME(CS_NETLINK_DIAG_MEMINFO, NETLINK_DIAG_MEMINFO);
SAME(CS_NETLINK_DIAG_GROUPS, NETLINK_DIAG_GROUPS);

// The layouts that NetlinkMessage.swift and NetlinkRequest.swift know.
SAME(16, sizeof(struct nlmsghdr));
SAME(4, offsetof(struct nlmsghdr, nlmsg_type));
SAME(6, offsetof(struct nlmsghdr, nlmsg_flags));
SAME(8, offsetof(struct nlmsghdr, nlmsg_seq));
SAME(4, NLMSG_ALIGN(1));
SAME(4, sizeof(struct nlattr));
SAME(2, offsetof(struct nlattr, nla_type));
SAME(4, NLA_ALIGN(1));
SAME(0, offsetof(struct nlmsgerr, error));

// NetworkInterface+Decoding.swift.
SAME(16, sizeof(struct ifinfomsg));
SAME(2, offsetof(struct ifinfomsg, ifi_type));
SAME(4, offsetof(struct ifinfomsg, ifi_index));
SAME(8, offsetof(struct ifinfomsg, ifi_flags));
SAME(8, sizeof(struct ifaddrmsg));
SAME(0, offsetof(struct ifaddrmsg, ifa_family));
SAME(1, offsetof(struct ifaddrmsg, ifa_prefixlen));
SAME(2, offsetof(struct ifaddrmsg, ifa_flags));
SAME(3, offsetof(struct ifaddrmsg, ifa_scope));
SAME(4, offsetof(struct ifaddrmsg, ifa_index));

// NetworkInterface.Flags
SAME(0x1, IFF_UP);
SAME(0x2, IFF_BROADCAST);
SAME(0x4, IFF_DEBUG);
SAME(0x8, IFF_LOOPBACK);
SAME(0x10, IFF_POINTOPOINT);
SAME(0x20, IFF_NOTRAILERS);
SAME(0x40, IFF_RUNNING);
SAME(0x80, IFF_NOARP);
SAME(0x100, IFF_PROMISC);
SAME(0x200, IFF_ALLMULTI);
SAME(0x400, IFF_MASTER);
SAME(0x800, IFF_SLAVE);
SAME(0x1000, IFF_MULTICAST);
SAME(0x2000, IFF_PORTSEL);
SAME(0x4000, IFF_AUTOMEDIA);
SAME(0x8000, IFF_DYNAMIC);
SAME(0x10000, IFF_LOWER_UP);
SAME(0x20000, IFF_DORMANT);
SAME(0x40000, IFF_ECHO);

// NetworkInterface.OperationalState
SAME(0, IF_OPER_UNKNOWN);
SAME(1, IF_OPER_NOTPRESENT);
SAME(2, IF_OPER_DOWN);
SAME(3, IF_OPER_LOWERLAYERDOWN);
SAME(4, IF_OPER_TESTING);
SAME(5, IF_OPER_DORMANT);
SAME(6, IF_OPER_UP);

// InterfaceAddress.Scope
SAME(0, RT_SCOPE_UNIVERSE);
SAME(200, RT_SCOPE_SITE);
SAME(253, RT_SCOPE_LINK);
SAME(254, RT_SCOPE_HOST);
SAME(255, RT_SCOPE_NOWHERE);

// InterfaceAddress.Flags
SAME(0x1, IFA_F_SECONDARY);
SAME(0x2, IFA_F_NODAD);
SAME(0x4, IFA_F_OPTIMISTIC);
SAME(0x8, IFA_F_DADFAILED);
SAME(0x10, IFA_F_HOMEADDRESS);
SAME(0x20, IFA_F_DEPRECATED);
SAME(0x40, IFA_F_TENTATIVE);
SAME(0x80, IFA_F_PERMANENT);
SAME(0x100, IFA_F_MANAGETEMPADDR);
SAME(0x200, IFA_F_NOPREFIXROUTE);
SAME(0x400, IFA_F_MCAUTOJOIN);
SAME(0x800, IFA_F_STABLE_PRIVACY);

// Diagnostics: requests, and the fixed parts of the answers.
SAME(56, sizeof(struct inet_diag_req_v2));
SAME(48, sizeof(struct inet_diag_sockid));
SAME(1, offsetof(struct inet_diag_req_v2, sdiag_protocol));
SAME(2, offsetof(struct inet_diag_req_v2, idiag_ext));
SAME(4, offsetof(struct inet_diag_req_v2, idiag_states));
SAME(8, offsetof(struct inet_diag_req_v2, id));
SAME(72, sizeof(struct inet_diag_msg));
SAME(0, offsetof(struct inet_diag_msg, idiag_family));
SAME(1, offsetof(struct inet_diag_msg, idiag_state));
SAME(2, offsetof(struct inet_diag_msg, idiag_timer));
SAME(3, offsetof(struct inet_diag_msg, idiag_retrans));
SAME(4, offsetof(struct inet_diag_msg, id.idiag_sport));
SAME(6, offsetof(struct inet_diag_msg, id.idiag_dport));
SAME(8, offsetof(struct inet_diag_msg, id.idiag_src));
SAME(24, offsetof(struct inet_diag_msg, id.idiag_dst));
SAME(40, offsetof(struct inet_diag_msg, id.idiag_if));
SAME(44, offsetof(struct inet_diag_msg, id.idiag_cookie));
SAME(52, offsetof(struct inet_diag_msg, idiag_expires));
SAME(56, offsetof(struct inet_diag_msg, idiag_rqueue));
SAME(60, offsetof(struct inet_diag_msg, idiag_wqueue));
SAME(64, offsetof(struct inet_diag_msg, idiag_uid));
SAME(68, offsetof(struct inet_diag_msg, idiag_inode));
SAME(24, sizeof(struct unix_diag_req));
SAME(4, offsetof(struct unix_diag_req, udiag_states));
SAME(12, offsetof(struct unix_diag_req, udiag_show));
SAME(16, sizeof(struct unix_diag_msg));
SAME(1, offsetof(struct unix_diag_msg, udiag_type));
SAME(2, offsetof(struct unix_diag_msg, udiag_state));
SAME(4, offsetof(struct unix_diag_msg, udiag_ino));
SAME(8, offsetof(struct unix_diag_msg, udiag_cookie));
SAME(8, sizeof(struct unix_diag_rqlen));
SAME(4, offsetof(struct unix_diag_rqlen, udiag_wqueue));
SAME(20, sizeof(struct packet_diag_req));
SAME(4, offsetof(struct packet_diag_req, pdiag_ino));
SAME(8, offsetof(struct packet_diag_req, pdiag_show));
SAME(16, sizeof(struct packet_diag_msg));
SAME(1, offsetof(struct packet_diag_msg, pdiag_type));
SAME(2, offsetof(struct packet_diag_msg, pdiag_num));
SAME(4, offsetof(struct packet_diag_msg, pdiag_ino));
SAME(8, offsetof(struct packet_diag_msg, pdiag_cookie));
SAME(0, offsetof(struct packet_diag_info, pdi_index));
SAME(20, sizeof(struct netlink_diag_req));
SAME(1, offsetof(struct netlink_diag_req, sdiag_protocol));
SAME(8, offsetof(struct netlink_diag_req, ndiag_show));
SAME(28, sizeof(struct netlink_diag_msg));
SAME(1, offsetof(struct netlink_diag_msg, ndiag_type));
SAME(2, offsetof(struct netlink_diag_msg, ndiag_protocol));
SAME(3, offsetof(struct netlink_diag_msg, ndiag_state));
SAME(4, offsetof(struct netlink_diag_msg, ndiag_portid));
SAME(8, offsetof(struct netlink_diag_msg, ndiag_dst_portid));
SAME(12, offsetof(struct netlink_diag_msg, ndiag_dst_group));
SAME(16, offsetof(struct netlink_diag_msg, ndiag_ino));
SAME(20, offsetof(struct netlink_diag_msg, ndiag_cookie));
SAME(24, sizeof(struct vsock_diag_req));
SAME(4, offsetof(struct vsock_diag_req, vdiag_states));
SAME(32, sizeof(struct vsock_diag_msg));
SAME(1, offsetof(struct vsock_diag_msg, vdiag_type));
SAME(2, offsetof(struct vsock_diag_msg, vdiag_state));
SAME(3, offsetof(struct vsock_diag_msg, vdiag_shutdown));
SAME(4, offsetof(struct vsock_diag_msg, vdiag_src_cid));
SAME(8, offsetof(struct vsock_diag_msg, vdiag_src_port));
SAME(12, offsetof(struct vsock_diag_msg, vdiag_dst_cid));
SAME(16, offsetof(struct vsock_diag_msg, vdiag_dst_port));
SAME(20, offsetof(struct vsock_diag_msg, vdiag_ino));
SAME(24, offsetof(struct vsock_diag_msg, vdiag_cookie));

// SocketState; the last one is the kernel's own, which it shows to BPF.
SAME(1, TCP_ESTABLISHED);
SAME(2, TCP_SYN_SENT);
SAME(3, TCP_SYN_RECV);
SAME(4, TCP_FIN_WAIT1);
SAME(5, TCP_FIN_WAIT2);
SAME(6, TCP_TIME_WAIT);
SAME(7, TCP_CLOSE);
SAME(8, TCP_CLOSE_WAIT);
SAME(9, TCP_LAST_ACK);
SAME(10, TCP_LISTEN);
SAME(11, TCP_CLOSING);
SAME(12, BPF_TCP_NEW_SYN_RECV);
