/* SPDX-License-Identifier: MIT */
#include "train/report/unused.h"

#include "train/data/source_files.h"
#include "train/report/heading.h"
#include "train/report/line_parts.h"

#include <math.h>
#include <string.h>

static double length_of(const struct vr_timeline *t) {
  return (double)t->rows * t->step;
}

static void print_length(struct vr_report_parts *p, double seconds) {
  char length[40];
  vr_report_length(seconds, length, sizeof(length));
  vr_report_begin_part(p);
  fputs(length, p->f);
}

/* Time at the step that was used. */
static void print_outside(struct vr_report_parts *p,
                          const struct vr_timeline *used,
                          const struct vr_consolidation *k) {
  double outside = length_of(&k->both) - length_of(used);
  double alone = length_of(&k->host) - length_of(&k->both);
  if (outside >= 60) {
    print_length(p, outside);
    fputs(" outside of the span", p->f);
  }
  if (alone >= 60) {
    print_length(p, alone);
    fputs(" of its host without the guest", p->f);
  }
}

static void print_times(struct vr_report_parts *p,
                        const struct vr_timeline *used,
                        const struct vr_consolidations *c) {
  for (size_t i = 0; i < c->n; i++) {
    const struct vr_timeline *both = &c->all[i].both;
    if (both->step == used->step)
      print_outside(p, used, &c->all[i]);
    else if (both->rows > 0 && both->begin < used->begin - both->step) {
      print_length(p, length_of(both));
      fprintf(p->f, " in rows of %g s (--step %g)", both->step, both->step);
    }
  }
}

static bool uses(const struct vr_trained *t, const struct vr_guest_data *d,
                 const struct vr_archive_file *file) {
  const struct vr_archive *a = vr_reader_archive(d->reader);
  for (size_t i = 0; t->is_there && i < t->model.n_inputs; i++)
    for (size_t s = 0; s < t->model.inputs[i].n_signals; s++) {
      struct vr_pattern pattern;
      if (vr_signal_pattern_parse(t->model.inputs[i].signals[s], &pattern) ==
              0 &&
          vr_pairs_pattern_has_file(a, &pattern, d->host, d->guest, file))
        return true;
    }
  return false;
}

static bool is_used(const struct vr_guest_result *r,
                    const struct vr_archive_file *file) {
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    const struct vr_counter_result *k = &r->counters[c];
    if (uses(&k->definition, r->data, file) ||
        uses(&k->assisted, r->data, file) || uses(&k->inferred, r->data, file))
      return true;
  }
  return false;
}

/* The series of PAIR's VM process that no model of R uses: how many of how
 * many, and, with F, their names. */
static size_t find_series(const struct vr_guest_result *r,
                          const struct vr_pair *pair, size_t *ret_all,
                          FILE *f) {
  const struct vr_archive *a = vr_reader_archive(r->data->reader);
  size_t first, n = 0, end = vr_archive_host_range(a, pair->where, &first);
  *ret_all = 0;
  for (size_t i = first; i < end; i++) {
    const struct vr_archive_file *file = &a->files[i];
    if (strcmp(file->plugin, pair->plugin) != 0)
      continue;
    ++*ret_all;
    if (is_used(r, file))
      continue;
    n++;
    if (f)
      fprintf(f, " %s", file->type);
  }
  return n;
}

void vr_unused_print(const struct vr_guest_result *r,
                     const struct vr_pair *pair,
                     const struct vr_consolidations *c, bool names, FILE *f) {
  struct vr_report_parts p = {f, "  not used: "};
  size_t all, n = find_series(r, pair, &all, NULL);
  print_times(&p, &r->data->grid, c);
  if (n > 0) {
    vr_report_begin_part(&p);
    fprintf(f, "%zu of %zu series of its VM process", n, all);
  }
  if (strcmp(p.before, "; ") != 0)
    return;
  if (n > 0 && names) {
    fputc(':', f);
    find_series(r, pair, &all, f);
  }
  fputc('\n', f);
}
