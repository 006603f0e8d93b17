/* SPDX-License-Identifier: MIT */
#include "host/vmm/pidfile.h"

#include "basic/cleanup.h"
#include "basic/deadline.h"
#include "basic/log.h"
#include "basic/safe_open.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { WAIT_MS = 200 };

struct vr_pidfile {
  char *path, *directory;
  struct vr_deadline_call *call;
  struct vr_pidfile_entry entry; /* of the reading at hand */
  struct vr_complaint trouble;
};

static void file_free(void *ctx) {
  struct vr_pidfile *f = ctx;
  free(f->path);
  free(f->directory);
  free(f);
}

int vr_pidfile_new(const char *path, struct vr_pidfile **ret) {
  struct vr_pidfile *f = calloc(1, sizeof(*f));
  vr_auto_free char *copy = strdup(path);
  if (!f || !copy) {
    free(f);
    return -ENOMEM;
  }
  f->path = strdup(path);
  f->directory = strdup(dirname(copy));
  if (!f->path || !f->directory) {
    file_free(f);
    return -ENOMEM;
  }
  *ret = f;
  return 0;
}

void vr_pidfile_free(struct vr_pidfile *f) {
  if (f)
    vr_deadline_leave(&f->call, file_free, f);
}

static bool is_ours(uid_t user) { return user == 0 || user == geteuid(); }

/* Whether users other than the owner may write there. Root's group is root. */
static bool is_open_to_others(const struct stat *st) {
  return (st->st_mode & S_IWOTH) || ((st->st_mode & S_IWGRP) && st->st_gid);
}

/* In a directory with the sticky bit nobody replaces another's file. */
static int take_owner(const struct stat *file, const struct stat *directory,
                      struct vr_pidfile_entry *e) {
  if (is_open_to_others(file) ||
      (is_open_to_others(directory) && !(directory->st_mode & S_ISVTX)))
    return -EACCES;
  e->owner = is_ours(file->st_uid) ? directory->st_uid : file->st_uid;
  e->anyone = is_ours(e->owner);
  return 0;
}

static int read_entry(void *ctx) {
  struct vr_pidfile *f = ctx;
  struct stat file, directory;
  char text[64];
  f->entry = (struct vr_pidfile_entry){0};
  vr_auto_close int fd = vr_safe_open(AT_FDCWD, f->path);
  if (fd < 0)
    return fd;
  if (fstat(fd, &file) < 0 || stat(f->directory, &directory) < 0)
    return -errno;
  ssize_t n = read(fd, text, sizeof(text) - 1);
  if (n < 0)
    return -errno;
  text[n] = '\0';
  long pid = strtol(text, NULL, 10);
  f->entry.pid = pid > 0 && pid <= 1 << 22 ? (pid_t)pid : 0;
  f->entry.written = file.st_mtime;
  return take_owner(&file, &directory, &f->entry);
}

static const char *why(int error) {
  return error == -EACCES
             ? "users other than its owner may write or replace it, or it may "
               "not be read: chmod go-w it and its directory"
             : vr_safe_why(error);
}

int vr_pidfile_read(struct vr_pidfile *f, struct vr_pidfile_entry *ret) {
  int result = 0;
  int r = vr_deadline_run(&f->call, read_entry, f, WAIT_MS, &result);
  r = r < 0 ? r : result;
  if (r < 0 && r != -ENOENT && r != -EBUSY)
    vr_log_complain(&f->trouble, LOG_WARNING,
                    "PidFile %s: %s; the guest that it names is not found",
                    f->path, why(r));
  else if (r == 0)
    vr_log_relieved(&f->trouble, "PidFile %s: it is read again", f->path);
  if (r == 0)
    *ret = f->entry;
  return r;
}
