// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// Numbers of the Linux socket interface that Swift's Glibc module does not import, or that older headers
// lack. Each is compared with the system's own header, where that has it, in constants.c.
#ifndef CSOCKETS_CONSTANTS_H
#define CSOCKETS_CONSTANTS_H

// Address families (linux/socket.h).
#define CS_AF_X25 9
#define CS_AF_NETLINK 16
#define CS_AF_PACKET 17
#define CS_AF_VSOCK 40

#endif
