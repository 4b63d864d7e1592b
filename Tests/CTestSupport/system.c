// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
#define _GNU_SOURCE
#include "CTestSupport.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/x25.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int answer(int result) { return result < 0 ? -errno : result; }

/// Does one `ioctl` on a fresh socket of a family.
static int socket_ioctl(int family, int type, unsigned long request, void *argument) {
  int descriptor = socket(family, type | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  int result = answer(ioctl(descriptor, request, argument));
  close(descriptor);
  return result;
}

int cts_load_module(const char *path) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -errno;
  int result = answer((int)syscall(SYS_finit_module, file, "", 0));
  close(file);
  return result == -EEXIST ? 0 : result;
}

int cts_make_tun_node(void) {
  if (mkdir("/dev/net", 0755) < 0 && errno != EEXIST) return -errno;
  if (mknod("/dev/net/tun", S_IFCHR | 0600, makedev(10, 200)) < 0 && errno != EEXIST) return -errno;
  return 0;
}

int cts_open_tun(const char *name, int link_type) {
  int device = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
  if (device < 0) return -errno;
  struct ifreq request = {0};
  // Without the packet information the driver takes each frame for IP, and refuses those of X.25.
  request.ifr_flags = IFF_TUN;
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  int result = answer(ioctl(device, TUNSETIFF, &request));
  // The link type can change only while the device is down.
  if (result >= 0) result = answer(ioctl(device, TUNSETLINK, (unsigned long)link_type));
  if (result >= 0) result = cts_interface_up(name);
  if (result < 0) {
    close(device);
    return result;
  }
  return device;
}

int cts_interface_up(const char *name) {
  struct ifreq request = {0};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  int result = socket_ioctl(AF_INET, SOCK_DGRAM, SIOCGIFFLAGS, &request);
  if (result < 0) return result;
  request.ifr_flags |= IFF_UP;
  return socket_ioctl(AF_INET, SOCK_DGRAM, SIOCSIFFLAGS, &request);
}

int cts_add_x25_route(const char *digits, const char *device) {
  struct x25_route_struct route = {0};
  strncpy(route.address.x25_addr, digits, sizeof route.address.x25_addr - 1);
  route.sigdigits = (unsigned)strlen(digits);
  strncpy(route.device, device, sizeof route.device - 1);
  return socket_ioctl(AF_X25, SOCK_SEQPACKET, SIOCADDRT, &route);
}

int cts_new_network_namespace(void) {
  if (unshare(CLONE_NEWNET) < 0) return -errno;
  return answer(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
}

const char *cts_error_name(int number) { return strerrorname_np(number); }
int cts_enter_network_namespace(int descriptor) { return answer(setns(descriptor, CLONE_NEWNET)); }
