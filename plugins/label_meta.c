/* SPDX-License-Identifier: MIT */
#include "label_meta.h"

#include "collectd/core/utils/metadata/meta_data.h"

#define UUID "vmrecon:uuid"
#define TITLE "vmrecon:title"
#define PROJECT "vmrecon:project"

static void add(meta_data_t **meta, const char *key, const char *value) {
  if (value[0] == '\0')
    return;
  if (!*meta)
    *meta = meta_data_create();
  if (*meta)
    meta_data_add_string(*meta, key, value);
}

meta_data_t *vr_label_meta_new(const char *uuid, const char *title,
                               const char *project) {
  meta_data_t *meta = NULL;
  add(&meta, UUID, uuid);
  add(&meta, TITLE, title);
  add(&meta, PROJECT, project);
  return meta;
}

meta_data_t *vr_label_meta_of(const value_list_t *vl) {
  if (!vl->meta || meta_data_exists(vl->meta, "network:received"))
    return NULL;
  return meta_data_exists(vl->meta, UUID) ||
                 meta_data_exists(vl->meta, TITLE) ||
                 meta_data_exists(vl->meta, PROJECT)
             ? vl->meta
             : NULL;
}
