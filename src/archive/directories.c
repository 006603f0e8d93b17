/* SPDX-License-Identifier: MIT */
#include "archive/directories.h"

#include "basic/array.h"
#include "basic/cleanup.h"
#include "basic/log.h"
#include "basic/sort.h"
#include "basic/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void closedirp(DIR **d) {
  if (*d)
    closedir(*d);
}

void vr_directories_clear(struct vr_directories *d) {
  for (size_t i = 0; i < d->n; i++)
    free(d->all[i].name);
  free(d->all);
  *d = (struct vr_directories){0};
}

bool vr_directories_is_name(const char *name) {
  static atomic_bool logged;
  if (name[0] == '.')
    return false;
  if (!vr_text_has_control(name))
    return true;
  if (!atomic_exchange(&logged, true))
    vr_log_warning("%s: a name with control characters, as collectd's own "
                   "names never have; this one and others like it are left out",
                   name);
  return false;
}

/* Adds NAME of DIR if it is a directory or a link to one. */
static int add(struct vr_directories *d, DIR *dir, const char *name) {
  struct stat st, own;
  if (!vr_directories_is_name(name) || fstatat(dirfd(dir), name, &st, 0) < 0 ||
      !S_ISDIR(st.st_mode) ||
      fstatat(dirfd(dir), name, &own, AT_SYMLINK_NOFOLLOW) < 0)
    return 0;
  if (vr_array_reserve(&d->all, &d->capacity, d->n + 1) < 0)
    return -ENOMEM;
  struct vr_directory *to = &d->all[d->n];
  *to = (struct vr_directory){.name = strdup(name),
                              .is_link = S_ISLNK(own.st_mode),
                              .device = st.st_dev,
                              .inode = st.st_ino};
  if (!to->name)
    return -ENOMEM;
  d->n++;
  return 0;
}

static bool is_same(const struct vr_directory *a,
                    const struct vr_directory *b) {
  return a->device == b->device && a->inode == b->inode;
}

static int compare(const void *x, const void *y) {
  const struct vr_directory *a = x, *b = y;
  if (a->device != b->device)
    return a->device < b->device ? -1 : 1;
  if (a->inode != b->inode)
    return a->inode < b->inode ? -1 : 1;
  if (a->is_link != b->is_link)
    return a->is_link - b->is_link;
  return strcmp(a->name, b->name);
}

int vr_directories_list(const char *path, struct vr_directories *ret) {
  vr_cleanup(closedirp) DIR *dir = opendir(path);
  if (!dir)
    return -errno;
  struct vr_directories d = {0};
  int r = 0;
  for (struct dirent *e; r == 0 && (e = readdir(dir));)
    r = add(&d, dir, e->d_name);
  if (r < 0) {
    vr_directories_clear(&d);
    return r;
  }
  if (d.n > 0)
    vr_sort(d.all, d.n, sizeof(*d.all), compare);
  const struct vr_directory *first = d.all;
  for (size_t i = 1; i < d.n; i++)
    if (is_same(first, &d.all[i]))
      d.all[i].same_as = first->name;
    else
      first = &d.all[i];
  *ret = d;
  return 0;
}
