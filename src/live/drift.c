/* SPDX-License-Identifier: MIT */
#include "live/drift.h"

#include "signal/series.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum {
  MAX_PARTS = 6,
  PENDING = 16, /* promises that wait for the guest's own values */
  SAMPLES = 24, /* that are kept of each series, to judge them by */
};

/* What one tick leaves of the share: half in 40 ticks. */
static const double MEMORY = 0.98282;
static const double DRIFTED = 0.5, BACK = 0.25;

enum form {
  SUM,
  COMPLEMENT, /* 100 less it */
  SHARE,      /* of the first part in all, in percent */
};

/* The guest's own series, as collectd's plugins name them, and as vmrecon-train
 * takes them for the truth. Disks and interfaces are left out: they are
 * measured, and no pattern names those of a guest. */
#define OWN(series) "%{guest}/" series ":value"
static const struct {
  enum vr_counter counter;
  enum form form;
  const char *series[MAX_PARTS];
} witnesses[] = {
    {VR_LOAD, SUM, {"%{guest}/load/load:shortterm"}},
    {VR_PROCESSES,
     SUM,
     {OWN("processes/ps_state-running"), OWN("processes/ps_state-sleeping"),
      OWN("processes/ps_state-blocked"), OWN("processes/ps_state-zombies"),
      OWN("processes/ps_state-stopped"), OWN("processes/ps_state-paging")}},
    {VR_CPU, SUM, {OWN("cpu/percent-active")}},
    {VR_CPU, COMPLEMENT, {OWN("cpu/percent-idle")}},
    {VR_CONTEXTSWITCH, SUM, {OWN("contextswitch/contextswitch")}},
    {VR_PAGE_FAULTS, SUM, {"%{guest}/vmem/vmpage_faults:minflt"}},
    {VR_BUFFERS,
     SHARE,
     {OWN("memory/memory-buffered"), OWN("memory/memory-used"),
      OWN("memory/memory-cached"), OWN("memory/memory-free"),
      OWN("memory/memory-slab_recl"), OWN("memory/memory-slab_unrecl")}},
};
enum { WITNESSES = sizeof(witnesses) / sizeof(witnesses[0]) };

struct witness {
  struct vr_series parts[MAX_PARTS]; /* capacity 0: never heard */
  struct vr_promise pending[PENDING];
  unsigned at, n;
  double share; /* of ticks outside, the older the less they count */
  bool drifted;
  double measured; /* what lay outside last, and of what */
  struct vr_promise broken;
};

struct vr_drift {
  struct witness *witnesses[WITNESSES]; /* NULL: never heard */
};

/* Whose series I is, and which of its parts. */
static bool find(unsigned i, unsigned *ret_witness, unsigned *ret_part) {
  for (unsigned w = 0; w < WITNESSES; w++)
    for (unsigned p = 0; p < MAX_PARTS && witnesses[w].series[p]; p++)
      if (i-- == 0) {
        *ret_witness = w;
        *ret_part = p;
        return true;
      }
  return false;
}

const char *vr_live_drift_series(unsigned i) {
  unsigned w, p;
  return find(i, &w, &p) ? witnesses[w].series[p] : NULL;
}

struct vr_drift *vr_live_drift_new(void) {
  return calloc(1, sizeof(struct vr_drift));
}

void vr_live_drift_free(struct vr_drift *d) {
  if (!d)
    return;
  for (unsigned w = 0; w < WITNESSES; w++) {
    for (unsigned p = 0; d->witnesses[w] && p < MAX_PARTS; p++)
      vr_series_clear(&d->witnesses[w]->parts[p]);
    free(d->witnesses[w]);
  }
  free(d);
}

/* --- what the guest measures --- */

int vr_live_drift_add(struct vr_drift *d, unsigned i, enum vr_kind kind,
                      vr_time interval, const struct vr_sample *sample) {
  const struct vr_signal_form form = {.kind = kind, .interval = interval};
  unsigned w, p;
  if (!find(i, &w, &p))
    return 0;
  if (!d->witnesses[w])
    d->witnesses[w] = calloc(1, sizeof(struct witness));
  if (!d->witnesses[w])
    return -ENOMEM;
  struct vr_series *s = &d->witnesses[w]->parts[p];
  if (s->capacity == 0 && vr_series_init(s, &form, SAMPLES) < 0)
    return -ENOMEM;
  /* Another interval, or a clock that was set: what was heard before is of no
   * use to what comes. */
  if (s->form.kind != kind || s->form.interval != interval ||
      (s->n > 0 && sample->time < vr_series_oldest(s)))
    vr_series_empty(s);
  s->form = form;
  vr_series_add(s, sample);
  return 0;
}

/* Have the guest's own values of the promise's time come? A gap is waited for
 * until the promise must make room for another. */
static bool is_heard(const struct witness *w, unsigned n_parts,
                     const struct vr_promise *promise) {
  for (unsigned p = 0; p < n_parts; p++)
    if (w->parts[p].n == 0 ||
        !vr_series_covers(&w->parts[p], promise->begin, promise->end))
      return false;
  return true;
}

/* What it measured then; NAN where a part is not known. */
static double measured(const struct witness *w, enum form form,
                       unsigned n_parts, const struct vr_promise *promise) {
  double first = 0, sum = 0;
  for (unsigned p = 0; p < n_parts; p++) {
    double x = vr_series_mean(&w->parts[p], promise->begin, promise->end);
    first = p == 0 ? x : first;
    sum += x;
  }
  switch (form) {
  case COMPLEMENT:
    return 100 - sum;
  case SHARE:
    return sum > 0 ? 100 * first / sum : NAN;
  default:
    return sum;
  }
}

/* --- and what was promised --- */

static void judge(struct witness *w, double x,
                  const struct vr_promise *promise) {
  if (!isfinite(x))
    return;
  bool outside = x < promise->lower || x > promise->upper;
  w->share = MEMORY * w->share + (1 - MEMORY) * outside;
  if (outside) {
    w->measured = x;
    w->broken = *promise;
  }
  if (w->share > DRIFTED)
    w->drifted = true;
  else if (w->share < BACK)
    w->drifted = false;
}

static unsigned count_parts(unsigned w) {
  unsigned n = 0;
  while (n < MAX_PARTS && witnesses[w].series[n])
    n++;
  return n;
}

static void judge_all(struct witness *w, unsigned index) {
  unsigned n_parts = count_parts(index);
  while (w->n > 0 && is_heard(w, n_parts, &w->pending[w->at])) {
    const struct vr_promise *first = &w->pending[w->at];
    judge(w, measured(w, witnesses[index].form, n_parts, first), first);
    w->at = (w->at + 1) % PENDING;
    w->n--;
  }
}

static void remember(struct witness *w, const struct vr_promise *promise) {
  if (w->n == PENDING) { /* the guest is late, or silent */
    w->at = (w->at + 1) % PENDING;
    w->n--;
  }
  w->pending[(w->at + w->n++) % PENDING] = *promise;
}

void vr_live_drift_predict(struct vr_drift *d, enum vr_counter c,
                           const struct vr_promise *promise) {
  for (unsigned w = 0; w < WITNESSES; w++)
    if (witnesses[w].counter == c && d->witnesses[w]) {
      remember(d->witnesses[w], promise);
      judge_all(d->witnesses[w], w);
    }
}

/* --- what to say of it --- */

bool vr_live_drift_is_there(const struct vr_drift *d) {
  for (unsigned w = 0; w < WITNESSES; w++)
    if (d->witnesses[w] && d->witnesses[w]->drifted)
      return true;
  return false;
}

void vr_live_drift_describe(const struct vr_drift *d, struct vr_text *t) {
  for (unsigned w = 0; w < WITNESSES; w++) {
    const struct witness *said = d->witnesses[w];
    if (said && said->drifted)
      vr_text_append(t, "; %s %.6g, expected from %.6g to %.6g",
                     vr_counter_info(witnesses[w].counter)->name,
                     said->measured, said->broken.lower, said->broken.upper);
  }
}
