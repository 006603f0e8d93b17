/* SPDX-License-Identifier: MIT */
#include "topology/paths_keeper.h"

#include "basic/array.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 256 };

/* A flow that was held back and of which less than this part of what arrived
 * before its way was changed arrives now has a worse way, unless it has ended,
 * or turned round, and only what is acknowledged is left: then its sender does
 * not send more than arrives. Twice in a row. */
#define WORSE 0.9
#define ENDED 0.25
#define TRIES 1.1
enum { BAD = 2, GOOD = 2 };
/* Once is enough where less than this part arrives, and this many times as much
 * was sent: it is not that less was to be sent. Not in the first interval, in
 * which frames are still under way by both. */
#define CERTAIN 0.5
#define SENT 1.2
/* So has every flow that loses this many times as much as before, and gains no
 * more than that. */
#define LOSES_MORE 2
#define GAINS 1.1

struct vr_paths_keeper_way {
  char from[NAME], to[NAME], via[NAME]; /* VIA "": direct */
  bool judged;        /* it is new, and led another way before */
  bool held;          /* the flow was held back, and the way is not proved */
  double before;      /* bytes per second that arrived */
  double lost;        /* part of what was sent */
  double since;       /* seconds since 1970 */
  bool kept;          /* it is in the plan that is followed */
  double full;        /* when a link of the way was last full; as SINCE */
  unsigned bad, good; /* times in a row */
  unsigned intervals; /* in which it was judged */
  double banned_till; /* seconds since 1970; 0: it is used */
};

struct vr_paths_keeper_options vr_paths_keeper_defaults(void) {
  return (struct vr_paths_keeper_options){
      .gain = 0.1, .times = 2, .pause = 60, .ban = 3600};
}

void vr_paths_keeper_clear(struct vr_paths_keeper *k) {
  free(k->ways);
  *k = (struct vr_paths_keeper){.options = k->options};
}

static void drop(struct vr_paths_keeper *k, size_t way) {
  k->ways[way] = k->ways[--k->n];
}

static void drop_used(struct vr_paths_keeper *k) {
  for (size_t w = k->n; w-- > 0;)
    if (k->ways[w].banned_till == 0)
      drop(k, w);
}

/* --- the problem --- */

struct indices {
  size_t from, to, via;
};

static bool find(const struct vr_instance *i,
                 const struct vr_paths_keeper_way *w, struct indices *ret) {
  const struct vr_placement *p = &i->placement;
  long from = vr_placement_host_index(p, w->from);
  long to = vr_placement_host_index(p, w->to);
  long via = *w->via ? vr_placement_host_index(p, w->via) : 0;
  if (from < 0 || to < 0 || via < 0)
    return false;
  *ret = (struct indices){(size_t)from, (size_t)to,
                          *w->via ? (size_t)via : VR_PATHS_DIRECT};
  return true;
}

static void set_default(struct vr_paths *p) {
  for (size_t w = 0; w < p->n * p->n; w++)
    if (w / p->n != w % p->n)
      p->via[w] = vr_paths_default(p, w / p->n, w % p->n);
}

static int add_bans(struct vr_paths_keeper *k, struct vr_instance *i) {
  struct indices x;
  int r = 0;
  for (size_t w = k->n; r == 0 && w-- > 0;) {
    double till = k->ways[w].banned_till;
    if (till > 0 && till <= i->time)
      drop(k, w);
    else if (till > 0 && find(i, &k->ways[w], &x) &&
             vr_paths_default(&i->paths, x.from, x.to) != x.via)
      r = vr_paths_add_ban(&i->paths, x.from, x.to, x.via);
  }
  return r;
}

int vr_paths_keeper_begin(struct vr_paths_keeper *k, struct vr_instance *i) {
  struct vr_paths *p = &i->paths;
  struct indices x;
  set_default(p);
  int r = add_bans(k, i);
  for (size_t w = k->n; r == 0 && w-- > 0;) {
    if (k->ways[w].banned_till > 0)
      continue;
    if (find(i, &k->ways[w], &x))
      p->via[x.from * p->n + x.to] = x.via;
    else
      drop(k, w);
  }
  /* The underlay is another one: what was decided cannot be. */
  if (r == 0 && !vr_paths_are_valid(p, p->via)) {
    drop_used(k);
    set_default(p);
  }
  return r == 0 ? vr_paths_take_demands(p, &i->placement) : r;
}

/* --- ways that prove worse --- */

static const struct vr_paths_flow *flow_of(const struct vr_paths *p,
                                           size_t from, size_t to) {
  for (size_t f = 0; f < p->n_flows; f++)
    if (p->flows[f].from == from && p->flows[f].to == to)
      return &p->flows[f];
  return NULL;
}

/* Seen over time that the way had to itself. A window proves it: that loss is
 * no chance was seen there. What a link loses that is full is no fault. */
static bool loses(const struct vr_paths *p, const struct indices *x,
                  const struct vr_paths_keeper_way *w, double arrives) {
  const struct vr_paths_seen *s = &p->seen[x->from * p->n + x->to];
  return s->loss >= VR_PATHS_LOSSY && s->loss > LOSES_MORE * w->lost &&
         s->since >= w->since && s->since > w->full &&
         arrives < GAINS * w->before;
}

static bool is_worse(const struct vr_instance *i,
                     struct vr_paths_keeper_way *w) {
  const struct vr_paths *p = &i->paths;
  struct indices x;
  if (w->banned_till > 0 || !w->judged || !find(i, w, &x))
    return false;
  const struct vr_paths_flow *f = flow_of(p, x.from, x.to);
  double arrives = f ? f->latest : 0;
  double sent = f ? f->sent : 0;
  bool ended = arrives <= ENDED * w->before && sent <= TRIES * arrives;
  bool slow = w->held && arrives < WORSE * w->before && !ended;
  bool certain = w->intervals++ > 0 && arrives < CERTAIN * w->before &&
                 sent > SENT * arrives;
  w->bad = slow ? w->bad + (certain ? BAD : 1) : 0;
  w->good = arrives >= w->before ? w->good + 1 : 0;
  if (w->good >= GOOD)
    w->held =
        false; /* it has proved good; what comes later is something else */
  if (vr_paths_fullest(p, x.from, x.to, x.via) >= VR_PATHS_BUSY)
    w->full = i->time;
  return w->bad >= BAD || (sent > 0 && loses(p, &x, w, arrives));
}

static bool leave_worse(struct vr_paths_keeper *k,
                        const struct vr_instance *i) {
  bool any = false;
  for (size_t w = 0; w < k->n; w++)
    if (is_worse(i, &k->ways[w])) {
      k->ways[w].banned_till = i->time + k->options.ban;
      any = true;
    }
  return any;
}

/* --- plans --- */

static bool is_followed(const struct vr_paths *p) {
  for (size_t w = 0; w < p->n * p->n; w++)
    if (w / p->n != w % p->n &&
        p->via[w] != vr_paths_default(p, w / p->n, w % p->n))
      return true;
  return false;
}

static enum vr_paths_keeper_change worth_of(const struct vr_paths_keeper *k,
                                            const struct vr_paths *p,
                                            const struct vr_paths_plan *plan) {
  if (is_followed(p) && plan->by_default >= plan->now)
    return VR_PATHS_KEEPER_DEFAULT;
  return plan->planned > plan->now * (1 + k->options.gain)
             ? VR_PATHS_KEEPER_PLAN
             : VR_PATHS_KEEPER_SAME;
}

static int add_way(struct vr_paths_keeper *k, const struct vr_instance *i,
                   size_t way, size_t via) {
  const struct vr_paths *p = &i->paths;
  const struct vr_placement_host *hosts = i->placement.hosts;
  const struct vr_paths_flow *f = flow_of(p, way / p->n, way % p->n);
  if (vr_array_one_more(&k->ways, k->n, sizeof(*k->ways)) < 0)
    return -ENOMEM;
  struct vr_paths_keeper_way *w = &k->ways[k->n++];
  *w = (struct vr_paths_keeper_way){.kept = true};
  strncpy(w->from, hosts[way / p->n].name, NAME - 1);
  strncpy(w->to, hosts[way % p->n].name, NAME - 1);
  if (via != VR_PATHS_DIRECT)
    strncpy(w->via, hosts[via].name, NAME - 1);
  if (!f || p->via[way] == via)
    return 0;
  w->judged = true;
  w->held = f->want > f->bytes;
  w->lost = isnan(p->seen[way].loss) ? 0 : p->seen[way].loss;
  w->before = f->arrived;
  w->since = i->time;
  return 0;
}

/* A way that stays keeps what is known of it. */
static bool keep_way(struct vr_paths_keeper *k, const struct vr_instance *i,
                     size_t way, size_t via) {
  struct indices x;
  for (size_t w = 0; w < k->n; w++)
    if (k->ways[w].banned_till == 0 && find(i, &k->ways[w], &x) &&
        x.from * i->paths.n + x.to == way && x.via == via)
      return k->ways[w].kept = true;
  return false;
}

/* Without memory all ways are the default ones. */
static void follow(struct vr_paths_keeper *k, const struct vr_instance *i,
                   const size_t *via) {
  const struct vr_paths *p = &i->paths;
  for (size_t w = 0; w < k->n; w++)
    k->ways[w].kept = false;
  for (size_t w = 0; w < p->n * p->n; w++)
    if (w / p->n != w % p->n &&
        via[w] != vr_paths_default(p, w / p->n, w % p->n) &&
        !keep_way(k, i, w, via[w]) && add_way(k, i, w, via[w]) < 0) {
      drop_used(k);
      return;
    }
  for (size_t w = k->n; w-- > 0;)
    if (k->ways[w].banned_till == 0 && !k->ways[w].kept)
      drop(k, w);
}

enum vr_paths_keeper_change
vr_paths_keeper_decide(struct vr_paths_keeper *k, const struct vr_instance *i,
                       const struct vr_paths_plan *plan) {
  if (leave_worse(k, i)) {
    k->seen = 0;
    k->changed = i->time;
    return VR_PATHS_KEEPER_WORSE;
  }
  enum vr_paths_keeper_change worth = worth_of(k, &i->paths, plan);
  k->seen = (int)worth == k->wanted ? k->seen + 1 : 1;
  k->wanted = (int)worth;
  bool too_soon = k->changed > 0 && i->time >= k->changed &&
                  i->time - k->changed < k->options.pause;
  if (worth == VR_PATHS_KEEPER_SAME || k->seen < k->options.times || too_soon)
    return VR_PATHS_KEEPER_SAME;
  if (worth == VR_PATHS_KEEPER_PLAN)
    follow(k, i, plan->via);
  else
    drop_used(k);
  k->seen = 0;
  k->changed = i->time;
  return worth;
}

char *vr_paths_keeper_json(const struct vr_paths_keeper *k) {
  json_auto_t *array = json_array();
  for (size_t w = 0; w < k->n; w++) {
    const struct vr_paths_keeper_way *way = &k->ways[w];
    if (way->banned_till == 0 &&
        json_array_append_new(
            array, json_pack("{s:s, s:s, s:s?}", "from", way->from, "to",
                             way->to, "via", *way->via ? way->via : NULL)) < 0)
      return NULL;
  }
  return array ? json_dumps(array, JSON_COMPACT) : NULL;
}
