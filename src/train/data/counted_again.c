/* SPDX-License-Identifier: MIT */
#include "train/data/counted_again.h"

#include "train/data/disk_names.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 256 };

/* "disk-vda1" where there is "disk-vda". Xen's guests, and who selects
 * partitions, have these alone. */
static bool is_part_of_recorded(const struct vr_archive *a,
                                const struct vr_archive_file *f) {
  char plugin[NAME_MAX_LENGTH];
  const char *dash = strchr(f->plugin, '-');
  size_t n = dash ? vr_disk_names_whole(dash + 1) : 0;
  if (n == 0)
    return false;
  snprintf(plugin, sizeof(plugin), "%.*s", (int)(dash + 1 - f->plugin + (int)n),
           f->plugin);
  return vr_archive_find(a, f->host, plugin, f->type) != NULL;
}

static bool is_held_by_others(const struct vr_archive *a,
                              const struct vr_archive_file *f,
                              const struct vr_reference *r) {
  char type[NAME_MAX_LENGTH];
  const char *dash = strchr(f->type, '-');
  for (size_t i = 0; dash && i < VR_REFERENCE_AGAIN && r->again[i].instance;
       i++) {
    if (strcmp(dash + 1, r->again[i].instance) != 0)
      continue;
    if (!r->again[i].beside)
      return true;
    snprintf(type, sizeof(type), "%s-%s", r->type, r->again[i].beside);
    if (vr_archive_find(a, f->host, f->plugin, type))
      return true;
  }
  return false;
}

bool vr_counted_again(const struct vr_archive *a,
                      const struct vr_archive_file *f,
                      const struct vr_reference *r) {
  return r->devices == VR_WHOLE_DISKS ? is_part_of_recorded(a, f)
                                      : is_held_by_others(a, f, r);
}
