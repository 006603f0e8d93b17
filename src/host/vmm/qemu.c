/* SPDX-License-Identifier: MIT */
#include "host/vmm/qemu.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define MIB (UINT64_C(1) << 20)

/* QEMU's own defaults for what the command line leaves out. */
#define DEFAULT_MEMORY (128 * MIB)

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
  /* Proxmox has it in the tables that the firmware shows to the guest. */
  at = 1;
  char text[64];
  while (vm->uuid[0] == '\0' && (v = vr_cmdline_option(c, "smbios", &at)))
    if (vr_cmdline_optstring_get(v, "uuid", NULL, text, sizeof(text)))
      take_uuid(vm, text);
}

static void parse_memory(const struct vr_cmdline *c, struct vr_vm *vm) {
  vm->memory = DEFAULT_MEMORY;
  int at = 1;
  const char *v;
  char size[64];
  while ((v = vr_cmdline_option(c, "m", &at)))
    if (vr_cmdline_optstring_get(v, "size", "size", size, sizeof(size)))
      vr_cmdline_parse_size(size, MIB, &vm->memory);
}

static unsigned smp_key(const char *option, const char *key,
                        const char *implied) {
  char text[32];
  if (!vr_cmdline_optstring_get(option, key, implied, text, sizeof(text)))
    return 0;
  unsigned long n = strtoul(text, NULL, 10);
  return n > 4096 ? 0 : (unsigned)n;
}

/* cpus when it is given, else all of the topology that is. */
static unsigned smp_count(const char *option) {
  unsigned cpus = smp_key(option, "cpus", "cpus");
  if (cpus)
    return cpus;
  static const char *const levels[] = {"drawers", "books",    "sockets",
                                       "dies",    "clusters", "modules",
                                       "cores",   "threads"};
  unsigned long long product = 1;
  for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
    unsigned n = smp_key(option, levels[i], NULL);
    if (n)
      product *= n;
    if (product > 4096)
      return 0;
  }
  if (product == 1)
    product = smp_key(option, "maxcpus", NULL);
  return product ? (unsigned)product : 1;
}

static void parse_smp(const struct vr_cmdline *c, struct vr_vm *vm) {
  vm->vcpus = 1;
  int at = 1;
  const char *v;
  while ((v = vr_cmdline_option(c, "smp", &at)))
    vm->vcpus = smp_count(v);
}

static enum vr_accelerator accelerator_of(const char *name) {
  if (strcmp(name, "tcg") == 0)
    return VR_ACCEL_TCG;
  if (strcmp(name, "kvm") == 0)
    return VR_ACCEL_KVM;
  /* "kvm:tcg" is a choice: which one was made is not in the command line. */
  return strchr(name, ':') ? VR_ACCEL_UNKNOWN : VR_ACCEL_OTHER;
}

static void parse_accelerator(const struct vr_cmdline *c, struct vr_vm *vm) {
  static const char *const machine[] = {"machine", "M"};
  char text[64];
  const char *v;
  int at, given = 0;
  for (int i = 0; i < 2; i++)
    for (at = 1; (v = vr_cmdline_option(c, machine[i], &at));)
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
  /* Called as "kvm" it tries KVM first; otherwise TCG is the default. */
  if (!given)
    vm->accelerator = strcmp(vr_cmdline_basename(c->argv[0]), "kvm") == 0
                          ? VR_ACCEL_UNKNOWN
                          : VR_ACCEL_TCG;
}

static bool is_foreign(const char *path, const char *id) {
  static const char *const owned[] = {
      "/var/lib/libvirt/", "/run/libvirt/",         "/var/run/libvirt/",
      "/run/qemu-server/", "/var/run/qemu-server/",
  };
  for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
    if (strncmp(path, owned[i], strlen(owned[i])) == 0)
      return true;
  /* libvirt's session daemon keeps its sockets in home directories. */
  return strcmp(id, "charmonitor") == 0 || strstr(path, "/libvirt/") != NULL;
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

/* libvirt starts such a QEMU to ask it what it can do. */
static bool is_without_machine(const struct vr_cmdline *c) {
  static const char *const machine[] = {"machine", "M"};
  char type[64];
  const char *v;
  for (size_t i = 0; i < sizeof(machine) / sizeof(machine[0]); i++)
    for (int at = 1; (v = vr_cmdline_option(c, machine[i], &at));)
      if (vr_cmdline_optstring_get(v, "type", "type", type, sizeof(type)) &&
          strcmp(type, "none") == 0)
        return true;
  return false;
}

static int parse_qemu(const struct vr_cmdline *c, int dirfd,
                      struct vr_vm *ret) {
  (void)dirfd;
  if (is_without_machine(c))
    return -ENOENT;
  parse_name(c, ret);
  parse_memory(c, ret);
  parse_smp(c, ret);
  parse_accelerator(c, ret);
  parse_qmp(c, ret);
  parse_libvirt(c, ret);
  vr_nics_of_qemu(c, &ret->nics);
  return 0;
}

const struct vr_recogniser vr_qemu_recogniser = {
    .vmm = "QEMU",
    .programs = VR_PATTERNS("qemu-system-*", "qemu-kvm", "kvm"),
    .vcpu_threads = VR_PATTERNS("CPU [0-9]*/*", "ALL CPUs/TCG"),
    .parse = parse_qemu,
};
