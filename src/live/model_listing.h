/* SPDX-License-Identifier: MIT
 *
 * One reading of a directory of model files: which there are, and the text of
 * those that are new or have changed. A listing shares nothing with anybody, so
 * that a thread which does not come back may have it (basic/deadline.h).
 */
#ifndef VR_LIVE_MODEL_LISTING_H
#define VR_LIVE_MODEL_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

/* What distinguishes one state of a file from the next. */
struct vr_model_mark {
  struct timespec modified, changed;
  off_t size;
  ino_t inode;
};

struct vr_listed_file {
  char *path;
  struct vr_model_mark mark;
  bool known;  /* to the caller, in the state MARK */
  bool listed; /* it is in the directory now */
  bool read;   /* it was read, being new or changed: */
  int error;   /* 0, or a negative errno */
  char *text;  /* and what it holds */
  size_t length;
};

struct vr_model_listing {
  char *path; /* of the directory */
  size_t n, size;
  struct vr_listed_file *files;
  size_t n_known; /* those that the caller knows stand first, sorted by path */
  int error;      /* 0, or a negative errno: nothing of it is known, or: */
  bool partly;    /* not all of it could be seen */
};

/* A listing of the directory PATH that is to be read; NULL without memory. */
struct vr_model_listing *vr_live_model_listing_new(const char *path);
void vr_live_model_listing_free(void *listing);

/* The caller knows the file PATH in the state MARK; to be called in the order
 * of the paths. Returns 0 or -ENOMEM. */
int vr_live_model_listing_know(struct vr_model_listing *l, const char *path,
                               const struct vr_model_mark *mark);

/* Reads the directory LISTING (a struct vr_model_listing). Returns 0: what is
 * wrong is in the listing. */
int vr_live_model_listing_read(void *listing);

#endif
