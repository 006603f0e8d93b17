/* SPDX-License-Identifier: MIT */
#include "host/proc/cgroup.h"

#include "host/proc/scan.h"
#include "schema/host_signals.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FILE_MAX = 16 * 1024 };
enum { CPU, MEMORY, IO, CPU_PRESSURE, MEMORY_PRESSURE, IO_PRESSURE };

static const char *const file_names[VR_CGROUP_FILES] = {
    "cpu.stat",     "memory.current",  "io.stat",
    "cpu.pressure", "memory.pressure", "io.pressure"};

/* A series that comes of each (those of cpu.stat have the same readers): a file
 * is read if that is emitted. */
static const enum vr_signal_id file_signals[VR_CGROUP_FILES] = {
    VR_SIGNAL_CGROUP_CPU,
    VR_SIGNAL_CGROUP_MEMORY,
    VR_SIGNAL_CGROUP_OCTETS,
    VR_SIGNAL_CGROUP_PRESSURE_CPU,
    VR_SIGNAL_CGROUP_PRESSURE_MEMORY,
    VR_SIGNAL_CGROUP_PRESSURE_IO};

/* A guest may be called as one of systemd's units, which holds others too. */
static bool is_unit(const char *component) {
  return fnmatch("*.slice", component, 0) == 0 ||
         fnmatch("*.scope", component, 0) == 0 ||
         fnmatch("*.service", component, 0) == 0;
}

static bool is_called(const char *component, const char *name) {
  return name[0] != '\0' && strcmp(component, name) == 0;
}

/* Whether the component of LENGTH bytes at P holds one guest alone. One that is
 * called as the guest must be where the process is: a directory above it may
 * have any name. */
static bool is_own(const char *p, size_t length, bool in_qemu_slice,
                   const char *name, const char *uuid) {
  char component[256];
  if (length == 0 || length >= sizeof(component))
    return false;
  memcpy(component, p, length);
  component[length] = '\0';
  if (fnmatch("machine-qemu\\\\x2d*.scope", component, 0) == 0)
    return true;
  if (in_qemu_slice && fnmatch("[0-9]*.scope", component, 0) == 0)
    return true;
  bool is_last = p[length] == '\n' || p[length] == '\0';
  return is_last && !is_unit(component) &&
         (is_called(component, name) || is_called(component, uuid));
}

/* Seen from a control group's namespace (of a container) the path begins with a
 * "/.." for each level between that group and the root: what follows is from
 * the root. Seen from below another group, it is not there, and not found. */
static const char *skip_parents(const char *path) {
  while (strncmp(path, "../", 3) == 0)
    path += 3;
  return path;
}

bool vr_cgroup_path(const char *text, const char *name, const char *uuid,
                    char *path, size_t size) {
  const char *p = text;
  while (strncmp(p, "0::/", 4) != 0)
    if (!vr_next_line(&p))
      return false;
  const char *start = skip_parents(p + 4), *end = start + strcspn(start, "\n");
  bool in_qemu_slice = false;
  for (p = start; p < end;) {
    size_t length = strcspn(p, "/\n");
    if (length == 2 && strncmp(p, "..", 2) == 0)
      return false;
    if (is_own(p, length, in_qemu_slice, name, uuid))
      return (size_t)snprintf(path, size, "%.*s", (int)(p + length - start),
                              start) < size;
    in_qemu_slice = length == 10 && strncmp(p, "qemu.slice", 10) == 0;
    p += length + 1;
  }
  return false;
}

void vr_cgroup_init(struct vr_cgroup *c) {
  c->path[0] = '\0';
  for (int i = 0; i < VR_CGROUP_FILES; i++)
    c->files[i] = VR_PROCFILE_CLOSED;
}

int vr_cgroup_open(int sysfd, const char *path, struct vr_cgroup *c) {
  /* The whole hierarchy, or the new one beside the old. */
  static const char *const roots[] = {"fs/cgroup", "fs/cgroup/unified"};
  char full[VR_CGROUP_PATH_MAX];
  for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
    int n = snprintf(full, sizeof(full), "%s/%s", roots[i], path);
    if (n < 0 || (size_t)n >= sizeof(full))
      return -ENAMETOOLONG;
    if (faccessat(sysfd, full, F_OK, 0) == 0) {
      memcpy(c->path, full, (size_t)n + 1);
      return 0;
    }
  }
  return -errno;
}

void vr_cgroup_close(struct vr_cgroup *c, struct vr_fd_budget *budget) {
  for (int i = 0; i < VR_CGROUP_FILES; i++)
    vr_procfile_close(&c->files[i], budget);
  c->path[0] = '\0';
}

/* KEY VALUE on a line of its own, in microseconds. */
static bool get_usec(const char *text, const char *key, uint64_t *ret_ns) {
  const char *p = text;
  uint64_t usec;
  do {
    if (!vr_scan_key(&p, key, strlen(key)))
      continue;
    if (*p != ' ' || !vr_scan_u64(&p, &usec))
      return false;
    *ret_ns = usec * 1000;
    return true;
  } while (vr_next_line(&p));
  return false;
}

/* some avg10=0.00 avg60=0.00 avg300=0.00 total=MICROSECONDS */
static bool get_pressure(const char *text, uint64_t *ret_ns) {
  uint64_t usec;
  const char *p = text;
  if (!VR_SCAN_KEY(&p, "some "))
    return false;
  p = strstr(p, "total=");
  if (!p)
    return false;
  p += strlen("total=");
  if (!vr_scan_u64(&p, &usec))
    return false;
  *ret_ns = usec * 1000;
  return true;
}

static uint64_t get_key(const char *line, const char *end, const char *key) {
  const char *p = strstr(line, key);
  uint64_t n;
  if (!p || p >= end)
    return 0;
  p += strlen(key);
  return vr_scan_u64(&p, &n) ? n : 0;
}

/* Whether what such a device does is counted again at those below it: loop (7)
 * and md (9), and what the device mapper or bcache has made. */
static bool is_stacked(int sysfd, unsigned major, unsigned minor) {
  static const char *const signs[] = {"dm", "md", "bcache"};
  char path[64];
  if (major == 7 || major == 9)
    return true;
  for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
    snprintf(path, sizeof(path), "dev/block/%u:%u/%s", major, minor, signs[i]);
    if (faccessat(sysfd, path, F_OK, 0) == 0)
      return true;
  }
  return false;
}

/* A device is listed from the first thing on that the group does with it. */
static bool add_device(struct vr_accumulator *io, int sysfd, unsigned major,
                       unsigned minor, const char *p, const char *end) {
  uint64_t key = (uint64_t)major << 32 | minor;
  const struct vr_accumulator_part *known = vr_accumulator_find(io, key);
  bool ignored = known ? known->ignored : is_stacked(sysfd, major, minor);
  const uint64_t none[VR_ACCUMULATOR_COUNTERS] = {0};
  const uint64_t now[VR_ACCUMULATOR_COUNTERS] = {
      get_key(p, end, " rbytes="), get_key(p, end, " wbytes="),
      get_key(p, end, " rios="), get_key(p, end, " wios=")};
  struct vr_accumulator_part *part =
      vr_accumulator_add(io, key, ignored ? none : now, true);
  if (part)
    part->ignored = ignored;
  return part && !ignored;
}

/* One line a device: MAJOR:MINOR rbytes=N wbytes=N rios=N wios=N ... */
static bool get_io(const char *text, int sysfd, struct vr_accumulator *io,
                   struct vr_cgroup_sample *s) {
  const char *p = text;
  bool any = false;
  vr_accumulator_begin(io);
  do {
    unsigned major, minor;
    if (sscanf(p, "%u:%u", &major, &minor) == 2)
      any |= add_device(io, sysfd, major, minor, p, p + strcspn(p, "\n"));
  } while (vr_next_line(&p));
  vr_accumulator_end(io);
  s->read_bytes = io->sum[0];
  s->write_bytes = io->sum[1];
  s->read_ops = io->sum[2];
  s->write_ops = io->sum[3];
  return any;
}

/* One that is not kept open is opened by its whole path. A line that does not
 * fit is left out. */
static bool read_file(struct vr_cgroup *c, int sysfd,
                      struct vr_fd_budget *budget, int i, char *text,
                      size_t size) {
  char path[VR_CGROUP_PATH_MAX + 32];
  if (c->missing[i] || !vr_schema_signal_emitted(file_signals[i], c->extra))
    return false;
  if (c->files[i].fd < 0)
    snprintf(path, sizeof(path), "%s/%s", c->path, file_names[i]);
  ssize_t n = vr_procfile_read(&c->files[i], budget, sysfd, path, text, size);
  c->missing[i] = n == -ENOENT;
  if (n > 0 && (size_t)n + 1 == size) {
    const char *last = strrchr(text, '\n');
    text[last ? last - text : 0] = '\0';
  }
  return n > 0;
}

static bool is_empty(const struct vr_cgroup_sample *s) {
  return !s->have_cpu && !s->have_memory && !s->have_io &&
         !s->have_cpu_pressure && !s->have_memory_pressure &&
         !s->have_io_pressure;
}

void vr_cgroup_read(struct vr_cgroup *c, int sysfd, struct vr_fd_budget *budget,
                    struct vr_cgroup_sample *ret) {
  char text[FILE_MAX];
  struct vr_cgroup_sample s = {0};
  *ret = s;
  if (c->path[0] == '\0')
    return;
  if (read_file(c, sysfd, budget, CPU, text, sizeof(text))) {
    s.have_cpu = get_usec(text, "usage_usec", &s.usage_ns);
    s.have_throttled = get_usec(text, "throttled_usec", &s.throttled_ns);
  }
  if (read_file(c, sysfd, budget, MEMORY, text, sizeof(text))) {
    const char *p = text;
    s.have_memory = vr_scan_u64(&p, &s.memory);
  }
  if (read_file(c, sysfd, budget, IO, text, sizeof(text)))
    s.have_io = get_io(text, sysfd, &c->io, &s);
  if (read_file(c, sysfd, budget, CPU_PRESSURE, text, sizeof(text)))
    s.have_cpu_pressure = get_pressure(text, &s.cpu_pressure_ns);
  if (read_file(c, sysfd, budget, MEMORY_PRESSURE, text, sizeof(text)))
    s.have_memory_pressure = get_pressure(text, &s.memory_pressure_ns);
  if (read_file(c, sysfd, budget, IO_PRESSURE, text, sizeof(text)))
    s.have_io_pressure = get_pressure(text, &s.io_pressure_ns);
  if (is_empty(&s) && faccessat(sysfd, c->path, F_OK, 0) < 0)
    vr_cgroup_close(c, budget);
  *ret = s;
}
