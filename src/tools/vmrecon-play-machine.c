/* SPDX-License-Identifier: MIT */
#include "tools/vmrecon-play-machine.h"

#include "host/proc/hoststat.h"
#include "host/proc/procfile.h"

#include <fcntl.h>
#include <math.h>
#include <unistd.h>

double vr_tools_machine_load(void) {
  char text[256];
  struct vr_loadavg load;
  if (vr_procfile_read_once(AT_FDCWD, "/proc/loadavg", text, sizeof(text)) <=
          0 ||
      vr_proc_loadavg_parse(text, &load) < 0)
    return NAN;
  return load.shortterm;
}

double vr_tools_machine_cpu(void) {
  static char text[64 * 1024];
  struct vr_hoststat s;
  if (vr_procfile_read_once(AT_FDCWD, "/proc/stat", text, sizeof(text)) <= 0 ||
      vr_hoststat_parse(text, &s) < 0)
    return NAN;
  return (double)(s.cpu[VR_CPU_USER] + s.cpu[VR_CPU_NICE] +
                  s.cpu[VR_CPU_SYSTEM] + s.cpu[VR_CPU_INTERRUPT] +
                  s.cpu[VR_CPU_SOFTIRQ]) /
         (double)sysconf(_SC_CLK_TCK);
}
