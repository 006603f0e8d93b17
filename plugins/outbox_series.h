/* SPDX-License-Identifier: MIT
 *
 * The series of the outbox: what of each is on its way, and what waits.
 */
#ifndef VR_PLUGINS_OUTBOX_SERIES_H
#define VR_PLUGINS_OUTBOX_SERIES_H

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"

#include <stdatomic.h>
#include <uthash.h>

enum {
  VR_OUTBOX_NAME = 6 * DATA_MAX_NAME_LEN,
  VR_OUTBOX_SHARDS = 16, /* each with its lock */
};

/* A value list that waits. */
struct vr_outbox_pending;

/* A write thread of collectd, and how many values it has begun or ended. */
struct vr_outbox_writer {
  atomic_uint_fast64_t turns;
};

enum vr_outbox_state {
  VR_OUTBOX_IDLE, /* written, or never sent */
  VR_OUTBOX_QUEUED,
  VR_OUTBOX_CACHED, /* and being written */
};

/* One series, and the value of it that was sent last. */
struct vr_outbox_series {
  UT_hash_handle hh;
  struct vr_outbox_series *prev,
      *next;                         /* of its shard that have values waiting */
  struct vr_outbox_pending *pending; /* the oldest first */
  unsigned n_pending;
  enum vr_outbox_state state;
  cdtime_t time, since; /* of the value, and of its state */
  uint64_t number;      /* so many of all series were sent before it */
  bool lost;            /* neither it nor those after it are awaited */
  bool write_guessed;   /* its last value was not noted as written */
  bool write_noted;     /* its values come by our write callback */
  const struct vr_outbox_writer *writer; /* CACHED: the thread, and its turn */
  uint64_t turn;
  char name[];
};

struct vr_outbox_shard {
  pthread_mutex_t lock;
  struct vr_outbox_series *series, *waiting;
};

extern struct vr_outbox_shard vr_outbox_shards[VR_OUTBOX_SHARDS];

/* Of all series: the highest number of a value that has arrived. */
extern atomic_uint_fast64_t vr_outbox_arrived;
/* Our write callback is registered. */
extern atomic_bool vr_outbox_notes_writes;
/* Values of ours come in under other names. */
extern atomic_bool vr_outbox_renamed;
/* How much longer than asked for a thread of ours sleeps. */
extern atomic_uint_fast64_t vr_outbox_delay;

/* On a clock that nobody sets. */
cdtime_t vr_outbox_now(void);

/* The series NAME with its shard locked; NULL where it is not known. */
struct vr_outbox_series *vr_outbox_lock(const char *name,
                                        struct vr_outbox_shard **ret_shard);

/* Adds it to a locked shard; NULL where there is no memory. */
struct vr_outbox_series *vr_outbox_add(struct vr_outbox_shard *s,
                                       const char *name);

/* Removes it from its locked shard, unless it is awaited. */
void vr_outbox_forget(struct vr_outbox_shard *s, struct vr_outbox_series *a);

/* Removes those of which nothing was sent for an hour. */
void vr_outbox_forget_idle(void);

/* Is the value before it written, or no longer awaited? */
bool vr_outbox_may_send(struct vr_outbox_series *a);

/* Sends VL, at once. */
void vr_outbox_dispatch(struct vr_outbox_series *a, const value_list_t *vl);

/* VL waits. Returns how many values had to be dropped for it (0 or 1). */
unsigned vr_outbox_keep(struct vr_outbox_shard *s, struct vr_outbox_series *a,
                        const value_list_t *vl);

/* Sends the oldest that waits, if it may be sent. */
void vr_outbox_send_next(struct vr_outbox_shard *s, struct vr_outbox_series *a);

/* Drops all that waits, and all series. */
void vr_outbox_clear(struct vr_outbox_shard *s);

/* What waits, of all series: waits for MORE, and counts. */
struct vr_outbox_backlog {
  pthread_mutex_t lock;
  pthread_cond_t more;
  size_t n; /* values */
  bool stop;
};
extern struct vr_outbox_backlog vr_outbox_backlog;

#endif
