/* SPDX-License-Identifier: MIT
 *
 * What the overlay on one host is told when it begins.
 */
#ifndef VR_OVERLAY_OVERLAY_OPTIONS_H
#define VR_OVERLAY_OVERLAY_OPTIONS_H

#include "host/host.h"
#include "overlay/lan.h"
#include "overlay/ways.h"

enum { VR_OVERLAY_CARD_NAME = 16 };

/* The interface that has this host's VTEP. */
struct vr_overlay_card {
  char name[VR_OVERLAY_CARD_NAME], vtep[VR_ADDRESS_TEXT];
  unsigned mtu;
  double speed;            /* bytes per second; 0: not known */
  uint64_t received, sent; /* bytes */
};

struct vr_overlay_options {
  const char *self; /* this host's name in the overlay */
  bool relay;       /* pass on what others announce: a central */
  bool pretend;     /* say what would be done, and change nothing */
  const char *state_file;
  bool follow_paths;         /* set routes as a central says */
  const char *paths_file;    /* of a central: what was decided, or NULL */
  const char *libvirt_path;  /* where libvirt keeps its guests: nics.h */
  struct vr_members members; /* it owns them from then on, */
  size_t n_lans;
  struct vr_lan *lans;          /* and these */
  struct vr_host_options *host; /* how guests are found */
  /* Sends an announcement to the others, NOW: at once, or with the next.
   * Returns 0 or a negative errno. */
  int (*send)(const struct vr_announcement *a, bool now);
  int (*send_way)(const struct vr_way *w); /* with the next */
  void (*flush)(void);
  void (*send_card)(const struct vr_overlay_card *c); /* or NULL */
};

#endif
