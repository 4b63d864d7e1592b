// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// How many times a thread allocates: for the budgets. The program's own definitions of malloc and its kin come before the
// C library's, count while the calling thread asks for it, and hand on to the library.
//
// Not under a sanitizer, which has definitions of its own.
#include "CTestSupport.h"

#include <errno.h>
#include <stddef.h>

static _Thread_local int counting;
static _Thread_local long allocations;

void cts_begin_counting_allocations(void) {
  allocations = 0;
  counting = 1;
}

long cts_end_counting_allocations(void) {
  counting = 0;
  return allocations;
}

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size) {
  allocations += counting;
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  allocations += counting;
  return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
  allocations += counting;
  return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
  allocations += counting;
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **memory, size_t alignment, size_t size) {
  void *block = memalign(alignment, size);
  if (!block) return ENOMEM;
  *memory = block;
  return 0;
}

#endif
