/* SPDX-License-Identifier: MIT */
#include "live/model_dir.h"

#include "basic/array.h"
#include "basic/cleanup.h"
#include "basic/file.h"
#include "basic/log.h"
#include "basic/safe_open.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What distinguishes one state of a file from the next. */
struct mark {
  struct timespec modified, changed;
  off_t size;
  ino_t inode;
};

struct file {
  char *path;
  struct mark mark;
  bool present; /* in the listing at hand */
  char *text;   /* what it held when it was last good; NULL: never */
  size_t length;
};

struct directory {
  char *path;
  size_t n_files, files_size;
  struct file *files; /* sorted by path */
  struct vr_complaint unreadable;
  int error; /* of the listing at hand: not all of it could be seen */
};

struct vr_model_dir {
  size_t n;
  bool changed; /* since models were last handed out */
  struct directory *directories;
};

static void file_clear(struct file *f) {
  free(f->path);
  free(f->text);
}

void vr_live_model_dir_free(struct vr_model_dir *d) {
  if (!d)
    return;
  for (size_t i = 0; i < d->n; i++) {
    for (size_t k = 0; k < d->directories[i].n_files; k++)
      file_clear(&d->directories[i].files[k]);
    free(d->directories[i].files);
    free(d->directories[i].path);
  }
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

static bool same_mark(const struct mark *a, const struct mark *b) {
  return a->modified.tv_sec == b->modified.tv_sec &&
         a->modified.tv_nsec == b->modified.tv_nsec &&
         a->changed.tv_sec == b->changed.tv_sec &&
         a->changed.tv_nsec == b->changed.tv_nsec && a->size == b->size &&
         a->inode == b->inode;
}

/* Reads a file that is new or has changed. Are its models others now? */
static bool load(struct file *f) {
  vr_auto_free char *text = NULL;
  size_t length = 0;
  struct vr_model_set set = {0};
  struct vr_error e = {""};
  int r = vr_file_read(f->path, VR_MODEL_FILE_MAX, &text, &length);
  if (r < 0)
    snprintf(e.message, sizeof(e.message), "%.500s: cannot read: %s", f->path,
             vr_safe_why(r));
  else
    r = vr_model_file_parse(f->path, text, length, &set, &e);
  if (r < 0) {
    vr_log_error("%s%s", e.message,
                 f->text ? "; the models that it had before stay" : "");
    return false;
  }
  vr_log_notice("%s: %zu models%s", f->path, set.n_models,
                set.n_models > 0 && set.models[0].generic
                    ? ", generic: not validated on this host"
                    : "");
  vr_model_set_clear(&set);
  free(f->text);
  f->text = vr_steal(&text);
  f->length = length;
  return true;
}

static struct file *find_file(struct directory *d, const char *path) {
  for (size_t i = 0; i < d->n_files; i++)
    if (strcmp(d->files[i].path, path) == 0)
      return &d->files[i];
  return NULL;
}

static int compare_files(const void *a, const void *b) {
  return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

static struct file *add_file(struct directory *d, const char *path) {
  if (vr_array_reserve(&d->files, &d->files_size, d->n_files + 1) < 0)
    return NULL;
  char *copy = strdup(path);
  if (!copy)
    return NULL;
  d->files[d->n_files++] = (struct file){.path = copy};
  qsort(d->files, d->n_files, sizeof(*d->files), compare_files);
  return find_file(d, path);
}

static bool is_model_file(const char *name) {
  size_t n = strlen(name);
  return name[0] != '.' && n > 5 && strcmp(name + n - 5, ".json") == 0;
}

/* One entry of the listing. Returns 1 if models changed, 0, or -ENOMEM. */
static int check_entry(struct directory *d, const char *name) {
  vr_auto_free char *path = NULL;
  if (asprintf(&path, "%s/%s", d->path, name) < 0) {
    path = NULL;
    return -ENOMEM;
  }
  struct file *f = find_file(d, path);
  bool known = f != NULL;
  struct stat st;
  if (stat(path, &st) < 0) {
    if (errno == ENOENT)
      return 0;       /* removed since it was listed */
    d->error = errno; /* not removed, but not readable */
    if (known)
      f->present = true;
    return 0;
  }
  struct mark mark = {st.st_mtim, st.st_ctim, st.st_size, st.st_ino};
  if (!known && !(f = add_file(d, path)))
    return -ENOMEM;
  f->present = true;
  if (known && same_mark(&f->mark, &mark))
    return 0;
  f->mark = mark;
  return load(f);
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
    if (f.text)
      vr_log_notice("%s: the file is gone: its models are not used any more",
                    f.path);
    changed = changed || f.text;
    file_clear(&f);
  }
  d->n_files = kept;
  return changed;
}

/* Checks every entry. Returns 1 if models changed, 0, or -ENOMEM. */
static int check_all(struct directory *d, DIR *listing) {
  int changed = 0;
  for (;;) {
    errno = 0;
    const struct dirent *e = readdir(listing);
    if (!e)
      break;
    int r = is_model_file(e->d_name) ? check_entry(d, e->d_name) : 0;
    if (r < 0)
      return r;
    changed |= r;
  }
  if (errno == 0)
    return changed;
  /* The listing broke off: the rest is taken as it was. */
  d->error = errno;
  for (size_t i = 0; i < d->n_files; i++)
    d->files[i].present = true;
  return changed;
}

static void complain_of(struct directory *d, int error) {
  vr_log_complain(&d->unreadable, LOG_WARNING,
                  "%s: cannot read: %s; the models that it had stay", d->path,
                  strerror(error));
}

static int poll_directory(struct directory *d) {
  DIR *listing = opendir(d->path);
  if (!listing && (errno == ENOENT || errno == ENOTDIR) && d->n_files == 0)
    return 0; /* no models were made yet */
  if (!listing) {
    complain_of(d, errno);
    return 0;
  }
  for (size_t i = 0; i < d->n_files; i++)
    d->files[i].present = false;
  d->error = 0;
  int changed = check_all(d, listing);
  closedir(listing);
  if (d->error != 0)
    complain_of(d, d->error);
  else
    vr_log_relieved(&d->unreadable, "%s: can be read again", d->path);
  return changed < 0 ? changed : changed | (int)drop_absent(d);
}

/* The models of FILES again, from what they held when they were good, to
 * SETS[*AT]. */
static int parse_again(const struct file *files, size_t n,
                       struct vr_model_set *sets, size_t *at) {
  for (size_t i = 0; i < n; i++) {
    struct vr_error e;
    const struct file *f = &files[i];
    if (!f->text)
      continue;
    int r = vr_model_file_parse(f->path, f->text, f->length, &sets[*at], &e);
    if (r < 0)
      return r;
    (*at)++;
  }
  return 0;
}

static int collect(const struct vr_model_dir *d, struct vr_model_set **ret_sets,
                   size_t *ret_n) {
  size_t n = 0, at = 0;
  for (size_t i = 0; i < d->n; i++)
    n += d->directories[i].n_files;
  struct vr_model_set *sets = calloc(n ? n : 1, sizeof(*sets));
  int r = sets ? 0 : -ENOMEM;
  for (size_t i = 0; i < d->n && r == 0; i++)
    r = parse_again(d->directories[i].files, d->directories[i].n_files, sets,
                    &at);
  if (r < 0) { /* out of memory: they were good */
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
