/* SPDX-License-Identifier: MIT */
#include "archive/prometheus.h"

#include "archive/prometheus_slices.h"
#include "basic/cleanup.h"
#include "basic/sort.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* The series that show when a guest was recorded are asked for several times in
 * a row; all others once. */
enum { KEPT = 8 };

struct kept {
  const struct vr_archive_file *file; /* NULL: nothing */
  struct vr_samples samples;
};

struct vr_prometheus {
  struct vr_prometheus_query query;
  double begin, end;
  pthread_mutex_t lock;
  struct kept kept[KEPT];
  size_t next; /* of KEPT, to be replaced */
};

struct vr_prometheus *
vr_prometheus_new(struct vr_prometheus_transport *transport, double begin,
                  double end) {
  struct vr_prometheus *p = calloc(1, sizeof(*p));
  if (!p)
    return NULL;
  p->query.transport = transport;
  p->begin = begin;
  p->end = end;
  pthread_mutex_init(&p->lock, NULL);
  return p;
}

void vr_prometheus_free(struct vr_prometheus *p) {
  if (!p)
    return;
  for (size_t i = 0; i < KEPT; i++)
    vr_samples_clear(&p->kept[i].samples);
  vr_prometheus_transport_free(p->query.transport);
  pthread_mutex_destroy(&p->lock);
  free(p);
}

struct vr_prometheus_query *vr_prometheus_queries(struct vr_prometheus *p) {
  return &p->query;
}

/* VALUE as PromQL has it in quotes. */
static void put_quoted(FILE *f, const char *value) {
  for (; *value; value++)
    if (*value == '\n')
      fputs("\\n", f);
    else
      fprintf(f, "%s%c", *value == '"' || *value == '\\' ? "\\" : "", *value);
}

char *vr_prometheus_selector(const json_t *labels) {
  const char *key;
  json_t *value;
  char *text = NULL;
  size_t size;
  FILE *f = open_memstream(&text, &size);
  if (!f)
    return NULL;
  char before = '{';
  json_object_foreach((json_t *)labels, key, value) {
    fprintf(f, "%c%s=\"", before, key);
    put_quoted(f, json_string_value(value));
    fputc('"', f);
    before = ',';
  }
  fputc('}', f);
  if (fclose(f) == 0)
    return text;
  free(text);
  return NULL;
}

/* --- the series of a file become its columns --- */

/* The samples of one series, and which data source they are of. */
struct series {
  size_t ds;
  bool is_counter;
  struct vr_prometheus_series samples;
};

struct many {
  size_t n;
  struct series *all;
};

static void many_clear(struct many *m) {
  for (size_t i = 0; m->all && i < m->n; i++)
    free(m->all[i].samples.all);
  free(m->all);
}

static int compare_first(const void *a, const void *b) {
  const struct vr_prometheus_series *x = &((const struct series *)a)->samples,
                                    *y = &((const struct series *)b)->samples;
  if (x->n == 0 || y->n == 0)
    return (x->n == 0) - (y->n == 0);
  return (x->all[0].time > y->all[0].time) - (x->all[0].time < y->all[0].time);
}

static int compare_times(const void *a, const void *b) {
  vr_time x = *(const vr_time *)a, y = *(const vr_time *)b;
  return (x > y) - (x < y);
}

/* The times of all samples, rising, each once. */
static int take_times(const struct many *m, struct vr_samples *s) {
  size_t n = 0, once = 0;
  for (size_t i = 0; i < m->n; i++)
    n += m->all[i].samples.n;
  if (vr_samples_grow(s, n + 1) < 0)
    return -ENOMEM;
  n = 0;
  for (size_t i = 0; i < m->n; i++)
    for (size_t k = 0; k < m->all[i].samples.n; k++)
      s->times[n++] = m->all[i].samples.all[k].time;
  vr_sort(s->times, n, sizeof(*s->times), compare_times);
  for (size_t i = 0; i < n; i++)
    if (once == 0 || s->times[i] != s->times[once - 1])
      s->times[once++] = s->times[i];
  s->n = once;
  memset(s->cells, 0, s->n * s->n_ds * sizeof(*s->cells));
  return 0;
}

static struct vr_samples_cell cell_of(double value, bool is_counter) {
  struct vr_samples_cell c = {.form = VR_SAMPLES_UNKNOWN};
  if (is_counter && fabs(value) < 0x1p63) {
    c.form = VR_SAMPLES_COUNT;
    c.number.derive = llround(value);
  } else if (!is_counter && isfinite(value)) {
    c.form = VR_SAMPLES_VALUE;
    c.number.gauge = value;
  }
  return c;
}

/* Puts what is later in FROM than *LAST into its data source's column. */
static void fill(struct vr_samples *s, const struct series *from,
                 vr_time *last) {
  size_t row = 0;
  for (size_t k = 0; k < from->samples.n; k++) {
    const struct vr_prometheus_sample *sample = &from->samples.all[k];
    if (sample->time <= *last)
      continue;
    while (s->times[row] < sample->time)
      row++;
    s->cells[row * s->n_ds + from->ds] =
        cell_of(sample->value, from->is_counter);
    *last = sample->time;
  }
}

static int join(struct many *m, struct vr_samples *s) {
  vr_auto_free vr_time *last = calloc(s->n_ds, sizeof(*last));
  if (!last || take_times(m, s) < 0)
    return -ENOMEM;
  for (size_t d = 0; d < s->n_ds; d++)
    last[d] = INT64_MIN;
  vr_sort(m->all, m->n, sizeof(*m->all), compare_first);
  for (size_t i = 0; i < m->n; i++)
    fill(s, &m->all[i], &last[m->all[i].ds]);
  return 0;
}

/* The index of the data source DS, which is added where it is new. */
static int find_ds(struct vr_samples *s, const char *ds, size_t *ret) {
  size_t d = 0;
  while (d < s->n_ds && strcmp(s->ds[d], ds) != 0)
    d++;
  if (d == s->n_ds && !(s->ds[s->n_ds++] = strdup(ds)))
    return -ENOMEM;
  *ret = d;
  return 0;
}

static int download(struct vr_prometheus *p, const struct vr_archive_file *file,
                    struct vr_samples *s, struct vr_error *ret_error) {
  vr_cleanup(many_clear) struct many m = {
      .n = file->n_paths, .all = calloc(file->n_paths, sizeof(*m.all))};
  s->ds = calloc(file->n_paths, sizeof(*s->ds));
  int r = m.all && s->ds ? 0 : -ENOMEM;
  for (size_t i = 0; r == 0 && i < m.n; i++) {
    const struct vr_archive_column *c = &file->columns[i];
    m.all[i].is_counter = c->is_counter;
    r = find_ds(s, c->ds, &m.all[i].ds);
    if (r == 0)
      r = vr_prometheus_slices(&p->query, file->paths[i], c->n_labels, p->begin,
                               p->end, &m.all[i].samples, ret_error);
    if (r < 0 && r != -ENOMEM)
      return r;
  }
  if (r == 0)
    r = join(&m, s);
  return r < 0 ? vr_error_set(ret_error, r, "%s", strerror(-r)) : 0;
}

/* --- what was read last --- */

static int copy(const struct vr_samples *from, struct vr_samples *ret) {
  struct vr_samples s = {.ds = calloc(from->n_ds + 1, sizeof(*s.ds))};
  int r = s.ds ? 0 : -ENOMEM;
  for (size_t d = 0; r == 0 && d < from->n_ds; d++) {
    s.ds[d] = strdup(from->ds[d]);
    r = s.ds[d] ? 0 : -ENOMEM;
    s.n_ds++;
  }
  if (r == 0)
    r = vr_samples_grow(&s, from->n + 1);
  if (r < 0) {
    vr_samples_clear(&s);
    return r;
  }
  s.n = from->n;
  memcpy(s.times, from->times, s.n * sizeof(*s.times));
  memcpy(s.cells, from->cells, s.n * s.n_ds * sizeof(*s.cells));
  *ret = s;
  return 0;
}

static const struct vr_samples *find_kept(const struct vr_prometheus *p,
                                          const struct vr_archive_file *file) {
  for (size_t i = 0; i < KEPT; i++)
    if (p->kept[i].file == file)
      return &p->kept[i].samples;
  return NULL;
}

/* FILE's samples, now among those kept; NULL: *ret, as of download(). */
static const struct vr_samples *keep(struct vr_prometheus *p,
                                     const struct vr_archive_file *file,
                                     int *ret, struct vr_error *ret_error) {
  struct vr_samples s = {0};
  *ret = download(p, file, &s, ret_error);
  if (*ret < 0) {
    vr_samples_clear(&s);
    return NULL;
  }
  struct kept *to = &p->kept[p->next];
  p->next = (p->next + 1) % KEPT;
  vr_samples_clear(&to->samples);
  *to = (struct kept){file, s};
  return &to->samples;
}

int vr_prometheus_read(const struct vr_archive_file *file,
                       struct vr_samples *ret_samples,
                       struct vr_error *ret_error) {
  struct vr_prometheus *p = file->server;
  int r = 0;
  pthread_mutex_lock(&p->lock);
  const struct vr_samples *s = find_kept(p, file);
  if (!s)
    s = keep(p, file, &r, ret_error);
  if (s && copy(s, ret_samples) < 0)
    r = vr_error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
  pthread_mutex_unlock(&p->lock);
  return r;
}
