/* SPDX-License-Identifier: MIT */
#include "overlay/ways.h"

#include "basic/array.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000)
#define HOUR (3600 * SECOND)
/* Every whole number up to this one is a double. */
#define EXACT 9007199254740992.0
#define VIA "via_"

void vr_ways_clear(struct vr_ways *t) {
  free(t->list);
  *t = (struct vr_ways){0};
}

/* --- the message --- */

bool vr_ways_are_meant(const char *instance) {
  return strncmp(instance, VIA, strlen(VIA)) == 0 ||
         strcmp(instance, "direct") == 0 || strcmp(instance, "default") == 0;
}

static bool is_name(const char *text) {
  size_t n = strlen(text);
  return n > 0 && n < VR_ANNOUNCEMENT_NAME;
}

int vr_ways_parse(const char *from, const char *to, const char *instance,
                  double value, int64_t sent, struct vr_way *ret) {
  struct vr_way w = {.sent = sent};
  if (!vr_ways_are_meant(instance) || !is_name(from) || !is_name(to) ||
      !(value >= 1 && value <= EXACT) || value != floor(value))
    return -EINVAL;
  w.kind = strcmp(instance, "default") == 0  ? VR_WAY_DEFAULT
           : strcmp(instance, "direct") == 0 ? VR_WAY_DIRECT
                                             : VR_WAY_VIA;
  if (w.kind == VR_WAY_VIA) {
    if (!is_name(instance + strlen(VIA)))
      return -EINVAL;
    strcpy(w.via, instance + strlen(VIA));
  }
  w.generation = (uint64_t)value;
  strcpy(w.from, from);
  strcpy(w.to, to);
  *ret = w;
  return 0;
}

void vr_ways_instance(const struct vr_way *w, char ret[VR_WAYS_INSTANCE]) {
  snprintf(ret, VR_WAYS_INSTANCE, "%s%s",
           w->kind == VR_WAY_DEFAULT  ? "default"
           : w->kind == VR_WAY_DIRECT ? "direct"
                                      : VIA,
           w->kind == VR_WAY_VIA ? w->via : "");
}

/* --- who may say it --- */

static bool is_central(const struct vr_members *m, const char *user) {
  for (size_t i = 0; i < m->n_centrals; i++)
    if (strcmp(user, m->centrals[i]) == 0)
      return true;
  return false;
}

static bool are_hosts(const struct vr_members *m, const struct vr_way *w) {
  return vr_members_find(m, w->from) && vr_members_find(m, w->to) &&
         strcmp(w->from, w->to) != 0 &&
         (w->kind != VR_WAY_VIA ||
          (vr_members_find(m, w->via) && strcmp(w->via, w->from) != 0 &&
           strcmp(w->via, w->to) != 0));
}

enum vr_refusal vr_ways_judge(const struct vr_members *m, const char *user,
                              const struct vr_way *w, int64_t now) {
  if (!user || !*user)
    return VR_REFUSAL_UNSIGNED;
  if (!are_hosts(m, w))
    return VR_REFUSAL_HOST;
  if (!is_central(m, user))
    return VR_REFUSAL_USER;
  return llabs(w->sent - now) <= VR_REFUSAL_WINDOW_S * SECOND &&
                 w->generation <= (uint64_t)now / 1000 + VR_REFUSAL_AHEAD_MS
             ? VR_REFUSAL_NONE
             : VR_REFUSAL_CLOCK;
}

/* --- what is known --- */

static struct vr_way *find(struct vr_ways *t, const char *from,
                           const char *to) {
  for (size_t i = 0; i < t->n; i++)
    if (strcmp(t->list[i].from, from) == 0 && strcmp(t->list[i].to, to) == 0)
      return &t->list[i];
  return NULL;
}

static struct vr_way *add(struct vr_ways *t) {
  if (t->n >= VR_WAYS_MAX ||
      vr_array_reserve(&t->list, &t->capacity, t->n + 1) < 0)
    return NULL;
  t->list[t->n] = (struct vr_way){0};
  return &t->list[t->n++];
}

static bool is_same(const struct vr_way *a, const struct vr_way *b) {
  return a->kind == b->kind && strcmp(a->via, b->via) == 0;
}

enum vr_refusal vr_ways_take(struct vr_ways *t, const struct vr_way *w,
                             int64_t now, bool *ret_changed) {
  struct vr_way *known = find(t, w->from, w->to);
  if (known && w->generation < known->generation)
    return VR_REFUSAL_OLDER;
  if (known && w->sent <= known->sent)
    return VR_REFUSAL_REPLAYED;
  *ret_changed = known ? !is_same(known, w) : w->kind != VR_WAY_DEFAULT;
  if (!known && !(known = add(t)))
    return VR_REFUSAL_FULL;
  *known = *w;
  known->heard = now;
  return VR_REFUSAL_NONE;
}

static bool drop_older(struct vr_ways *t, int64_t begin) {
  size_t kept = 0;
  for (size_t i = 0; i < t->n; i++)
    if (t->list[i].heard >= begin)
      t->list[kept++] = t->list[i];
  bool any = kept < t->n;
  t->n = kept;
  return any;
}

bool vr_ways_expire(struct vr_ways *t, int64_t now) {
  return drop_older(t, now - VR_WAYS_SILENCE_S * SECOND);
}

/* --- a central --- */

void vr_ways_begin(struct vr_ways *t) {
  for (size_t i = 0; i < t->n; i++)
    t->list[i].listed = false;
}

static uint64_t next_generation(const struct vr_way *w, int64_t now) {
  uint64_t g = (uint64_t)now / 1000;
  return g > w->generation ? g : w->generation + 1;
}

int vr_ways_decide(struct vr_ways *t, const char *from, const char *to,
                   const char *via, int64_t now) {
  struct vr_way w = {.kind = via ? VR_WAY_VIA : VR_WAY_DIRECT};
  struct vr_way *known = find(t, from, to);
  if (!is_name(from) || !is_name(to) || (via && !is_name(via)))
    return -EINVAL;
  strcpy(w.via, via ? via : "");
  if (!known && !(known = add(t)))
    return -ENOMEM;
  if (known->generation == 0 || !is_same(known, &w))
    w.generation = next_generation(known, now);
  else
    w.generation = known->generation;
  strcpy(w.from, from);
  strcpy(w.to, to);
  w.listed = true;
  w.heard = now;
  *known = w;
  return 0;
}

void vr_ways_end(struct vr_ways *t, int64_t now) {
  for (size_t i = 0; i < t->n; i++) {
    struct vr_way *w = &t->list[i];
    if (w->listed || w->kind == VR_WAY_DEFAULT)
      continue;
    w->kind = VR_WAY_DEFAULT;
    w->via[0] = '\0';
    w->generation = next_generation(w, now);
    w->heard = now;
  }
  drop_older(t, now - HOUR);
}
