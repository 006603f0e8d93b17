/* SPDX-License-Identifier: MIT */
#include "train/data/truth.h"

#include "basic/cleanup.h"
#include "schema/plugin_names.h"
#include "schema/references.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <string.h>

static bool has_prefix(const char *text, const char *prefix) {
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool vr_truth_is_own_output(const char *host, const char *plugin) {
  size_t n = strlen(host);
  const char suffix[] = VR_NATIVE_SUFFIX;
  if (n >= sizeof(suffix) - 1 &&
      strcmp(host + n - sizeof(suffix) + 1, suffix) == 0)
    return true;
  return has_prefix(plugin, VR_PLUGIN_INFERRED) ||
         has_prefix(plugin, VR_PLUGIN_MODEL);
}

bool vr_truth_is_whole_disk(const char *name) {
  static const char *const not_disks[] = {"loop", "ram", "zram", "dm-",
                                          "md",   "sr",  "fd",   "nbd"};
  for (size_t i = 0; i < sizeof(not_disks) / sizeof(not_disks[0]); i++)
    if (has_prefix(name, not_disks[i]))
      return false;
  size_t n = strlen(name);
  if (n == 0 || !isdigit((unsigned char)name[n - 1]))
    return n > 0;
  /* nvme0n1 and mmcblk0 are disks, nvme0n1p2, mmcblk0p1 and vda1 are not. */
  if (!has_prefix(name, "nvme") && !has_prefix(name, "mmcblk"))
    return false;
  while (n > 0 && isdigit((unsigned char)name[n - 1]))
    n--;
  return n == 0 || name[n - 1] != 'p';
}

/* --- the guest's own series --- */

/* What follows the '-' of NAME, which begins with BASE; "" where nothing does;
 * NULL where it does not begin so. */
static const char *instance_of(const char *name, const char *base) {
  size_t n = strlen(base);
  if (strncmp(name, base, n) != 0 || (name[n] != '\0' && name[n] != '-'))
    return NULL;
  return name[n] == '-' ? name + n + 1 : "";
}

static bool is_wanted_device(enum vr_reference_devices devices,
                             const char *name) {
  switch (devices) {
  case VR_WHOLE_DISKS:
    return vr_truth_is_whole_disk(name);
  case VR_INTERFACES:
    return strcmp(name, "lo") != 0;
  default:
    return true;
  }
}

/* Is FILE's plugin the one of R, with an instance just where R has devices? */
static bool is_of_plugin(const struct vr_archive_file *f,
                         const struct vr_reference *r) {
  const char *device = instance_of(f->plugin, r->plugin);
  return device && (*device != '\0') == (r->devices != VR_NO_DEVICES) &&
         is_wanted_device(r->devices, device);
}

/* Is INSTANCE among the first N that R lists? */
static bool is_listed(const struct vr_reference *r, const char *instance,
                      unsigned n) {
  for (unsigned i = 0; i < n && r->instances[i]; i++)
    if (strcmp(r->instances[i], instance) == 0)
      return true;
  return false;
}

/* Is the file's type one whose values R adds up; only of its part, if PART? */
static bool is_of_type(const struct vr_archive_file *f,
                       const struct vr_reference *r, bool part) {
  const char *instance = instance_of(f->type, r->type);
  if (!instance)
    return false;
  if (r->any_instance && !part)
    return *instance != '\0';
  return is_listed(r, instance, part ? r->n_part : VR_REFERENCE_INSTANCES);
}

/* The sum of what R names of HOST, or of its part alone. Returns 0, -ENOENT
 * where nothing of it was recorded, or -ENOMEM. */
static int add_up(struct vr_reader *reader, const char *host,
                  const struct vr_reference *r, bool part, double *ret) {
  const struct vr_archive *a = vr_reader_archive(reader);
  size_t rows = vr_reader_timeline(reader)->rows, n = 0, first;
  size_t end = vr_archive_host_range(a, host, &first);
  vr_auto_free double *sum = calloc(rows + 1, sizeof(*sum));
  if (!sum)
    return -ENOMEM;
  for (size_t i = first; i < end; i++) {
    const struct vr_archive_file *f = &a->files[i];
    if (!is_of_plugin(f, r) || !is_of_type(f, r, part))
      continue;
    const double *x = vr_reader_file_column(reader, f, r->data_source);
    if (!x)
      continue;
    for (size_t k = 0; k < rows; k++)
      sum[k] += x[k];
    n++;
  }
  if (n > 0)
    memcpy(ret, sum, rows * sizeof(*ret));
  return n > 0 ? 0 : -ENOENT;
}

static int percentage(struct vr_reader *reader, const char *host,
                      const struct vr_reference *r, double *ret) {
  size_t rows = vr_reader_timeline(reader)->rows;
  vr_auto_free double *x = calloc(2 * rows + 1, sizeof(*x));
  if (!x)
    return -ENOMEM;
  double *part = x, *whole = x + rows;
  int e = add_up(reader, host, r, true, part);
  if (e == 0)
    e = add_up(reader, host, r, false, whole);
  if (e < 0)
    return e;
  for (size_t i = 0; i < rows; i++) {
    double percent = whole[i] > 0 ? 100 * part[i] / whole[i] : NAN;
    ret[i] = r->form == VR_REFERENCE_PERCENT_REST ? 100 - percent : percent;
  }
  return 0;
}

static int by_reference(struct vr_reader *reader, const char *host,
                        const struct vr_reference *r, double *ret) {
  if (r->form == VR_REFERENCE_PERCENT || r->form == VR_REFERENCE_PERCENT_REST)
    return percentage(reader, host, r, ret);
  int e = add_up(reader, host, r, false, ret);
  size_t rows = vr_reader_timeline(reader)->rows;
  for (size_t i = 0; e == 0 && r->form == VR_REFERENCE_COMPLEMENT && i < rows;
       i++)
    ret[i] = 100 - ret[i];
  return e;
}

/* By the first reference of C that was recorded. */
static int own_series(struct vr_reader *reader, const char *host,
                      enum vr_counter c, double *ret) {
  int r = -ENOENT;
  for (size_t i = 0; r == -ENOENT && i < vr_schema_references_count; i++)
    if (vr_schema_references[i].counter == c)
      r = by_reference(reader, host, &vr_schema_references[i], ret);
  return r;
}

/* --- read from the guest's own kernel --- */

int vr_truth_split(const char *truth, char *host, size_t size,
                   const char **ret_plugin) {
  const char *slash = strchr(truth, '/');
  size_t n = slash ? (size_t)(slash - truth) : strlen(truth);
  if (n >= size)
    return -EINVAL;
  memcpy(host, truth, n);
  host[n] = '\0';
  *ret_plugin = slash ? slash + 1 : NULL;
  return 0;
}

bool vr_truth_is_introspected(const char *truth) {
  const char *slash = strchr(truth, '/');
  return slash && has_prefix(slash + 1, VR_INTROSPECTED_PLUGIN);
}

static const double *truth_column(struct vr_reader *reader, const char *host,
                                  const char *plugin, enum vr_type type,
                                  const char *instance,
                                  const char *data_source) {
  char text[64];
  vr_schema_type_text(type, instance, text, sizeof(text));
  return vr_reader_column(reader, host, plugin, text, data_source);
}

/* What was read from the guest's own kernel needs no sums. Its disks and
 * networks are not in it: the host measures them. */
static int introspected(struct vr_reader *reader, const char *host,
                        const char *plugin, enum vr_counter c, double *ret) {
  const struct vr_introspected *s = &vr_counter_info(c)->introspected;
  const double *x = s->data_source
                        ? truth_column(reader, host, plugin, s->type,
                                       s->type_instance, s->data_source)
                        : NULL;
  if (!x)
    return -ENOENT;
  size_t rows = vr_reader_timeline(reader)->rows;
  memcpy(ret, x, rows * sizeof(*ret));
  const double *less = s->less
                           ? truth_column(reader, host, plugin,
                                          VR_TYPE_PS_STATE, s->less, "value")
                           : NULL;
  for (size_t i = 0; less && i < rows; i++)
    ret[i] -= less[i] - s->less_one;
  return 0;
}

int vr_truth(struct vr_reader *reader, const char *truth, enum vr_counter c,
             double *ret) {
  char host[256];
  const char *plugin;
  if (vr_truth_split(truth, host, sizeof(host), &plugin) < 0)
    return -ENOENT;
  return plugin ? introspected(reader, host, plugin, c, ret)
                : own_series(reader, host, c, ret);
}
