/* SPDX-License-Identifier: MIT */
#include "live/drift.h"

#include "schema/references.h"
#include "signal/identifier.h"
#include "signal/series.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  MAX_PARTS = VR_REFERENCE_INSTANCES,
  PENDING = 16, /* prediction intervals that wait for the guest's own values */
  SAMPLES = 24, /* that are kept of each series, to judge them by */
};

/* What one tick leaves of the fraction: half in 40 ticks. */
static const double MEMORY = 0.98282;
static const double DRIFTED = 0.5, BACK = 0.25;

/* An error of a law that withholds nothing: a tenth of a task. */
static const double NEGLIGIBLE = 0.1;

/* One reference of the schema's table, as this guest sends it. */
struct reference {
  struct vr_series parts[MAX_PARTS]; /* capacity 0: never received */
  struct vr_prediction pending[PENDING];
  unsigned at, n;
  double fraction; /* of ticks outside, the older the less they count */
  bool drifted;
  struct vr_verdict verdict;
  double measured; /* what lay outside last, and of what */
  struct vr_prediction missed;
};

/* Several hosts have the guest's name with a domain. */
#define CONTESTED "."

struct vr_drift {
  char sender[VR_FIELD_SIZE]; /* "": nobody has sent */
  size_t n;
  struct reference *references[]; /* as the table; NULL: never received */
};

/* References with devices are left out: the host measures disks and
 * interfaces, and no pattern names those of a guest. So is what the number of
 * the guest's CPUs must be known for. */
static unsigned count_parts(unsigned reference) {
  const struct vr_reference *r = &vr_schema_references[reference];
  bool compared =
      r->devices == VR_NO_DEVICES && r->form != VR_REFERENCE_PER_CPU;
  unsigned n = 0;
  while (compared && n < MAX_PARTS && r->instances[n])
    n++;
  return n;
}

/* Whose series I is, and which of its parts. */
static bool find(unsigned i, unsigned *ret_reference, unsigned *ret_part) {
  for (unsigned r = 0; r < vr_schema_references_count; r++) {
    unsigned n = count_parts(r);
    if (i < n) {
      *ret_reference = r;
      *ret_part = i;
      return true;
    }
    i -= n;
  }
  return false;
}

bool vr_live_drift_series(unsigned i, char ret_pattern[VR_DRIFT_PATTERN_SIZE]) {
  unsigned r, p;
  if (!find(i, &r, &p))
    return false;
  const struct vr_reference *ref = &vr_schema_references[r];
  snprintf(ret_pattern, VR_DRIFT_PATTERN_SIZE, "%%{guest}/%s/%s%s%s:%s",
           ref->plugin, ref->type, *ref->instances[p] ? "-" : "",
           ref->instances[p], ref->data_source);
  return true;
}

struct vr_drift *vr_live_drift_new(void) {
  size_t n = vr_schema_references_count;
  struct vr_drift *d = calloc(1, sizeof(*d) + n * sizeof(d->references[0]));
  if (d)
    d->n = n;
  return d;
}

static void forget(struct vr_drift *d) {
  for (unsigned r = 0; r < d->n; r++) {
    for (unsigned p = 0; d->references[r] && p < MAX_PARTS; p++)
      vr_series_clear(&d->references[r]->parts[p]);
    free(d->references[r]);
    d->references[r] = NULL;
  }
}

void vr_live_drift_free(struct vr_drift *d) {
  if (!d)
    return;
  forget(d);
  free(d);
}

/* --- who sends --- */

bool vr_live_drift_is_from(struct vr_drift *d, const char *host,
                           const char *name) {
  if (strcmp(d->sender, host) == 0)
    return true;
  if (strcmp(d->sender, name) == 0)
    return false;
  bool is_first = d->sender[0] == '\0', is_exact = strcmp(host, name) == 0;
  if (!is_first)
    forget(d);
  snprintf(d->sender, sizeof(d->sender), "%s",
           is_first || is_exact ? host : CONTESTED);
  return is_first || is_exact;
}

/* --- what the guest measures --- */

int vr_live_drift_add(struct vr_drift *d, unsigned i, enum vr_kind kind,
                      vr_time interval, const struct vr_sample *sample) {
  const struct vr_signal_form form = {.kind = kind, .interval = interval};
  unsigned r, p;
  if (!find(i, &r, &p))
    return 0;
  if (!d->references[r])
    d->references[r] = calloc(1, sizeof(struct reference));
  if (!d->references[r])
    return -ENOMEM;
  struct vr_series *s = &d->references[r]->parts[p];
  if (s->capacity == 0 && vr_series_init(s, &form, SAMPLES) < 0)
    return -ENOMEM;
  /* Another interval, or a clock that was set: what came before is of no
   * use to what comes. */
  if (s->form.kind != kind || s->form.interval != interval ||
      (s->n > 0 && sample->time < vr_series_oldest(s)))
    vr_series_empty(s);
  s->form = form;
  vr_series_add(s, sample);
  return 0;
}

/* Have the guest's own values of the prediction's time come? A gap is waited
 * for until the prediction must make room for another. */
static bool has_come(const struct reference *r, unsigned n_parts,
                     const struct vr_prediction *prediction) {
  for (unsigned p = 0; p < n_parts; p++)
    if (r->parts[p].n == 0 ||
        !vr_series_covers(&r->parts[p], prediction->begin, prediction->end))
      return false;
  return true;
}

/* What it measured then; NAN where a part is not known. */
static double measured(const struct reference *r,
                       const struct vr_reference *ref, unsigned n_parts,
                       const struct vr_prediction *prediction) {
  double part = 0, sum = 0;
  for (unsigned p = 0; p < n_parts; p++) {
    double x = vr_series_mean(&r->parts[p], prediction->begin, prediction->end);
    if (p < ref->n_part)
      part += x;
    sum += x;
  }
  switch (ref->form) {
  case VR_REFERENCE_COMPLEMENT:
    return 100 - sum;
  case VR_REFERENCE_PERCENT:
    return sum > 0 ? 100 * part / sum : NAN;
  case VR_REFERENCE_PERCENT_REST:
    return sum > 0 ? 100 - 100 * part / sum : NAN;
  default:
    return sum;
  }
}

/* --- and what was predicted --- */

static void judge(struct reference *r, double x,
                  const struct vr_prediction *prediction) {
  if (!isfinite(x))
    return;
  if (isfinite(prediction->value))
    vr_live_verdict_add(
        &r->verdict,
        vr_signal_seconds_of_time(prediction->end - prediction->begin), x,
        prediction->value, NEGLIGIBLE);
  bool outside = x < prediction->lower || x > prediction->upper;
  r->fraction = MEMORY * r->fraction + (1 - MEMORY) * outside;
  if (outside) {
    r->measured = x;
    r->missed = *prediction;
  }
  if (r->fraction > DRIFTED)
    r->drifted = true;
  else if (r->fraction < BACK)
    r->drifted = false;
}

static void judge_all(struct reference *r, unsigned index) {
  unsigned n_parts = count_parts(index);
  while (r->n > 0 && has_come(r, n_parts, &r->pending[r->at])) {
    const struct vr_prediction *first = &r->pending[r->at];
    judge(r, measured(r, &vr_schema_references[index], n_parts, first), first);
    r->at = (r->at + 1) % PENDING;
    r->n--;
  }
}

static void remember(struct reference *r,
                     const struct vr_prediction *prediction) {
  if (r->n == PENDING) { /* the guest is late, or silent */
    r->at = (r->at + 1) % PENDING;
    r->n--;
  }
  r->pending[(r->at + r->n++) % PENDING] = *prediction;
}

void vr_live_drift_predict(struct vr_drift *d, enum vr_counter c,
                           const struct vr_prediction *prediction) {
  for (unsigned r = 0; r < d->n; r++)
    if (vr_schema_references[r].counter == c && d->references[r]) {
      remember(d->references[r], prediction);
      judge_all(d->references[r], r);
    }
}

struct vr_verdict *vr_live_drift_verdict(struct vr_drift *d,
                                         enum vr_counter c) {
  for (unsigned r = 0; r < d->n; r++)
    if (vr_schema_references[r].counter == c && d->references[r] &&
        vr_live_verdict_is_judged(&d->references[r]->verdict))
      return &d->references[r]->verdict;
  return NULL;
}

/* --- the report --- */

bool vr_live_drift_is_there(const struct vr_drift *d) {
  for (unsigned r = 0; r < d->n; r++)
    if (d->references[r] && d->references[r]->drifted)
      return true;
  return false;
}

void vr_live_drift_describe(const struct vr_drift *d, struct vr_text *t) {
  for (unsigned r = 0; r < d->n; r++) {
    const struct reference *ref = d->references[r];
    if (ref && ref->drifted)
      vr_text_append(t, "; %s %.6g, expected from %.6g to %.6g",
                     vr_counter_info(vr_schema_references[r].counter)->name,
                     ref->measured, ref->missed.lower, ref->missed.upper);
  }
}
