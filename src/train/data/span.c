/* SPDX-License-Identifier: MIT */
#include "train/data/span.h"

#include "basic/cleanup.h"
#include "basic/sort.h"
#include "train/data/pairs.h"
#include "train/data/truth.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ROWS = 20 * 1000 * 1000 };

/* What shows when a side was recorded, and from when to when. */
struct reference {
  const struct vr_archive_file *file;
  struct vr_extent extent;
};

/* Is FILE one of PLUGIN, or, if that is NULL, of a host's own collectd? */
static bool is_of(const struct vr_archive_file *f, const char *plugin) {
  return plugin ? strcmp(f->plugin, plugin) == 0
                : !vr_pairs_is_from_outside(f->host, f->plugin);
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

/* Cuts GRID to the rows in which FILE has a known value. */
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

/* What to say of a span without rows: why that may be. */
static const char *hint_of(const struct reference *refs, size_t n,
                           const struct vr_span *span) {
  if (refs[0].file->kind != VR_ARCHIVE_PROMETHEUS &&
      (isfinite(span->begin) || isfinite(span->end) || isfinite(span->step)))
    return "; without --start, --end and --step all that was recorded counts";
  for (size_t i = 0; i < n; i++)
    if (refs[i].file->kind == VR_ARCHIVE_RRD)
      return "; an RRD file that was made for another interval than collectd's "
             "present one records unknown values only: delete it, or raise its "
             "heartbeat with rrdtool tune";
  return "";
}

/* A row of a guest ends when it took its sample, where that is known and its
 * host, which is sampled more finely, can be known at any time. */
static double phase_of(const struct reference *refs, size_t n, double step) {
  bool finer = n > 1 && refs[0].extent.step < step;
  return finer && refs[1].extent.step == step ? refs[1].extent.phase : 0;
}

/* The grid of the span in which all N references were recorded. */
static int grid_of(const struct reference *refs, size_t n,
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
  double phase = phase_of(refs, n, step);
  struct vr_timeline g = {.begin = ceil((from - phase) / step) * step + phase,
                          .step = step};
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
                        "hypervisor host (%s) was recorded%s",
                        guest, refs[0].file->host, hint_of(refs, n, span));
  if (g.rows == 0)
    return vr_error_set(
        ret_error, -ENODATA,
        "guest %s: the span has no time in which both the guest (%s) "
        "and its hypervisor host (%s) were recorded%s",
        guest, refs[1].file->host, refs[0].file->host, hint_of(refs, n, span));
  *ret_grid = g;
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

/* Do rows of STEP consist of whole rows of E? */
static bool divides(const struct vr_extent *e, double step) {
  double ratio = step / e->step;
  return ratio >= 1 && fabs(ratio - round(ratio)) < 1e-9;
}

/* REFS at STEP, which reaches as far back as its rows do: from the archive of
 * that step, or, where a file has none, from the coarsest that makes it up, or
 * else from the finest. */
static int at_step(struct reference *refs, size_t n, double step,
                   struct vr_error *ret_error) {
  for (size_t i = 0; i < n; i++) {
    vr_auto_free struct vr_extent *all = NULL;
    int count = vr_archive_extents(refs[i].file, &all, ret_error);
    if (count < 0)
      return count;
    refs[i].extent = all[0];
    for (int k = 0; k < count; k++)
      if (divides(&all[k], step) && all[k].begin <= refs[i].extent.begin)
        refs[i].extent = all[k];
  }
  return 0;
}

int vr_span_find_grid(const struct vr_archive *archive,
                      const struct vr_pair *pair, const struct vr_span *span,
                      struct vr_timeline *ret_grid,
                      struct vr_error *ret_error) {
  struct reference refs[2];
  size_t n;
  int r = find_references(archive, pair, span->begin, refs, &n, ret_error);
  if (r == 0 && isfinite(span->step))
    r = at_step(refs, n, span->step, ret_error);
  return r < 0 ? r : grid_of(refs, n, span, pair->guest, ret_grid, ret_error);
}

/* Do rows of E make up those of GRID, and reach over all of them? */
static bool can_serve(const struct vr_extent *e,
                      const struct vr_timeline *grid) {
  double ratio = grid->step / e->step;
  double last = grid->begin + ((double)grid->rows - 1) * grid->step;
  return ratio >= 1 && fabs(ratio - round(ratio)) < 1e-9 &&
         ratio * (double)grid->rows <= MAX_ROWS &&
         e->begin - e->step <= grid->begin - grid->step + e->step &&
         e->end >= last - e->step;
}

/* The rows of STEP, which are counted from the epoch, that GRID's lie in. */
static struct vr_timeline rows_over(const struct vr_timeline *grid,
                                    double step) {
  double begin = floor((grid->begin - grid->step) / step + 1e-9) + 1;
  double last = grid->begin + ((double)grid->rows - 1) * grid->step;
  double end = ceil(last / step - 1e-9);
  return (struct vr_timeline){
      .begin = begin * step, .step = step, .rows = (size_t)(end - begin) + 1};
}

/* Is STEP that of F's file itself, not one of its consolidations? */
static bool is_of_samples(const struct reference *f, double step) {
  struct vr_extent finest;
  struct vr_error error;
  return f->file->kind == VR_ARCHIVE_RRD &&
         vr_archive_extent(f->file, -INFINITY, &finest, &error) == 0 &&
         finest.step == step;
}

int vr_span_find_host_grid(const struct vr_archive *archive,
                           const struct vr_pair *pair,
                           const struct vr_timeline *grid,
                           struct vr_timeline *ret_grid, bool *ret_divided,
                           struct vr_error *ret_error) {
  struct reference refs[2];
  size_t n_refs;
  vr_auto_free struct vr_extent *all = NULL;
  int r = find_references(archive, pair, NAN, refs, &n_refs, ret_error);
  int n = r < 0 ? r : vr_archive_extents(refs[0].file, &all, ret_error);
  if (n < 0)
    return n;
  double step = grid->step;
  for (int i = 0; i < n; i++)
    if (all[i].step < step && can_serve(&all[i], grid))
      step = all[i].step;
  *ret_divided =
      n_refs > 1 && step < grid->step && is_of_samples(&refs[1], grid->step);
  *ret_grid = rows_over(grid, step);
  return 0;
}

void vr_span_consolidations_clear(struct vr_consolidations *c) {
  free(c->all);
  *c = (struct vr_consolidations){0};
}

/* What REFS, the host's and perhaps the guest's, have at STEP. */
static int consolidate(const struct reference *refs, size_t n, double step,
                       const char *guest, struct vr_consolidation *ret,
                       struct vr_error *ret_error) {
  struct reference at[2] = {refs[0], refs[n - 1]};
  const struct vr_span span = {NAN, NAN, step, 0};
  int r = at_step(at, n, step, ret_error);
  if (r == 0)
    r = grid_of(at, 1, &span, guest, &ret->host, ret_error);
  if (r == 0 && n > 1)
    r = grid_of(at, n, &span, guest, &ret->both, ret_error);
  /* No common time, or no archive that fits: no rows. */
  return r == -ENODATA || r == -ERANGE ? 0 : r;
}

static int compare_numbers(const void *a, const void *b) {
  const double *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

/* The steps of all archives of REFS, rising, each once. Returns how many. */
static int find_steps(const struct reference *refs, size_t n, double **ret,
                      struct vr_error *ret_error) {
  vr_auto_free double *steps = NULL;
  size_t k = 0;
  for (size_t i = 0; i < n; i++) {
    vr_auto_free struct vr_extent *all = NULL;
    int count = vr_archive_extents(refs[i].file, &all, ret_error);
    if (count < 0)
      return count;
    double *more = reallocarray(steps, k + (size_t)count, sizeof(*more));
    if (!more)
      return vr_error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
    steps = more;
    for (int j = 0; j < count; j++)
      steps[k++] = all[j].step;
  }
  vr_sort(steps, k, sizeof(*steps), compare_numbers);
  size_t once = 0;
  for (size_t i = 0; i < k; i++)
    if (once == 0 || steps[i] != steps[once - 1])
      steps[once++] = steps[i];
  *ret = vr_steal(&steps);
  return (int)once;
}

int vr_span_consolidations(const struct vr_archive *archive,
                           const struct vr_pair *pair,
                           struct vr_consolidations *ret,
                           struct vr_error *ret_error) {
  struct reference refs[2];
  size_t n;
  vr_auto_free double *steps = NULL;
  int r = find_references(archive, pair, -INFINITY, refs, &n, ret_error);
  if (r < 0)
    return r;
  int count = find_steps(refs, n, &steps, ret_error);
  if (count < 0)
    return count;
  struct vr_consolidations c = {.all = calloc((size_t)count, sizeof(*c.all))};
  if (!c.all)
    return vr_error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
  for (int i = 0; r == 0 && i < count; i++) {
    struct vr_consolidation *at = &c.all[c.n];
    at->host.step = at->both.step = steps[i];
    r = consolidate(refs, n, steps[i], pair->guest, at, ret_error);
    c.n += r == 0 && at->host.rows > 0;
  }
  if (r < 0)
    vr_span_consolidations_clear(&c);
  else
    *ret = c;
  return r;
}
