/* SPDX-License-Identifier: MIT */
#include "live/model_listing.h"

#include "basic/array.h"
#include "basic/cleanup.h"
#include "basic/file.h"
#include "basic/sort.h"
#include "model/model.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct vr_model_listing *vr_live_model_listing_new(const char *path) {
  struct vr_model_listing *l = calloc(1, sizeof(*l));
  if (l && (l->path = strdup(path)))
    return l;
  free(l);
  return NULL;
}

void vr_live_model_listing_free(void *listing) {
  struct vr_model_listing *l = listing;
  if (!l)
    return;
  for (size_t i = 0; i < l->n; i++) {
    free(l->files[i].path);
    free(l->files[i].text);
  }
  free(l->files);
  free(l->path);
  free(l);
}

static int compare_paths(const void *a, const void *b) {
  return strcmp(((const struct vr_listed_file *)a)->path,
                ((const struct vr_listed_file *)b)->path);
}

/* Among those that the caller knows: a directory lists each file once. */
static struct vr_listed_file *find(const struct vr_model_listing *l,
                                   char *path) {
  const struct vr_listed_file key = {.path = path};
  return vr_sort_find(&key, l->files, l->n_known, sizeof(*l->files),
                      compare_paths);
}

static struct vr_listed_file *add(struct vr_model_listing *l,
                                  const char *path) {
  if (vr_array_reserve(&l->files, &l->size, l->n + 1) < 0)
    return NULL;
  char *copy = strdup(path);
  if (!copy)
    return NULL;
  l->files[l->n] = (struct vr_listed_file){.path = copy};
  return &l->files[l->n++];
}

int vr_live_model_listing_know(struct vr_model_listing *l, const char *path,
                               const struct vr_model_mark *mark) {
  struct vr_listed_file *f = add(l, path);
  if (!f)
    return -ENOMEM;
  f->known = true;
  f->mark = *mark;
  l->n_known = l->n;
  return 0;
}

static bool same_mark(const struct vr_model_mark *a,
                      const struct vr_model_mark *b) {
  return a->modified.tv_sec == b->modified.tv_sec &&
         a->modified.tv_nsec == b->modified.tv_nsec &&
         a->changed.tv_sec == b->changed.tv_sec &&
         a->changed.tv_nsec == b->changed.tv_nsec && a->size == b->size &&
         a->inode == b->inode;
}

static bool is_model_file(const char *name) {
  size_t n = strlen(name);
  return name[0] != '.' && n > 5 && strcmp(name + n - 5, ".json") == 0;
}

/* Not removed, but not readable: what the caller knows of it stays. */
static void not_seen(struct vr_model_listing *l, struct vr_listed_file *f,
                     int error) {
  l->partly = true;
  l->error = error;
  if (f)
    f->listed = true;
}

/* One entry of the directory. Returns 0 or -ENOMEM. */
static int check_entry(struct vr_model_listing *l, const char *name) {
  vr_auto_free char *path = NULL;
  if (asprintf(&path, "%s/%s", l->path, name) < 0) {
    path = NULL;
    return -ENOMEM;
  }
  struct vr_listed_file *f = find(l, path);
  struct stat st;
  if (stat(path, &st) < 0) {
    if (errno != ENOENT) /* removed since it was listed */
      not_seen(l, f, -errno);
    return 0;
  }
  struct vr_model_mark mark = {st.st_mtim, st.st_ctim, st.st_size, st.st_ino};
  bool known = f != NULL;
  if (!known && !(f = add(l, path)))
    return -ENOMEM;
  f->listed = true;
  if (known && same_mark(&f->mark, &mark))
    return 0;
  f->mark = mark;
  f->read = true;
  f->error = vr_file_read(path, VR_MODEL_FILE_MAX, &f->text, &f->length);
  return 0;
}

/* Returns 0 or a negative errno. */
static int read_all(struct vr_model_listing *l, DIR *dir) {
  for (;;) {
    errno = 0;
    const struct dirent *e = readdir(dir);
    if (!e)
      break;
    int r = is_model_file(e->d_name) ? check_entry(l, e->d_name) : 0;
    if (r < 0)
      return r;
  }
  if (errno == 0)
    return 0;
  /* The listing broke off: the rest is taken as it was. */
  not_seen(l, NULL, -errno);
  for (size_t i = 0; i < l->n; i++)
    l->files[i].listed = true;
  return 0;
}

int vr_live_model_listing_read(void *listing) {
  struct vr_model_listing *l = listing;
  DIR *dir = opendir(l->path);
  int r = dir ? read_all(l, dir) : -errno;
  if (dir)
    closedir(dir);
  if (r < 0) {
    l->error = r;
    l->partly = false;
  }
  return 0;
}
