/* SPDX-License-Identifier: MIT */
#include "train/cli/model_files.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "train/cli/generations.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmrecon-config.h"
#include "vmrecon-paths.h"

/* Bytes that the models of one guest take in a file, with room to spare: those
 * of the recorded guests take 35 KiB. */
enum { BYTES_A_GUEST = 64 << 10 };

/* The new file and the copy of the one that it replaces. */
enum { COPIES = 2 };

static int make_directory(const char *directory) {
  struct stat st;
  if (mkdir(directory, 0755) == 0)
    return 0;
  int r = -errno;
  if (r == -ENOENT)
    vr_log_error("%s cannot be made: its parent directory does not exist; make "
                 "that first",
                 directory);
  else if (r != -EEXIST)
    vr_log_error("%s cannot be made: %s", directory, strerror(-r));
  else if (stat(directory, &st) == 0 && S_ISDIR(st.st_mode))
    return 0;
  else {
    r = -ENOTDIR;
    vr_log_error("%s is not a directory; give -o one", directory);
  }
  return r;
}

/* A file of SIZE bytes beside PATH, and gone again. */
static int try_beside(const char *path, off_t size) {
  vr_auto_free char *beside = NULL;
  if (asprintf(&beside, "%s.XXXXXX", path) < 0) {
    beside = NULL;
    return -ENOMEM;
  }
  vr_auto_close int fd = mkostemp(beside, O_CLOEXEC);
  if (fd < 0)
    return -errno;
  int r = -posix_fallocate(fd, 0, size);
  unlink(beside);
  return r == -EINVAL || r == -EOPNOTSUPP ? 0 : r;
}

/* The path of the file NAME in DIRECTORY, which is made if it is not there.
 * Returns 0 or a negative errno. */
static int place_of(const char *directory, const char *name, char **ret_path) {
  char *path;
  int r = make_directory(directory);
  if (r < 0)
    return r;
  if (asprintf(&path, "%s/%s", directory, name) < 0)
    return -ENOMEM;
  *ret_path = path;
  return 0;
}

int vr_cli_models_try(const char *directory, const char *name, size_t n) {
  struct stat st;
  vr_auto_free char *path = NULL;
  int r = place_of(directory, name, &path);
  if (r < 0)
    return r;
  if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
    vr_log_error("%s is a directory, and a file is to be written there; give "
                 "-o another directory",
                 path);
    return -EISDIR;
  }
  r = try_beside(path, (off_t)(n > 0 ? n : 1) * BYTES_A_GUEST * COPIES);
  if (r == -ENOSPC || r == -EDQUOT || r == -EFBIG)
    vr_log_error("%s: no room for the models (%s); make room there, or give -o "
                 "another directory",
                 directory, strerror(-r));
  else if (r < 0)
    vr_log_error("%s cannot be written to: %s; nothing was trained", directory,
                 strerror(-r));
  return r;
}

int vr_cli_models_write(const char *directory, const char *name,
                        const struct vr_model_set *set, bool generic) {
  struct vr_error error = {""};
  vr_auto_free char *path = NULL, *next = NULL;
  int r = place_of(directory, name, &path);
  if (r < 0)
    return r;
  if (asprintf(&next, "%s.next", path) < 0) {
    next = NULL;
    return -ENOMEM;
  }
  r = vr_model_file_write(next, set, generic, "vmrecon-train " PACKAGE_VERSION,
                          &error);
  if (r == 0 && (r = vr_cli_generations_put(next, path)) < 0)
    vr_error_set(&error, r, "%s: cannot write: %s", path, strerror(-r));
  if (r < 0)
    vr_log_error("%s", error.message);
  return r;
}

int vr_cli_models_add(struct vr_model_set *set, const struct vr_model *m) {
  struct vr_error error;
  if (m->n_inputs == 0)
    return 0;
  if (vr_model_check(m, &error) < 0) {
    vr_log_warning("guest %s: %s: %s; left out", m->guest,
                   vr_counter_info(m->counter)->name, error.message);
    return 0;
  }
  struct vr_model *models =
      reallocarray(set->models, set->n_models + 1, sizeof(*models));
  if (!models)
    return -ENOMEM;
  set->models = models;
  models[set->n_models++] = *m;
  return 0;
}

static int json_only(const struct dirent *e) {
  size_t n = strlen(e->d_name);
  return e->d_name[0] != '.' && n > 5 &&
         strcmp(e->d_name + n - 5, ".json") == 0;
}

int vr_cli_models_read(const char *path, struct vr_model_set *set) {
  struct vr_error error;
  struct vr_model_set one;
  if (vr_model_file_read(path, &one, &error) < 0) {
    vr_log_error("%s; going on without it", error.message);
    return 0;
  }
  struct vr_model *models =
      reallocarray(set->models, set->n_models + one.n_models, sizeof(*models));
  if (!models) {
    vr_model_set_clear(&one);
    return -ENOMEM;
  }
  memcpy(models + set->n_models, one.models, one.n_models * sizeof(*models));
  set->models = models;
  set->n_models += one.n_models;
  free(one.models);
  return 0;
}

int vr_cli_models_read_all(const char *directory, struct vr_model_set *set) {
  struct dirent **entries;
  int n = scandir(directory, &entries, json_only, alphasort);
  if (n < 0) {
    int r = -errno;
    vr_log_error("%s: %s", directory, strerror(-r));
    return r;
  }
  int r = 0;
  for (int i = 0; i < n; i++) {
    vr_auto_free char *path = NULL;
    if (asprintf(&path, "%s/%s", directory, entries[i]->d_name) < 0) {
      path = NULL;
      r = -ENOMEM;
    }
    if (r == 0)
      r = vr_cli_models_read(path, set);
    free(entries[i]);
  }
  free(entries);
  if (r == 0 && set->n_models == 0) {
    vr_log_error("%s: no model could be read there", directory);
    r = -ENODATA;
  }
  return r;
}

int vr_cli_models_read_known(const char *path, struct vr_model_set *set) {
  struct stat st;
  const char *from = path ? path : VR_SHIPPED_MODEL_DIR;
  if (stat(from, &st) < 0) {
    int r = -errno;
    /* What is not installed cannot be tried, and that is no mistake. */
    if (!path)
      return 0;
    vr_log_error("%s: %s", from, strerror(-r));
    return r;
  }
  return S_ISDIR(st.st_mode) ? vr_cli_models_read_all(from, set)
                             : vr_cli_models_read(from, set);
}
