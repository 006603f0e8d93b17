/* SPDX-License-Identifier: MIT */
#include "live/keeper.h"

#include "basic/cleanup.h"
#include "basic/deadline.h"
#include "basic/log.h"
#include "basic/safe_open.h"

#include <errno.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* So long a disk may take without any progress, in milliseconds: at the start
 * and at the end, where it counts; and between. */
enum { LONG_MS = 500, SHORT_MS = 200, SLICE_MS = 20 };

struct vr_live_keeper {
  struct vr_live *live;
  char *path; /* NULL: nowhere */
  struct vr_deadline_call *call;
  struct vr_complaint silent;
};

static void keeper_free(void *keeper) {
  struct vr_live_keeper *k = keeper;
  vr_live_free(k->live);
  free(k->path);
  free(k);
}

struct vr_live_keeper *vr_live_keeper_new(struct vr_live *r, const char *path) {
  struct vr_live_keeper *k = calloc(1, sizeof(*k));
  if (k && path && !(k->path = strdup(path))) {
    free(k);
    return NULL;
  }
  if (k)
    k->live = r;
  return k;
}

static int restore(void *keeper) {
  const struct vr_live_keeper *k = keeper;
  vr_auto_free char *copy = strdup(k->path);
  if (!copy)
    return -ENOMEM;
  mkdir(dirname(copy), 0755);
  return vr_live_restore(k->live, k->path);
}

static int save(void *keeper) {
  const struct vr_live_keeper *k = keeper;
  return vr_live_save(k->live, k->path);
}

/* Waits for the call that K holds on to until MS pass without progress. Has it
 * returned? */
static bool wait_for(struct vr_live_keeper *k, int ms) {
  const struct timespec slice = {0, SLICE_MS * 1000000L};
  size_t before = vr_live_state_progress(k->live), now;
  for (int quiet = 0; vr_deadline_hangs(&k->call); before = now) {
    if (quiet >= ms)
      return false;
    nanosleep(&slice, NULL);
    now = vr_live_state_progress(k->live);
    quiet = now == before ? quiet + SLICE_MS : 0;
  }
  return true;
}

/* Returns 0 (what FN makes of the file it has logged); -ETIMEDOUT when it has
 * not returned; or what vr_deadline_run() does. */
static int run(struct vr_live_keeper *k, int (*fn)(void *keeper), int ms) {
  int unused;
  int r = vr_deadline_run(&k->call, fn, k, SLICE_MS, &unused);
  return r == -ETIMEDOUT && wait_for(k, ms) ? 0 : r;
}

static void complain(struct vr_live_keeper *k, int error,
                     const char *meanwhile) {
  vr_log_complain(&k->silent, LOG_WARNING, "%s: %s: %s", k->path,
                  vr_safe_why(error), meanwhile);
}

void vr_live_keeper_restore(struct vr_live_keeper *k) {
  int r = k->path ? run(k, restore, LONG_MS) : 0;
  if (r < 0)
    complain(k, r,
             "models start anew; what was saved is read, and state is saved "
             "again, when it answers");
}

/* A slow disk is no fault yet: it is when the next time comes. */
void vr_live_keeper_save(struct vr_live_keeper *k) {
  if (!k->path)
    return;
  int r = run(k, save, SHORT_MS);
  if (r == 0)
    vr_log_relieved(&k->silent, "%s: the file system answers again", k->path);
  else if (r != -ETIMEDOUT)
    complain(k, r, "state is saved when it answers");
}

void vr_live_keeper_end(struct vr_live_keeper *k) {
  bool known = atomic_load(&k->silent.active); /* to hang */
  if (k->path && wait_for(k, known ? 0 : LONG_MS))
    run(k, save, LONG_MS);
  vr_deadline_leave(&k->call, keeper_free, k);
}
