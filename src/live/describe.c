/* SPDX-License-Identifier: MIT */
#include "live/describe.h"

#include "basic/log.h"
#include "basic/text.h"
#include "live/law.h"
#include "live/rate_group.h"
#include "live/reason.h"

#include <string.h>

enum {
  /* A binding is described when it has held for this many ticks: signals of a
   * new guest come in one after the other. */
  STEADY_TICKS = 3,
  /* A central server does not fill its log with thousands of guests. */
  MAX_DESCRIBED = 200,
};

/* "; inferred: load (fit 34 %), cpu (fit 50 %)". Returns how many. */
static unsigned append_published(struct vr_text *t,
                                 const struct vr_live_guest *g,
                                 enum vr_provenance p, bool first) {
  unsigned n = 0;
  for (int c = 0; c < VR_COUNTERS; c++) {
    const struct vr_active *a = vr_live_group_published(g, c, NULL);
    if (!a || a->model->model->provenance != p)
      continue;
    if (n++ == 0)
      vr_text_append(t, "%s %s: ", first ? "" : ";", vr_provenance_name(p));
    vr_text_append(t, "%s%s", n > 1 ? ", " : "",
                   vr_counter_info((enum vr_counter)c)->name);
    if (p == VR_INFERRED)
      vr_text_append(t, " (fit %.0f %%%s)", a->model->model->fit.free_run,
                     a->model->model->generic ? ", generic: not validated here"
                                              : "");
    if (vr_live_law_lacks_requests(a->model->model))
      vr_text_append(t, " (tasks that wait for disks are missing: no QMP "
                        "socket and no libvirt tells of them)");
  }
  return n;
}

/* Counters with the same reason stand together before it. */
static void append_missing(struct vr_text *t, const struct vr_live_guest *g,
                           bool first) {
  char reasons[VR_COUNTERS][VR_REASON_SIZE] = {{0}};
  unsigned n = 0;
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    if (!vr_live_group_published(g, c, NULL))
      vr_live_reason(g, (enum vr_counter)c, reasons[c]);
  for (int c = 0; c < VR_COUNTERS; c++) {
    if (!*reasons[c])
      continue;
    if (n++ == 0)
      vr_text_append(t, "%s not published: ", first ? "" : ";");
    vr_text_append(t, "%s%s", n > 1 ? "; " : "",
                   vr_counter_info((enum vr_counter)c)->name);
    for (int k = c + 1; k < VR_COUNTERS; k++)
      if (strcmp(reasons[k], reasons[c]) == 0) {
        vr_text_append(t, ", %s", vr_counter_info((enum vr_counter)k)->name);
        *reasons[k] = '\0';
      }
    vr_text_append(t, " (%s)", reasons[c]);
  }
}

static uint64_t binding_hash(const struct vr_live_guest *g) {
  uint64_t hash = 1;
  for (int c = 0; c < VR_COUNTERS; c++) {
    const struct vr_active *a = vr_live_group_published(g, c, NULL);
    hash =
        hash * 31 + (a ? a->model->fingerprint + a->model->model->n_inputs : 0);
  }
  return hash;
}

/* Has the guest been bound so long that all of its first signals are there? */
static bool is_steady(const struct vr_live_guest *g) {
  size_t a_tick = g->n_groups > 0 ? g->n_beats : g->n_series + 1;
  return !g->bind && g->ticks_since_bind >= STEADY_TICKS * a_tick;
}

static void log_binding(const struct vr_live_guest *g) {
  char buffer[900] = "";
  struct vr_text t = {buffer, sizeof(buffer)};
  unsigned n = 0;
  for (int p = VR_DIRECT; p <= VR_PROVENANCES; p++)
    n += append_published(&t, g, (enum vr_provenance)p, n == 0);
  append_missing(&t, g, n == 0);
  vr_log(n > 0 ? LOG_INFO : LOG_NOTICE, "guest %s on %s:%s", g->name, g->host,
         buffer);
}

void vr_live_guest_describe(struct vr_live_guest *g,
                            struct vr_live_context *context) {
  if (g->binding_known || !is_steady(g) || g->newest == INT64_MIN)
    return;
  g->binding_known = true;
  uint64_t hash = binding_hash(g);
  if (hash == g->described)
    return;
  bool first = g->described == 0;
  g->described = hash;
  if (!first || atomic_fetch_add(&context->described, 1) < MAX_DESCRIBED)
    log_binding(g);
}
