/* SPDX-License-Identifier: MIT */
#include "archive/csv.h"

#include "archive/csv_order.h"
#include "basic/array.h"
#include "basic/cleanup.h"
#include "basic/log.h"
#include "basic/safe_open.h"
#include "basic/sort.h"
#include "basic/text.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { MAX_DS = 64 };

/* --- lines --- */

/* "epoch,rx,tx": names of the data sources. */
static int take_names(struct vr_samples *s, char *line) {
  char *at = line;
  const char *name = strsep(&at, ",");
  if (strcmp(name, "epoch") != 0 || !at || vr_text_has_control(at))
    return -EINVAL;
  s->ds = calloc(MAX_DS, sizeof(*s->ds));
  if (!s->ds)
    return -ENOMEM;
  while ((name = strsep(&at, ","))) {
    if (s->n_ds == MAX_DS)
      return -EINVAL;
    s->ds[s->n_ds] = strdup(name);
    if (!s->ds[s->n_ds++])
      return -ENOMEM;
  }
  return 0;
}

static bool take_cell(const char *cell, struct vr_samples_cell *ret) {
  char *rest;
  errno = 0;
  if (*cell && cell[strspn(cell, "-0123456789")] == '\0') {
    ret->form = VR_SAMPLES_COUNT;
    ret->number.derive = strtoll(cell, &rest, 10);
    return *rest == '\0' && errno == 0;
  }
  ret->number.gauge = strtod(cell, &rest);
  ret->form =
      isfinite(ret->number.gauge) ? VR_SAMPLES_VALUE : VR_SAMPLES_UNKNOWN;
  return rest != cell && *rest == '\0';
}

static int take_sample(struct vr_samples *s, char *line) {
  if (vr_samples_grow(s, s->n + 1) < 0)
    return -ENOMEM;
  char *at = line, *rest;
  const char *cell = strsep(&at, ",");
  double time = strtod(cell, &rest);
  if (rest == cell || *rest || !(fabs(time) < 4e9))
    return -EINVAL;
  size_t d = 0;
  for (; d < s->n_ds && (cell = strsep(&at, ",")); d++)
    if (!take_cell(cell, &s->cells[s->n * s->n_ds + d]))
      return -EINVAL;
  if (d < s->n_ds || at)
    return -EINVAL;
  s->times[s->n++] = vr_signal_time_of_seconds(time);
  return 0;
}

/* --- files --- */

struct file_samples {
  const char *path;
  struct vr_samples samples;
  size_t torn; /* number of its first torn line, 0: none */
};

/* One line of N bytes, which ends with a line feed. */
static int take_line(struct file_samples *f, char *line, size_t n) {
  if (memchr(line, '\0', n))
    return -EINVAL;
  line[strcspn(line, "\r\n")] = '\0';
  return f->samples.ds ? take_sample(&f->samples, line)
                       : take_names(&f->samples, line);
}

/* Names as those of OTHER; 0 or -ENOMEM. */
static int copy_names(struct vr_samples *s, const struct vr_samples *other) {
  vr_samples_clear(s);
  s->ds = calloc(MAX_DS, sizeof(*s->ds));
  for (size_t d = 0; s->ds && d < other->n_ds; d++, s->n_ds++)
    if (!(s->ds[d] = strdup(other->ds[d])))
      return -ENOMEM;
  return s->ds ? 0 : -ENOMEM;
}

static bool is_ordered(const struct vr_samples *s) {
  for (size_t i = 1; i < s->n; i++)
    if (s->times[i] <= s->times[i - 1])
      return false;
  return true;
}

static int put_in_order(struct vr_samples *s) {
  vr_auto_free size_t *kept = NULL;
  size_t n = 0;
  if (is_ordered(s))
    return 0;
  if (vr_csv_order(s->times, s->n, &kept, &n) < 0)
    return -ENOMEM;
  for (size_t i = 0; i < n; i++) {
    s->times[i] = s->times[kept[i]];
    memmove(&s->cells[i * s->n_ds], &s->cells[kept[i] * s->n_ds],
            s->n_ds * sizeof(*s->cells));
  }
  s->n = n;
  return 0;
}

/* Where the first line is torn, the names are those of OTHER, if that is given.
 */
static int read_file(struct file_samples *ret, const struct vr_samples *other,
                     struct vr_error *ret_error) {
  int fd = vr_safe_open(AT_FDCWD, ret->path);
  if (fd < 0)
    return vr_error_set(ret_error, fd, "%.400s: %s", ret->path,
                        vr_safe_why(fd));
  vr_auto_fclose FILE *f = fdopen(fd, "r");
  if (!f) {
    close(fd);
    return vr_error_set(ret_error, -ENOMEM, "%.400s: %s", ret->path,
                        strerror(ENOMEM));
  }
  vr_auto_free char *line = NULL;
  size_t size = 0, number = 0;
  for (ssize_t n; (n = getline(&line, &size, f)) >= 0;) {
    number++;
    /* The last line may still be being written. */
    if (line[n - 1] != '\n')
      break;
    int r = take_line(ret, line, (size_t)n);
    if (r == -EINVAL && ret->torn == 0)
      ret->torn = number;
    if (r == -EINVAL && number == 1 && other)
      r = copy_names(&ret->samples, other);
    if (r < 0 && (r != -EINVAL || number == 1))
      return vr_error_set(ret_error, r, "%.400s:%zu: %s", ret->path, number,
                          r == -EINVAL ? "not a line of collectd's csv plugin"
                                       : strerror(-r));
  }
  return put_in_order(&ret->samples) < 0
             ? vr_error_set(ret_error, -ENOMEM, "%.400s: %s", ret->path,
                            strerror(ENOMEM))
             : 0;
}

/* --- a torn line that looks like a whole one --- */

/* A number that was cut has lost its last digits, or its decimal point. */
static bool is_cut(const struct vr_samples_cell *before,
                   const struct vr_samples_cell *cell,
                   const struct vr_samples_cell *after) {
  if (cell->form != VR_SAMPLES_COUNT || before->form != after->form)
    return false;
  if (before->form == VR_SAMPLES_VALUE)
    return true;
  return before->form == VR_SAMPLES_COUNT &&
         cell->number.derive < before->number.derive / 9 &&
         after->number.derive >= before->number.derive;
}

/* Only the last cell of a line can be cut and the line still be complete. */
static void drop_cut(struct vr_samples *s) {
  size_t n_ds = s->n_ds;
  for (size_t i = 1; n_ds > 0 && i + 1 < s->n; i++) {
    struct vr_samples_cell *c = &s->cells[i * n_ds + n_ds - 1];
    if (is_cut(c - n_ds, c, c + n_ds))
      c->form = VR_SAMPLES_UNKNOWN;
  }
}

/* --- all files of a series --- */

static int compare_first(const void *a, const void *b) {
  const struct vr_samples *x = &((const struct file_samples *)a)->samples,
                          *y = &((const struct file_samples *)b)->samples;
  if (x->n == 0 || y->n == 0)
    return (x->n == 0) - (y->n == 0);
  return (x->times[0] > y->times[0]) - (x->times[0] < y->times[0]);
}

static bool same_names(const struct vr_samples *a, const struct vr_samples *b) {
  bool same = a->n_ds == b->n_ds;
  for (size_t d = 0; same && d < a->n_ds; d++)
    same = strcmp(a->ds[d], b->ds[d]) == 0;
  return same;
}

/* Appends what is later in FROM than what TO has; the first names TO's data
 * sources. */
static int append(struct vr_samples *to, struct vr_samples *from) {
  if (!to->ds) {
    *to = *from;
    *from = (struct vr_samples){0};
    return 0;
  }
  size_t skip = 0;
  while (skip < from->n && to->n > 0 &&
         from->times[skip] <= to->times[to->n - 1])
    skip++;
  size_t more = from->n - skip;
  if (more == 0)
    return 0;
  if (vr_samples_grow(to, to->n + more) < 0)
    return -ENOMEM;
  memcpy(to->times + to->n, from->times + skip, more * sizeof(*to->times));
  memcpy(to->cells + to->n * to->n_ds, from->cells + skip * from->n_ds,
         more * to->n_ds * sizeof(*to->cells));
  to->n += more;
  return 0;
}

/* It would be the same for every series of a host that lost power. */
static void report_torn(const struct file_samples *f) {
  static atomic_bool logged;
  if (f->torn > 0 && !atomic_exchange(&logged, true))
    vr_log_warning("%s:%zu: not a line of collectd's csv plugin, it was "
                   "probably cut by a crash; this line, and others like it in "
                   "any file, count as gaps",
                   f->path, f->torn);
}

/* Appends the files from BEGIN to END; one with other names is passed over. */
static int join(struct file_samples *begin, struct file_samples *end,
                struct vr_samples *ret) {
  int r = 0;
  for (struct file_samples *f = begin; r == 0 && f < end; f++) {
    report_torn(f);
    if (f->samples.n == 0)
      continue;
    if (ret->ds && !same_names(ret, &f->samples))
      vr_log_warning("%s: its data sources are not those of the series' other "
                     "files; going on without this file",
                     f->path);
    else
      r = append(ret, &f->samples);
  }
  return r;
}

static void clear_files(struct file_samples *files, size_t n) {
  for (size_t i = 0; files && i < n; i++)
    vr_samples_clear(&files[i].samples);
  free(files);
}

/* The first file that has names. */
static const struct vr_samples *first_named(const struct file_samples *files,
                                            size_t n) {
  for (size_t i = 0; i < n; i++)
    if (files[i].samples.n_ds > 0 && files[i].torn != 1)
      return &files[i].samples;
  return NULL;
}

/* A file that cannot be read costs itself; one whose first line is torn has the
 * names of another. */
static int read_files(const struct vr_archive_file *file,
                      struct file_samples *files, struct vr_error *ret_error) {
  size_t bad = 0;
  int r = 0;
  for (size_t i = 0; i < file->n_paths; i++) {
    files[i].path = file->paths[i];
    r = read_file(&files[i], NULL, ret_error);
    if (r == -ENOMEM)
      return r;
    bad += r < 0;
    if (r < 0 && files[i].torn != 1 && file->n_paths > 1)
      vr_log_warning("%s; going on without this file", ret_error->message);
  }
  const struct vr_samples *named = first_named(files, file->n_paths);
  for (size_t i = 0; named && i < file->n_paths; i++)
    if (files[i].torn == 1 && read_file(&files[i], named, ret_error) == -ENOMEM)
      return -ENOMEM;
  return bad == file->n_paths ? r : 0;
}

int vr_csv_read(const struct vr_archive_file *file,
                struct vr_samples *ret_samples, struct vr_error *ret_error) {
  struct file_samples *files = calloc(file->n_paths, sizeof(*files));
  if (!files)
    return vr_error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
  struct vr_samples s = {0};
  int r = read_files(file, files, ret_error);
  if (r == 0) {
    vr_sort(files, file->n_paths, sizeof(*files), compare_first);
    r = join(files, files + file->n_paths, &s);
    if (r < 0)
      vr_error_set(ret_error, r, "%s", strerror(-r));
    else if (s.n == 0)
      r = vr_error_set(ret_error, -ENODATA, "%.400s: no samples",
                       file->paths[0]);
  }
  clear_files(files, file->n_paths);
  if (r < 0) {
    vr_samples_clear(&s);
    return r;
  }
  drop_cut(&s);
  *ret_samples = s;
  return 0;
}
