/* SPDX-License-Identifier: MIT */
#include "live/model_dir.h"

#include "basic/array.h"
#include "basic/cleanup.h"
#include "basic/deadline.h"
#include "basic/log.h"
#include "basic/safe_open.h"
#include "basic/sort.h"
#include "live/model_listing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How long a directory that answers may take, in milliseconds. */
enum { WAIT_MS = 200 };

/* So many new files of one reading are logged one by one. */
enum { NAMED = 50 };

struct file {
  char *path;
  struct vr_model_mark mark;
  bool present;            /* in the listing at hand */
  bool good;               /* it was once: */
  struct vr_model_set set; /* and had these models when it was so last */
};

struct directory {
  char *path;
  size_t n_files, files_size;
  struct file *files; /* the first N_SORTED by path; all, between readings */
  size_t n_sorted;
  struct vr_complaint unreadable;
  struct vr_deadline_call *call;    /* a reading that has not returned: */
  struct vr_model_listing *listing; /* it has this until then */
};

struct vr_model_dir {
  size_t n;
  bool changed; /* since models were last handed out */
  struct directory *directories;
};

static void file_clear(struct file *f) {
  free(f->path);
  vr_model_set_clear(&f->set);
}

static void directory_clear(struct directory *d) {
  vr_deadline_leave(&d->call, vr_live_model_listing_free, d->listing);
  for (size_t k = 0; k < d->n_files; k++)
    file_clear(&d->files[k]);
  free(d->files);
  free(d->path);
}

void vr_live_model_dir_free(struct vr_model_dir *d) {
  if (!d)
    return;
  for (size_t i = 0; i < d->n; i++)
    directory_clear(&d->directories[i]);
  free(d->directories);
  free(d);
}

struct vr_model_dir *vr_live_model_dir_new(const char *const *paths, size_t n) {
  struct vr_model_dir *d = calloc(1, sizeof(*d));
  if (!d)
    return NULL;
  d->directories = calloc(n ? n : 1, sizeof(*d->directories));
  for (size_t i = 0; d->directories && i < n; i++) {
    d->directories[i].path = strdup(paths[i]);
    if (!d->directories[i].path)
      break;
    d->n++;
  }
  if (d->directories && d->n == n)
    return d;
  vr_live_model_dir_free(d);
  return NULL;
}

/* Takes up a file that was read. Are its models others now? */
static bool take_text(struct file *f, struct vr_listed_file *listed) {
  struct vr_model_set set = {0};
  struct vr_error e = {""};
  int r = listed->error;
  if (r < 0)
    snprintf(e.message, sizeof(e.message), "%.500s: cannot read: %s", f->path,
             vr_safe_why(r));
  else
    r = vr_model_file_parse(f->path, listed->text, listed->length, &set, &e);
  if (r < 0) {
    vr_log_error("%s%s", e.message,
                 f->good ? "; the models that it had before stay" : "");
    return false;
  }
  vr_model_set_clear(&f->set);
  f->set = set;
  f->good = true;
  return true;
}

/* What a reading has brought: the first files one by one, the rest together.
 */
struct brought {
  size_t files, more_files, more_models;
};

static void say_brought(struct brought *b, const struct file *f) {
  if (b->files++ >= NAMED) {
    b->more_files++;
    b->more_models += f->set.n_models;
    return;
  }
  vr_log_notice("%s: %zu models%s", f->path, f->set.n_models,
                f->set.n_models > 0 && f->set.models[0].generic
                    ? ", generic: not validated on this host"
                    : "");
}

static int compare_files(const void *a, const void *b) {
  return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

/* Among those that were there before the listing: it has each file once. */
static struct file *find_file(struct directory *d, char *path) {
  const struct file key = {.path = path};
  return vr_sort_find(&key, d->files, d->n_sorted, sizeof(*d->files),
                      compare_files);
}

static struct file *add_file(struct directory *d, const char *path) {
  if (vr_array_reserve(&d->files, &d->files_size, d->n_files + 1) < 0)
    return NULL;
  char *copy = strdup(path);
  if (!copy)
    return NULL;
  d->files[d->n_files] = (struct file){.path = copy};
  return &d->files[d->n_files++];
}

/* One file of the listing. Returns 1 if models changed, 0, or -ENOMEM. */
static int take_file(struct directory *d, struct vr_listed_file *listed,
                     struct brought *b) {
  if (!listed->listed)
    return 0;
  struct file *f = find_file(d, listed->path);
  if (!f && !(f = add_file(d, listed->path)))
    return -ENOMEM;
  f->present = true;
  if (!listed->read)
    return 0;
  f->mark = listed->mark;
  if (!take_text(f, listed))
    return 0;
  say_brought(b, f);
  return 1;
}

/* Forgets files that were not in the listing. Did one of them have models? */
static bool drop_absent(struct directory *d) {
  bool changed = false;
  size_t kept = 0;
  for (size_t i = 0; i < d->n_files; i++) {
    struct file f = d->files[i];
    if (f.present) {
      d->files[kept++] = f;
      continue;
    }
    if (f.good)
      vr_log_notice("%s: the file is gone: its models are not used any more",
                    f.path);
    changed = changed || f.good;
    file_clear(&f);
  }
  d->n_files = d->n_sorted = kept;
  return changed;
}

static void complain_of(struct directory *d, int error) {
  vr_log_complain(&d->unreadable, LOG_WARNING,
                  "%s: cannot read: %s; the models that it had stay", d->path,
                  vr_safe_why(error));
}

/* There never were models in it: either none were made yet, or its name is
 * wrong. */
static void complain_of_absent(struct directory *d, int error) {
  if (error == -ENOTDIR)
    vr_log_complain(&d->unreadable, LOG_WARNING,
                    "%s: is not a directory: ModelDir is the directory that "
                    "the model files are in; none is read",
                    d->path);
  else
    vr_log_complain(&d->unreadable, LOG_NOTICE,
                    "%s: there is no such directory: no models are read from "
                    "it. vmrecon-train -o %s makes it",
                    d->path, d->path);
}

/* What was read. Returns 1 if models changed, 0, or -ENOMEM. */
static int take_listing(struct directory *d, struct vr_model_listing *l) {
  if (l->error < 0 && !l->partly) {
    bool is_absent = l->error == -ENOENT || l->error == -ENOTDIR;
    if (is_absent && d->n_files == 0)
      complain_of_absent(d, l->error);
    else
      complain_of(d, l->error);
    return 0;
  }
  for (size_t i = 0; i < d->n_files; i++)
    d->files[i].present = false;
  struct brought b = {0};
  int changed = 0;
  for (size_t i = 0; i < l->n && changed >= 0; i++) {
    int r = take_file(d, &l->files[i], &b);
    changed = r < 0 ? r : changed | r;
  }
  vr_sort(d->files, d->n_files, sizeof(*d->files), compare_files);
  d->n_sorted = d->n_files;
  if (b.more_files > 0)
    vr_log_notice("%s: %zu further files, %zu models", d->path, b.more_files,
                  b.more_models);
  if (l->partly)
    complain_of(d, l->error);
  else
    vr_log_relieved(&d->unreadable, "%s: can be read again", d->path);
  return changed < 0 ? changed : changed | (int)drop_absent(d);
}

static int begin_listing(struct directory *d) {
  int r = 0;
  d->listing = vr_live_model_listing_new(d->path);
  for (size_t i = 0; d->listing && i < d->n_files && r == 0; i++)
    r = vr_live_model_listing_know(d->listing, d->files[i].path,
                                   &d->files[i].mark);
  return d->listing ? r : -ENOMEM;
}

/* Reads the directory, where that returns in time. Returns 0; -ETIMEDOUT or
 * -EBUSY when it has not yet; or another negative errno. */
static int read_listing(struct directory *d) {
  if (vr_deadline_hangs(&d->call))
    return -EBUSY;
  if (d->listing) /* that one came back meanwhile */
    return 0;
  int unused, r = begin_listing(d);
  return r < 0 ? r
               : vr_deadline_run(&d->call, vr_live_model_listing_read,
                                 d->listing, WAIT_MS, &unused);
}

/* Returns 1 if models changed, 0, or -ENOMEM. */
static int poll_directory(struct directory *d) {
  int r = read_listing(d);
  if (r == 0)
    r = take_listing(d, d->listing);
  else if (r != -ENOMEM && r != -ETIMEDOUT) /* slow is no fault yet */
    complain_of(d, r);
  if (!d->call) {
    vr_live_model_listing_free(d->listing);
    d->listing = NULL;
  }
  return r < 0 && r != -ENOMEM ? 0 : r;
}

/* The models of FILES, which stay theirs too, to SETS[*AT]. */
static int share(struct file *files, size_t n, struct vr_model_set *sets,
                 size_t *at) {
  int r = 0;
  for (size_t i = 0; i < n && r == 0; i++)
    if (files[i].good &&
        (r = vr_model_set_share(&files[i].set, &sets[*at])) == 0)
      (*at)++;
  return r;
}

static int collect(const struct vr_model_dir *d, struct vr_model_set **ret_sets,
                   size_t *ret_n) {
  size_t n = 0, at = 0;
  for (size_t i = 0; i < d->n; i++)
    n += d->directories[i].n_files;
  struct vr_model_set *sets = calloc(n ? n : 1, sizeof(*sets));
  int r = sets ? 0 : -ENOMEM;
  for (size_t i = 0; i < d->n && r == 0; i++)
    r = share(d->directories[i].files, d->directories[i].n_files, sets, &at);
  if (r < 0) {
    while (at > 0)
      vr_model_set_clear(&sets[--at]);
    free(sets);
    return r;
  }
  *ret_sets = sets;
  *ret_n = at;
  return 1;
}

void vr_live_model_dir_again(struct vr_model_dir *d) { d->changed = true; }

int vr_live_model_dir_poll(struct vr_model_dir *d,
                           struct vr_model_set **ret_sets, size_t *ret_n) {
  for (size_t i = 0; i < d->n; i++) {
    int r = poll_directory(&d->directories[i]);
    if (r < 0) {
      d->changed = true; /* perhaps: some were checked */
      return r;
    }
    d->changed = d->changed || r > 0;
  }
  if (!d->changed)
    return 0;
  int r = collect(d, ret_sets, ret_n);
  d->changed = r < 0;
  return r;
}

time_t vr_live_model_dir_newest(const struct vr_model_dir *d) {
  time_t newest = 0;
  for (size_t k = 0; d->n > 0 && k < d->directories[0].n_files; k++) {
    const struct file *f = &d->directories[0].files[k];
    if (f->good && f->mark.modified.tv_sec > newest)
      newest = f->mark.modified.tv_sec;
  }
  return newest;
}
