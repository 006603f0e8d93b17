/* SPDX-License-Identifier: MIT */
#include "host/proc/cpuinfo.h"

#include "host/proc/procfile.h"

#include <string.h>

/* The flags of the first processor are within it. */
enum { ENOUGH = 16 << 10 };

int vr_cpuinfo_is_guest(int procfd) {
  char text[ENOUGH];
  if (vr_procfile_read_once(procfd, "cpuinfo", text, sizeof(text)) < 0)
    return 0;
  char *flags = strstr(text, "\nflags\t");
  char *end = flags ? strchr(flags + 1, '\n') : NULL;
  if (end)
    *end = '\0';
  return flags && strstr(flags, " hypervisor") != NULL;
}
