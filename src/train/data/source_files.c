/* SPDX-License-Identifier: MIT */
#include "train/data/source_files.h"

#include "basic/cleanup.h"
#include "basic/log.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* A name of a file, taken apart in its own text. */
struct file_name {
  char text[VR_NAME_SIZE];
  const char *plugin, *type;
  size_t n; /* so many bytes of the type count, of members; else all */
};

static int name_of_pattern(const struct vr_pattern *pattern, const char *host,
                           const char *guest, struct file_name *ret) {
  int r = vr_signal_pattern_format(pattern, host, guest, false, ret->text,
                                   sizeof(ret->text));
  if (r < 0)
    return r;
  char *plugin = strchr(ret->text, '/'), *type = strchr(plugin + 1, '/');
  *plugin++ = *type++ = '\0';
  ret->plugin = plugin;
  ret->type = type;
  ret->n = pattern->has_members ? strlen(type) - 1 : strlen(type) + 1;
  return 0;
}

static bool is_named(const struct vr_archive_file *f,
                     const struct file_name *name) {
  return strcmp(f->plugin, name->plugin) == 0 &&
         strncmp(f->type, name->type, name->n) == 0;
}

const struct vr_archive_file *
vr_pairs_file_of_pattern(const struct vr_archive *a,
                         const struct vr_pattern *pattern, const char *host,
                         const char *guest) {
  struct file_name name;
  if (name_of_pattern(pattern, host, guest, &name) < 0)
    return NULL;
  if (!pattern->has_members)
    return vr_archive_find(a, name.text, name.plugin, name.type);
  size_t first, end = vr_archive_host_range(a, name.text, &first);
  for (size_t i = first; i < end; i++)
    if (is_named(&a->files[i], &name))
      return &a->files[i];
  return NULL;
}

bool vr_pairs_pattern_has_file(const struct vr_archive *a,
                               const struct vr_pattern *pattern,
                               const char *host, const char *guest,
                               const struct vr_archive_file *file) {
  struct file_name name;
  if (name_of_pattern(pattern, host, guest, &name) < 0)
    return false;
  size_t first, end = vr_archive_host_range(a, name.text, &first);
  size_t at = (size_t)(file - a->files);
  return at >= first && at < end && is_named(file, &name);
}

/* Has FILE the data source DS? What cannot be read at all is
 * reported where it is wanted. */
static bool has_data_source(const struct vr_archive_file *f, const char *ds) {
  struct vr_error error;
  struct vr_extent e;
  if (vr_archive_extent(f, -INFINITY, &e, &error) < 0)
    return true;
  const struct vr_timeline last = {.begin = e.end, .step = e.step, .rows = 1};
  vr_cleanup(vr_history_clear) struct vr_history h = {0};
  return vr_archive_fetch(f, &last, &h, &error) < 0 ||
         vr_history_column(&h, ds) != NULL;
}

void vr_pairs_check_source(const struct vr_pairs *p, const struct vr_archive *a,
                           const char *pattern) {
  struct vr_pattern parsed;
  bool found = false;
  if (vr_signal_pattern_parse(pattern, &parsed) < 0)
    return;
  for (size_t i = 0; i < p->n; i++) {
    const struct vr_archive_file *f = vr_pairs_file_of_pattern(
        a, &parsed, p->pairs[i].host, p->pairs[i].guest);
    if (f && has_data_source(f, parsed.name.data_source))
      return;
    found = found || f;
  }
  if (found)
    vr_log_warning("--source: \"%s\": the series has no data source %s",
                   pattern, parsed.name.data_source);
  else
    vr_log_warning(
        "--source: \"%s\": the archive has no such series of any guest",
        pattern);
}
