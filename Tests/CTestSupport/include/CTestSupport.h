// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// Linking this target is all that a test bundle does for its descriptors to be checked: see descriptors.c.
#ifndef C_TEST_SUPPORT_H
#define C_TEST_SUPPORT_H

/// Whether the check at the end of the run is armed in this process.
int cts_descriptor_check_is_armed(void);

#endif
