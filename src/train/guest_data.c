/* SPDX-License-Identifier: MIT */
#include "train/guest_data.h"

#include "basic/cleanup.h"
#include "signal/resample.h"
#include "sysid/clock.h"
#include "train/definitions.h"
#include "train/truth.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_ROWS = 20 * 1000 * 1000, MAX_CLOCK_LAG = 10 };

/* Below this a pair of series does not show the same thing. */
#define MIN_CLOCK_CORRELATION 0.5

/* A file that tells when a side was recorded: the wanted one, or the host's
 * first under PLUGIN (if NULL: under any but the virt plugin's). */
static const struct vr_archive_file *reference(const struct vr_archive *a,
                                               const char *host,
                                               const char *plugin,
                                               const char *wanted) {
  size_t first, end = vr_archive_host_range(a, host, &first);
  const struct vr_archive_file *found = NULL;
  for (size_t i = first; i < end; i++) {
    const struct vr_archive_file *f = &a->files[i];
    if (plugin ? strcmp(f->plugin, plugin) != 0
               : strncmp(f->plugin, "virt", 4) == 0)
      continue;
    if (vr_is_own_output(host, f->plugin))
      continue;
    if (strcmp(f->type, wanted) == 0)
      return f;
    if (!found)
      found = f;
  }
  return found;
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
                struct vr_archive_error *ret_error) {
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

/* The grid of the span in which both references were recorded. */
static int find_grid(const struct vr_archive_file *const refs[2],
                     const struct vr_span *span, const char *guest,
                     struct vr_timeline *ret_grid,
                     struct vr_archive_error *ret_error) {
  double begin = isfinite(span->begin) ? span->begin : -INFINITY;
  double end = isfinite(span->end) ? span->end : INFINITY;
  double step = 0, from = begin - span->warm_up;
  for (int i = 0; i < 2; i++) {
    struct vr_extent c;
    int r = vr_archive_extent(refs[i], begin, &c, ret_error);
    if (r < 0)
      return r;
    from = fmax(from, c.begin);
    end = fmin(end, c.end);
    step = fmax(step, c.step);
  }
  if (isfinite(span->step))
    step = span->step;
  struct vr_timeline g = {.begin = ceil(from / step) * step, .step = step};
  double rows = floor((end - g.begin) / step) + 1;
  if (rows > MAX_ROWS)
    return vr_archive_fail(
        ret_error, -E2BIG,
        "guest %s: %.0f rows of %g s are too many; give --start, --end "
        "or a larger --step",
        guest, rows, step);
  g.rows = rows > 0 ? (size_t)rows : 0;
  for (int i = 0; i < 2 && g.rows > 0; i++) {
    int r = trim(refs[i], &g, ret_error);
    if (r < 0)
      return r;
  }
  if (g.rows == 0)
    return vr_archive_fail(
        ret_error, -ENODATA,
        "guest %s: the span has no time in which both the guest (%s) "
        "and its hypervisor host (%s) were recorded",
        guest, refs[0]->host, refs[1]->host);
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
  const char *vm = "%{host}/vmrecon-%{guest}/";
  struct {
    const char *series;
    double value;
  } s[] = {{"gauge-accelerator:value", 0},
           {"count-vcpus:value", 0},
           {"memory-configured:value", 0}};
  for (size_t i = 0; i < 3; i++) {
    char pattern[128];
    snprintf(pattern, sizeof(pattern), "%s%s", vm, s[i].series);
    s[i].value = last_known(
        vr_reader_signal(d->reader, pattern, d->host, d->guest), d->grid.rows);
  }
  int accelerator = isfinite(s[0].value) ? (int)lround(s[0].value) : 0;
  d->accelerator = accelerator >= VR_TCG && accelerator <= VR_OTHER
                       ? (enum vr_accelerator)accelerator
                       : VR_ACCEL_ANY;
  d->vcpus = s[1].value;
  d->gib = s[2].value * 0x1p-30;
}

static int read_truth(struct vr_guest_data *d) {
  for (int c = 0; c < VR_TALK_COUNTERS; c++) {
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

/* Averages the offsets of all counters that the host measures too, weighted by
 * what each is sure of. */
static int estimate_clock(struct vr_guest_data *d) {
  size_t rows = d->grid.rows;
  vr_auto_free double *u = calloc(rows, sizeof(*u));
  if (!u)
    return -ENOMEM;
  double weights = 0, sum = 0;
  unsigned seen = 0; /* a counter with two definitions counts once */
  for (size_t i = 0; i < vr_n_definitions; i++) {
    const struct vr_definition *def = &vr_definitions[i];
    if (!d->y[def->counter] || seen & VR_COUNTER_BIT(def->counter) ||
        def->provenance != VR_DIRECT ||
        !vr_accelerator_serves(def->accelerator, d->accelerator))
      continue;
    struct vr_clock_offset o;
    if (vr_definition_column(def, d->reader, d->host, d->guest, u) < 0 ||
        vr_estimate_clock_offset(rows, u, d->y[def->counter], MAX_CLOCK_LAG, &o,
                                 NULL) < 0 ||
        o.correlation < MIN_CLOCK_CORRELATION)
      continue;
    /* No pair is believed beyond a hundredth of a step. */
    double weight = 1 / (o.se * o.se + 1e-4);
    weights += weight;
    sum += weight * -o.offset;
    d->clock.pairs++;
    seen |= VR_COUNTER_BIT(def->counter);
  }
  if (d->clock.pairs > 0) {
    d->clock.seconds = d->grid.step * sum / weights;
    d->clock.standard_error = d->grid.step / sqrt(weights);
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

void vr_guest_data_align(const struct vr_guest_data *d, const double *x,
                         double *ret) {
  vr_time step = vr_time_of_seconds(d->grid.step);
  struct vr_grid grid = {
      .step = step,
      .first = vr_tick_of(step, vr_time_of_seconds(d->grid.begin)),
      .n = d->grid.rows};
  vr_regrid(&grid, x, vr_time_of_seconds(d->clock.seconds), &grid, ret);
}

int vr_guest_data_input(const struct vr_guest_data *d,
                        const struct vr_model_input *input, double *ret) {
  vr_auto_free double *u = calloc(d->grid.rows, sizeof(*u));
  if (!u)
    return -ENOMEM;
  int r = vr_reader_input(d->reader, input, d->host, d->guest, u);
  if (r == 0)
    vr_guest_data_align(d, u, ret);
  return r;
}

static int read_sources(struct vr_guest_data *d) {
  d->u = calloc(vr_n_sources, sizeof(*d->u));
  if (!d->u)
    return -ENOMEM;
  for (size_t i = 0; i < vr_n_sources; i++) {
    vr_auto_free double *u = calloc(d->grid.rows, sizeof(*u));
    vr_cleanup(vr_input_clear) struct vr_model_input in = {0};
    if (!u || vr_source_input(&vr_sources[i], &in) < 0)
      return -ENOMEM;
    int r = vr_guest_data_input(d, &in, u);
    if (r == -ENOMEM)
      return r;
    if (r == 0 && varies(u, d->grid.rows))
      d->u[i] = vr_steal(&u);
  }
  return 0;
}

/* The series that sets the grid for PAIR's truth. */
static const struct vr_archive_file *truth_reference(const struct vr_archive *a,
                                                     const char *truth) {
  char host[256];
  const char *plugin;
  if (vr_truth_split(truth, host, sizeof(host), &plugin) < 0)
    return NULL;
  return reference(a, host, plugin, "load");
}

void vr_guest_data_clear(struct vr_guest_data *d) {
  for (int c = 0; c < VR_TALK_COUNTERS; c++)
    free(d->y[c]);
  for (size_t i = 0; d->u && i < vr_n_sources; i++)
    free(d->u[i]);
  free(d->u);
  vr_reader_free(d->reader);
  free(d->host);
  free(d->guest);
  free(d->truth);
  *d = (struct vr_guest_data){0};
}

int vr_guest_data_load(const struct vr_archive *archive,
                       const struct vr_pair *pair, const struct vr_span *span,
                       struct vr_guest_data *ret_data,
                       struct vr_archive_error *ret_error) {
  const struct vr_archive_file *refs[2] = {
      truth_reference(archive, pair->truth),
      reference(archive, pair->host, pair->plugin, "derive-vcpu_run")};
  if (!refs[0] || !refs[1])
    return vr_archive_fail(ret_error, -ENODATA,
                           "guest %s: nothing was recorded of it", pair->guest);

  struct vr_guest_data d = {.host = strdup(pair->host),
                            .guest = strdup(pair->guest),
                            .truth = strdup(pair->truth)};
  int r = d.host && d.guest && d.truth ? 0 : -ENOMEM;
  if (r == 0)
    r = find_grid(refs, span, pair->guest, &d.grid, ret_error);
  else
    vr_archive_fail(ret_error, r, "%s", strerror(-r));
  if (r < 0) {
    vr_guest_data_clear(&d);
    return r;
  }
  d.reader = vr_reader_new(archive, &d.grid);
  r = d.reader ? 0 : -ENOMEM;
  if (r == 0)
    read_size(&d);
  if (r == 0)
    r = read_truth(&d);
  if (r == 0)
    r = estimate_clock(&d);
  if (r == 0)
    r = read_sources(&d);
  if (r < 0) {
    vr_guest_data_clear(&d);
    return vr_archive_fail(ret_error, r, "guest %s: %s", pair->guest,
                           strerror(-r));
  }
  *ret_data = d;
  return 0;
}
