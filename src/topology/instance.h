/* SPDX-License-Identifier: MIT
 *
 * The problem of placement as a file, instance.json: written by the plugin,
 * read by vmrecon-net and by tests. collectd-vmrecon_topology(5) describes it.
 */
#ifndef VR_TOPOLOGY_INSTANCE_H
#define VR_TOPOLOGY_INSTANCE_H

#include "basic/error.h"
#include "topology/advice.h"
#include "topology/paths.h"

enum {
  VR_INSTANCE_VERSION = 1,
  VR_INSTANCE_HOSTS = 1024,
  VR_INSTANCE_GUESTS = 4096,
  VR_INSTANCE_DEMANDS = 1 << 20,
};

struct vr_instance {
  struct vr_placement placement;
  struct vr_advice_options options;
  double time;  /* seconds since the epoch; 0 if the file has none */
  char *advice; /* as vr_advice_json() gave it when the file was written, or
                   NULL */
  struct vr_paths paths; /* the underlay of the hosts; n 0: not known */
  /* As they were when the file was written, or NULL: */
  char *plan;    /* as vr_paths_json() gave it */
  char *decided; /* the ways that hosts are to have: vr_paths_keeper_json() */
};

void vr_instance_clear(struct vr_instance *i);

/* Reads TEXT; NAME stands for it in messages. Returns 0; -EINVAL with
 * *ret_error naming the field that is wrong; -ENOMEM. */
int vr_instance_parse(const char *name, const char *text,
                      struct vr_instance *ret, struct vr_error *ret_error);
int vr_instance_read(const char *path, struct vr_instance *ret,
                     struct vr_error *ret_error);

/* The file's text, which the caller frees; NULL without memory. */
char *vr_instance_format(const struct vr_instance *i);

#endif
