/* SPDX-License-Identifier: MIT */
#include "outbox_arrival.h"

#include "collectd/core/utils/common/common.h"
#include "collectd/core/utils/metadata/meta_data.h"

#include "schema/plugin_names.h"

#include <errno.h>

#define NAME "vmrecon_order" /* of what is registered */

/* Those of the threads that there are; more do without. */
static struct vr_outbox_writer writers[256];
static atomic_size_t n_writers;
static __thread struct vr_outbox_writer *writer;

/* The series of the value that this thread is writing, if it is ours; does the
 * thread have to look it up when that is done? */
static __thread struct {
  char name[VR_OUTBOX_NAME];
  bool others_wait, first;
} writing;

static void find_writer(void) {
  size_t i = atomic_load(&n_writers);
  if (!writer && i < STATIC_ARRAY_SIZE(writers)) {
    i = atomic_fetch_add(&n_writers, 1);
    writer = i < STATIC_ARRAY_SIZE(writers) ? &writers[i] : NULL;
  }
}

/* The value of which WRITING tells is written. NOTED: our write callback says
 * so. */
static void end_writing(bool noted) {
  struct vr_outbox_shard *s;
  if (writer)
    atomic_fetch_add(&writer->turns, 1);
  if (*writing.name && (writing.others_wait || (noted && writing.first))) {
    struct vr_outbox_series *a = vr_outbox_lock(writing.name, &s);
    if (a) {
      a->write_noted = a->write_noted || noted;
      vr_outbox_send_next(s, a);
    }
    pthread_mutex_unlock(&s->lock);
  }
  *writing.name = '\0';
}

void vr_outbox_arrival_turn(void) {
  if (writer || *writing.name)
    end_writing(false);
}

static void note_arrival(struct vr_outbox_series *a) {
  a->since = vr_outbox_now();
  a->lost = false;
  if (a->number > atomic_load(&vr_outbox_arrived))
    atomic_store(&vr_outbox_arrived, a->number);
}

void vr_outbox_arrival_stopped(const value_list_t *vl) {
  char name[VR_OUTBOX_NAME];
  struct vr_outbox_shard *s;
  if (FORMAT_VL(name, sizeof(name), vl) != 0)
    return;
  struct vr_outbox_series *a = vr_outbox_lock(name, &s);
  if (a && a->state == VR_OUTBOX_QUEUED && vl->time >= a->time) {
    note_arrival(a);
    a->state = VR_OUTBOX_IDLE;
    vr_outbox_send_next(s, a);
  }
  pthread_mutex_unlock(&s->lock);
}

/* The cache has the value VL of a series. Is it one of ours? */
static bool note_cached(const value_list_t *vl, const char *name) {
  struct vr_outbox_shard *s;
  find_writer();
  if (*writing.name) /* no target has seen its turn */
    end_writing(false);
  struct vr_outbox_series *a = vr_outbox_lock(name, &s);
  if (a && vl->time >= a->time) {
    note_arrival(a);
    a->state = VR_OUTBOX_CACHED;
    a->writer = writer;
    a->turn = writer ? atomic_load(&writer->turns) : 0;
    writing.others_wait = a->n_pending > 0;
    writing.first = !a->write_noted;
    sstrncpy(writing.name, name, sizeof(writing.name));
  }
  pthread_mutex_unlock(&s->lock);
  return a != NULL;
}

/* Nothing has come of the series for a while, and collectd has forgotten it. */
static void forget(const char *name) {
  struct vr_outbox_shard *s;
  struct vr_outbox_series *a = vr_outbox_lock(name, &s);
  if (a)
    vr_outbox_forget(s, a);
  pthread_mutex_unlock(&s->lock);
}

/* From another collectd, by the network plugin? */
static bool is_received(const value_list_t *vl) {
  return vl->meta && meta_data_exists(vl->meta, "network:received") > 0;
}

/* Of each series that is new collectd asks whether more is to be said of it. */
static int on_cache_event(cache_event_t *event, user_data_t *unused) {
  (void)unused;
  const value_list_t *vl = event->value_list;
  if (event->type == CE_VALUE_EXPIRED) {
    forget(event->value_list_name);
    return 0;
  }
  bool ours = note_cached(vl, event->value_list_name);
  if (!ours && strcmp(vl->plugin, VR_PLUGIN_INFERRED) == 0 && !is_received(vl))
    atomic_store(&vr_outbox_renamed, true);
  event->ret = ours;
  return 0;
}

/* Comes after all writers that were registered before, in the thread that has
 * called them. */
static int on_write(const data_set_t *ds, const value_list_t *vl,
                    user_data_t *unused) {
  (void)ds;
  (void)vl;
  (void)unused;
  if (*writing.name)
    end_writing(true);
  return 0;
}

/* collectd says so where there is no writer at all; ours must not hide that. */
static bool has_writers(void) {
  static const char *const known[] = {"amqp",
                                      "amqp1",
                                      "csv",
                                      "grpc",
                                      "java",
                                      "lua",
                                      "mqtt",
                                      "network",
                                      "perl",
                                      "python",
                                      "rrdcached",
                                      "rrdtool",
                                      "write_graphite",
                                      "write_http",
                                      "write_influxdb_udp",
                                      "write_kafka",
                                      "write_log",
                                      "write_mongodb",
                                      "write_prometheus",
                                      "write_redis",
                                      "write_riemann",
                                      "write_sensu",
                                      "write_stackdriver",
                                      "write_syslog",
                                      "write_tsdb"};
  for (size_t i = 0; i < STATIC_ARRAY_SIZE(known); i++)
    if (plugin_is_loaded(known[i]))
      return true;
  return false;
}

int vr_outbox_arrival_begin(void) {
  if (plugin_register_cache_event(NAME, on_cache_event, NULL) != 0)
    return -ENOMEM;
  if (has_writers() && plugin_register_write(NAME, on_write, NULL) == 0)
    atomic_store(&vr_outbox_notes_writes, true);
  return 0;
}
