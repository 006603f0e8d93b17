/* SPDX-License-Identifier: MIT
 *
 * Recorded history: a tree of files as collectd writes it, one directory a
 * host, one below it a plugin (instance), one file a type (instance). Opening
 * lists the tree; of a file no more is read than shows what it is, until its
 * history is asked for.
 */
#ifndef VR_ARCHIVE_ARCHIVE_H
#define VR_ARCHIVE_ARCHIVE_H

#include "archive/unlisted.h"
#include "basic/error.h"

#include <stdbool.h>
#include <stddef.h>

enum vr_archive_kind {
  VR_ARCHIVE_RRD, /* TYPE.rrd, of the rrdtool and rrdcached plugins */
  VR_ARCHIVE_CSV, /* TYPE-YYYY-MM-DD, of the csv plugin, one a day, or TYPE */
  VR_ARCHIVE_PROMETHEUS, /* series that Prometheus has of write_prometheus */
};

/* What one series of a Prometheus is of a file. */
struct vr_archive_column {
  char *ds;        /* the data source */
  bool is_counter; /* cumulative; else a level */
  size_t n_labels; /* with its name */
};

/* One recorded series: HOST/PLUGIN/TYPE, where PLUGIN and TYPE hold their
 * instances ("vmrecon-web", "derive-vcpu_run"). */
struct vr_archive_file {
  char *host, *plugin, *type;
  enum vr_archive_kind kind;
  size_t n_paths;
  /* The files on disk: one, or one a day in any order. Of a Prometheus the
   * selectors of its series, one or more for each data source. */
  char **paths;
  struct vr_archive_column *columns; /* of each path; NULL: not of Prometheus */
  struct vr_prometheus *server;      /* borrowed from the archive */
};

/* A second name of a host's directory. */
struct vr_archive_alias {
  char *name, *host;
};

struct vr_archive {
  char *root;
  size_t n_files;
  struct vr_archive_file *files; /* sorted by host, plugin, type */
  size_t n_aliases;
  struct vr_archive_alias *aliases;
  struct vr_unlisted unlisted;
  /* Series that are there again: as a csv file beside an RRD file, or, in a
   * Prometheus, under other labels; the first one's name. */
  size_t n_twice;
  char *twice;
  struct vr_prometheus *server; /* NULL: files on disk */
  void (*release)(struct vr_prometheus *server);
};

/* Lists the RRD and CSV files of collectd's plugins below ROOT, and logs which
 * directories cannot be read or are empty; a series that
 * is there as both is taken from its RRD file. A directory that is there under
 * several names is listed once; the functions below find its series by all of
 * them. A tree without such files is not
 * an error here. Returns 0 or a negative errno with
 * *ret_error filled. */
int vr_archive_open(const char *root, struct vr_archive **ret_archive,
                    struct vr_error *ret_error);

/* How a Prometheus is asked, and for what. */
struct vr_archive_server {
  const char *match;      /* a selector of series; NULL: all of collectd's */
  const char *token_file; /* of a bearer token; NULL: none */
  const char *ca_file;    /* of certificates to trust; NULL: the system's */
  double begin, end;      /* seconds since the epoch */
};

/* Is ROOT the address of a server, http:// or https://? */
bool vr_archive_is_server(const char *root);

/* Lists the series that the Prometheus at URL has of collectd's plugin
 * write_prometheus between BEGIN and END of HOW. Returns 0; -ENOSYS in a
 * program that was built without libcurl; or another negative errno; with
 * *ret_error filled. */
int vr_archive_open_server(const char *url, const struct vr_archive_server *how,
                           struct vr_archive **ret_archive,
                           struct vr_error *ret_error);

/* Sorts the files of A, and makes one of all that have the same names: for
 * those who fill an archive. Returns 0 or -ENOMEM. */
int vr_archive_sort(struct vr_archive *a);

void vr_archive_free(struct vr_archive *a);
void vr_archive_freep(struct vr_archive **a);

/* The file of one series, NULL if it is not in the archive. */
const struct vr_archive_file *vr_archive_find(const struct vr_archive *a,
                                              const char *host,
                                              const char *plugin,
                                              const char *type);

/* The files of HOST (index range [*ret_first, return value)). */
size_t vr_archive_host_range(const struct vr_archive *a, const char *host,
                             size_t *ret_first);

/* A regular grid in time. Row i stands for the interval of length STEP that
 * ends at BEGIN + i * STEP, seconds since the epoch. BEGIN may be later than a
 * whole step; in RRD files the nearest rows are read then. */
struct vr_timeline {
  double begin, step;
  size_t rows;
};

/* What one consolidated archive of a file holds. */
struct vr_extent {
  double begin, end; /* time of its first and last row */
  double step;
  /* How much later than a whole step its samples were taken, where that is
   * known: not of RRD files, whose rows are of whole steps whenever values
   * came. 0: not known, or not at all. */
  double phase;
};

/* The archive of FILE that serves the span BEGIN..END best: the finest one that
 * reaches back to BEGIN, else the one that reaches back furthest, and of those
 * the finest. BEGIN = -INFINITY asks for the finest archive there is. Returns
 * 0 or a negative errno with *ret_error filled. */
int vr_archive_extent(const struct vr_archive_file *file, double begin,
                      struct vr_extent *ret_extent, struct vr_error *ret_error);

/* Every consolidated archive of FILE, the finest first; the caller frees the
 * array. Returns how many, or a negative errno with *ret_error filled. */
int vr_archive_extents(const struct vr_archive_file *file,
                       struct vr_extent **ret_extents,
                       struct vr_error *ret_error);

/* History of one file on a grid: rates per second for counters, levels for
 * gauges; NAN where nothing is known. */
struct vr_history {
  size_t n_ds, rows;
  char **ds;      /* names of the data sources */
  double *values; /* data source d, row i at values[d * rows + i] */
};

void vr_history_clear(struct vr_history *h);

/* Column of data source DS, NULL if there is none of that name. */
double *vr_history_column(const struct vr_history *h, const char *ds);

/* Asks the rrdcached at ADDRESS, from now on and for the whole process, to
 * write what it holds of an RRD file to disk before that file is read; the
 * first time that it does not, a warning is logged. Returns 0, or -ECONNREFUSED
 * with *ret_error filled. */
int vr_archive_use_daemon(const char *address, struct vr_error *ret_error);

/* Has that rrdcached write what it holds of N of an archive's FILES, all at
 * once: a file that was flushed is not asked for again. */
void vr_archive_flush(const struct vr_archive_file *files, size_t n);

/* Reads FILE on GRID, from archives consolidated by AVERAGE. An archive finer
 * than the grid is averaged to it (a row is known when at least half of what
 * it covers is). Returns 0; -ERANGE if the file only has a coarser step or one
 * that does not divide the grid's; or another negative errno; *ret_error
 * filled, *ret_history untouched. */
int vr_archive_fetch(const struct vr_archive_file *file,
                     const struct vr_timeline *grid,
                     struct vr_history *ret_history,
                     struct vr_error *ret_error);

#endif
