/* SPDX-License-Identifier: MIT
 *
 * vmrecon-net: what its parts share.
 */
#ifndef VR_TOOLS_VMRECON_NET_H
#define VR_TOOLS_VMRECON_NET_H

#include "basic/error.h"
#include "topology/survey.h"
#include "topology/windows.h"

/* As in vmrecon-train: 1 for data that cannot be used or an answer that is not
 * the expected one, 2 for a wrong command line. */
enum vr_tools_exit {
  VR_TOOLS_OK = 0,
  VR_TOOLS_DATA = 1,
  VR_TOOLS_USAGE = 2,
};

/* NAME=VALUE of the command line. */
struct vr_tools_pair {
  const char *name, *value;
};

enum { VR_TOOLS_PAIRS = 1024 };

struct vr_tools_options {
  const char *command, *input;
  bool json;
  double step;                  /* seconds; 0: the archive's */
  double at;                    /* end of the last window; 0: the newest */
  double max_steps, least_gain; /* NAN: as the file says */
  double overcommit;
  size_t n_hubs, n_apart, n_fdb, n_tunnels, n_limits;
  const char *hubs[VR_TOOLS_PAIRS];
  struct vr_tools_pair apart[VR_TOOLS_PAIRS];   /* guest, guest */
  struct vr_tools_pair fdb[VR_TOOLS_PAIRS];     /* host, file */
  struct vr_tools_pair tunnels[VR_TOOLS_PAIRS]; /* host, address */
  struct vr_tools_pair limits[VR_TOOLS_PAIRS];  /* host, cpu:memory:nic */
  const char *self;                             /* this host's name */
  const char *places;                           /* file of MAC HOST GUEST */
};

/* Traffic and machines from a JSON file of windows or an archive directory. */
struct vr_tools_input {
  struct vr_windows windows;
  struct vr_survey survey;
  struct vr_matrix matrix;
};

void vr_tools_input_clear(struct vr_tools_input *in);
int vr_tools_input_read(const struct vr_tools_options *o,
                        struct vr_tools_input *ret, struct vr_error *ret_error);

/* Calls FN for each guest's address that the archive at ROOT has. */
typedef int (*vr_tools_mac_fn)(void *ctx, const char *mac, const char *host,
                               const char *guest);
int vr_tools_archive_macs(const char *root, vr_tools_mac_fn fn, void *ctx,
                          struct vr_error *ret_error);
int vr_tools_archive_read(const struct vr_tools_options *o,
                          struct vr_windows *w, struct vr_survey *s,
                          struct vr_error *ret_error);

enum vr_tools_exit vr_tools_matrix(const struct vr_tools_options *o,
                                   const struct vr_tools_input *in);
enum vr_tools_exit vr_tools_topology(const struct vr_tools_options *o,
                                     const struct vr_tools_input *in);
enum vr_tools_exit vr_tools_dot(const struct vr_tools_options *o,
                                const struct vr_tools_input *in);
enum vr_tools_exit vr_tools_advise(const struct vr_tools_options *o,
                                   const struct vr_tools_input *in);
enum vr_tools_exit vr_tools_advise_file(const struct vr_tools_options *o);
enum vr_tools_exit vr_tools_replay(const struct vr_tools_options *o);
enum vr_tools_exit vr_tools_doctor(const struct vr_tools_options *o);

/* Prints MESSAGE after the program's name; returns VR_TOOLS_DATA. */
enum vr_tools_exit vr_tools_failed(const struct vr_error *error);

#endif
