/* SPDX-License-Identifier: MIT */
#include "train/cli/model_files.h"

#include "basic/cleanup.h"
#include "basic/log.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "vmrecon-config.h"
#include "vmrecon-paths.h"

int vr_cli_models_write(const char *directory, const char *name,
                        const struct vr_model_set *set, bool generic) {
  struct vr_error error = {""};
  vr_auto_free char *path = NULL;
  if (asprintf(&path, "%s/%s", directory, name) < 0) {
    path = NULL;
    return -ENOMEM;
  }
  if (mkdir(directory, 0755) < 0 && errno != EEXIST) {
    int r = -errno;
    vr_log_error("%s: %s", directory, strerror(-r));
    return r;
  }
  int r = vr_model_file_write(path, set, generic,
                              "vmrecon-train " PACKAGE_VERSION, &error);
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
