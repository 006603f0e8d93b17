/* SPDX-License-Identifier: MIT */
#include "train/data/truth.h"

#include "basic/cleanup.h"
#include "schema/plugin_names.h"
#include "schema/references.h"
#include "train/data/counted_again.h"
#include "train/data/disk_names.h"

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
         has_prefix(plugin, VR_PLUGIN_MODEL) ||
         has_prefix(plugin, VR_PLUGIN_QUALITY);
}

bool vr_truth_is_whole_disk(const char *name) {
  return !vr_disk_names_is_virtual(name) && vr_disk_names_whole(name) == 0;
}

bool vr_truth_is_interface(const char *name) {
  static const char *const virtual[] = {
      "veth",    "docker", "br-",  "virbr", "lxcbr", "lxdbr", "cni",
      "cali",    "vnet",   "tap",  "tun",   "dummy", "ifb",   "vxlan",
      "flannel", "bond",   "team", "ovs",   "genev", "fwbr",  "fwpr",
      "fwln",    "vmbr",   "wg",   "sit",   "gre"};
  if (strcmp(name, "lo") == 0 || strchr(name, '.'))
    return false;
  for (size_t i = 0; i < sizeof(virtual) / sizeof(virtual[0]); i++)
    if (has_prefix(name, virtual[i]))
      return false;
  /* br0, but not brcm0 */
  return !has_prefix(name, "br") || !isdigit((unsigned char)name[2]);
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
    return !vr_disk_names_is_virtual(name);
  case VR_INTERFACES:
    return vr_truth_is_interface(name);
  case VR_VIRTUAL_INTERFACES:
    return strcmp(name, "lo") != 0 && !vr_truth_is_interface(name);
  default:
    return true;
  }
}

/* Is FILE's plugin the one of R, with an instance just where R has devices? */
static bool is_of_plugin(const struct vr_archive_file *f,
                         const struct vr_reference *r) {
  const char *device = instance_of(f->plugin, r->plugin);
  bool has_devices = r->devices != VR_NO_DEVICES && !r->type_devices;
  return device && (*device != '\0') == has_devices &&
         (!has_devices || is_wanted_device(r->devices, device));
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
  if (r->type_devices)
    return *instance != '\0' && is_wanted_device(r->devices, instance);
  if (r->any_instance && !part)
    return *instance != '\0';
  return is_listed(r, instance, part ? r->n_part : VR_REFERENCE_INSTANCES);
}

/* Sums row by row, and how many devices were added up in each. */
struct sums {
  double *sum, *devices;
  size_t rows, n; /* columns */
};

static void sums_clear(struct sums *s) {
  free(s->sum);
  *s = (struct sums){0};
}

static int sums_new(size_t rows, struct sums *ret) {
  double *sum = calloc(2 * rows + 1, sizeof(*sum));
  if (!sum)
    return -ENOMEM;
  *ret = (struct sums){.sum = sum, .devices = sum + rows, .rows = rows};
  return 0;
}

static size_t count_known(const double *x, size_t rows) {
  size_t n = 0;
  for (size_t i = 0; i < rows; i++)
    n += isfinite(x[i]);
  return n;
}

/* Adds X. Of a device that was there for a short time only, what is not known
 * is nothing; else it is a gap of the sum. */
static void add_column(struct sums *s, const double *x, bool short_lived) {
  for (size_t i = 0; i < s->rows; i++) {
    if (short_lived && !isfinite(x[i]))
      continue;
    s->sum[i] += x[i];
    s->devices[i]++;
  }
  s->n++;
}

/* Column of FILE if R names it; of its part alone, if PART. */
static const double *column_of(struct vr_reader *reader,
                               const struct vr_archive_file *f,
                               const struct vr_reference *r, bool part) {
  return is_of_plugin(f, r) && is_of_type(f, r, part) &&
                 !vr_counted_again(vr_reader_archive(reader), f, r)
             ? vr_reader_file_column(reader, f, r->data_source)
             : NULL;
}

/* How many rows are known of the column of R that most are known of. */
static size_t most_known(struct vr_reader *reader, size_t first, size_t end,
                         const struct vr_reference *r) {
  const struct vr_archive *a = vr_reader_archive(reader);
  size_t rows = vr_reader_timeline(reader)->rows, most = 0;
  for (size_t i = first; i < end; i++) {
    const double *x = column_of(reader, &a->files[i], r, false);
    size_t n = x ? count_known(x, rows) : 0;
    most = n > most ? n : most;
  }
  return most;
}

/* The sums of what R names of HOST, or of its part alone. A device that was
 * there for less than half of the time of the others is short-lived. Returns 0,
 * -ENOENT where nothing of it was recorded, or -ENOMEM. */
static int add_up(struct vr_reader *reader, const char *host,
                  const struct vr_reference *r, bool part, struct sums *ret) {
  const struct vr_archive *a = vr_reader_archive(reader);
  size_t rows = vr_reader_timeline(reader)->rows, first;
  size_t end = vr_archive_host_range(a, host, &first);
  size_t most =
      r->devices == VR_NO_DEVICES ? 0 : most_known(reader, first, end, r);
  vr_cleanup(sums_clear) struct sums s = {0};
  if (sums_new(rows, &s) < 0)
    return -ENOMEM;
  for (size_t i = first; i < end; i++) {
    const double *x = column_of(reader, &a->files[i], r, part);
    if (x)
      add_column(&s, x, 2 * count_known(x, rows) < most);
  }
  if (s.n == 0)
    return -ENOENT;
  for (size_t i = 0; i < rows; i++)
    if (s.devices[i] == 0)
      s.sum[i] = NAN;
  *ret = s;
  s = (struct sums){0};
  return 0;
}

static int percentage(struct vr_reader *reader, const char *host,
                      const struct vr_reference *r, double *ret) {
  vr_cleanup(sums_clear) struct sums part = {0}, whole = {0};
  int e = add_up(reader, host, r, true, &part);
  if (e == 0)
    e = add_up(reader, host, r, false, &whole);
  for (size_t i = 0; e == 0 && i < whole.rows; i++) {
    double percent = whole.sum[i] > 0 ? 100 * part.sum[i] / whole.sum[i] : NAN;
    ret[i] = r->form == VR_REFERENCE_PERCENT_REST ? 100 - percent : percent;
  }
  return e;
}

/* What sum S of N devices stands for in the form of R. */
static double in_form(const struct vr_reference *r, double s, double n,
                      double cpus) {
  switch (r->form) {
  case VR_REFERENCE_COMPLEMENT:
    return 100 - s;
  case VR_REFERENCE_MEAN:
    return s / n;
  case VR_REFERENCE_MEAN_REST:
    return 100 - s / n;
  case VR_REFERENCE_PER_CPU:
    return s * cpus;
  default:
    return s;
  }
}

/* Into RET, for a guest of CPUS processors (NAN: not known). */
static int by_reference(struct vr_reader *reader, const char *host,
                        const struct vr_reference *r, double cpus,
                        double *ret) {
  if (r->form == VR_REFERENCE_PERCENT || r->form == VR_REFERENCE_PERCENT_REST)
    return percentage(reader, host, r, ret);
  if (r->form == VR_REFERENCE_PER_CPU && !isfinite(cpus))
    return -ENOENT;
  vr_cleanup(sums_clear) struct sums s = {0};
  int e = add_up(reader, host, r, false, &s);
  for (size_t i = 0; e == 0 && i < s.rows; i++)
    ret[i] = in_form(r, s.sum[i], s.devices[i], cpus);
  return e;
}

/* How many processors HOST says that it has: collectd's ReportNumCpu, or those
 * that it sends series of; FALLBACK where it says nothing. */
static double count_cpus(struct vr_reader *reader, const char *host,
                         double fallback) {
  const struct vr_archive *a = vr_reader_archive(reader);
  size_t rows = vr_reader_timeline(reader)->rows;
  const double *count = vr_reader_column(reader, host, "cpu", "count", "value");
  for (size_t i = rows; count && i-- > 0;)
    if (isfinite(count[i]))
      return count[i];
  size_t n = 0, first, end = vr_archive_host_range(a, host, &first);
  const char *last = "";
  for (size_t i = first; i < end; i++) {
    const char *cpu = instance_of(a->files[i].plugin, "cpu");
    if (cpu && *cpu && strcmp(cpu, last) != 0) {
      last = cpu;
      n++;
    }
  }
  return n > 0 ? (double)n : fallback;
}

/* What is not known in TO is taken from FROM. */
static void fill_gaps(double *to, const double *from, size_t rows) {
  for (size_t i = 0; i < rows; i++)
    if (!isfinite(to[i]))
      to[i] = from[i];
}

/* By the references of C that were recorded: the plugin's options may have been
 * changed meanwhile. */
static int own_series(struct vr_reader *reader, const char *host, double vcpus,
                      enum vr_counter c, double *ret) {
  size_t rows = vr_reader_timeline(reader)->rows, n = 0;
  vr_auto_free double *x = calloc(rows + 1, sizeof(*x));
  if (!x)
    return -ENOMEM;
  double cpus = count_cpus(reader, host, vcpus);
  for (size_t i = 0; i < vr_schema_references_count; i++) {
    const struct vr_reference *ref = &vr_schema_references[i];
    int r =
        ref->counter == c ? by_reference(reader, host, ref, cpus, x) : -ENOENT;
    if (r == -ENOMEM)
      return r;
    if (r == 0 && n++ == 0)
      memcpy(ret, x, rows * sizeof(*ret));
    else if (r == 0)
      fill_gaps(ret, x, rows);
  }
  return n > 0 ? 0 : -ENOENT;
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

int vr_truth(struct vr_reader *reader, const char *truth, double vcpus,
             enum vr_counter c, double *ret) {
  char host[256];
  const char *plugin;
  if (vr_truth_split(truth, host, sizeof(host), &plugin) < 0)
    return -ENOENT;
  return plugin ? introspected(reader, host, plugin, c, ret)
                : own_series(reader, host, vcpus, c, ret);
}
