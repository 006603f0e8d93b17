/* SPDX-License-Identifier: MIT
 *
 * A loop that is shared (share.h), and what is reported of it.
 */
#ifndef VR_TRAIN_SHARE_LOOP_H
#define VR_TRAIN_SHARE_LOOP_H

#include "basic/error.h"
#include "train/share/pack.h"

#include <stdbool.h>
#include <stddef.h>

struct vr_share_loop {
  size_t n; /* rounds */
  /* Round I, on some thread of some rank. Returns 0 or a negative errno with
   * *ret_error filled. A loop within it is run by its own thread. */
  int (*run)(void *user, size_t i, struct vr_error *ret_error);
  /* What round I has left in USER, for another rank. */
  void (*pack)(void *user, size_t i, struct vr_pack *p);
  bool to_all;  /* all ranks get it, not only the first */
  bool is_here; /* this process alone runs all rounds; without PACK */
  void *user;
};

/* What a rank reports within a loop. */
enum vr_share_kind {
  VR_SHARE_LOG,      /* N is the priority */
  VR_SHARE_PROGRESS, /* N more are done */
  VR_SHARE_LINE,     /* of progress */
  VR_SHARE_UNREADABLE,
  VR_SHARE_KINDS
};

/* Receives what other ranks report. */
typedef void (*vr_share_listener)(void *user, enum vr_share_kind kind, long n,
                                  const char *text);

#endif
