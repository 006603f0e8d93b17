/* SPDX-License-Identifier: MIT */
#include "host/qmp/qmp_replies.h"

#include "host/proc/accumulator.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Reals are whole and exact below this. */
#define EXACT_MAX 9007199254740992.0 /* 2^53 */

bool vr_qmp_number(const json_t *v, uint64_t *ret) {
  if (json_is_integer(v) && json_integer_value(v) >= 0) {
    *ret = (uint64_t)json_integer_value(v);
    return true;
  }
  double real = json_real_value(v);
  if (!json_is_real(v) || real < 0 || real > EXACT_MAX)
    return false;
  *ret = (uint64_t)real;
  return true;
}

static bool get_u64(const json_t *object, const char *key, uint64_t *ret) {
  return vr_qmp_number(json_object_get(object, key), ret);
}

bool vr_qmp_is_plain(const char *name, const char *more) {
  for (const char *p = name; *p; p++)
    if (!isalnum((unsigned char)*p) && !strchr("-_.[]", *p) &&
        !strchr(more, *p))
      return false;
  return true;
}

/* Many times what a machine of 512 processors and 64 disks answers. A list or
 * object takes up to 300 bytes, any other value 50. */
enum { NODES_MAX = 64 * 1024, VALUES_MAX = 128 * 1024, DEPTH_MAX = 32 };

static const char *end_of_string(const char *p, const char *end) {
  for (p++; p < end && *p != '"'; p++)
    if (*p == '\\')
      p++;
  return p;
}

bool vr_qmp_is_modest(const char *line, size_t length, size_t *nodes) {
  const char *end = line + length;
  size_t values = 0, depth = 0;
  for (const char *p = line; p < end; p++) {
    if (*p == '"')
      p = end_of_string(p, end);
    else if (*p == '{' || *p == '[')
      depth++, ++*nodes;
    else if ((*p == '}' || *p == ']') && depth > 0)
      depth--;
    else if (*p == ',')
      values++;
    if (depth > DEPTH_MAX || *nodes > NODES_MAX || values > VALUES_MAX)
      return false;
  }
  return true;
}

json_t *vr_qmp_parse_message(const char *line, size_t length) {
  json_t *message = json_loadb(line, length, JSON_ALLOW_NUL, NULL);
  if (!message)
    message = json_loadb(line, length, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL,
                         NULL);
  return message;
}

json_int_t vr_qmp_message_id(const json_t *message) {
  uint64_t id;
  return get_u64(message, "id", &id) ? (json_int_t)id : -1;
}

static const char *get_string(const json_t *object, const char *key) {
  const char *s = json_string_value(json_object_get(object, key));
  return s ? s : "";
}

/* A drive without a device is nobody's disk; the firmware's flash is one that
 * the guest's kernel does not count. */
static bool is_disk(const json_t *entry) {
  const char *device = get_string(entry, "device");
  if (device[0] == '\0' && get_string(entry, "qdev")[0] == '\0')
    return false;
  return strncmp(device, "pflash", 6) != 0 &&
         strstr(get_string(entry, "qdev"), "pflash") == NULL;
}

/* The device's place in the guest identifies a disk, else the drive's name. */
static uint64_t key_of(const json_t *entry) {
  const char *qdev = get_string(entry, "qdev");
  return vr_accumulator_key(qdev[0] != '\0' ? qdev
                                            : get_string(entry, "device"));
}

/* "/machine/peripheral/ID/virtio-backend" has the device's ID, and one without
 * is "/machine/peripheral-anon/device[N]/...". */
static void name_of_qdev(const char *qdev, char *ret, size_t size) {
  static const char known[] = "/machine/peripheral/",
                    anonymous[] = "/machine/peripheral-anon/";
  size_t skip = strncmp(qdev, known, sizeof(known) - 1) == 0 ? sizeof(known) - 1
                : strncmp(qdev, anonymous, sizeof(anonymous) - 1) == 0
                    ? sizeof(anonymous) - 1
                    : 0;
  snprintf(ret, size, "%.*s", (int)strcspn(qdev + skip, "/"), qdev + skip);
}

/* The drive's id; of a disk that was given by -blockdev the device's; and where
 * neither has one, the node's. */
static void name_disk(const json_t *entry, struct vr_disk *disk) {
  const char *device = get_string(entry, "device");
  const char *qdev = get_string(entry, "qdev");
  char name[VR_DISK_NAME_MAX];
  name_of_qdev(qdev, name, sizeof(name));
  vr_diskstats_name(disk, device[0] != '\0' ? device
                          : name[0] != '\0' ? name
                                            : get_string(entry, "node-name"));
}

static bool get_errors(const json_t *stats, uint64_t *ret) {
  static const char *const keys[] = {"failed_rd_operations",
                                     "failed_wr_operations",
                                     "failed_flush_operations"};
  uint64_t value, sum = 0;
  for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
    if (!get_u64(stats, keys[i], &value))
      return false;
    sum += value;
  }
  *ret = sum;
  return true;
}

static int parse_disk(const json_t *stats, struct vr_disks *ret) {
  struct vr_disks d = {0};
  if (!get_u64(stats, "rd_bytes", &d.read_bytes) ||
      !get_u64(stats, "wr_bytes", &d.write_bytes) ||
      !get_u64(stats, "rd_operations", &d.read_ops) ||
      !get_u64(stats, "wr_operations", &d.write_ops))
    return -EBADMSG;
  d.have_times = get_u64(stats, "rd_total_time_ns", &d.read_ns) &&
                 get_u64(stats, "wr_total_time_ns", &d.write_ns);
  d.have_flush_time = get_u64(stats, "flush_total_time_ns", &d.flush_ns);
  d.have_errors = get_errors(stats, &d.errors);
  *ret = d;
  return 0;
}

static bool all_are_good(const json_t *value) {
  struct vr_disks d;
  size_t i;
  const json_t *entry;
  json_array_foreach(value, i, entry) {
    if (is_disk(entry) && parse_disk(json_object_get(entry, "stats"), &d) < 0)
      return false;
  }
  return true;
}

int vr_qmp_parse_blockstats(const json_t *value, struct vr_disk_list *ret) {
  size_t i, disks = 0;
  const json_t *entry;
  if (!json_is_array(value) || !all_are_good(value))
    return -EBADMSG;
  json_array_foreach(value, i, entry) { disks += is_disk(entry); }
  if (disks == 0)
    return -ENODEV;
  ret->count = 0;
  json_array_foreach(value, i, entry) {
    struct vr_disks d;
    if (!is_disk(entry) || parse_disk(json_object_get(entry, "stats"), &d) < 0)
      continue;
    struct vr_disk *disk = vr_diskstats_list_next(ret);
    disk->key = key_of(entry);
    name_disk(entry, disk);
    vr_diskstats_add(&disk->counters, &d);
  }
  return 0;
}

/* What the guest's driver does not report is -1 in 64 bits: as a signed number,
 * as an unsigned one too large for jansson's integers, or as a real. */
int vr_qmp_parse_balloon(const json_t *value, struct vr_balloon *ret,
                         time_t *ret_updated) {
  const json_t *stats = json_object_get(value, "stats");
  uint64_t updated;
  if (!json_is_object(stats) || !get_u64(value, "last-update", &updated))
    return -EBADMSG;
  struct vr_balloon b = {0};
  b.have_total = get_u64(stats, "stat-total-memory", &b.total);
  b.have_free = get_u64(stats, "stat-free-memory", &b.free);
  b.have_available = get_u64(stats, "stat-available-memory", &b.available);
  b.have_caches = get_u64(stats, "stat-disk-caches", &b.caches);
  b.have_minor = get_u64(stats, "stat-minor-faults", &b.minor);
  b.have_major = get_u64(stats, "stat-major-faults", &b.major);
  b.have_swap_in = get_u64(stats, "stat-swap-in", &b.swap_in);
  b.have_swap_out = get_u64(stats, "stat-swap-out", &b.swap_out);
  *ret = b;
  *ret_updated = (time_t)updated;
  return 0;
}

static int add_kvm(const json_t *stats, struct vr_kvm_sample *sum) {
  size_t i;
  const json_t *stat;
  json_array_foreach(stats, i, stat) {
    uint64_t value;
    int which = vr_kvmstats_by_name(get_string(stat, "name"));
    if (which < 0)
      continue;
    if (!get_u64(stat, "value", &value))
      return -EBADMSG;
    sum->have[which] = true;
    sum->value[which] += value;
  }
  return 0;
}

int vr_qmp_parse_kvm(const json_t *value, struct vr_kvm_sample *ret) {
  struct vr_kvm_sample sum = {0};
  size_t i;
  const json_t *vcpu;
  bool any = false;
  if (!json_is_array(value))
    return -EBADMSG;
  json_array_foreach(value, i, vcpu) {
    if (strcmp(get_string(vcpu, "provider"), "kvm") != 0)
      continue;
    int r = add_kvm(json_object_get(vcpu, "stats"), &sum);
    if (r < 0)
      return r;
  }
  for (i = 0; i < VR_KVM_STAT_COUNT; i++)
    any |= sum.have[i];
  if (!any)
    return -ENODATA;
  *ret = sum;
  return 0;
}

size_t vr_qmp_parse_cpus(const json_t *value, pid_t *tids, size_t n) {
  size_t i, count = 0;
  const json_t *cpu;
  json_array_foreach(value, i, cpu) {
    uint64_t tid;
    if (count < n && get_u64(cpu, "thread-id", &tid) && tid > 0)
      tids[count++] = (pid_t)tid;
  }
  return count;
}

int vr_qmp_parse_memory(const json_t *value, uint64_t *ret) {
  uint64_t base, plugged = 0;
  if (!get_u64(value, "base-memory", &base))
    return -EBADMSG;
  /* Left out by machines that take none. */
  get_u64(value, "plugged-memory", &plugged);
  *ret = base + plugged;
  return 0;
}

const char *vr_qmp_find_balloon(const json_t *value) {
  size_t i;
  const json_t *child;
  json_array_foreach(value, i, child) {
    if (strncmp(get_string(child, "type"), "child<virtio-balloon",
                sizeof("child<virtio-balloon") - 1) == 0)
      return json_string_value(json_object_get(child, "name"));
  }
  return NULL;
}

int vr_qmp_parse_status(const json_t *value, enum vr_vmstate *ret) {
  const char *name = json_string_value(json_object_get(value, "status"));
  if (!name)
    return -EBADMSG;
  *ret = vr_vmstate_of_qmp(name);
  return 0;
}
