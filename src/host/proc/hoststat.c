/* SPDX-License-Identifier: MIT */
#include "host/proc/hoststat.h"

#include "host/proc/scan.h"

#include <errno.h>
#include <stddef.h>

static bool parse_cpus(const char **p, struct vr_hoststat *s) {
  if (!VR_SCAN_KEY(p, "cpu "))
    return false;
  for (int i = 0; i < VR_CPU_STATES; i++)
    if (!vr_scan_u64(p, &s->cpu[i]))
      return false;
  while (vr_next_line(p) && strncmp(*p, "cpu", 3) == 0)
    s->cpus++;
  return true;
}

int vr_hoststat_parse(const char *text, struct vr_hoststat *ret) {
  struct vr_hoststat s = {0};
  unsigned seen = 0;
  const char *p = text;
  if (!parse_cpus(&p, &s))
    return -EBADMSG;
  do {
    if (VR_SCAN_KEY(&p, "ctxt"))
      seen |= vr_scan_u64(&p, &s.context_switches) ? 1 : 0;
    else if (VR_SCAN_KEY(&p, "processes"))
      seen |= vr_scan_u64(&p, &s.forks) ? 2 : 0;
    else if (VR_SCAN_KEY(&p, "procs_running"))
      seen |= vr_scan_u64(&p, &s.running) ? 4 : 0;
    else if (VR_SCAN_KEY(&p, "procs_blocked"))
      seen |= vr_scan_u64(&p, &s.blocked) ? 8 : 0;
  } while (vr_next_line(&p));
  if (seen != 15)
    return -EBADMSG;
  *ret = s;
  return 0;
}

/* The kernel prints two decimals; strtod would ask the locale for its comma. */
static bool scan_hundredths(const char **p, double *ret) {
  uint64_t whole, part;
  if (!vr_scan_u64(p, &whole) || **p != '.')
    return false;
  (*p)++;
  if (!vr_scan_u64(p, &part))
    return false;
  *ret = (double)whole + (double)part / 100;
  return true;
}

int vr_proc_loadavg_parse(const char *text, struct vr_loadavg *ret) {
  struct vr_loadavg l;
  uint64_t last;
  const char *p = text;
  if (!scan_hundredths(&p, &l.shortterm) || !scan_hundredths(&p, &l.midterm) ||
      !scan_hundredths(&p, &l.longterm) || !vr_skip_words(&p, 1) ||
      !vr_scan_u64(&p, &last))
    return -EBADMSG;
  l.last_pid = (pid_t)last;
  *ret = l;
  return 0;
}

int vr_proc_vmstat_parse(const char *text, struct vr_faults *ret) {
  struct vr_faults f;
  const char *minor = strstr(text, "\npgfault ");
  const char *major = strstr(text, "\npgmajfault ");
  if (!minor || !major)
    return -EBADMSG;
  minor += sizeof("\npgfault ") - 1;
  major += sizeof("\npgmajfault ") - 1;
  if (!vr_scan_u64(&minor, &f.minor) || !vr_scan_u64(&major, &f.major))
    return -EBADMSG;
  *ret = f;
  return 0;
}

int vr_proc_meminfo_parse(const char *text, struct vr_meminfo *ret) {
  struct vr_meminfo m = {0};
  static const struct {
    const char *key;
    size_t offset, have;
  } fields[] = {
#define FIELD(name) offsetof(struct vr_meminfo, name)
      {"MemTotal:", FIELD(total), FIELD(have_used)},
      {"MemFree:", FIELD(free), FIELD(have_free)},
      {"MemAvailable:", FIELD(available), FIELD(have_available)},
      {"Buffers:", FIELD(buffered), FIELD(have_buffered)},
      {"Cached:", FIELD(cached), FIELD(have_cached)},
      {"Slab:", FIELD(slab), FIELD(have_slab)},
#undef FIELD
  };
  unsigned seen = 0;
  const char *p = text;
  do {
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
      uint64_t kib;
      if (!vr_scan_key(&p, fields[i].key, strlen(fields[i].key)))
        continue;
      if (!vr_scan_u64(&p, &kib))
        return -EBADMSG;
      *(uint64_t *)((char *)&m + fields[i].offset) = kib * 1024;
      *(bool *)((char *)&m + fields[i].have) = true;
      seen++;
      break;
    }
  } while (seen < sizeof(fields) / sizeof(fields[0]) && vr_next_line(&p));
  uint64_t elsewhere = m.free + m.buffered + m.cached + m.slab;
  if (m.total == 0 || elsewhere > m.total)
    return -EBADMSG;
  m.used = m.total - elsewhere;
  m.have_used = m.have_free && m.have_buffered && m.have_cached && m.have_slab;
  *ret = m;
  return 0;
}
