/* SPDX-License-Identifier: MIT */
#include "train/data/guest_clock.h"

#include "basic/cleanup.h"
#include "sysid/clock_offset.h"
#include "train/data/definitions.h"
#include "train/data/stretches.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { MAX_CLOCK_LAG = 10 }; /* rows of the truth */

/* Below this a pair of series does not show the same thing. */
#define MIN_CLOCK_CORRELATION 0.5

/* So many standard errors away a group has a clock of its own. */
#define CERTAINLY 3.0

/* By so much more likely, in -2 log likelihood, a guest's samples are taken at
 * another time than when its rows end: chance gives 16 once in 16 000 times. */
#define SURELY 16.0

/* Offsets of several counters, each weighted by what it is sure of. */
struct clock_sum {
  double weights, offsets;
};

/* What all counters of a guest show of its clock. */
enum { MAX_PARTS = 60 };
struct clocks {
  struct vr_guest_data *data;
  struct clock_sum all, devices, balloon;
  struct vr_stretches drift;
  vr_counter_set seen; /* a counter that is measured twice counts once */
  /* -2 log likelihood of samples that were taken so many of the host's steps
   * after rows end, while that is looked for */
  bool looks_for_late;
  double unlikely[MAX_PARTS];
  double *u, *means; /* room for a column of the host's each */
};

static double host_step(const struct vr_guest_data *d) {
  return vr_reader_timeline(d->host_reader)->step;
}

/* Means of RATIO values of the host's as RRDtool divides samples that are taken
 * LATE values after rows end. */
static void divide(double *means, size_t n, size_t ratio, size_t late) {
  double before = (double)late / (double)ratio;
  for (size_t i = n; i-- > 0;)
    means[i] =
        i < ratio ? NAN : before * means[i - ratio] + (1 - before) * means[i];
}

/* The rates of counter C: the guest's own, and those that the host measured, of
 * samples that are taken LATE of its steps after rows end. */
static struct vr_clock_rates rates_of(const struct clocks *k, enum vr_counter c,
                                      size_t late) {
  const struct vr_guest_data *d = k->data;
  const struct vr_timeline *host = vr_reader_timeline(d->host_reader);
  size_t ratio = (size_t)lround(d->grid.step / host->step);
  vr_clock_means(k->u, host->rows, ratio, k->means);
  if (late > 0)
    divide(k->means, host->rows, ratio, late);
  return (struct vr_clock_rates){
      .n = d->grid.rows,
      .n_host = host->rows,
      .guest = d->y[c],
      .host = k->means,
      .ratio = ratio,
      .first =
          lround((d->grid.begin - host->begin) / host->step) + (ptrdiff_t)late};
}

/* Adds O, found with the guest's first row where the host's row FIRST is, in
 * seconds. */
static void add_offset(const struct vr_guest_data *d, ptrdiff_t first,
                       const struct vr_clock_offset *o, struct clock_sum *s) {
  const struct vr_timeline *host = vr_reader_timeline(d->host_reader);
  double at = host->begin - d->grid.begin - d->late +
              ((double)first + o->offset) * host->step;
  /* No pair is believed beyond a hundredth of a step. */
  double weight = 1 / (o->se * o->se + 1e-4);
  s->weights += weight;
  s->offsets -= weight * at;
}

/* How unlikely counter C makes each time of the guest's samples. A clock is
 * taken to be right within two rows. */
static void add_unlikely(struct clocks *k, enum vr_counter c) {
  size_t parts = (size_t)lround(k->data->grid.step / host_step(k->data));
  for (size_t late = 0; late < parts; late++) {
    const struct vr_clock_rates rates = rates_of(k, c, late);
    struct vr_clock_offset o;
    if (vr_estimate_clock_offset_of(&rates, 2 * (double)parts, &o, NULL) < 0 ||
        o.correlation < MIN_CLOCK_CORRELATION)
      continue;
    double rest = fmax(1 - o.correlation * o.correlation, 1e-9);
    k->unlikely[late] += (double)o.samples * log(rest);
  }
}

/* Adds what k->u, the measurement of counter C in GROUP, shows of the clock.
 * The balloon's reports are as old as they are. */
static void add_clock(struct clocks *k, enum vr_counter c,
                      enum vr_signal_group group) {
  double step = host_step(k->data);
  if (k->looks_for_late) {
    if (group != VR_BALLOON)
      add_unlikely(k, c);
    return;
  }
  const struct vr_clock_rates rates =
      rates_of(k, c, (size_t)lround(k->data->late / step));
  struct vr_clock_offset o;
  if (vr_estimate_clock_offset_of(&rates, (double)(MAX_CLOCK_LAG * rates.ratio),
                                  &o, NULL) < 0 ||
      o.correlation < MIN_CLOCK_CORRELATION)
    return;
  k->seen |= VR_COUNTER_SET(c);
  if (group == VR_BALLOON) {
    add_offset(k->data, rates.first, &o, &k->balloon);
    return;
  }
  if (group == VR_DEVICE)
    add_offset(k->data, rates.first, &o, &k->devices);
  add_offset(k->data, rates.first, &o, &k->all);
  k->data->clock.pairs++;
  vr_stretches_add(&k->drift, &rates, o.offset);
}

static enum vr_signal_group group_of(const struct vr_direct *def) {
  return vr_schema_signal(def->values[0].id)->group;
}

enum vr_signal_group vr_data_clock_group(enum vr_counter c) {
  const struct vr_direct *def = vr_definitions_of(c, 0);
  return def ? group_of(def) : VR_VM_PROCESS;
}

/* By what our own read plugin measures. */
static void clock_by_definitions(struct clocks *k) {
  const struct vr_guest_data *d = k->data;
  const struct vr_direct *def;
  for (int c = 0; c < VR_COUNTERS; c++)
    for (size_t i = 0; (def = vr_definitions_of((enum vr_counter)c, i)); i++)
      if (d->y[c] && !vr_counter_in(k->seen, def->counter) &&
          (def->provenance == VR_DIRECT || group_of(def) == VR_BALLOON) &&
          vr_definitions_serve(def->accelerator, d->accelerator) &&
          vr_definitions_column(def, d->host_reader, d->host, d->guest, k->u) ==
              0)
        add_clock(k, def->counter, group_of(def));
}

/* The sum of all sources that measure counter C themselves: a guest may have
 * several disks and networks. How many there are. */
static size_t sum_of_sources(struct clocks *k, enum vr_counter c) {
  const struct vr_guest_data *d = k->data;
  size_t n = 0, rows = vr_reader_timeline(d->host_reader)->rows;
  memset(k->u, 0, rows * sizeof(*k->u));
  for (size_t s = 0; s < vr_sources_count; s++) {
    vr_cleanup(vr_data_input_clear) struct vr_model_input in = {0};
    if (!vr_counter_in(vr_sources[s].measures, c) ||
        vr_sources_input(&vr_sources[s], &in) < 0 ||
        vr_reader_input(d->host_reader, &in, d->host, d->guest, k->means) < 0)
      continue;
    for (size_t i = 0; i < rows; i++)
      k->u[i] += k->means[i];
    n++;
  }
  return n;
}

/* By the bytes that another plugin counted, where ours did not. */
static void clock_by_sources(struct clocks *k) {
  static const enum vr_counter bytes[] = {VR_DISK_READ, VR_DISK_WRITE,
                                          VR_NET_TX, VR_NET_RX};
  for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++)
    if (k->data->y[bytes[i]] && !vr_counter_in(k->seen, bytes[i]) &&
        sum_of_sources(k, bytes[i]) > 0)
      add_clock(k, bytes[i], VR_VM_PROCESS);
}

/* The clock of S, where it is elsewhere than ALL's for certain. */
static double own_clock(const struct clock_sum *s, const struct clock_sum *all,
                        double step, double seconds) {
  if (!(s->weights > 0))
    return seconds;
  double own = s->offsets / s->weights;
  double error =
      step * sqrt(1 / s->weights + (all->weights > 0 ? 1 / all->weights : 0));
  return fabs(own - seconds) > CERTAINLY * error ? own : seconds;
}

/* A row between two of the host's that are as long is a blend of both, a filter
 * that an offset of its own would make another one for each group, and for each
 * stretch. Under a host that is sampled more finely it is not. */
static void refine(struct clocks *k) {
  struct vr_clock *c = &k->data->clock;
  double step = host_step(k->data);
  if (c->pairs == 0)
    return;
  c->of_devices = own_clock(&k->devices, &k->all, step, c->seconds);
  vr_stretches_take(&k->drift, c);
}

/* When the guest takes its samples, where RRDtool has divided them: it is
 * looked for by all counters, and believed where it is certain. */
static void look_for_late(struct clocks *k) {
  double step = host_step(k->data);
  size_t parts = (size_t)lround(k->data->grid.step / step), best = 0;
  if (!k->data->divided || parts > MAX_PARTS)
    return;
  k->looks_for_late = true;
  clock_by_definitions(k);
  clock_by_sources(k);
  k->looks_for_late = false;
  for (size_t i = 1; i < parts; i++)
    if (k->unlikely[i] < k->unlikely[best])
      best = i;
  if (k->unlikely[best] < k->unlikely[0] - SURELY)
    k->data->late = (double)best * step;
}

int vr_data_estimate_clock(struct vr_guest_data *d) {
  size_t rows = vr_reader_timeline(d->host_reader)->rows;
  double step = host_step(d);
  vr_auto_free double *u = calloc(2 * rows + 1, sizeof(*u));
  struct clocks k = {.data = d, .u = u, .means = u ? u + rows : NULL};
  if (!u || vr_stretches_new(&d->grid, step, &k.drift) < 0)
    return -ENOMEM;
  look_for_late(&k);
  clock_by_definitions(&k);
  clock_by_sources(&k);
  if (d->clock.pairs > 0) {
    d->clock.seconds = k.all.offsets / k.all.weights;
    d->clock.standard_error = step / sqrt(k.all.weights);
  }
  d->clock.of_devices = d->clock.seconds;
  d->clock.of_balloon = own_clock(&k.balloon, &k.all, step, d->clock.seconds);
  if (d->grid.step > step * 1.5)
    refine(&k);
  vr_stretches_clear(&k.drift);
  return 0;
}
