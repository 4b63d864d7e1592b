// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// Linking this target is all that a test bundle does for its descriptors to be checked: see descriptors.c.
#ifndef C_TEST_SUPPORT_H
#define C_TEST_SUPPORT_H

/// Whether the check at the end of the run is armed in this process.
int cts_descriptor_check_is_armed(void);

/// From now on the calling thread's allocations are counted.
void cts_begin_counting_allocations(void);

/// Ends the counting, and returns how often the calling thread has allocated since it began.
long cts_end_counting_allocations(void);

// What the system tests need of Linux beyond sockets: kernel modules, TUN devices, routes of X.25,
// network namespaces. Each function answers zero or more, or an errno, negated.

/// Loads a kernel module from an uncompressed file; one that is there already counts as loaded.
int cts_load_module(const char *path);

/// Makes `/dev/net/tun`, where nothing else does.
int cts_make_tun_node(void);

/// Makes a TUN device whose frames carry packet information, sets its link type, and brings it up.
/// Returns its descriptor.
int cts_open_tun(const char *name, int link_type);

/// Brings a network interface up.
int cts_interface_up(const char *name);

/// Routes X.25 calls to addresses that begin with `digits` over a device.
int cts_add_x25_route(const char *digits, const char *device);

/// Moves the calling thread, and no other, into a new network namespace, and returns a descriptor of it.
/// The namespace ends with its last thread, socket and descriptor.
int cts_new_network_namespace(void);

/// Moves the calling thread, and no other, into the network namespace of a descriptor.
int cts_enter_network_namespace(int descriptor);

// Signals that interrupt what threads wait for: see signals.c.

/// A signal that is sent again and again to the threads that have joined.
struct cts_storm;

/// Begins a storm with a pause between its waves, or returns NULL. The handler of SIGUSR2 is the storms' as long as there is one.
struct cts_storm *cts_storm_begin(long nanoseconds);
/// From now on the calling thread is sent signals; it takes those of a storm that `exposes` it, whatever it did before.
void cts_storm_join(struct cts_storm *storm, int exposes);
/// From now on the calling thread is left alone.
void cts_storm_leave(struct cts_storm *storm);
/// How many signals the threads have taken.
long cts_storm_taken(struct cts_storm *storm);
/// Whether the calling thread has been sent the signal and has not taken it.
int cts_storm_is_pending(void);
/// From now on SIGPIPE waits for the calling thread instead of ending the process.
void cts_hold_sigpipe(void);
/// Whether it does, for the calling thread.
int cts_sigpipe_is_pending(void);
/// Ends a storm whose threads have left it.
void cts_storm_end(struct cts_storm *storm);

/// `strerrorname_np`: the C name of an error, or NULL.
const char *cts_error_name(int number);

#endif
