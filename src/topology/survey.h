/* SPDX-License-Identifier: MIT
 *
 * What hosts have and guests take, from the series of the vmrecon plugin or as
 * configured; with a matrix of traffic it makes a problem of placement.
 */
#ifndef VR_TOPOLOGY_SURVEY_H
#define VR_TOPOLOGY_SURVEY_H

#include "signal/identifier.h"
#include "topology/placement.h"
#include "topology/windows.h"

struct vr_survey_machine {
  char name[VR_FIELD_SIZE]; /* of the host, or of the guest */
  char host[VR_FIELD_SIZE]; /* of a guest, where it was last seen */
  double cpus;
  double memory[4]; /* of a host: used, free, buffered, cached; of a guest
                       only the first */
  double set_cpu, set_memory, set_nic; /* as configured; NAN: not */
};

struct vr_survey {
  double overcommit; /* vCPUs for each CPU of a host */
  struct vr_index host_index, guest_index;
  size_t n_hosts, n_guests;
  struct vr_survey_machine *hosts, *guests;
};

/* At most MAX guests, and as many hosts. */
void vr_survey_init(struct vr_survey *s, size_t max);
void vr_survey_clear(struct vr_survey *s);

/* Takes a value: HOST/vmrecon/count-cpus, HOST/vmrecon/memory-*,
 * HOST/vmrecon-GUEST/count-vcpus and memory-configured; passes over all others.
 * Returns 0, -ENOSPC or -ENOMEM. */
int vr_survey_take(struct vr_survey *s, const struct vr_identifier *id,
                   double value);

/* The guest is on HOST. Returns as above. */
int vr_survey_place(struct vr_survey *s, const char *guest, const char *host);

/* Forgets guests that are on no host, once the table is nearly full. */
void vr_survey_tidy(struct vr_survey *s);

/* Limits of a host as configured; NAN: as measured, or none. */
int vr_survey_set_host(struct vr_survey *s, const char *host, double cpu,
                       double memory, double nic);

/* Guests that must not share a host, by name. */
struct vr_survey_apart {
  size_t n;
  const char *const *guests;
};

/* The problem with all guests whose host is known, and the demands of M.
 * Returns 0 or -ENOMEM. */
int vr_survey_problem(const struct vr_survey *s, const struct vr_matrix *m,
                      const struct vr_survey_apart *apart, size_t n_apart,
                      struct vr_placement *ret);

#endif
