/* SPDX-License-Identifier: MIT */
#include "train/data/pairs.h"

#include "basic/array.h"
#include "schema/plugin_names.h"
#include "train/data/truth.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void vr_pairs_clear_one(struct vr_pair *p) {
  free(p->host);
  free(p->guest);
  free(p->where);
  free(p->plugin);
  free(p->truth);
}

void vr_pairs_clear(struct vr_pairs *p) {
  for (size_t i = 0; i < p->n; i++)
    vr_pairs_clear_one(&p->pairs[i]);
  free(p->pairs);
  *p = (struct vr_pairs){0};
}

/* Is PLUGIN the one called NAME, with or without an instance? */
static bool is_plugin(const char *plugin, const char *name) {
  size_t n = strlen(name);
  return strncmp(plugin, name, n) == 0 && (!plugin[n] || plugin[n] == '-');
}

bool vr_pairs_is_from_outside(const char *host, const char *plugin) {
  return vr_truth_is_own_output(host, plugin) ||
         is_plugin(plugin, VR_PLUGIN_VIRT) ||
         is_plugin(plugin, VR_PLUGIN_LIBVIRT) ||
         strncmp(plugin, VR_PLUGIN_READ, strlen(VR_PLUGIN_READ)) == 0;
}

bool vr_pairs_has_own_series(const struct vr_archive *a, const char *host) {
  size_t first, end = vr_archive_host_range(a, host, &first);
  for (size_t i = first; i < end; i++)
    if (!vr_pairs_is_from_outside(host, a->files[i].plugin))
      return true;
  return false;
}

static bool has_plugin(const struct vr_archive *a, const char *host,
                       const char *plugin) {
  size_t first, end = vr_archive_host_range(a, host, &first);
  for (size_t i = first; i < end; i++)
    if (strcmp(a->files[i].plugin, plugin) == 0)
      return true;
  return false;
}

bool vr_pairs_has_truth(const struct vr_archive *a, const char *truth) {
  char host[256];
  const char *plugin;
  if (vr_truth_split(truth, host, sizeof(host), &plugin) < 0)
    return false;
  if (!plugin)
    return vr_pairs_has_own_series(a, host);
  return strncmp(plugin, VR_INTROSPECTED_PLUGIN,
                 sizeof(VR_INTROSPECTED_PLUGIN) - 1) == 0 &&
         has_plugin(a, host, plugin);
}

int vr_pairs_introspected(const struct vr_pair *pair,
                          const struct vr_archive *archive, char **ret_truth) {
  char *truth;
  if (asprintf(&truth, "%s/" VR_INTROSPECTED_PLUGIN "%s", pair->host,
               pair->guest) < 0)
    return -ENOMEM;
  if (!vr_pairs_has_truth(archive, truth)) {
    free(truth);
    return -ENOENT;
  }
  *ret_truth = truth;
  return 0;
}

/* What the guest itself recorded, else what was read from its kernel. */
static int find_truth(struct vr_pair *pair, const struct vr_archive *a) {
  if (vr_pairs_has_own_series(a, pair->guest))
    return (pair->truth = strdup(pair->guest)) ? 0 : -ENOMEM;
  int r = vr_pairs_introspected(pair, a, &pair->truth);
  return r == -ENOENT ? 0 : r;
}

int vr_pairs_add(struct vr_pairs *p, const struct vr_archive *a,
                 const char *host, const char *guest,
                 const struct vr_archive_file *file) {
  if (vr_array_reserve(&p->pairs, &p->capacity, p->n + 1) < 0)
    return -ENOMEM;
  struct vr_pair *pair = &p->pairs[p->n];
  *pair = (struct vr_pair){.host = strdup(host),
                           .guest = strdup(guest),
                           .where = strdup(file->host),
                           .plugin = strdup(file->plugin)};
  p->n++;
  if (!pair->host || !pair->guest || !pair->where || !pair->plugin)
    return -ENOMEM;
  return find_truth(pair, a);
}

bool vr_pairs_is_paired(const struct vr_pairs *p, const char *host,
                        const char *guest) {
  for (size_t i = 0; i < p->n; i++)
    if (strcmp(p->pairs[i].guest, guest) == 0 &&
        (!host || strcmp(p->pairs[i].host, host) == 0))
      return true;
  return false;
}
