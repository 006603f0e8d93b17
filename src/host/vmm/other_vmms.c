/* SPDX-License-Identifier: MIT */
#include "host/vmm/other_vmms.h"

#include "basic/cleanup.h"
#include "host/vmm/named_file.h"
#include "host/vmm/qemu.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MIB (UINT64_C(1) << 20)

static const char *option(const struct vr_cmdline *c, const char *name) {
  int at = 1;
  return vr_cmdline_option(c, name, &at);
}

static unsigned to_count(const char *text) {
  unsigned long n = strtoul(text, NULL, 10);
  return n > 4096 ? 0 : (unsigned)n;
}

static void copy_name(struct vr_vm *vm, const char *name, size_t length) {
  if (length >= sizeof(vm->name))
    length = sizeof(vm->name) - 1;
  memcpy(vm->name, name, length);
  vm->name[length] = '\0';
}

/* --- Firecracker, also in the jailer's chroot --- */

static void firecracker_nics(struct vr_vm *vm, const json_t *interfaces) {
  size_t i;
  const json_t *v;
  json_array_foreach(interfaces, i, v) {
    const char *mac = json_string_value(json_object_get(v, "guest_mac"));
    vr_nics_add(&vm->nics, mac ? mac : "");
  }
}

static void firecracker_config(struct vr_vm *vm, const char *text) {
  json_t *config = json_loads(text, 0, NULL);
  const json_t *machine = json_object_get(config, "machine-config");
  const json_t *cpus = json_object_get(machine, "vcpu_count");
  const json_t *memory = json_object_get(machine, "mem_size_mib");
  if (json_is_integer(cpus) && json_integer_value(cpus) > 0)
    vm->vcpus = (unsigned)json_integer_value(cpus);
  if (json_is_integer(memory) && json_integer_value(memory) > 0)
    vm->memory = (uint64_t)json_integer_value(memory) * MIB;
  firecracker_nics(vm, json_object_get(config, "network-interfaces"));
  json_decref(config);
}

static int parse_firecracker(const struct vr_cmdline *c, int dirfd,
                             struct vr_vm *ret) {
  const char *id = option(c, "id");
  if (id)
    copy_name(ret, id, strlen(id));
  const char *path = option(c, "config-file");
  vr_auto_free char *config = path ? vr_vmm_read_named(dirfd, path) : NULL;
  if (config)
    firecracker_config(ret, config);
  return 0;
}

/* --- Cloud Hypervisor --- */

/* It has no names. People distinguish guests by the name of the API socket;
 * Kata keeps that in a directory that is called after the sandbox. */
static void name_after_socket(struct vr_vm *vm, const char *path) {
  const char *file = vr_cmdline_basename(path);
  const char *end = strstr(path, "/clh-api.sock");
  if (end) {
    const char *start = end;
    while (start > path && start[-1] != '/')
      start--;
    copy_name(vm, start, (size_t)(end - start));
    return;
  }
  const char *dot = strrchr(file, '.');
  copy_name(vm, file, dot && dot > file ? (size_t)(dot - file) : strlen(file));
}

/* What is there from the start and what was plugged in since. */
static uint64_t cloud_hypervisor_bytes(const char *v) {
  static const char *const keys[] = {"size", "hotplugged_size"};
  char text[64];
  uint64_t sum = 0, bytes;
  for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
    if (vr_cmdline_optstring_get(v, keys[i], NULL, text, sizeof(text)) &&
        vr_cmdline_parse_size(text, 1, &bytes))
      sum += bytes;
  return sum;
}

static void cloud_hypervisor_devices(const struct vr_cmdline *c,
                                     struct vr_vm *vm) {
  char text[64];
  const char *v;
  for (int at = 0; (v = vr_cmdline_listed(c, "memory-zone", &at));)
    vm->memory += cloud_hypervisor_bytes(v);
  for (int at = 0; (v = vr_cmdline_listed(c, "net", &at));)
    if (vr_cmdline_optstring_get(v, "mac", NULL, text, sizeof(text)))
      vr_nics_add(&vm->nics, text);
    else
      vm->nics.more = true;
  for (int at = 0; (v = vr_cmdline_listed(c, "disk", &at));)
    vm->fileless |=
        vr_cmdline_optstring_get(v, "vhost_user", NULL, text, sizeof(text));
}

static int parse_cloud_hypervisor(const struct vr_cmdline *c, int dirfd,
                                  struct vr_vm *ret) {
  (void)dirfd;
  char text[VR_PATH_MAX];
  const char *v = option(c, "api-socket");
  /* "PATH" or "path=PATH"; "fd=N" names nothing. */
  if (v && vr_cmdline_optstring_get(v, "path", "path", text, sizeof(text)))
    name_after_socket(ret, text);
  v = option(c, "cpus");
  if (v && vr_cmdline_optstring_get(v, "boot", NULL, text, sizeof(text)))
    ret->vcpus = to_count(text);
  v = option(c, "memory");
  ret->memory = v ? cloud_hypervisor_bytes(v) : 0;
  cloud_hypervisor_devices(c, ret);
  return 0;
}

/* Whether the command of C is one of COMMANDS (NULL at the end). Options may
 * stand before it, each with a value in the next argument unless it is one of
 * the SWITCHES. */
static bool has_command(const struct vr_cmdline *c, const char *const *commands,
                        const char *const *switches) {
  int at = 1;
  while (at < c->argc && c->argv[at][0] == '-') {
    const char *name = c->argv[at] + strspn(c->argv[at], "-");
    bool alone = strchr(name, '=') != NULL;
    for (const char *const *s = switches; *s; s++)
      alone |= strcmp(name, *s) == 0;
    at += alone ? 1 : 2;
  }
  for (; at < c->argc && *commands; commands++)
    if (strcmp(c->argv[at], *commands) == 0)
      return true;
  return false;
}

/* --- crosvm --- */

static int parse_crosvm(const struct vr_cmdline *c, int dirfd,
                        struct vr_vm *ret) {
  (void)dirfd;
  char text[64];
  /* Other words ("stop", "balloon") only control a running one. */
  if (!has_command(c, VR_PATTERNS("run", "run-mp"),
                   VR_PATTERNS("extended-status", "no-syslog", "help")))
    return -ENOENT;
  const char *v = option(c, "name");
  if (v)
    copy_name(ret, v, strlen(v));
  else if ((v = option(c, "socket")) || (v = option(c, "s")))
    name_after_socket(ret, v);
  if (((v = option(c, "cpus")) || (v = option(c, "c"))) &&
      vr_cmdline_optstring_get(v, "num-cores", "num-cores", text, sizeof(text)))
    ret->vcpus = to_count(text);
  if (((v = option(c, "mem")) || (v = option(c, "m"))) &&
      vr_cmdline_optstring_get(v, "size", "size", text, sizeof(text)))
    vr_cmdline_parse_size(text, MIB, &ret->memory);
  vr_nics_of_option(c, "net", "mac", &ret->nics);
  return 0;
}

/* --- VMware Workstation, Player, GSX --- */

/* One line of a .vmx file: key = "value". */
static bool vmx_get(const char *text, const char *key, char *value,
                    size_t size) {
  size_t length = strlen(key);
  for (const char *p = text; p; p = strchr(p, '\n'), p = p ? p + 1 : NULL) {
    const char *q = p + strspn(p, " \t");
    if (strncasecmp(q, key, length) != 0)
      continue;
    q += length;
    q += strspn(q, " \t");
    if (*q++ != '=')
      continue;
    q += strspn(q, " \t");
    if (*q++ != '"')
      continue;
    size_t n = strcspn(q, "\"\n");
    if (n >= size)
      n = size - 1;
    memcpy(value, q, n);
    value[n] = '\0';
    return true;
  }
  return false;
}

/* "56 4d 12 34 ..-.. .." as a uuid. */
static void vmx_uuid(struct vr_vm *vm, const char *text) {
  char hex[33];
  size_t n = 0;
  for (; *text && n < 32; text++)
    if (strchr("0123456789abcdefABCDEF", *text))
      hex[n++] = *text;
  hex[n] = '\0';
  if (n == 32)
    snprintf(vm->uuid, sizeof(vm->uuid), "%.8s-%.4s-%.4s-%.4s-%.12s", hex,
             hex + 8, hex + 12, hex + 16, hex + 20);
}

static void vmx_file(struct vr_vm *vm, const char *text) {
  char value[VR_RAW_NAME_MAX];
  if (vmx_get(text, "displayName", value, sizeof(value)))
    copy_name(vm, value, strlen(value));
  if (vmx_get(text, "uuid.bios", value, sizeof(value)))
    vmx_uuid(vm, value);
  vm->vcpus =
      vmx_get(text, "numvcpus", value, sizeof(value)) ? to_count(value) : 1;
  if (vmx_get(text, "memsize", value, sizeof(value)))
    vr_cmdline_parse_size(value, MIB, &vm->memory);
}

static int parse_vmware(const struct vr_cmdline *c, int dirfd,
                        struct vr_vm *ret) {
  const char *path = NULL;
  for (int i = 1; i < c->argc; i++) {
    size_t n = strlen(c->argv[i]);
    if (n > 4 && strcasecmp(c->argv[i] + n - 4, ".vmx") == 0)
      path = c->argv[i];
  }
  if (!path)
    return -ENOENT;
  copy_name(ret, vr_cmdline_basename(path),
            strlen(vr_cmdline_basename(path)) - 4);
  vr_auto_free char *text = vr_vmm_read_named(dirfd, path);
  if (text)
    vmx_file(ret, text);
  return 0;
}

/* --- VirtualBox --- */

static int parse_virtualbox(const struct vr_cmdline *c, int dirfd,
                            struct vr_vm *ret) {
  (void)dirfd;
  const char *machine = option(c, "startvm");
  if (!machine)
    machine = option(c, "s");
  if (!machine)
    return -ENOENT;
  if (vr_cmdline_is_uuid(machine))
    snprintf(ret->uuid, sizeof(ret->uuid), "%s", machine);
  const char *name = option(c, "comment");
  if (!name && !vr_cmdline_is_uuid(machine))
    name = machine;
  if (name)
    copy_name(ret, name, strlen(name));
  return 0;
}

/* --- StratoVirt --- */

/* It has QEMU's options, and executes guests by KVM alone. */
static int parse_stratovirt(const struct vr_cmdline *c, int dirfd,
                            struct vr_vm *ret) {
  int r = vr_qemu_parse_alike(c, dirfd, ret);
  ret->accelerator = VR_ACCEL_KVM;
  return r;
}

/* --- kvmtool --- */

/* What stands behind "--" is the guest's command. */
static int parse_kvmtool(const struct vr_cmdline *all, int dirfd,
                         struct vr_vm *ret) {
  (void)dirfd;
  struct vr_cmdline own = *all;
  const struct vr_cmdline *c = &own;
  for (own.argc = 0; own.argc < all->argc; own.argc++)
    if (strcmp(all->argv[own.argc], "--") == 0)
      break;
  if (!has_command(c, VR_PATTERNS("run", "sandbox"),
                   VR_PATTERNS("debug", "version", "help")))
    return -ENOENT;
  const char *v = option(c, "name");
  if (!v)
    v = option(c, "n");
  if (v)
    copy_name(ret, v, strlen(v));
  if ((v = option(c, "cpus")) || (v = option(c, "c")))
    ret->vcpus = to_count(v);
  if ((v = option(c, "mem")) || (v = option(c, "m")))
    vr_cmdline_parse_size(v, MIB, &ret->memory);
  vr_nics_of_option(c, "network", "guest_mac", &ret->nics);
  return 0;
}

/* --- the table: a new VMM is its parser above and its row here --- */

const struct vr_recogniser vr_vmm_others[] = {
    {
        .vmm = "firecracker",
        .programs = VR_PATTERNS("firecracker", "firecracker-v[0-9]*"),
        .vcpu_threads = VR_PATTERNS("fc_vcpu [0-9]*"),
        .accelerator = VR_ACCEL_KVM,
        .parse = parse_firecracker,
    },
    {
        .vmm = "cloud-hypervisor",
        .programs = VR_PATTERNS("cloud-hypervisor", "cloud-hypervisor-*"),
        .vcpu_threads = VR_PATTERNS("vcpu[0-9]*"),
        .accelerator = VR_ACCEL_KVM,
        .parse = parse_cloud_hypervisor,
    },
    {
        .vmm = "crosvm",
        .programs = VR_PATTERNS("crosvm"),
        .vcpu_threads = VR_PATTERNS("crosvm_vcpu[0-9]*"),
        .accelerator = VR_ACCEL_KVM,
        .parse = parse_crosvm,
    },
    {
        .vmm = "vmware",
        .programs =
            VR_PATTERNS("vmware-vmx", "vmware-vmx-debug", "vmware-vmx-stats"),
        .vcpu_threads = VR_PATTERNS("vmx-vcpu-[0-9]*"),
        .accelerator = VR_ACCEL_OTHER,
        .parse = parse_vmware,
    },
    {
        .vmm = "virtualbox",
        .programs = VR_PATTERNS("VBoxHeadless", "VirtualBoxVM", "VBoxSDL"),
        .vcpu_threads = VR_PATTERNS("EMT", "EMT-[0-9]*"),
        .accelerator = VR_ACCEL_OTHER,
        .parse = parse_virtualbox,
    },
    {
        .vmm = "stratovirt",
        .programs = VR_PATTERNS("stratovirt"),
        .vcpu_threads = VR_PATTERNS("CPU [0-9]*/KVM"),
        .accelerator = VR_ACCEL_KVM,
        .parse = parse_stratovirt,
    },
    {
        .vmm = "kvmtool",
        .programs = VR_PATTERNS("lkvm", "kvmtool"),
        .vcpu_threads = VR_PATTERNS("kvm-vcpu-[0-9]*"),
        .accelerator = VR_ACCEL_KVM,
        .parse = parse_kvmtool,
    },
    {.vmm = NULL},
};
