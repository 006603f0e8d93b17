/* SPDX-License-Identifier: MIT */
#include "train/data/source_files.h"

#include "basic/cleanup.h"
#include "basic/log.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

const struct vr_archive_file *
vr_pairs_file_of_pattern(const struct vr_archive *a,
                         const struct vr_pattern *pattern, const char *host,
                         const char *guest) {
  char text[VR_NAME_SIZE];
  if (vr_signal_pattern_format(pattern, host, guest, false, text,
                               sizeof(text)) < 0)
    return NULL;
  char *plugin = strchr(text, '/'), *type = strchr(plugin + 1, '/');
  *plugin++ = *type++ = '\0';
  return vr_archive_find(a, text, plugin, type);
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
