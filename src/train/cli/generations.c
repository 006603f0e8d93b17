/* SPDX-License-Identifier: MIT */
#include "train/cli/generations.h"

#include "basic/cleanup.h"
#include "basic/file.h"
#include "model/model.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *vr_cli_generations_former(const char *path) {
  char *former;
  return asprintf(&former, "%s.former", path) < 0 ? NULL : former;
}

/* Writes LENGTH bytes of TEXT, which PATH holds, as its former generation. */
static int keep(const char *path, const char *text, size_t length) {
  vr_auto_free char *former = vr_cli_generations_former(path);
  return former ? vr_file_write_atomic(former, text, length) : -ENOMEM;
}

/* First the former generation is written, beside the file that goes on to hold
 * the same, then the new one takes its place: at no moment is it not there. */
static int put(const char *next, const char *path, bool *ret_same) {
  vr_auto_free char *old = NULL, *new = NULL;
  size_t n_old, n_new;
  int r = vr_file_read(path, VR_MODEL_FILE_MAX, &old, &n_old);
  if (r == 0)
    r = vr_file_read(next, VR_MODEL_FILE_MAX, &new, &n_new);
  if (r == 0) {
    *ret_same = n_old == n_new && memcmp(old, new, n_old) == 0;
    r = *ret_same ? 0 : keep(path, old, n_old);
  }
  if ((r == 0 && !*ret_same) || r == -ENOENT)
    r = rename(next, path) < 0 ? -errno : 0;
  return r;
}

int vr_cli_generations_put(const char *next, const char *path) {
  bool same = false;
  int r = put(next, path, &same);
  if (r < 0 || same)
    unlink(next);
  return r;
}

int vr_cli_generations_back(const char *path) {
  vr_auto_free char *former = vr_cli_generations_former(path);
  if (!former)
    return -ENOMEM;
  if (renameat2(AT_FDCWD, former, AT_FDCWD, path, RENAME_EXCHANGE) == 0)
    return 0;
  /* PATH is gone, or the file system cannot exchange. */
  if (errno != ENOENT && errno != EINVAL && errno != ENOSYS)
    return -errno;
  return rename(former, path) < 0 ? -errno : 0;
}
