/* SPDX-License-Identifier: MIT */
#include "host/vmm/qemu_shape.h"

#include <fnmatch.h>
#include <string.h>

/* So many of QEMU's long options make it one. */
enum { OPTIONS_NEEDED = 4 };

/* Options that only a machine has. */
static const char *const of_machine[] = {
    "machine", "accel", "enable-kvm", "smp", "readconfig", "nodefaults", NULL,
};

/* Long ones: other programs have single letters and some of these. */
static const char *const of_qemu[] = {
    "blockdev",  "boot",        "chardev",        "cpu",
    "daemonize", "device",      "display",        "drive",
    "global",    "initrd",      "kernel",         "mon",
    "msg",       "name",        "netdev",         "nic",
    "no-reboot", "no-shutdown", "no-user-config", "nographic",
    "numa",      "object",      "overcommit",     "pidfile",
    "qmp",       "rtc",         "runas",          "sandbox",
    "serial",    "smbios",      "uuid",           "vga",
    "vnc",       NULL,
};

/* The first argument may be a letter. */
static const char *const letters[] = {"S", "M", "m", "k", "L", NULL};

static bool is_one_of(const char *arg, const char *const *names) {
  if (arg[0] != '-')
    return false;
  for (; *names; names++)
    if (strcmp(arg + 1, *names) == 0)
      return true;
  return false;
}

/* A program that starts QEMU names it, or has its options quoted in one. */
static bool names_qemu(const char *arg) {
  const char *program = vr_cmdline_basename(arg);
  return fnmatch("qemu-*system-*", program, 0) == 0 ||
         strcmp(program, "qemu-kvm") == 0 || strcmp(program, "kvm") == 0;
}

bool vr_qemu_shape_fits(const struct vr_cmdline *c) {
  unsigned machine = 0, all = 0;
  if (c->argc < 2 ||
      !(is_one_of(c->argv[1], of_machine) || is_one_of(c->argv[1], of_qemu) ||
        is_one_of(c->argv[1], letters)))
    return false;
  for (int i = 1; i < c->argc; i++) {
    bool is_value = c->argv[i - 1][0] == '-';
    if (!is_value && names_qemu(c->argv[i]))
      return false;
    machine += is_one_of(c->argv[i], of_machine);
    all += is_one_of(c->argv[i], of_qemu);
  }
  return machine > 0 && machine + all >= OPTIONS_NEEDED;
}
