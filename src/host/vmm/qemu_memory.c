/* SPDX-License-Identifier: MIT */
#include "host/vmm/qemu_memory.h"

#include "basic/cleanup.h"
#include "host/vmm/qemu_machine.h"
#include "host/vmm/qemu_option.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)

/* QEMU's own default for most machines. */
#define DEFAULT_MEMORY (128 * MIB)

/* The memory backends (-object) by their names. */
struct backend {
  char id[128];
  uint64_t bytes;
};

struct backends {
  struct backend *v;
  size_t count;
};

static void backends_free(struct backends *b) { free(b->v); }

static void backends_read(const struct vr_cmdline *c, struct backends *b) {
  const char *v;
  char type[64], size[64];
  b->v = calloc(VR_ARGS_MAX, sizeof(*b->v));
  for (int at = 1; b->v && (v = vr_cmdline_option(c, "object", &at));) {
    struct backend *next = &b->v[b->count];
    if (vr_qemu_option_key(v, "qom-type", "qom-type", type, sizeof(type)) &&
        strncmp(type, "memory-backend-", 15) == 0 &&
        vr_qemu_option_key(v, "id", NULL, next->id, sizeof(next->id)) &&
        vr_qemu_option_key(v, "size", NULL, size, sizeof(size)) &&
        vr_cmdline_parse_size(size, 1, &next->bytes))
      b->count++;
  }
}

/* 0 where no backend has this name. */
static uint64_t backend_bytes(const struct backends *b, const char *id) {
  for (size_t i = 0; i < b->count; i++)
    if (strcmp(b->v[i].id, id) == 0)
      return b->v[i].bytes;
  return 0;
}

static void of_machine(const char *option, const struct backends *b,
                       uint64_t *ret) {
  char text[128];
  if (vr_qemu_option_key(option, "memory-backend", NULL, text, sizeof(text)))
    *ret = backend_bytes(b, text);
  if (vr_qemu_option_key(option, "memory.size", NULL, text, sizeof(text)) ||
      vr_qemu_option_key(option, "memory", NULL, text, sizeof(text)))
    vr_cmdline_parse_size(text, MIB, ret);
}

/* What the machine has before any device; 0: not known. */
static uint64_t base_memory(const struct vr_cmdline *c, bool defaults,
                            const struct backends *b) {
  static const char *const machine[] = {"machine", "M"};
  uint64_t bytes = 0;
  char type[VR_QEMU_MACHINE_MAX], size[64];
  const char *v;
  int at;
  for (size_t i = 0; i < 2; i++)
    for (at = 1; (v = vr_cmdline_option(c, machine[i], &at));)
      of_machine(v, b, &bytes);
  for (at = 1; (v = vr_cmdline_option(c, "m", &at));)
    if (vr_cmdline_optstring_get(v, "size", "size", size, sizeof(size)))
      vr_cmdline_parse_size(size, MIB, &bytes);
  vr_qemu_machine_type(c, type);
  return bytes == 0 && defaults && vr_qemu_machine_is_common(type)
             ? DEFAULT_MEMORY
             : bytes;
}

/* The size of a device's backend goes to one of the sums; false where it is
 * not known. */
static bool add_device(const char *option, const char *driver,
                       const struct backends *b, uint64_t *memory,
                       uint64_t *pmem) {
  char text[128];
  bool is_pmem =
      strcmp(driver, "nvdimm") == 0 || fnmatch("virtio-pmem*", driver, 0) == 0;
  /* Of its backend it gives the guest what was asked for last. */
  if (fnmatch("virtio-mem*", driver, 0) == 0) {
    uint64_t bytes = 0;
    if (vr_qemu_option_key(option, "requested-size", NULL, text, sizeof(text)))
      vr_cmdline_parse_size(text, 1, &bytes);
    *memory += bytes;
    return true;
  }
  if (!is_pmem && strcmp(driver, "pc-dimm") != 0)
    return true;
  uint64_t bytes =
      vr_qemu_option_key(option, "memdev", NULL, text, sizeof(text))
          ? backend_bytes(b, text)
          : 0;
  *(is_pmem ? pmem : memory) += bytes;
  return is_pmem || bytes > 0;
}

void vr_qemu_memory_parse(const struct vr_cmdline *c, bool defaults,
                          struct vr_vm *ret) {
  vr_cleanup(backends_free) struct backends b = {0};
  char driver[64];
  const char *v;
  backends_read(c, &b);
  uint64_t memory = base_memory(c, defaults, &b);
  bool known = memory > 0;
  ret->pmem = 0;
  for (int at = 1; (v = vr_cmdline_option(c, "device", &at));)
    if (vr_qemu_option_key(v, "driver", "driver", driver, sizeof(driver)))
      known &= add_device(v, driver, &b, &memory, &ret->pmem);
  ret->memory = known ? memory : 0;
}
