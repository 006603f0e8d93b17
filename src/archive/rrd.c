/* SPDX-License-Identifier: MIT */
#include "archive/rrd.h"
#include "archive/rrd_header.h"
#include "archive/rrdcached.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "basic/safe_open.h"
#include "basic/sort.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <rrd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* librrd says which file it is about in most messages, but not in all. */
static int rrd_failed(const char *path, struct vr_error *ret_error) {
  int error = errno;
  const char *text = rrd_get_error();
  if (strstr(text, path))
    snprintf(ret_error->message, sizeof(ret_error->message), "%s", text);
  else
    snprintf(ret_error->message, sizeof(ret_error->message), "%s: %s", path,
             text);
  rrd_clear_error();
  return error == ENOENT || error == EACCES ? -error : -EINVAL;
}

/* A daemon that writes a file has it locked meanwhile, and librrd does not
 * wait: how often it is asked again, and after how long. */
enum { LOCKED_TRIES = 250, LOCKED_PAUSE = 20000000 /* ns */ };

/* After librrd has failed: is that for a lock, and worth another try? TRIES is
 * 0 at first. */
static bool is_to_be_tried_again(unsigned *tries) {
  if (!strstr(rrd_get_error(), "could not lock") || ++*tries > LOCKED_TRIES)
    return false;
  nanosleep(&(struct timespec){.tv_nsec = LOCKED_PAUSE}, NULL);
  return true;
}

static rrd_info_t *info_of(const char *path) {
  unsigned tries = 0;
  rrd_info_t *list;
  do {
    rrd_clear_error();
    errno = 0;
    list = rrd_info_r(path);
  } while (!list && is_to_be_tried_again(&tries));
  return list;
}

void vr_rrd_info_clear(struct vr_rrd_info *info) {
  free(info->archives);
  *info = (struct vr_rrd_info){0};
}

/* What rrd_info() reports about one archive, before it is known to be of use.
 */
struct raw_archive {
  int is_average;
  unsigned long rows, pdp_per_row, current_row;
};

enum { MAX_ARCHIVES = 256 };
#define MAX_STEP 1000000000UL
#define MAX_ROWS 1000000000UL
#define MAX_TIME 100000000000UL

struct raw_info {
  unsigned long step, last_update;
  size_t n;
  struct raw_archive archives[MAX_ARCHIVES];
};

static unsigned long number_of(const rrd_info_t *i) {
  if (i->type == RD_I_CNT)
    return i->value.u_cnt;
  return i->type == RD_I_INT && i->value.u_int > 0
             ? (unsigned long)i->value.u_int
             : 0;
}

/* Takes one "rra[N].FIELD" entry. */
static void take_archive(struct raw_info *raw, const rrd_info_t *i) {
  unsigned n;
  char field[16];
  if (sscanf(i->key, "rra[%u].%15s", &n, field) != 2 || n >= MAX_ARCHIVES)
    return;
  if (n >= raw->n)
    raw->n = n + 1;
  struct raw_archive *a = &raw->archives[n];
  if (strcmp(field, "cf") == 0)
    a->is_average =
        i->type == RD_I_STR && strcmp(i->value.u_str, "AVERAGE") == 0;
  else if (strcmp(field, "rows") == 0)
    a->rows = number_of(i);
  else if (strcmp(field, "pdp_per_row") == 0)
    a->pdp_per_row = number_of(i);
  else if (strcmp(field, "cur_row") == 0)
    a->current_row = number_of(i);
}

/* librrd believes what stands in a file's header, divides by it and indexes
 * with it, whichever archive is asked for. */
static bool is_sane(const struct raw_info *raw) {
  if (raw->step == 0 || raw->step > MAX_STEP || raw->last_update > MAX_TIME)
    return false;
  for (size_t i = 0; i < raw->n; i++) {
    const struct raw_archive *a = &raw->archives[i];
    if (a->rows == 0 || a->rows > MAX_ROWS || a->current_row >= a->rows ||
        a->pdp_per_row == 0 || a->pdp_per_row > MAX_STEP)
      return false;
  }
  return true;
}

static int compare_step(const void *a, const void *b) {
  const struct vr_extent *x = a, *y = b;
  return (x->step > y->step) - (x->step < y->step);
}

static int coverages(const struct raw_info *raw, struct vr_rrd_info *ret) {
  struct vr_extent *c = calloc(raw->n + 1, sizeof(*c));
  if (!c)
    return -ENOMEM;
  size_t n = 0;
  for (size_t i = 0; i < raw->n; i++) {
    const struct raw_archive *a = &raw->archives[i];
    if (!a->is_average || a->rows == 0 || a->pdp_per_row == 0)
      continue;
    double step = (double)raw->step * (double)a->pdp_per_row;
    double end = floor((double)raw->last_update / step) * step;
    c[n++] = (struct vr_extent){
        .begin = end - ((double)a->rows - 1) * step, .end = end, .step = step};
  }
  vr_sort(c, n, sizeof(*c), compare_step);
  *ret = (struct vr_rrd_info){.n_archives = n, .archives = c};
  return 0;
}

int vr_archive_use_daemon(const char *address, struct vr_error *ret_error) {
  return vr_rrdcached_connect(address, ret_error);
}

void vr_archive_flush(const struct vr_archive_file *files, size_t n) {
  vr_auto_free const char **paths = calloc(n + 1, sizeof(*paths));
  size_t k = 0;
  for (size_t i = 0; paths && i < n; i++)
    if (files[i].kind == VR_ARCHIVE_RRD)
      paths[k++] = files[i].paths[0];
  if (paths)
    vr_rrdcached_flush(paths, k);
}

/* librrd opens whatever has the name, and would wait for a pipe's writer. What
 * is missing it names itself. */
static int check_kind(const char *path, struct vr_error *ret_error) {
  vr_auto_close int fd = vr_safe_find(AT_FDCWD, path, S_IFREG);
  return fd == -EMEDIUMTYPE || fd == -EISDIR
             ? vr_error_set(ret_error, fd, "%.400s: %s", path, vr_safe_why(fd))
             : 0;
}

int vr_rrd_info(const char *path, struct vr_rrd_info *ret_info,
                struct vr_error *ret_error) {
  vr_rrdcached_flush(&path, 1);
  int r = check_kind(path, ret_error);
  if (r < 0)
    return r;
  enum vr_rrd_header header = vr_rrd_check_header(path);
  if (header == VR_RRD_FOREIGN)
    return vr_error_set(
        ret_error, -EINVAL,
        "%s: an RRD file of another architecture (32 or 64 bits, byte order), "
        "which cannot be read here; run rrdtool dump on a machine of that "
        "architecture and rrdtool restore on this one",
        path);
  if (header == VR_RRD_COMPUTED)
    return vr_error_set(
        ret_error, -EINVAL,
        "%s: has a data source of type COMPUTE, which collectd never makes: "
        "files with one are not read; remove it (rrdtool tune %s DEL:name)",
        path, path);
  if (header != VR_RRD_WHOLE)
    return vr_error_set(ret_error, -EINVAL,
                        "%s: not an RRD file, or not all of one", path);
  rrd_info_t *list = info_of(path);
  if (!list)
    return rrd_failed(path, ret_error);
  vr_auto_free struct raw_info *raw = calloc(1, sizeof(*raw));
  for (const rrd_info_t *i = list; raw && i; i = i->next) {
    if (strcmp(i->key, "step") == 0)
      raw->step = number_of(i);
    else if (strcmp(i->key, "last_update") == 0)
      raw->last_update = number_of(i);
    else if (strncmp(i->key, "rra[", 4) == 0)
      take_archive(raw, i);
  }
  rrd_info_free(list);
  struct vr_rrd_info info = {0};
  if (raw && !is_sane(raw))
    return vr_error_set(ret_error, -EINVAL,
                        "%s: damaged: its header contradicts itself", path);
  r = raw ? coverages(raw, &info) : -ENOMEM;
  if (r == 0 && (info.n_archives == 0 || raw->step == 0)) {
    vr_rrd_info_clear(&info);
    snprintf(ret_error->message, sizeof(ret_error->message),
             "%s: no archive consolidated by AVERAGE", path);
    return -EINVAL;
  }
  if (r < 0)
    return vr_error_set(ret_error, r, "%s: %s", path, strerror(-r));
  *ret_info = info;
  return 0;
}

void vr_rrd_rows_clear(struct vr_rrd_rows *rows) {
  for (size_t d = 0; rows->ds && d < rows->n_ds; d++)
    rrd_freemem(rows->ds[d]);
  rrd_freemem(rows->ds);
  rrd_freemem(rows->values);
  *rows = (struct vr_rrd_rows){0};
}

int vr_rrd_fetch(const char *path, const struct vr_extent *archive,
                 double begin, double end, struct vr_rrd_rows *ret_rows,
                 struct vr_error *ret_error) {
  /* Inside its own coverage librrd finds exactly this archive. */
  double from = fmax(begin, archive->begin - archive->step);
  double to = fmin(end, archive->end);
  if (!(to > from))
    from = to - archive->step;
  time_t start, stop;
  unsigned long step, n_ds = 0;
  char **ds = NULL;
  rrd_value_t *values = NULL;
  unsigned tries = 0;
  int r;
  do {
    start = (time_t)from;
    stop = (time_t)to;
    step = (unsigned long)archive->step;
    rrd_clear_error();
    errno = 0;
    r = rrd_fetch_r(path, "AVERAGE", &start, &stop, &step, &n_ds, &ds, &values);
  } while (r < 0 && is_to_be_tried_again(&tries));
  if (r < 0)
    return rrd_failed(path, ret_error);
  *ret_rows = (struct vr_rrd_rows){.rows = (size_t)(stop - start) / step,
                                   .n_ds = n_ds,
                                   .begin = (double)start + (double)step,
                                   .step = (double)step,
                                   .ds = ds,
                                   .values = values};
  return 0;
}
