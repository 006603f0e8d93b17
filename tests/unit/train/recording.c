/* SPDX-License-Identifier: MIT */
#include "recording.h"

#include "train/data/find_pairs.h"
#include "train/data/guest_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void recording_new(struct recording *r, size_t rows) {
  snprintf(r->root, sizeof(r->root), "/tmp/vr-recording-XXXXXX");
  assert_non_null(mkdtemp(r->root));
  r->rows = rows;
}

void recording_remove(struct recording *r) {
  char command[128];
  snprintf(command, sizeof(command), "rm -rf %s", r->root);
  assert_int_equal(system(command), 0);
}

static FILE *create(const struct recording *r, const char *host,
                    const char *plugin, const char *type) {
  char path[256];
  snprintf(path, sizeof(path), "%s/%s", r->root, host);
  mkdir(path, 0755);
  snprintf(path, sizeof(path), "%s/%s/%s", r->root, host, plugin);
  mkdir(path, 0755);
  snprintf(path, sizeof(path), "%s/%s/%s/%s-2023-11-14", r->root, host, plugin,
           type);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  return f;
}

void recording_put_every(const struct recording *r, double step, double phase,
                         const char *host, const char *plugin, const char *type,
                         const char *names, size_t rows, const double *x,
                         const double *z) {
  FILE *f = create(r, host, plugin, type);
  fprintf(f, "epoch,%s\n", names);
  for (size_t i = 0; i < rows; i++) {
    /* With a point, so that they are gauges. */
    fprintf(f, "%.3f,%.9f", RECORDING_BEGIN + phase + step * (double)i, x[i]);
    if (z)
      fprintf(f, ",%.9f", z[i]);
    fputc('\n', f);
  }
  assert_int_equal(fclose(f), 0);
}

void recording_put(const struct recording *r, const char *host,
                   const char *plugin, const char *type, const char *names,
                   const double *x, const double *z) {
  recording_put_every(r, 1, 0, host, plugin, type, names, r->rows, x, z);
}

void recording_put_constant(const struct recording *r, const char *host,
                            const char *plugin, const char *type,
                            double value) {
  double *x = calloc(r->rows, sizeof(*x));
  assert_non_null(x);
  for (size_t i = 0; i < r->rows; i++)
    x[i] = value;
  recording_put(r, host, plugin, type, "value", x, NULL);
  free(x);
}

void recording_load(const struct recording *r, const char *guest,
                    struct vr_archive **ret_archive,
                    struct vr_guest_data *ret_data) {
  struct vr_error error = {""};
  struct vr_pairs pairs;
  const struct vr_span all = {NAN, NAN, NAN, 0};
  assert_int_equal(vr_archive_open(r->root, ret_archive, &error), 0);
  assert_int_equal(vr_pairs_find(*ret_archive, NULL, 0, &pairs, &error), 0);
  size_t at = 0;
  while (guest && at < pairs.n && strcmp(pairs.pairs[at].guest, guest) != 0)
    at++;
  assert_true(at < pairs.n);
  if (vr_data_guest_load(*ret_archive, &pairs.pairs[at], &all, ret_data,
                         &error) < 0)
    fail_msg("%s", error.message);
  vr_pairs_clear(&pairs);
}

void recording_load_all(const struct recording *r, int n,
                        struct vr_archive **ret_archives,
                        struct vr_guest_data *ret_data) {
  for (int g = 0; g < n; g++) {
    const char guest[] = {(char)('a' + g), 0};
    recording_load(r, guest, &ret_archives[g], &ret_data[g]);
  }
}

void recording_end_all(struct recording *r, int n, struct vr_archive **archives,
                       struct vr_guest_data *data) {
  for (int g = 0; g < n; g++) {
    vr_data_guest_clear(&data[g]);
    vr_archive_free(archives[g]);
  }
  recording_remove(r);
}

double recording_noise(unsigned *seed) {
  *seed = *seed * 1664525u + 1013904223u;
  return (double)(*seed >> 8) / (1 << 24) - 0.5;
}

void recording_on_off(unsigned seed, size_t rows, double *ret) {
  double now = 0;
  for (size_t i = 0, left = 0; i < rows; i++, left--) {
    if (left == 0) {
      left = 20 + (size_t)(40 * (recording_noise(&seed) + 0.5));
      now = 1 - now;
    }
    ret[i] = now;
  }
}

struct vr_guest_data *recording_in_memory(size_t rows, double vcpus) {
  struct vr_guest_data *d = calloc(1, sizeof(*d));
  assert_non_null(d);
  d->guest = strdup("g");
  d->host = strdup("hv");
  d->accelerator = VR_ACCEL_KVM;
  d->vcpus = vcpus;
  d->gib = 1;
  d->grid = (struct vr_timeline){1000, 1, rows};
  d->u = calloc(vr_sources_count, sizeof(*d->u));
  assert_non_null(d->u);
  return d;
}

double *recording_source(struct vr_guest_data *d, const char *name) {
  for (size_t s = 0; s < vr_sources_count; s++)
    if (strcmp(vr_sources[s].name, name) == 0)
      return d->u[s] = calloc(d->grid.rows, sizeof(double));
  fail_msg("no source %s", name);
  return NULL;
}

double *recording_truth(struct vr_guest_data *d, enum vr_counter c) {
  return d->y[c] = calloc(d->grid.rows, sizeof(double));
}

void recording_free(struct vr_guest_data *d) {
  vr_data_guest_clear(d);
  free(d);
}
