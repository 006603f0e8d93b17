/* SPDX-License-Identifier: MIT */
#include "host/proc/pidfiles.h"

#include "host/proc/scan.h"

#include <errno.h>

int vr_proc_schedstat_parse(const char *text, struct vr_schedstat *ret) {
  struct vr_schedstat s;
  if (!vr_scan_u64(&text, &s.run_ns) || !vr_scan_u64(&text, &s.wait_ns) ||
      !vr_scan_u64(&text, &s.timeslices))
    return -EBADMSG;
  *ret = s;
  return 0;
}

int vr_proc_pidstat_parse(const char *text, struct vr_pidstat *ret) {
  /* The name stands in parentheses and may itself hold any of them. */
  const char *p = strrchr(text, ')');
  if (!p || p[1] != ' ' || p[2] == '\0')
    return -EBADMSG;
  p += 2;
  struct vr_pidstat s = {.state = *p};
  /* Numbers of fields are those of proc(5): state is the third. */
  if (!vr_skip_words(&p, 7) || !vr_scan_u64(&p, &s.minflt) ||
      !vr_skip_words(&p, 1) || !vr_scan_u64(&p, &s.majflt) ||
      !vr_skip_words(&p, 7) || !vr_scan_u64(&p, &s.threads) ||
      !vr_skip_words(&p, 1) || !vr_scan_u64(&p, &s.start_ticks))
    return -EBADMSG;
  if (!vr_skip_words(&p, 20) || !vr_scan_u64(&p, &s.guest_ticks))
    s.guest_ticks = 0;
  *ret = s;
  return 0;
}

bool vr_proc_is_kernel_thread(const char *text) {
  enum { OF_KERNEL = 0x00200000 }; /* PF_KTHREAD of linux/sched.h */
  uint64_t flags;
  const char *p = strrchr(text, ')');
  if (!p)
    return false;
  p++;
  return vr_skip_words(&p, 6) && vr_scan_u64(&p, &flags) && (flags & OF_KERNEL);
}

int vr_proc_switches_parse(const char *text, struct vr_switches *ret) {
  struct vr_switches s;
  const char *p = strstr(text, "\nvoluntary_ctxt_switches:");
  if (!p)
    return -EBADMSG;
  p += sizeof("\nvoluntary_ctxt_switches:") - 1;
  if (!vr_scan_u64(&p, &s.voluntary) || !vr_next_line(&p) ||
      !VR_SCAN_KEY(&p, "nonvoluntary_ctxt_switches:") ||
      !vr_scan_u64(&p, &s.involuntary))
    return -EBADMSG;
  *ret = s;
  return 0;
}

int vr_proc_uids_parse(const char *text, uid_t *ret_real,
                       uid_t *ret_effective) {
  const char *p = strstr(text, "\nUid:");
  if (!p)
    return -EBADMSG;
  p += sizeof("\nUid:") - 1;
  uint64_t real, effective;
  if (!vr_scan_u64(&p, &real) || !vr_scan_u64(&p, &effective))
    return -EBADMSG;
  *ret_real = (uid_t)real;
  *ret_effective = (uid_t)effective;
  return 0;
}

int vr_proc_ppid_parse(const char *text, pid_t *ret) {
  const char *p = strstr(text, "\nPPid:");
  uint64_t parent;
  if (!p)
    return -EBADMSG;
  p += sizeof("\nPPid:") - 1;
  if (!vr_scan_u64(&p, &parent))
    return -EBADMSG;
  *ret = (pid_t)parent;
  return 0;
}

int vr_proc_statm_parse(const char *text, uint64_t *ret_resident_pages) {
  uint64_t resident;
  if (!vr_skip_words(&text, 1) || !vr_scan_u64(&text, &resident))
    return -EBADMSG;
  *ret_resident_pages = resident;
  return 0;
}

int vr_proc_pidio_parse(const char *text, struct vr_pidio *ret) {
  struct vr_pidio io = {0};
  unsigned seen = 0;
  const char *p = text;
  do {
    if (VR_SCAN_KEY(&p, "syscr:"))
      seen |= vr_scan_u64(&p, &io.read_calls) ? 1 : 0;
    else if (VR_SCAN_KEY(&p, "syscw:"))
      seen |= vr_scan_u64(&p, &io.write_calls) ? 2 : 0;
    else if (VR_SCAN_KEY(&p, "read_bytes:"))
      seen |= vr_scan_u64(&p, &io.read_bytes) ? 4 : 0;
    else if (VR_SCAN_KEY(&p, "write_bytes:"))
      seen |= vr_scan_u64(&p, &io.write_bytes) ? 8 : 0;
  } while (vr_next_line(&p));
  if (seen != 15)
    return -EBADMSG;
  *ret = io;
  return 0;
}

void vr_proc_comm_parse(const char *text, char ret[VR_COMM_MAX]) {
  const char *begin = strchr(text, '('), *end = strrchr(text, ')');
  memset(ret, 0, VR_COMM_MAX);
  if (!begin || end <= begin)
    return;
  size_t n = (size_t)(end - begin - 1);
  memcpy(ret, begin + 1, n < VR_COMM_MAX ? n : VR_COMM_MAX);
}
