/* SPDX-License-Identifier: MIT */
#include "train/evaluate/describe_series.h"

#include "basic/cleanup.h"
#include "schema/plugin_names.h"
#include "train/data/truth.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void describe(const struct vr_guest_data *d, const char *kind,
                     const char *name, const double *x, vr_describe_fn fn,
                     void *data) {
  struct vr_series_statistics c;
  if (vr_statistics_of(d->grid.rows, x, d->grid.step, &c) < 0)
    return;
  fn(kind, name, &c, data);
  vr_statistics_clear(&c);
}

/* Every data source of FILE. */
static void describe_file(const struct vr_guest_data *d,
                          const struct vr_archive_file *file, const char *kind,
                          bool with_plugin, vr_describe_fn fn, void *data) {
  const struct vr_history *h = vr_reader_history(d->reader, file);
  for (size_t i = 0; h && i < h->n_ds; i++) {
    vr_auto_free char *name = NULL;
    if (asprintf(&name, "%s%s%s:%s", with_plugin ? file->plugin : "",
                 with_plugin ? "/" : "", file->type, h->ds[i]) < 0) {
      name = NULL;
      return;
    }
    describe(d, kind, name, h->values + i * h->rows, fn, data);
  }
}

void vr_describe_guest(const struct vr_guest_data *d,
                       const struct vr_pair *pair, vr_describe_fn fn,
                       void *data) {
  const struct vr_archive *a = vr_reader_archive(d->reader);
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    if (d->y[c])
      describe(d, "counter", vr_counter_info((enum vr_counter)c)->name, d->y[c],
               fn, data);
  size_t first, end = vr_archive_host_range(a, pair->where, &first);
  for (size_t i = first; i < end; i++)
    if (strcmp(a->files[i].plugin, pair->plugin) == 0)
      describe_file(d, &a->files[i], "process", false, fn, data);
}

/* Is PLUGIN of HOST about the host itself? */
static bool is_of_host(const struct vr_pairs *pairs, const char *host,
                       const char *plugin) {
  if (vr_truth_is_own_output(host, plugin) ||
      strncmp(plugin, VR_PLUGIN_VIRT, 4) == 0 ||
      strncmp(plugin, VR_PLUGIN_LIBVIRT, sizeof(VR_PLUGIN_LIBVIRT) - 1) == 0 ||
      strncmp(plugin, VR_PLUGIN_READ "-", sizeof(VR_PLUGIN_READ)) == 0 ||
      strncmp(plugin, VR_INTROSPECTED_PLUGIN,
              sizeof(VR_INTROSPECTED_PLUGIN) - 1) == 0)
    return false;
  for (size_t i = 0; i < pairs->n; i++)
    if (strcmp(pairs->pairs[i].where, host) == 0 &&
        strcmp(pairs->pairs[i].plugin, plugin) == 0)
      return false;
  return true;
}

void vr_describe_host(const struct vr_guest_data *d, const struct vr_pair *pair,
                      const struct vr_pairs *pairs, vr_describe_fn fn,
                      void *data) {
  const struct vr_archive *a = vr_reader_archive(d->reader);
  size_t first, end = vr_archive_host_range(a, pair->host, &first);
  for (size_t i = first; i < end; i++)
    if (is_of_host(pairs, pair->host, a->files[i].plugin))
      describe_file(d, &a->files[i], "host",
                    strcmp(a->files[i].plugin, VR_PLUGIN_READ) != 0, fn, data);
}
