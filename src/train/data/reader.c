/* SPDX-License-Identifier: MIT */
#include "train/data/reader.h"

#include "basic/cleanup.h"
#include "schema/host_signals.h"
#include "train/data/member_sums.h"
#include "train/data/unreadable.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <uthash.h>

/* What is known of one file so far. */
struct cached {
  const struct vr_archive_file *file;
  bool ok;
  struct vr_history history;
  UT_hash_handle hh;
};

/* The sum of the members of a pattern of one guest. */
struct member_column {
  char *id;
  double *values; /* NULL: there are none */
  struct member_column *next;
};

struct vr_reader {
  const struct vr_archive *archive;
  struct vr_timeline grid;
  double coarsest;      /* step of rows that will do */
  struct cached *files; /* those that were asked for */
  struct member_column *members;
  /* A thread may ask while another does: pooled guests are everybody's. */
  pthread_mutex_t file_lock, member_lock;
};

struct vr_reader *vr_reader_new(const struct vr_archive *archive,
                                const struct vr_timeline *grid) {
  struct vr_reader *r = calloc(1, sizeof(*r));
  if (!r)
    return NULL;
  r->archive = archive;
  r->grid = *grid;
  r->coarsest = grid->step;
  pthread_mutex_init(&r->file_lock, NULL);
  pthread_mutex_init(&r->member_lock, NULL);
  return r;
}

void vr_reader_free(struct vr_reader *r) {
  if (!r)
    return;
  struct cached *c, *next;
  HASH_ITER(hh, r->files, c, next) {
    HASH_DEL(r->files, c);
    vr_history_clear(&c->history);
    free(c);
  }
  while (r->members) {
    struct member_column *m = r->members;
    r->members = m->next;
    free(m->id);
    free(m->values);
    free(m);
  }
  pthread_mutex_destroy(&r->file_lock);
  pthread_mutex_destroy(&r->member_lock);
  free(r);
}

void vr_reader_freep(struct vr_reader **r) { vr_reader_free(*r); }

const struct vr_timeline *vr_reader_timeline(const struct vr_reader *r) {
  return &r->grid;
}

const struct vr_archive *vr_reader_archive(const struct vr_reader *r) {
  return r->archive;
}

void vr_reader_allow_step(struct vr_reader *r, double step) {
  r->coarsest = fmax(step, r->grid.step);
}

/* The rows of STEP, counted from the epoch, that reach over the grid. */
static struct vr_timeline coarse_grid(const struct vr_reader *r, double step) {
  double first = ceil(r->grid.begin / step - 1e-9);
  double end = r->grid.begin + ((double)r->grid.rows - 1) * r->grid.step;
  double rows = ceil(end / step - 1e-9) - first + 1;
  return (struct vr_timeline){first * step, step, rows > 0 ? (size_t)rows : 0};
}

/* Gives each row of the grid what the row of COARSE has that it lies in. */
static int spread(const struct vr_reader *r, const struct vr_timeline *coarse,
                  struct vr_history *h) {
  size_t rows = r->grid.rows;
  double *values = calloc(h->n_ds * rows + 1, sizeof(*values));
  if (!values)
    return -ENOMEM;
  for (size_t i = 0; i < rows; i++) {
    double end = r->grid.begin + (double)i * r->grid.step;
    size_t at = (size_t)ceil((end - coarse->begin) / coarse->step - 1e-9);
    for (size_t d = 0; d < h->n_ds; d++)
      values[d * rows + i] = at < h->rows ? h->values[d * h->rows + at] : NAN;
  }
  free(h->values);
  h->values = values;
  h->rows = rows;
  return 0;
}

/* FILE in the coarsest rows that will do, on the grid. */
static int fetch_coarse(const struct vr_reader *r,
                        const struct vr_archive_file *file,
                        struct vr_history *ret, struct vr_error *ret_error) {
  const struct vr_timeline coarse = coarse_grid(r, r->coarsest);
  int e = vr_archive_fetch(file, &coarse, ret, ret_error);
  if (e == 0 && spread(r, &coarse, ret) < 0) {
    vr_history_clear(ret);
    return vr_error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
  }
  return e;
}

/* The end of the grid's rows from BEGIN on that lie in one coarse row. */
static size_t end_of_coarse(const struct vr_reader *r, size_t begin) {
  double at = r->grid.begin + (double)begin * r->grid.step;
  double end = ceil(at / r->coarsest - 1e-9) * r->coarsest;
  size_t rows = (size_t)lround((end - at) / r->grid.step) + 1;
  return begin + rows < r->grid.rows ? begin + rows : r->grid.rows;
}

/* Is half of it known? */
static bool is_known(const double *x, size_t begin, size_t end) {
  size_t known = 0;
  for (size_t i = begin; i < end; i++)
    known += isfinite(x[i]);
  return 2 * known >= end - begin;
}

/* Where collectd's interval was longer for a while, H, which is of fine rows,
 * lacks what COARSE has. */
static void fill(const struct vr_reader *r, const struct vr_history *coarse,
                 struct vr_history *h) {
  for (size_t d = 0; d < h->n_ds && d < coarse->n_ds; d++) {
    double *x = h->values + d * h->rows;
    const double *from = coarse->values + d * coarse->rows;
    for (size_t i = 0, end; i < h->rows; i = end) {
      end = end_of_coarse(r, i);
      if (!is_known(x, i, end))
        memcpy(x + i, from + i, (end - i) * sizeof(*x));
    }
  }
}

/* Reads FILE on the grid, and what it has no rows so fine of in those that will
 * do. */
static int fetch(const struct vr_reader *r, const struct vr_archive_file *file,
                 struct vr_history *ret, struct vr_error *ret_error) {
  vr_cleanup(vr_history_clear) struct vr_history coarse = {0};
  int e = vr_archive_fetch(file, &r->grid, ret, ret_error);
  if (!(r->coarsest > r->grid.step) || (e < 0 && e != -ERANGE))
    return e;
  if (e == -ERANGE)
    return fetch_coarse(r, file, ret, ret_error);
  struct vr_error unused;
  if (fetch_coarse(r, file, &coarse, &unused) == 0)
    fill(r, &coarse, ret);
  return 0;
}

/* FILE as R has it, read now if it was not. NULL: no memory. */
static const struct cached *read_once(struct vr_reader *r,
                                      const struct vr_archive_file *file) {
  struct cached *c;
  HASH_FIND_PTR(r->files, &file, c);
  if (c || !(c = calloc(1, sizeof(*c))))
    return c;
  struct vr_error error;
  c->file = file;
  c->ok = fetch(r, file, &c->history, &error) == 0;
  if (!c->ok)
    vr_unreadable_note(file->paths[0], error.message);
  HASH_ADD_PTR(r->files, file, c);
  return c;
}

const struct vr_history *vr_reader_history(struct vr_reader *r,
                                           const struct vr_archive_file *file) {
  pthread_mutex_lock(&r->file_lock);
  const struct cached *c = read_once(r, file);
  pthread_mutex_unlock(&r->file_lock);
  return c && c->ok ? &c->history : NULL;
}

void vr_reader_forget(struct vr_reader *r, const char *host) {
  struct cached *c, *next;
  pthread_mutex_lock(&r->file_lock);
  HASH_ITER(hh, r->files, c, next) {
    if (strcmp(c->file->host, host) != 0 || !c->ok)
      continue;
    HASH_DEL(r->files, c);
    vr_history_clear(&c->history);
    free(c);
  }
  pthread_mutex_unlock(&r->file_lock);
}

const double *vr_reader_file_column(struct vr_reader *r,
                                    const struct vr_archive_file *file,
                                    const char *ds) {
  const struct vr_history *h = vr_reader_history(r, file);
  return h ? vr_history_column(h, ds) : NULL;
}

const double *vr_reader_column(struct vr_reader *r, const char *host,
                               const char *plugin, const char *type,
                               const char *ds) {
  const struct vr_archive_file *f =
      vr_archive_find(r->archive, host, plugin, type);
  return f ? vr_reader_file_column(r, f, ds) : NULL;
}

/* PATTERN with %{host} and %{guest} replaced; NULL when out of memory. */
static char *expand(const char *pattern, const char *host, const char *guest) {
  char *text = NULL;
  size_t size;
  FILE *f = open_memstream(&text, &size);
  if (!f)
    return NULL;
  for (const char *p = pattern; *p;) {
    if (strncmp(p, "%{host}", 7) == 0) {
      fputs(host, f);
      p += 7;
    } else if (strncmp(p, "%{guest}", 8) == 0) {
      fputs(guest, f);
      p += 8;
    } else
      fputc(*p++, f);
  }
  if (fclose(f) == 0)
    return text;
  free(text);
  return NULL;
}

/* Adds up the files of HOST's PLUGIN whose types begin as TYPE does before its
 * '*'. NULL where there is none, or no memory. */
static double *add_members(struct vr_reader *r, const char *host,
                           const char *plugin, const char *type,
                           const char *ds) {
  vr_cleanup(vr_member_sums_clear) struct vr_member_sums s = {0};
  size_t n = 0, first, end = vr_archive_host_range(r->archive, host, &first);
  if (vr_member_sums_new(r->grid.rows, &s) < 0)
    return NULL;
  for (size_t i = first; i < end; i++) {
    const struct vr_archive_file *f = &r->archive->files[i];
    const double *x = strcmp(f->plugin, plugin) == 0 &&
                              strncmp(f->type, type, strlen(type) - 1) == 0
                          ? vr_reader_file_column(r, f, ds)
                          : NULL;
    n += x != NULL;
    if (x)
      vr_member_sums_add(&s, x);
  }
  return n > 0 ? vr_member_sums_take(&s) : NULL;
}

/* The same, each sum once; ID is the name of all. */
static const double *find_members(struct vr_reader *r, const char *id,
                                  const char *host, const char *plugin,
                                  const char *type, const char *ds) {
  for (const struct member_column *m = r->members; m; m = m->next)
    if (strcmp(m->id, id) == 0)
      return m->values;
  struct member_column *m = calloc(1, sizeof(*m));
  char *copy = strdup(id);
  if (!m || !copy) {
    free(m);
    free(copy);
    return NULL;
  }
  *m = (struct member_column){.id = copy,
                              .values = add_members(r, host, plugin, type, ds),
                              .next = r->members};
  r->members = m;
  return m->values;
}

static const double *member_column(struct vr_reader *r, const char *id,
                                   const char *host, const char *plugin,
                                   const char *type, const char *ds) {
  pthread_mutex_lock(&r->member_lock);
  const double *x = find_members(r, id, host, plugin, type, ds);
  pthread_mutex_unlock(&r->member_lock);
  return x;
}

static bool has_members(const char *type) {
  size_t n = strlen(type);
  return n > 0 && type[n - 1] == '*';
}

const double *vr_reader_signal(struct vr_reader *r, const char *pattern,
                               const char *host, const char *guest) {
  vr_auto_free char *id = expand(pattern, host, guest), *name = NULL;
  if (!id || !(name = strdup(id)))
    return NULL;
  char *plugin = strchr(id, '/');
  char *type = plugin ? strchr(plugin + 1, '/') : NULL;
  char *ds = type ? strrchr(type, ':') : NULL;
  if (!ds)
    return NULL;
  *plugin++ = *type++ = *ds++ = '\0';
  return has_members(type) ? member_column(r, name, id, plugin, type, ds)
                           : vr_reader_column(r, id, plugin, type, ds);
}

int vr_reader_per(struct vr_reader *r, enum vr_per per, const char *host,
                  const char *guest, double *ret) {
  const double *size = NULL;
  double unit = 1;
  char pattern[VR_SIGNAL_PATTERN_SIZE];
  if (per != VR_PER_ONE) {
    bool is_vcpus = per == VR_PER_VCPU;
    vr_schema_signal_pattern(
        (struct vr_signal_value){is_vcpus ? VR_SIGNAL_CONFIGURED_VCPUS
                                          : VR_SIGNAL_CONFIGURED_MEMORY,
                                 0},
        pattern);
    size = vr_reader_signal(r, pattern, host, guest);
    unit = is_vcpus ? 1 : 0x1p-30;
  }
  if (per != VR_PER_ONE && !size)
    return -ENOENT;
  for (size_t i = 0; i < r->grid.rows; i++)
    ret[i] = !size ? 1 : size[i] > 0 ? unit * size[i] : NAN;
  return 0;
}

int vr_reader_input(struct vr_reader *r, const struct vr_model_input *input,
                    const char *host, const char *guest, double *ret) {
  size_t rows = r->grid.rows;
  vr_auto_free double *u = calloc(rows + 1, sizeof(*u));
  vr_auto_free double *per = calloc(rows + 1, sizeof(*per));
  if (!u || !per)
    return -ENOMEM;
  for (size_t s = 0; s < input->n_signals; s++) {
    const double *x = vr_reader_signal(r, input->signals[s], host, guest);
    if (!x)
      return -ENOENT;
    for (size_t i = 0; i < rows; i++)
      u[i] += x[i];
  }
  int e = vr_reader_per(r, input->per, host, guest, per);
  if (e < 0)
    return e;
  for (size_t i = 0; i < rows; i++)
    ret[i] = input->scale * u[i] / per[i] - input->offset;
  return 0;
}
