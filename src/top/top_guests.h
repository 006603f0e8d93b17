/* SPDX-License-Identifier: MIT
 *
 * What vmrecon-top knows of each guest, whoever said it: collectd's socket or a
 * reading of /proc.
 */
#ifndef VR_TOP_TOP_GUESTS_H
#define VR_TOP_TOP_GUESTS_H

#include "top_rhythm.h"

#include "schema/counters.h"

#include <uthash.h>

/* Values that are kept of each counter, for the line of its past. */
enum { VR_TOP_PAST = 120 };

/* One counter. NAN is what nobody said. */
struct vr_top_value {
  double value;        /* level, or rate per second */
  double fit;          /* percent */
  double lower, upper; /* bracket of a load by law; or prediction interval */
  /* enum vr_provenance; 0: it is measured, and nothing more was said. */
  unsigned char provenance;
};

struct vr_top_guest {
  char *key;         /* HOST/GUEST as the source has it */
  char *host, *name; /* without control characters: to be shown */
  struct vr_top_value counters[VR_COUNTERS];
  double vcpus, memory, state, accelerator; /* of vmrecon-GUEST/... */
  double time;       /* of its latest value, seconds since 1970; 0: none yet */
  double remembered; /* time of the latest row of past */
  float past[VR_COUNTERS][VR_TOP_PAST]; /* a ring */
  size_t n_past;                        /* how many were put into it in all */
  /* For the source: how many series are alive, and when values come. */
  size_t series;
  struct vr_top_rhythm rhythm;
  unsigned heard; /* round in which the latest came */
  UT_hash_handle hh;
};

/* All zero: none. */
struct vr_top_guests {
  struct vr_top_guest *by_key;
};

/* The guest; it is made where it is not there. NULL without memory. */
struct vr_top_guest *vr_top_guests_get(struct vr_top_guests *g,
                                       const char *host, size_t host_length,
                                       const char *name, size_t name_length);

void vr_top_guests_remove(struct vr_top_guests *g, struct vr_top_guest *guest);
void vr_top_guests_free(struct vr_top_guests *g);

size_t vr_top_guests_count(const struct vr_top_guests *g);

/* Are they of more than one host? */
bool vr_top_guests_of_many_hosts(const struct vr_top_guests *g);

/* Sets every counter of the guest to unknown. */
void vr_top_guest_clear(struct vr_top_guest *guest);

/* Adds the counters of each guest that has newer values to its past. */
void vr_top_guests_remember(struct vr_top_guests *g);

/* The counter's value so many rows ago (0: the latest); NAN: none. */
double vr_top_guest_past(const struct vr_top_guest *guest, enum vr_counter c,
                         size_t ago);

#endif
