/* SPDX-License-Identifier: MIT
 *
 * A library that has the functions of libvirt's that are used, and three
 * guests; the test says when its calls come back.
 */
#ifndef VR_TESTS_FAKE_LIBVIRT_H
#define VR_TESTS_FAKE_LIBVIRT_H

#include <time.h>

struct fake_libvirt {
  int hold;        /* how many of the next calls hang until they may go */
  int held;        /* how many hang now */
  int refuse;      /* connections fail */
  int fail;        /* the bulk call fails */
  int connections; /* open now */
  int opened;      /* ever */
  int calls;       /* bulk calls that have begun */
  int periods;     /* orders to a balloon */
  int last_period; /* what the last one said */
  unsigned flags;  /* of the last bulk call */
  time_t updated;  /* when the guests' drivers reported */
  const char *xml; /* their description; NULL: a call for it fails */
  int described;   /* calls for a description */
};

/* The state, locked while FN looks at or changes it. */
typedef void (*fake_with_fn)(void (*fn)(struct fake_libvirt *, void *),
                             void *ctx);
/* Lets all calls that hang go. */
typedef void (*fake_release_fn)(void);

#endif
