// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// Numbers of netlink: of its messages, of interfaces and their addresses (rtnetlink(7)), and of the kernel's
// tables of sockets (sock_diag(7)). Each is compared with the system's own header in netlink.c.
#ifndef CSOCKETS_NETLINK_H
#define CSOCKETS_NETLINK_H

// Protocols of family AF_NETLINK.
#define CS_NETLINK_ROUTE 0
#define CS_NETLINK_SOCK_DIAG 4

// Messages that every protocol has, and their flags.
#define CS_NLMSG_NOOP 1
#define CS_NLMSG_ERROR 2
#define CS_NLMSG_DONE 3
#define CS_NLMSG_OVERRUN 4
#define CS_NLM_F_REQUEST 0x1
#define CS_NLM_F_ACK 0x4
#define CS_NLM_F_DUMP_INTR 0x10
#define CS_NLM_F_DUMP 0x300
#define CS_NLA_TYPE_MASK 0x3fff

// Interfaces.
#define CS_RTM_NEWLINK 16
#define CS_RTM_GETLINK 18
#define CS_IFLA_ADDRESS 1
#define CS_IFLA_BROADCAST 2
#define CS_IFLA_IFNAME 3
#define CS_IFLA_MTU 4
#define CS_IFLA_OPERSTATE 16
#define CS_IFLA_EXT_MASK 29
#define CS_RTEXT_FILTER_SKIP_STATS 8

// Their addresses.
#define CS_RTM_NEWADDR 20
#define CS_RTM_GETADDR 22
#define CS_IFA_ADDRESS 1
#define CS_IFA_LOCAL 2
#define CS_IFA_BROADCAST 4
#define CS_IFA_FLAGS 8

// Tables of sockets.
#define CS_SOCK_DIAG_BY_FAMILY 20
#define CS_INET_DIAG_REQ_PROTOCOL 3
#define CS_INET_DIAG_INFO 2
#define CS_INET_DIAG_CONG 4
#define CS_INET_DIAG_TCLASS 6
#define CS_INET_DIAG_SKMEMINFO 7
#define CS_INET_DIAG_SHUTDOWN 8
#define CS_INET_DIAG_PROTOCOL 10
#define CS_INET_DIAG_SKV6ONLY 11
#define CS_INET_DIAG_MARK 15
#define CS_UDIAG_SHOW_NAME 0x1
#define CS_UDIAG_SHOW_PEER 0x4
#define CS_UDIAG_SHOW_RQLEN 0x10
#define CS_UDIAG_SHOW_MEMINFO 0x20
#define CS_UDIAG_SHOW_UID 0x40
#define CS_UNIX_DIAG_NAME 0
#define CS_UNIX_DIAG_PEER 2
#define CS_UNIX_DIAG_RQLEN 4
#define CS_UNIX_DIAG_MEMINFO 5
#define CS_UNIX_DIAG_SHUTDOWN 6
#define CS_UNIX_DIAG_UID 7
#define CS_PACKET_SHOW_INFO 0x1
#define CS_PACKET_SHOW_MEMINFO 0x10
#define CS_PACKET_DIAG_INFO 0
#define CS_PACKET_DIAG_UID 5
#define CS_PACKET_DIAG_MEMINFO 6
#define CS_NDIAG_SHOW_MEMINFO 0x1
#define CS_NDIAG_SHOW_GROUPS 0x2
#define CS_NDIAG_PROTO_ALL 255
#define CS_NETLINK_DIAG_MEMINFO 0
#define CS_NETLINK_DIAG_GROUPS 1

#endif
