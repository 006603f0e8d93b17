/* SPDX-License-Identifier: MIT */
#include "train/data/guest_data.h"

#include "basic/cleanup.h"
#include "signal/resample.h"
#include "sysid/clock_offset.h"
#include "train/data/definitions.h"
#include "train/data/truth.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_ROWS = 20 * 1000 * 1000, MAX_CLOCK_LAG = 10 };

/* Below this a pair of series does not show the same thing. */
#define MIN_CLOCK_CORRELATION 0.5

/* What tells when a side was recorded, and from when to when. */
struct reference {
  const struct vr_archive_file *file;
  struct vr_extent extent;
};

/* Is FILE one of PLUGIN, or, if that is NULL, of a host's own collectd? */
static bool is_of(const struct vr_archive_file *f, const char *plugin) {
  return plugin ? strcmp(f->plugin, plugin) == 0
                : strncmp(f->plugin, "virt", 4) != 0 &&
                      !vr_truth_is_own_output(f->host, f->plugin);
}

/* The reference among HOST's files of PLUGIN: of type WANTED if that can be
 * read, else the first that can. Returns -ENODATA if there is none, or what the
 * last one gave. */
static int find_reference(const struct vr_archive *a, const char *host,
                          const char *plugin, const char *wanted, double begin,
                          struct reference *ret, struct vr_error *ret_error) {
  size_t first, end = vr_archive_host_range(a, host, &first);
  int r = vr_error_set(ret_error, -ENODATA, "%s%s%s: nothing was recorded",
                       host, plugin ? "/" : "", plugin ? plugin : "");
  for (int pass = 0; pass < 2; pass++)
    for (size_t i = first; i < end; i++) {
      const struct vr_archive_file *f = &a->files[i];
      if (!is_of(f, plugin) || (strcmp(f->type, wanted) == 0) != (pass == 0))
        continue;
      ret->file = f;
      r = vr_archive_extent(f, begin, &ret->extent, ret_error);
      if (r == 0)
        return 0;
    }
  return r;
}

/* First and last row with a known value of any data source. */
static void known_rows(const struct vr_history *h, size_t *ret_first,
                       size_t *ret_end) {
  size_t first = h->rows, end = 0;
  for (size_t d = 0; d < h->n_ds; d++)
    for (size_t i = 0; i < h->rows; i++)
      if (isfinite(h->values[d * h->rows + i])) {
        first = i < first ? i : first;
        end = i + 1 > end ? i + 1 : end;
      }
  *ret_first = first;
  *ret_end = end;
}

/* Cuts GRID to the rows that FILE knows anything of. */
static int trim(const struct vr_archive_file *file, struct vr_timeline *grid,
                struct vr_error *ret_error) {
  vr_cleanup(vr_history_clear) struct vr_history h = {0};
  int r = vr_archive_fetch(file, grid, &h, ret_error);
  if (r < 0)
    return r;
  size_t first, end;
  known_rows(&h, &first, &end);
  grid->begin += (double)(first < end ? first : 0) * grid->step;
  grid->rows = first < end ? end - first : 0;
  return 0;
}

/* The grid of the span in which all N references were recorded. */
static int find_grid(const struct reference *refs, size_t n,
                     const struct vr_span *span, const char *guest,
                     struct vr_timeline *ret_grid, struct vr_error *ret_error) {
  double begin = isfinite(span->begin) ? span->begin : -INFINITY;
  double end = isfinite(span->end) ? span->end : INFINITY;
  double step = 0, from = begin - span->warm_up;
  for (size_t i = 0; i < n; i++) {
    from = fmax(from, refs[i].extent.begin);
    end = fmin(end, refs[i].extent.end);
    step = fmax(step, refs[i].extent.step);
  }
  if (isfinite(span->step))
    step = span->step;
  struct vr_timeline g = {.begin = ceil(from / step) * step, .step = step};
  double rows = floor((end - g.begin) / step) + 1;
  if (rows > MAX_ROWS)
    return vr_error_set(
        ret_error, -E2BIG,
        "guest %s: %.0f rows of %g s are too many; give --start, --end "
        "or a larger --step",
        guest, rows, step);
  g.rows = rows > 0 ? (size_t)rows : 0;
  for (size_t i = 0; i < n && g.rows > 0; i++) {
    int r = trim(refs[i].file, &g, ret_error);
    if (r < 0)
      return r;
  }
  if (g.rows == 0 && n < 2)
    return vr_error_set(ret_error, -ENODATA,
                        "guest %s: the span has no time in which its "
                        "hypervisor host (%s) was recorded",
                        guest, refs[0].file->host);
  if (g.rows == 0)
    return vr_error_set(
        ret_error, -ENODATA,
        "guest %s: the span has no time in which both the guest (%s) "
        "and its hypervisor host (%s) were recorded",
        guest, refs[1].file->host, refs[0].file->host);
  *ret_grid = g;
  return 0;
}

static double last_known(const double *x, size_t rows) {
  for (size_t i = rows; x && i-- > 0;)
    if (isfinite(x[i]))
      return x[i];
  return NAN;
}

static void read_size(struct vr_guest_data *d) {
  struct {
    struct vr_signal_value signal;
    double value;
  } s[] = {{{VR_SIGNAL_CONFIGURED_ACCELERATOR, 0}, 0},
           {{VR_SIGNAL_CONFIGURED_VCPUS, 0}, 0},
           {{VR_SIGNAL_CONFIGURED_MEMORY, 0}, 0}};
  for (size_t i = 0; i < 3; i++) {
    char pattern[VR_SIGNAL_PATTERN_SIZE];
    vr_schema_signal_pattern(s[i].signal, pattern);
    s[i].value = last_known(
        vr_reader_signal(d->reader, pattern, d->host, d->guest), d->grid.rows);
  }
  int accelerator = isfinite(s[0].value) ? (int)lround(s[0].value) : 0;
  d->accelerator = accelerator >= VR_ACCEL_TCG && accelerator <= VR_ACCEL_OTHER
                       ? (enum vr_accelerator)accelerator
                       : VR_ACCEL_ANY;
  d->vcpus = s[1].value;
  d->gib = s[2].value * 0x1p-30;
}

static int read_truth(struct vr_guest_data *d) {
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    vr_auto_free double *y = calloc(d->grid.rows, sizeof(*y));
    if (!y)
      return -ENOMEM;
    int r = vr_truth(d->reader, d->truth, (enum vr_counter)c, y);
    if (r == -ENOMEM)
      return r;
    if (r == 0 && isfinite(last_known(y, d->grid.rows)))
      d->y[c] = vr_steal(&y);
  }
  return 0;
}

/* The sum of what counts for several counters' clocks, each weighted by what it
 * is sure of. */
struct clock_sum {
  double weights, offsets;
  vr_counter_set seen; /* a counter that is measured twice counts once */
};

/* Adds what U, the host's measurement of counter C, says of the clock. */
static void add_clock(struct vr_guest_data *d, enum vr_counter c,
                      const double *u, struct clock_sum *s) {
  struct vr_clock_offset o;
  if (vr_estimate_clock_offset(d->grid.rows, u, d->y[c], MAX_CLOCK_LAG, &o,
                               NULL) < 0 ||
      o.correlation < MIN_CLOCK_CORRELATION)
    return;
  /* No pair is believed beyond a hundredth of a step. */
  double weight = 1 / (o.se * o.se + 1e-4);
  s->weights += weight;
  s->offsets += weight * -o.offset;
  s->seen |= VR_COUNTER_SET(c);
  d->clock.pairs++;
}

/* By what our own read plugin measures. */
static void clock_by_definitions(struct vr_guest_data *d, double *u,
                                 struct clock_sum *s) {
  const struct vr_direct *def;
  for (int c = 0; c < VR_COUNTERS; c++)
    for (size_t i = 0; (def = vr_definitions_of((enum vr_counter)c, i)); i++)
      if (d->y[c] && !vr_counter_in(s->seen, def->counter) &&
          def->provenance == VR_DIRECT &&
          vr_definitions_serve(def->accelerator, d->accelerator) &&
          vr_definitions_column(def, d->reader, d->host, d->guest, u) == 0)
        add_clock(d, def->counter, u, s);
}

/* The sum of all sources that measure counter C themselves: a guest may have
 * several disks and networks. How many there are. */
static size_t sum_of_sources(const struct vr_guest_data *d, enum vr_counter c,
                             double *part, double *ret) {
  size_t n = 0;
  memset(ret, 0, d->grid.rows * sizeof(*ret));
  for (size_t s = 0; s < vr_sources_count; s++) {
    vr_cleanup(vr_data_input_clear) struct vr_model_input in = {0};
    if (!vr_counter_in(vr_sources[s].measures, c) ||
        vr_sources_input(&vr_sources[s], &in) < 0 ||
        vr_reader_input(d->reader, &in, d->host, d->guest, part) < 0)
      continue;
    for (size_t i = 0; i < d->grid.rows; i++)
      ret[i] += part[i];
    n++;
  }
  return n;
}

/* By the bytes that another plugin counted, where ours did not. */
static void clock_by_sources(struct vr_guest_data *d, double *part, double *u,
                             struct clock_sum *s) {
  static const enum vr_counter bytes[] = {VR_DISK_READ, VR_DISK_WRITE,
                                          VR_NET_TX, VR_NET_RX};
  for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++)
    if (d->y[bytes[i]] && !vr_counter_in(s->seen, bytes[i]) &&
        sum_of_sources(d, bytes[i], part, u) > 0)
      add_clock(d, bytes[i], u, s);
}

/* Averages the offsets of all counters that the host measures too. */
static int estimate_clock(struct vr_guest_data *d) {
  size_t rows = d->grid.rows;
  vr_auto_free double *u = calloc(2 * rows + 1, sizeof(*u));
  struct clock_sum s = {0};
  if (!u)
    return -ENOMEM;
  clock_by_definitions(d, u, &s);
  clock_by_sources(d, u + rows, u, &s);
  if (d->clock.pairs > 0) {
    d->clock.seconds = d->grid.step * s.offsets / s.weights;
    d->clock.standard_error = d->grid.step / sqrt(s.weights);
  }
  return 0;
}

static bool varies(const double *x, size_t rows) {
  double first = NAN;
  for (size_t i = 0; i < rows; i++) {
    if (!isfinite(x[i]))
      continue;
    if (!isfinite(first))
      first = x[i];
    else if (x[i] != first)
      return true;
  }
  return false;
}

void vr_data_guest_align(const struct vr_guest_data *d, const double *x,
                         double *ret) {
  vr_time step = vr_signal_time_of_seconds(d->grid.step);
  struct vr_grid grid = {.step = step,
                         .first = vr_signal_tick_of(
                             step, vr_signal_time_of_seconds(d->grid.begin)),
                         .n = d->grid.rows};
  vr_resample_regrid(&grid, x, vr_signal_time_of_seconds(d->clock.seconds),
                     &grid, ret);
}

int vr_data_guest_input(const struct vr_guest_data *d,
                        const struct vr_model_input *input, double *ret) {
  vr_auto_free double *u = calloc(d->grid.rows, sizeof(*u));
  if (!u)
    return -ENOMEM;
  int r = vr_reader_input(d->reader, input, d->host, d->guest, u);
  if (r == 0)
    vr_data_guest_align(d, u, ret);
  return r;
}

static int read_sources(struct vr_guest_data *d) {
  d->u = calloc(vr_sources_count, sizeof(*d->u));
  if (!d->u)
    return -ENOMEM;
  for (size_t i = 0; i < vr_sources_count; i++) {
    vr_auto_free double *u = calloc(d->grid.rows, sizeof(*u));
    vr_cleanup(vr_data_input_clear) struct vr_model_input in = {0};
    if (!u || vr_sources_input(&vr_sources[i], &in) < 0)
      return -ENOMEM;
    int r = vr_data_guest_input(d, &in, u);
    if (r == -ENOMEM)
      return r;
    if (r == 0 && varies(u, d->grid.rows))
      d->u[i] = vr_steal(&u);
  }
  return 0;
}

/* The references of PAIR: its host's, and the truth's if it has one. */
static int find_references(const struct vr_archive *a,
                           const struct vr_pair *pair, double begin,
                           struct reference *ret, size_t *ret_n,
                           struct vr_error *ret_error) {
  char host[256];
  const char *plugin;
  double from = isfinite(begin) ? begin : -INFINITY;
  int r = find_reference(a, pair->where, pair->plugin, "derive-vcpu_run", from,
                         &ret[0], ret_error);
  *ret_n = pair->truth ? 2 : 1;
  if (r < 0 || !pair->truth)
    return r;
  if (vr_truth_split(pair->truth, host, sizeof(host), &plugin) < 0)
    return vr_error_set(ret_error, -EINVAL, "guest %s: %s is too long a name",
                        pair->guest, pair->truth);
  return find_reference(a, host, plugin, "load", from, &ret[1], ret_error);
}

void vr_data_guest_clear(struct vr_guest_data *d) {
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    free(d->y[c]);
  for (size_t i = 0; d->u && i < vr_sources_count; i++)
    free(d->u[i]);
  free(d->u);
  vr_reader_free(d->reader);
  free(d->host);
  free(d->guest);
  free(d->truth);
  *d = (struct vr_guest_data){0};
}

int vr_data_guest_load(const struct vr_archive *archive,
                       const struct vr_pair *pair, const struct vr_span *span,
                       struct vr_guest_data *ret_data,
                       struct vr_error *ret_error) {
  struct reference refs[2];
  size_t n;
  int r = find_references(archive, pair, span->begin, refs, &n, ret_error);
  if (r < 0)
    return r;
  struct vr_guest_data d = {.host = strdup(pair->host),
                            .guest = strdup(pair->guest),
                            .truth = pair->truth ? strdup(pair->truth) : NULL};
  r = d.host && d.guest && (d.truth || !pair->truth) ? 0 : -ENOMEM;
  if (r == 0)
    r = find_grid(refs, n, span, pair->guest, &d.grid, ret_error);
  else
    vr_error_set(ret_error, r, "%s", strerror(-r));
  if (r < 0) {
    vr_data_guest_clear(&d);
    return r;
  }
  d.reader = vr_reader_new(archive, &d.grid);
  r = d.reader ? 0 : -ENOMEM;
  if (r == 0)
    read_size(&d);
  if (r == 0 && d.truth)
    r = read_truth(&d);
  if (r == 0)
    r = estimate_clock(&d);
  if (r == 0)
    r = read_sources(&d);
  if (r < 0) {
    vr_data_guest_clear(&d);
    return vr_error_set(ret_error, r, "guest %s: %s", pair->guest,
                        strerror(-r));
  }
  *ret_data = d;
  return 0;
}
