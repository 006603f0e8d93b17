/* SPDX-License-Identifier: MIT */
#include "live/feed.h"

#include "live/guest.h"
#include "live/guest_table.h"
#include "live/tick.h"
#include "schema/plugin_names.h"

#include <errno.h>
#include <string.h>

bool vr_live_is_sane(vr_time time, vr_time interval) {
  return time > 0 && time < INT64_MAX / 2 && interval >= VR_SHORTEST_INTERVAL &&
         interval <= VR_LONGEST_INTERVAL;
}

static const struct vr_value *find_value(const struct vr_value *values,
                                         size_t n, const char *name) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(values[i].name, name) == 0)
      return &values[i];
  return NULL;
}

/* One value list on its way through the signals that want something of it. The
 * signals of a list mostly belong to one guest, which stays locked. */
struct feeding {
  struct vr_guest_table *table;
  struct vr_catalog *catalog;
  vr_time time, interval;
  struct vr_live_guest *guest;
  bool names_host; /* the series that led to the guest does */
  int result;
};

static void leave_guest(struct feeding *f) {
  if (!f->guest)
    return;
  vr_live_guest_advance(f->guest, f->table->context);
  pthread_mutex_unlock(&f->guest->lock);
  f->guest = NULL;
}

/* Is the guest that is locked the one that is meant? */
static bool is_in(const struct feeding *f, const char *host, const char *name) {
  return f->guest && f->names_host == (host != NULL) &&
         strcmp(f->guest->name, name) == 0 &&
         (!host || strcmp(f->guest->host, host) == 0);
}

/* HOST is NULL where the series does not name it. */
static bool enter_guest(struct feeding *f, const char *host, const char *name) {
  if (is_in(f, host, name))
    return true;
  leave_guest(f);
  f->names_host = host != NULL;
  int r = vr_live_table_lock(f->table, host, name, f->catalog, &f->guest);
  if (r == -ENOMEM)
    f->result = r;
  if (r < 0)
    return false;
  if (host || strcmp(f->guest->host, name) == 0)
    atomic_store_explicit(&f->guest->silent_sweeps, 0, memory_order_relaxed);
  return true;
}

/* GUEST is NULL for a signal of the host itself. */
static void feed_signal(struct feeding *f, const struct vr_catalog_signal *s,
                        const struct vr_identifier *id,
                        const struct vr_value *value, const char *host,
                        const char *guest) {
  struct vr_arrival arrival = {
      .signal = s->index,
      .member = s->pattern.has_members ? id->type_instance : NULL,
      .kind = value->kind,
      .interval = f->interval,
      .sample = {f->time, value->number}};
  int r;
  if (!guest) {
    r = vr_live_hosts_add(f->table->context->hosts, host, s->text, value->kind,
                          f->interval, &arrival.sample);
  } else if (enter_guest(f, host, guest)) {
    arrival.names_host = host || strcmp(f->guest->host, guest) == 0;
    r = vr_live_guest_add(f->guest, f->table->context, f->catalog, &arrival);
  } else {
    return;
  }
  f->result = r < 0 ? r : 1;
}

/* The guest that sends as NAME, locked: of this name, or of what stands before
 * its domain. NULL where there is none. */
static struct vr_live_guest *lock_sender(struct vr_guest_table *t,
                                         const char *name) {
  char without_domain[VR_FIELD_SIZE];
  struct vr_live_guest *g = vr_live_table_lock_known(t, NULL, name);
  size_t n = strcspn(name, ".");
  if (g || name[n] == '\0' || n == 0 || n >= sizeof(without_domain))
    return g;
  memcpy(without_domain, name, n);
  without_domain[n] = '\0';
  return vr_live_table_lock_known(t, NULL, without_domain);
}

/* A value that the guest NAME itself has sent. A guest is known only through
 * values of its host: most senders of such series are no guests. */
static void feed_own(struct feeding *f, const struct vr_catalog_signal *s,
                     const struct vr_value *value, const char *name) {
  struct vr_sample sample = {f->time, value->number};
  leave_guest(f);
  struct vr_live_guest *g = lock_sender(f->table, name);
  if (!g)
    return;
  if (vr_live_guest_add_own(g, name, s->own - 1, value->kind, f->interval,
                            &sample) < 0)
    f->result = -ENOMEM;
  pthread_mutex_unlock(&g->lock);
}

static bool is_native_name(const char *host) {
  size_t n = strlen(host), m = strlen(VR_NATIVE_SUFFIX);
  return n >= m && strcmp(host + n - m, VR_NATIVE_SUFFIX) == 0;
}

int vr_live_feed_list(struct vr_guest_table *t, struct vr_catalog *catalog,
                      const struct vr_wanted *wanted,
                      const struct vr_identifier *id, vr_time time,
                      vr_time interval, const struct vr_value *values,
                      size_t n) {
  struct feeding f = {
      .table = t, .catalog = catalog, .time = time, .interval = interval};
  if (!vr_live_is_sane(time, interval) || is_native_name(id->host))
    return 0;
  for (uint32_t i = wanted->first; i != VR_NO_SIGNAL;
       i = catalog->signals[i]->next) {
    const struct vr_catalog_signal *s = catalog->signals[i];
    const char *host = NULL, *guest = NULL;
    const struct vr_value *v =
        find_value(values, n, s->pattern.name.data_source);
    if (!v || !vr_live_catalog_match(s, id, &host, &guest))
      continue;
    if (s->own)
      feed_own(&f, s, v, guest);
    if (s->kept)
      feed_signal(&f, s, id, v, host, guest);
  }
  leave_guest(&f);
  return f.result;
}
