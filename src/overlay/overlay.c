/* SPDX-License-Identifier: MIT */
#include "overlay/overlay.h"

#include "basic/cleanup.h"
#include "basic/file.h"
#include "basic/safe_open.h"
#include "overlay/overlay_apply.h"
#include "overlay/overlay_card.h"
#include "overlay/overlay_claim.h"
#include "overlay/overlay_ports.h"
#include "overlay/overlay_state.h"
#include "overlay/overlay_watch.h"
#include "overlay/overlay_ways.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  LIMIT_STEPS = 6, /* intervals in one period of the rate limit of lines */
  FAREWELLS = 10,  /* how often it is said that a guest has gone */
  MAX_STATE = 32 << 20,
};
#define SECOND INT64_C(1000000)
#define HOUR (3600 * SECOND)

/* --- what comes in --- */

static void refuse(struct vr_overlay *o, const struct vr_overlay_value *v,
                   enum vr_refusal refusal) {
  o->refused[refusal]++;
  if (vr_log_limit_admits(&o->refusals))
    vr_log_warning("announcement %s of guest %s on %s, by %s from %s, is "
                   "refused (%s): %s",
                   v->instance, v->guest, v->host, v->user ? v->user : "nobody",
                   v->from ? v->from : "this collectd",
                   vr_refusal_name(refusal), vr_refusal_advice(refusal));
}

/* An address of the hosts' own, which no guest may draw to itself. */
static bool is_foreign(const struct vr_overlay *o, const struct vr_mac *mac) {
  for (size_t i = 0; i < o->links.n; i++)
    if (vr_mac_is_same(&o->links.list[i].mac, mac) &&
        strncmp(o->links.list[i].kind, "macv", 4) != 0)
      return true;
  return false;
}

/* *RET_IGNORE: it is fine, and none of our business. */
static enum vr_refusal judge(struct vr_overlay *o,
                             const struct vr_overlay_value *v,
                             const struct vr_announcement *a,
                             bool *ret_ignore) {
  const struct vr_lan *lan = vr_overlay_lan(o, a->vni);
  enum vr_refusal r =
      vr_refusal_judge(&o->options.members, v->user, a, vr_overlay_now());
  /* What a central sends comes back to where it is from. */
  *ret_ignore =
      strcmp(a->host, o->options.self) == 0 || (!lan && !o->options.relay);
  if (r != VR_REFUSAL_NONE || *ret_ignore)
    return r;
  if (lan && !vr_lan_has(lan, a->host))
    return VR_REFUSAL_LAN;
  return lan && is_foreign(o, &a->mac) ? VR_REFUSAL_FOREIGN : VR_REFUSAL_NONE;
}

/* A central sends what has changed at once, and the rest soon. */
static void pass_on(struct vr_overlay *o, const struct vr_announcement *a,
                    bool news) {
  vr_overlay_say(o, a, news);
  if (news || o->flush_due)
    return;
  o->flush_due = true;
  if (o->wake >= 0 && write(o->wake, &(uint64_t){1}, sizeof(uint64_t)) < 0)
    o->flush_due = false; /* the next step will do it */
}

static void take(struct vr_overlay *o, const struct vr_overlay_value *v) {
  struct vr_announcement a;
  struct vr_location *l;
  enum vr_locations_change change;
  bool ignored;
  if (vr_ways_are_meant(v->instance)) {
    enum vr_refusal why = vr_overlay_ways_take(o, v);
    if (why != VR_REFUSAL_NONE)
      refuse(o, v, why);
    return;
  }
  if (vr_announcement_parse(v->host, v->guest, v->instance, v->value, v->sent,
                            &a) < 0) {
    refuse(o, v, VR_REFUSAL_MALFORMED);
    return;
  }
  enum vr_refusal r = judge(o, v, &a, &ignored);
  if (r == VR_REFUSAL_NONE && ignored)
    return;
  if (r == VR_REFUSAL_NONE)
    r = vr_locations_take(&o->locations, &a, vr_overlay_now(), &change, &l);
  if (r != VR_REFUSAL_NONE) {
    refuse(o, v, r);
    return;
  }
  o->taken++;
  if (o->options.relay)
    pass_on(o, &a, change != VR_LOCATIONS_SAME);
  if (change == VR_LOCATIONS_SAME)
    return;
  vr_overlay_apply(o, l);
  if (change == VR_LOCATIONS_MOVED)
    vr_overlay_note_migration(o, l, a.sent);
  if (vr_overlay_lan(o, a.vni))
    vr_overlay_watch_ports(o, vr_overlay_lan(o, a.vni));
}

void vr_overlay_take(struct vr_overlay *o, const struct vr_overlay_value *v) {
  pthread_mutex_lock(&o->lock);
  take(o, v);
  pthread_mutex_unlock(&o->lock);
}

/* --- once an interval --- */

/* What has gone is remembered for a while, so that nothing old brings it back.
 */
static void announce_all(struct vr_overlay *o) {
  struct vr_location *l, *next;
  int64_t now = vr_overlay_now();
  HASH_ITER(hh, o->locations.head, l, next) {
    bool here = vr_overlay_is_here(o, l);
    if (l->gone && now - l->heard > HOUR)
      vr_locations_drop(&o->locations, l);
    else if (here && (l->gone ? l->farewells++ < FAREWELLS : l->port > 0))
      vr_overlay_announce(o, l, false);
  }
  o->options.flush();
  o->flush_due = false;
}

static void renew_limits(struct vr_overlay *o) {
  if (++o->steps % LIMIT_STEPS != 0)
    return;
  unsigned refused = vr_log_limit_renew(&o->refusals);
  unsigned moved = vr_log_limit_renew(&o->moves);
  if (refused > 0)
    vr_log_warning("%u more announcements were refused", refused);
  if (moved > 0)
    vr_log_info("%u more guests have moved", moved);
}

/* TEXT (NULL: there was no memory for it) is written without the lock: a file
 * system may be slow. */
static void write_state(struct vr_overlay *o, const char *text) {
  const char *path = o->options.state_file;
  int r = text ? vr_remote_write(&o->state, path, text, strlen(text)) : -ENOMEM;
  if (r < 0 && r != -ETIMEDOUT) /* slow is no fault yet */
    vr_log_complain(&o->unwritten, LOG_WARNING,
                    "StateFile: %s: cannot write: %s: generations may not grow "
                    "across a restart",
                    path, vr_safe_why(r));
  else if (r == 0)
    vr_log_relieved(&o->unwritten, "StateFile: %s is written again", path);
}

/* PATHS: what was decided of ways; of a central. */
static void step(struct vr_overlay *o, const char *paths) {
  if (o->options.n_lans > 0) {
    vr_overlay_ensure_lans(o);
    vr_overlay_take_ports(o);
    vr_overlay_claim_begun(o);
    vr_overlay_take_leave(o);
    vr_overlay_reconcile(o);
    vr_overlay_ways_reconcile(o);
    vr_overlay_card_report(o);
  }
  if (o->options.paths_file)
    vr_overlay_ways_pass_on(o, paths);
  announce_all(o);
  renew_limits(o);
}

void vr_overlay_step(struct vr_overlay *o) {
  vr_auto_free char *paths = NULL;
  pthread_mutex_lock(&o->looking);
  if (o->options.n_lans > 0)
    vr_overlay_look(o);
  if (o->options.paths_file)
    paths = vr_overlay_ways_read(o);
  pthread_mutex_lock(&o->lock);
  step(o, paths);
  vr_auto_free char *text = vr_overlay_state_format(o);
  pthread_mutex_unlock(&o->lock);
  write_state(o, text);
  pthread_mutex_unlock(&o->looking);
}

/* --- life --- */

int vr_overlay_start(struct vr_overlay *o) { return vr_overlay_watch_start(o); }

static void read_state(struct vr_overlay *o) {
  const char *path = o->options.state_file;
  vr_auto_free char *text = NULL;
  int r = vr_remote_read(path, MAX_STATE, &text, NULL);
  if (r == 0)
    r = vr_overlay_state_parse(o, text);
  if (r < 0 && r != -ENOENT)
    vr_log_warning("StateFile: %s: cannot be used: %s: what is known comes "
                   "from the kernel and from the others",
                   path, vr_safe_why(r));
}

static int begin(struct vr_overlay *o) {
  int r = 0;
  o->epoll = o->wake = o->link_fd = o->paths_fd = -1;
  pthread_mutex_init(&o->lock, NULL);
  pthread_mutex_init(&o->looking, NULL);
  if (o->options.n_lans > 0)
    r = vr_host_new(o->options.host, &o->host);
  if (r == 0 && o->options.n_lans > 0)
    r = vr_rtnl_open(&o->rtnl);
  if (r == 0 && o->options.n_lans > 0)
    r = vr_rtnl_open(&o->look_rtnl);
  if (r < 0)
    return r;
  read_state(o);
  if (o->options.n_lans == 0)
    return 0;
  vr_overlay_ensure_lans(o);
  vr_overlay_look(o);
  vr_overlay_take_ports(o);
  vr_overlay_adopt(o);
  vr_overlay_ways_adopt(o);
  vr_overlay_reconcile(o);
  return 0;
}

static void free_parts(struct vr_overlay *o) {
  vr_overlay_close_ports(o);
  vr_locations_clear(&o->locations);
  vr_ways_clear(&o->ways);
  vr_rtnl_links_clear(&o->links);
  vr_rtnl_links_clear(&o->seen);
  vr_rtnl_close(o->rtnl);
  vr_rtnl_close(o->look_rtnl);
  vr_host_free(o->host);
  pthread_mutex_destroy(&o->lock);
  pthread_mutex_destroy(&o->looking);
  free(o);
}

int vr_overlay_new(const struct vr_overlay_options *options,
                   struct vr_overlay **ret) {
  struct vr_overlay *o = calloc(1, sizeof(*o));
  if (!o)
    return -ENOMEM;
  o->options = *options;
  int r = begin(o);
  if (r < 0)
    free_parts(o);
  else
    *ret = o;
  return r;
}

void vr_overlay_free(struct vr_overlay *o) {
  if (!o)
    return;
  vr_overlay_watch_stop(o);
  vr_auto_free char *text = vr_overlay_state_format(o);
  write_state(o, text);
  vr_remote_leave(&o->state);
  vr_members_clear(&o->options.members);
  for (size_t i = 0; i < o->options.n_lans; i++)
    vr_lan_clear(&o->options.lans[i]);
  free(o->options.lans);
  free_parts(o);
}
