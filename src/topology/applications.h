/* SPDX-License-Identifier: MIT
 *
 * Applications over time: the groups of one matrix after the other, each known
 * again by its members, with its name and the pattern that was announced last.
 */
#ifndef VR_TOPOLOGY_APPLICATIONS_H
#define VR_TOPOLOGY_APPLICATIONS_H

#include "topology/classify.h"
#include "topology/dwell.h"
#include "topology/windows.h"

#include <stdbool.h>

/* Longest name, with its NUL. */
enum { VR_APPLICATION_NAME = 128 };

/* A name that the user gave: the group that has most of MEMBERS is called so.
 */
struct vr_applications_named {
  const char *name;
  size_t n_members;
  const char *const *members;
};

struct vr_applications_options {
  struct vr_dwell_options dwell;
  vr_time remember; /* an application that is not seen any longer */
  size_t max;       /* applications */
  size_t n_hubs;
  const char *const *hubs; /* guests that are services in any case */
  size_t n_named;
  const struct vr_applications_named *named;
};

/* 64 applications, remembered for 10 minutes. */
struct vr_applications_options vr_applications_defaults(void);

struct vr_application {
  char name[VR_APPLICATION_NAME];
  size_t n_members;
  char **members;
  struct vr_classification now; /* as of the last matrix */
  double bytes;                 /* per second between members */
  struct vr_dwell dwell;        /* dwell.announced: an enum vr_topology */
  double confidence; /* percent, of the announced pattern; NAN before */
  vr_time seen;
  bool is_present; /* in the last matrix */
};

struct vr_applications {
  struct vr_applications_options options;
  struct vr_classifier *classifier;
  size_t n;
  struct vr_application *list;
};

/* The texts of OPTIONS must outlive it. Returns 0 or -ENOMEM. */
int vr_applications_init(struct vr_applications *a,
                         const struct vr_applications_options *options);
void vr_applications_clear(struct vr_applications *a);

/* Is called for every change that is to be announced. BEFORE is
 * VR_TOPOLOGY_NONE the first time. */
typedef void (*vr_applications_fn)(void *ctx, const struct vr_application *app,
                                   enum vr_topology before);

/* Takes the matrix M of time NOW. Returns 0 or -ENOMEM. */
int vr_applications_step(struct vr_applications *a, const struct vr_matrix *m,
                         vr_time now, vr_applications_fn fn, void *ctx);

/* "ring of 6", "mesh 2x4", "bipartite 2,5", "hypercube of 8". */
void vr_applications_describe(const struct vr_classification *c, char *ret_text,
                              size_t size);

#endif
