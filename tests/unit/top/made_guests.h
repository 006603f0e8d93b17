/* SPDX-License-Identifier: MIT
 *
 * Guests that are made up, for the tests of the table and of its keys.
 */
#ifndef VR_TESTS_UNIT_TOP_MADE_GUESTS_H
#define VR_TESTS_UNIT_TOP_MADE_GUESTS_H

#include "../unit.h"

#include "schema/provenance.h"
#include "top/top_guests.h"

#include <string.h>

static inline struct vr_top_guest *make_guest(struct vr_top_guests *g,
                                              const char *host,
                                              const char *name, double load) {
  struct vr_top_guest *guest =
      vr_top_guests_get(g, host, strlen(host), name, strlen(name));
  assert_non_null(guest);
  guest->counters[VR_LOAD].value = load;
  return guest;
}

/* Everything known that the table shows. */
static inline struct vr_top_guest *make_web(struct vr_top_guests *g) {
  struct vr_top_guest *web = make_guest(g, "h", "web", 0.5);
  web->vcpus = 2;
  web->state = 1;
  web->time = 1700000000;
  web->counters[VR_LOAD].provenance = VR_DERIVED;
  web->counters[VR_LOAD].lower = 0.3;
  web->counters[VR_LOAD].upper = 0.8;
  web->counters[VR_CPU].value = 12.5;
  web->counters[VR_STEAL].value = 7.3;
  web->counters[VR_WAIT].value = 0;
  web->counters[VR_WAIT].provenance = VR_DERIVED;
  web->counters[VR_EXECUTION].value = 100;
  web->counters[VR_PAGE_FAULTS].value = 1234;
  web->counters[VR_CONTEXTSWITCH].value = 345.6;
  web->counters[VR_CONTEXTSWITCH].provenance = VR_INFERRED;
  web->counters[VR_DISK_READ].value = 4096;
  web->counters[VR_NET_TX].value = 1500000;
  web->counters[VR_NET_RX].value = 500000;
  return web;
}

#endif
