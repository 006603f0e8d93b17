/* SPDX-License-Identifier: MIT */
#include "host/vmm/qemu.h"

#include "basic/cleanup.h"
#include "host/vmm/fileless.h"
#include "host/vmm/managers.h"
#include "host/vmm/qemu_cpu.h"
#include "host/vmm/qemu_idle.h"
#include "host/vmm/qemu_machine.h"
#include "host/vmm/qemu_memory.h"
#include "host/vmm/qemu_option.h"
#include "host/vmm/readconfig.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* Whoever writes a command line may put anything there. */
static void take_uuid(struct vr_vm *vm, const char *text) {
  if (vr_cmdline_is_uuid(text))
    memcpy(vm->uuid, text, sizeof(vm->uuid));
}

static void parse_name(const struct vr_cmdline *c, struct vr_vm *vm) {
  int at = 1;
  const char *v;
  while ((v = vr_cmdline_option(c, "name", &at)))
    vr_cmdline_optstring_get(v, "guest", "guest", vm->name, sizeof(vm->name));
  at = 1;
  while ((v = vr_cmdline_option(c, "uuid", &at)))
    take_uuid(vm, v);
  at = 1;
  /* Proxmox's QEMU takes it; QEMU's own has no such option. */
  while ((v = vr_cmdline_option(c, "id", &at)))
    if (strlen(v) < sizeof(vm->vmid) && v[strspn(v, "0123456789")] == '\0')
      strcpy(vm->vmid, v);
  /* Proxmox has it in the tables that the firmware shows to the guest. */
  at = 1;
  char text[64];
  while (vm->uuid[0] == '\0' && (v = vr_cmdline_option(c, "smbios", &at)))
    if (vr_cmdline_optstring_get(v, "uuid", NULL, text, sizeof(text)))
      take_uuid(vm, text);
}

/* The numbers of processors that are given: 0 where one is not. */
enum { SMP_CPUS, SMP_MAXCPUS, SMP_LEVELS };
static const char *const smp_names[] = {
    "cpus", "maxcpus",  "drawers", "books", "sockets",
    "dies", "clusters", "modules", "cores", "threads"};
enum { SMP_NAMES = sizeof(smp_names) / sizeof(smp_names[0]) };

/* QEMU merges what several options say, and reads 0x and 0 as C does. */
static void take_smp(const char *option, const char *prefix,
                     unsigned long smp[SMP_NAMES]) {
  char text[32], full[32];
  for (int i = 0; i < SMP_NAMES; i++) {
    const char *implied = i == SMP_CPUS && !prefix[0] ? "cpus" : NULL;
    snprintf(full, sizeof(full), "%s%s", prefix, smp_names[i]);
    if (vr_cmdline_optstring_get(option, full, implied, text, sizeof(text)))
      smp[i] = strtoul(text, NULL, 0);
  }
}

/* cpus when they are given, else the most that there may be, else all of the
 * topology that is; 0: nothing is, or more than there are. */
static unsigned smp_count(const unsigned long smp[SMP_NAMES]) {
  enum { MOST = 4096 };
  unsigned long n = smp[SMP_CPUS] ? smp[SMP_CPUS] : smp[SMP_MAXCPUS];
  bool given = n > 0;
  for (int i = SMP_LEVELS; n <= MOST && !given && i < SMP_NAMES; i++)
    if (smp[i] > 0)
      n = smp[i] > MOST ? smp[i] : (n ? n : 1) * smp[i];
  return n > MOST ? 0 : (unsigned)n;
}

static const char *const machine_options[] = {"machine", "M"};

/* Processors that are plugged in from the start are devices of their own. */
static unsigned processor_devices(const struct vr_cmdline *c) {
  unsigned n = 0;
  char driver[64];
  const char *v;
  for (int at = 1; (v = vr_cmdline_option(c, "device", &at));)
    n += vr_qemu_option_key(v, "driver", "driver", driver, sizeof(driver)) &&
         fnmatch("*-cpu", driver, 0) == 0;
  return n;
}

static void parse_smp(const struct vr_cmdline *c, bool defaults,
                      struct vr_vm *vm) {
  unsigned long smp[SMP_NAMES] = {0};
  bool given = false;
  const char *v;
  int at;
  for (size_t i = 0; i < 2; i++)
    for (at = 1; (v = vr_cmdline_option(c, machine_options[i], &at));)
      take_smp(v, "smp.", smp);
  for (at = 1; (v = vr_cmdline_option(c, "smp", &at)); given = true)
    take_smp(v, "", smp);
  char type[VR_QEMU_MACHINE_MAX];
  vr_qemu_machine_type(c, type);
  unsigned n = smp_count(smp);
  if (n == 0 && (given || (defaults && vr_qemu_machine_is_common(type))))
    n = 1;
  vm->vcpus = n > 0 ? n + processor_devices(c) : 0;
}

static enum vr_accelerator accelerator_of(const char *name) {
  if (strcmp(name, "tcg") == 0)
    return VR_ACCEL_TCG;
  if (strcmp(name, "kvm") == 0)
    return VR_ACCEL_KVM;
  /* "kvm:tcg" is a choice: which one was made is not in the command line. */
  return strchr(name, ':') ? VR_ACCEL_UNKNOWN : VR_ACCEL_OTHER;
}

/* Xen executes the guest, QEMU only has its devices. */
static bool is_xen(const struct vr_cmdline *c) {
  char type[64];
  const char *v;
  if (vr_cmdline_has(c, "xen-domid") || vr_cmdline_has(c, "xen-attach"))
    return true;
  for (size_t i = 0; i < 2; i++)
    for (int at = 1; (v = vr_cmdline_option(c, machine_options[i], &at));)
      if (vr_cmdline_optstring_get(v, "type", "type", type, sizeof(type)) &&
          strncmp(type, "xen", 3) == 0)
        return true;
  return false;
}

/* What is used when nothing is said: called as "kvm" it tries KVM first;
 * otherwise it is TCG. */
static enum vr_accelerator default_accelerator(const struct vr_cmdline *c,
                                               bool defaults) {
  if (is_xen(c))
    return VR_ACCEL_OTHER;
  return !defaults || strncmp(vr_cmdline_basename(c->argv[0]), "kvm", 3) == 0
             ? VR_ACCEL_UNKNOWN
             : VR_ACCEL_TCG;
}

static void parse_accelerator(const struct vr_cmdline *c, bool defaults,
                              struct vr_vm *vm) {
  char text[64];
  const char *v;
  int at, given = 0;
  for (int i = 0; i < 2; i++)
    for (at = 1; (v = vr_cmdline_option(c, machine_options[i], &at));)
      if (vr_cmdline_optstring_get(v, "accel", NULL, text, sizeof(text))) {
        vm->accelerator = accelerator_of(text);
        given++;
      }
  at = 1;
  int listed = 0;
  while ((v = vr_cmdline_option(c, "accel", &at)))
    if (vr_cmdline_optstring_get(v, "accel", "accel", text, sizeof(text))) {
      vm->accelerator = listed++ ? VR_ACCEL_UNKNOWN : accelerator_of(text);
      given++;
    }
  if (vr_cmdline_has(c, "enable-kvm")) {
    vm->accelerator = VR_ACCEL_KVM;
    given++;
  }
  if (!given)
    vm->accelerator = default_accelerator(c, defaults);
}

static bool is_foreign(const char *path, const char *id) {
  return vr_vmm_managers_own(path, id);
}

/* The listening unix socket that OPTION describes, its path under the key that
 * may be IMPLIED. */
static int take_socket(const char *option, const char *implied,
                       struct vr_vm *vm) {
  char text[128];
  if (!vr_cmdline_optstring_get(option, "server", NULL, text, sizeof(text)) ||
      strcmp(text, "off") == 0)
    return -ENOENT;
  vm->qmp_waits =
      !vr_cmdline_optstring_get(option, "nowait", NULL, text, sizeof(text)) &&
      (!vr_cmdline_optstring_get(option, "wait", NULL, text, sizeof(text)) ||
       strcmp(text, "off") != 0);
  return vr_cmdline_optstring_get(option, "path", implied, vm->qmp_path,
                                  VR_PATH_MAX)
             ? 0
             : -ENOENT;
}

/* The character devices by their names: each is looked up in one step, however
 * many there are. */
struct chardev {
  char id[128];
  const char *option;
  UT_hash_handle hh;
};

struct chardevs {
  struct chardev *v, *by_id;
};

static void chardevs_clear(struct chardevs *d) {
  HASH_CLEAR(hh, d->by_id);
  free(d->v);
}

/* The first of several of one name counts. */
static int chardevs_read(const struct vr_cmdline *c, struct chardevs *d) {
  const char *v;
  size_t n = 0;
  d->v = calloc(VR_ARGS_MAX, sizeof(*d->v));
  if (!d->v)
    return -ENOMEM;
  for (int at = 1; (v = vr_cmdline_option(c, "chardev", &at));) {
    struct chardev *known, *new = &d->v[n];
    new->option = v;
    if (!vr_cmdline_optstring_get(v, "id", NULL, new->id, sizeof(new->id)))
      continue;
    HASH_FIND_STR(d->by_id, new->id, known);
    if (known)
      continue;
    HASH_ADD_STR(d->by_id, id, new);
    n++;
  }
  return 0;
}

/* The socket of the character device ID. */
static int chardev_socket(const struct chardevs *d, const char *id,
                          struct vr_vm *vm) {
  const struct chardev *found;
  char backend[32];
  HASH_FIND_STR(d->by_id, id, found);
  return found &&
                 vr_cmdline_optstring_get(found->option, "backend", "backend",
                                          backend, sizeof(backend)) &&
                 strcmp(backend, "socket") == 0
             ? take_socket(found->option, NULL, vm)
             : -ENOENT;
}

/* -qmp unix:PATH,server=on,... or -qmp chardev:ID */
static int qmp_option(const struct chardevs *d, const char *option,
                      struct vr_vm *vm) {
  if (strncmp(option, "chardev:", 8) == 0)
    return is_foreign("", option + 8) ? -ENOENT
                                      : chardev_socket(d, option + 8, vm);
  return strncmp(option, "unix:", 5) == 0 ? take_socket(option + 5, "path", vm)
                                          : -ENOENT;
}

/* -mon chardev=ID,mode=control */
static int mon_option(const struct chardevs *d, const char *option,
                      struct vr_vm *vm) {
  char id[128], mode[32] = "";
  vr_cmdline_optstring_get(option, "mode", NULL, mode, sizeof(mode));
  if (strcmp(mode, "control") != 0 ||
      !vr_cmdline_optstring_get(option, "chardev", "chardev", id, sizeof(id)) ||
      is_foreign("", id))
    return -ENOENT;
  return chardev_socket(d, id, vm);
}

static void parse_qmp(const struct vr_cmdline *c, struct vr_vm *vm) {
  static const struct {
    const char *option;
    int (*take)(const struct chardevs *, const char *, struct vr_vm *);
  } ways[] = {
      {"qmp", qmp_option}, {"qmp-pretty", qmp_option}, {"mon", mon_option}};
  vr_cleanup(chardevs_clear) struct chardevs chardevs = {0};
  if (chardevs_read(c, &chardevs) < 0)
    return;
  for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
    int at = 1;
    const char *v;
    while ((v = vr_cmdline_option(c, ways[i].option, &at))) {
      if (ways[i].take(&chardevs, v, vm) == 0 && !is_foreign(vm->qmp_path, ""))
        return;
      vm->qmp_path[0] = '\0';
    }
  }
}

/* libvirt passes a socket that it has opened, or names one of its own. */
static void parse_libvirt(const struct vr_cmdline *c, struct vr_vm *vm) {
  char id[64], path[VR_PATH_MAX];
  const char *v;
  for (int at = 1; (v = vr_cmdline_option(c, "chardev", &at));) {
    path[0] = '\0';
    vr_cmdline_optstring_get(v, "path", NULL, path, sizeof(path));
    if (vr_cmdline_optstring_get(v, "id", NULL, id, sizeof(id)) &&
        strcmp(id, "charmonitor") == 0 &&
        (path[0] == '\0' || strstr(path, "/libvirt/")))
      vm->libvirt = true;
  }
}

/* libvirt starts such a QEMU to ask it what it can do; x-remote holds devices
 * of another one's machine. */
static bool is_without_machine(const struct vr_cmdline *c) {
  char type[64];
  const char *v;
  for (size_t i = 0; i < 2; i++)
    for (int at = 1; (v = vr_cmdline_option(c, machine_options[i], &at));)
      if (vr_cmdline_optstring_get(v, "type", "type", type, sizeof(type)) &&
          (strcmp(type, "none") == 0 || strcmp(type, "x-remote") == 0))
        return true;
  return false;
}

/* DEFAULTS: what C leaves out is as QEMU has it. */
static int parse_line(const struct vr_cmdline *c, bool defaults,
                      struct vr_vm *ret) {
  if (is_without_machine(c))
    return -ENOENT;
  parse_name(c, ret);
  vr_qemu_memory_parse(c, defaults, ret);
  parse_smp(c, defaults && !is_xen(c), ret);
  parse_accelerator(c, defaults, ret);
  vr_qemu_cpu_parse(c, ret);
  vr_qemu_idle_parse(c, ret);
  parse_qmp(c, ret);
  parse_libvirt(c, ret);
  ret->fileless = vr_fileless_has(c);
  vr_nics_of_qemu(c, &ret->nics);
  ret->incoming = vr_cmdline_has(c, "incoming");
  return 0;
}

static int parse_with_files(const struct vr_cmdline *c, bool defaults,
                            int dirfd, struct vr_vm *ret) {
  vr_auto_free struct vr_readconfig *whole = malloc(sizeof(*whole));
  if (!whole)
    return -ENOMEM;
  int r = vr_readconfig_expand(c, dirfd, whole);
  if (r == 0)
    r = parse_line(&whole->line, defaults && whole->complete, ret);
  vr_readconfig_free(whole);
  return r;
}

static int parse(const struct vr_cmdline *c, bool defaults, int dirfd,
                 struct vr_vm *ret) {
  return vr_cmdline_has(c, "readconfig")
             ? parse_with_files(c, defaults, dirfd, ret)
             : parse_line(c, defaults, ret);
}

static int parse_qemu(const struct vr_cmdline *c, int dirfd,
                      struct vr_vm *ret) {
  return parse(c, true, dirfd, ret);
}

int vr_qemu_parse_alike(const struct vr_cmdline *c, int dirfd,
                        struct vr_vm *ret) {
  return parse(c, false, dirfd, ret);
}

const struct vr_recogniser vr_qemu_recogniser = {
    .vmm = "QEMU",
    .programs = VR_PATTERNS("qemu-system-*", "qemu-*-system-*", "qemu-kvm",
                            "kvm", "kvm-spice"),
    .vcpu_threads = VR_PATTERNS("CPU [0-9]*/*", "ALL CPUs/TCG"),
    .parse = parse_qemu,
};

const struct vr_recogniser vr_qemu_alike_recogniser = {
    .vmm = "QEMU",
    .programs = VR_PATTERNS(NULL),
    .vcpu_threads = VR_PATTERNS("CPU [0-9]*/*", "ALL CPUs/TCG"),
    .parse = vr_qemu_parse_alike,
};
