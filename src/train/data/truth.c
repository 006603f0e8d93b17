/* SPDX-License-Identifier: MIT */
#include "train/data/truth.h"

#include "basic/cleanup.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <string.h>

static bool has_prefix(const char *text, const char *prefix) {
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool vr_truth_is_own_output(const char *host, const char *plugin) {
  size_t n = strlen(host);
  const char suffix[] = ".inferred";
  if (n >= sizeof(suffix) - 1 &&
      strcmp(host + n - sizeof(suffix) + 1, suffix) == 0)
    return true;
  return has_prefix(plugin, "virt_inferred") ||
         has_prefix(plugin, "virt_model");
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

/* Which files of a host are summed, and what of them. */
struct selection {
  const char *plugin; /* whole name, or a prefix that ends in '-' */
  const char *type;   /* whole name, or a prefix that ends in '-' */
  const char *ds;
  bool (*wanted)(const char *plugin_instance, const char *type_instance);
};

static bool matches(const char *name, const char *wanted) {
  size_t n = strlen(wanted);
  return wanted[n - 1] == '-' ? has_prefix(name, wanted)
                              : strcmp(name, wanted) == 0;
}

static const char *instance(const char *name) {
  const char *dash = strchr(name, '-');
  return dash ? dash + 1 : "";
}

/* Adds what SELECTION matches to SUM; returns how many columns that were. */
static size_t add_up(struct vr_reader *reader, const char *host,
                     const struct selection *s, double *sum) {
  const struct vr_archive *a = vr_reader_archive(reader);
  size_t rows = vr_reader_timeline(reader)->rows, n = 0, first;
  size_t end = vr_archive_host_range(a, host, &first);
  for (size_t i = first; i < end; i++) {
    const struct vr_archive_file *f = &a->files[i];
    if (!matches(f->plugin, s->plugin) || !matches(f->type, s->type))
      continue;
    if (s->wanted && !s->wanted(instance(f->plugin), instance(f->type)))
      continue;
    const double *x = vr_reader_file_column(reader, f, s->ds);
    if (!x)
      continue;
    for (size_t k = 0; k < rows; k++)
      sum[k] += x[k];
    n++;
  }
  return n;
}

static bool not_loopback(const char *plugin_instance,
                         const char *type_instance) {
  (void)type_instance;
  return strcmp(plugin_instance, "lo") != 0;
}

static bool whole_disk(const char *plugin_instance, const char *type_instance) {
  (void)type_instance;
  return vr_truth_is_whole_disk(plugin_instance);
}

static bool idle_or_wait(const char *plugin_instance,
                         const char *type_instance) {
  (void)plugin_instance;
  return strcmp(type_instance, "idle") == 0 ||
         strcmp(type_instance, "wait") == 0;
}

static bool buffered(const char *plugin_instance, const char *type_instance) {
  (void)plugin_instance;
  return strcmp(type_instance, "buffered") == 0;
}

/* 100 (1 - part / whole), or 100 part / whole when COMPLEMENT is false. */
static int share(struct vr_reader *reader, const char *host,
                 const struct selection *part, const struct selection *whole,
                 bool complement, double *ret) {
  size_t rows = vr_reader_timeline(reader)->rows;
  vr_auto_free double *p = calloc(rows + 1, sizeof(*p));
  vr_auto_free double *w = calloc(rows + 1, sizeof(*w));
  if (!p || !w)
    return -ENOMEM;
  if (add_up(reader, host, part, p) == 0 || add_up(reader, host, whole, w) == 0)
    return -ENOENT;
  for (size_t i = 0; i < rows; i++) {
    double percent = w[i] > 0 ? 100 * p[i] / w[i] : NAN;
    ret[i] = complement ? 100 - percent : percent;
  }
  return 0;
}

static int cpu(struct vr_reader *reader, const char *host, double *ret) {
  size_t rows = vr_reader_timeline(reader)->rows;
  const double *x =
      vr_reader_column(reader, host, "cpu", "percent-active", "value");
  if (x) {
    memcpy(ret, x, rows * sizeof(*ret));
    return 0;
  }
  x = vr_reader_column(reader, host, "cpu", "percent-idle", "value");
  if (x) {
    for (size_t i = 0; i < rows; i++)
      ret[i] = 100 - x[i];
    return 0;
  }
  const struct selection idle = {"cpu-", "cpu-", "value", idle_or_wait};
  const struct selection all = {"cpu-", "cpu-", "value", NULL};
  return share(reader, host, &idle, &all, true, ret);
}

static int summed(struct vr_reader *reader, const char *host,
                  const struct selection *s, double *ret) {
  size_t rows = vr_reader_timeline(reader)->rows;
  vr_auto_free double *sum = calloc(rows + 1, sizeof(*sum));
  if (!sum)
    return -ENOMEM;
  if (add_up(reader, host, s, sum) == 0)
    return -ENOENT;
  memcpy(ret, sum, rows * sizeof(*ret));
  return 0;
}

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

/* What was read from the guest's own kernel needs no sums. Its disks and
 * networks are not in it: the host measures them. */
static int introspected(struct vr_reader *reader, const char *host,
                        const char *plugin, enum vr_counter c, double *ret) {
  static const struct {
    const char *type, *ds;
  } series[VR_TALK_COUNTERS] = {
      [VR_LOAD] = {"load", "shortterm"},
      [VR_PROCESSES] = {"count-processes", "value"},
      [VR_CPU] = {"percent-active", "value"},
      [VR_CONTEXTSWITCH] = {"contextswitch", "value"},
      [VR_PAGE_FAULTS] = {"vmpage_faults", "minflt"},
      [VR_BUFFERS] = {"percent-buffered", "value"},
  };
  if (c >= VR_TALK_COUNTERS || !series[c].type)
    return -ENOENT;
  size_t rows = vr_reader_timeline(reader)->rows;
  const double *x =
      vr_reader_column(reader, host, plugin, series[c].type, series[c].ds);
  if (!x)
    return -ENOENT;
  memcpy(ret, x, rows * sizeof(*ret));
  /* A guest's collectd does not count idle kernel threads, and one more than
   * there are: what runs it takes from /proc/stat, where its own thread that
   * reads this is running, and itself it has counted as asleep. */
  const double *idle =
      c == VR_PROCESSES
          ? vr_reader_column(reader, host, plugin, "ps_state-idle", "value")
          : NULL;
  for (size_t i = 0; idle && i < rows; i++)
    ret[i] -= idle[i] - 1;
  return 0;
}

static int own_series(struct vr_reader *reader, const char *host,
                      enum vr_counter c, double *ret) {
  static const struct selection sums[VR_TALK_COUNTERS] = {
      [VR_LOAD] = {"load", "load", "shortterm", NULL},
      [VR_PROCESSES] = {"processes", "ps_state-", "value", NULL},
      [VR_CONTEXTSWITCH] = {"contextswitch", "contextswitch", "value", NULL},
      [VR_PAGE_FAULTS] = {"vmem", "vmpage_faults", "minflt", NULL},
      [VR_DISK_READ] = {"disk-", "disk_octets", "read", whole_disk},
      [VR_DISK_WRITE] = {"disk-", "disk_octets", "write", whole_disk},
      [VR_NET_TX] = {"interface-", "if_octets", "tx", not_loopback},
      [VR_NET_RX] = {"interface-", "if_octets", "rx", not_loopback},
  };
  if (c == VR_CPU)
    return cpu(reader, host, ret);
  if (c == VR_BUFFERS) {
    const struct selection part = {"memory", "memory-", "value", buffered};
    const struct selection whole = {"memory", "memory-", "value", NULL};
    return share(reader, host, &part, &whole, false, ret);
  }
  if (c >= VR_TALK_COUNTERS)
    return -ENOENT;
  return summed(reader, host, &sums[c], ret);
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
