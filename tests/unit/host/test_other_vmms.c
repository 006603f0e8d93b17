/* SPDX-License-Identifier: MIT
 *
 * A tree of /proc for each VMM, recorded where it runs, else built from its
 * documentation (the first line of the tree says so). What a guest is was read
 * off the tree by eye; its series come from tests/tools/read-proc, a reader in
 * shell and awk that shares nothing with ours.
 *
 * The trees kernel-N were recorded on these kernels by
 * tests/tools/record-kernel: a process that looks like a guest, with a tap and
 * a control group, and the machine's own files, whose series come from
 * tests/tools/read-host.
 */
#include "../unit.h"

#include "guests.h"

#include "host/emit_samples.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB (1ULL << 20)

static const struct vmm {
  const char *tree, *name, *uuid;
  unsigned vcpus;
  uint64_t memory;
  enum vr_accelerator accelerator;
} vmms[] = {
    {"qemu-named", "named", "", 2, 256 * MIB, VR_ACCEL_TCG},
    {"qemu-nodebug", "plain", "", 2, 256 * MIB, VR_ACCEL_TCG},
    {"qemu-libvirt", "virty", "c480f677-d5ac-44f1-b585-bfa84ecfd130", 1,
     256 * MIB, VR_ACCEL_TCG},
    {"qemu-microvm", "22222222-2222-4333-8444-555555555555",
     "22222222-2222-4333-8444-555555555555", 2, 512 * MIB, VR_ACCEL_TCG},
    {"qemu-scope", "my_web", "", 1, 1024 * MIB, VR_ACCEL_KVM},
    {"proxmox", "web", "11111111-2222-4333-8444-555555555555", 2, 2048 * MIB,
     VR_ACCEL_KVM},
    {"kata-qemu", "sandbox-8d1c0ffee", "f0e1d2c3-0000-4000-8000-112233445566",
     1, 2048 * MIB, VR_ACCEL_KVM},
    {"kata-clh", "8d1c0ffee", "", 1, 0, VR_ACCEL_KVM},
    {"cloud-hypervisor", "db", "", 2, 1024 * MIB, VR_ACCEL_KVM},
    {"firecracker", "fc-web", "", 1, 0, VR_ACCEL_KVM},
    {"firecracker-jailed", "551e7604-e35c-42b3-b825-416853441234", "", 2,
     1024 * MIB, VR_ACCEL_KVM},
    {"crosvm", "lite", "", 2, 512 * MIB, VR_ACCEL_KVM},
    {"vmware", "Windows 10 (lab)", "564d1234-5678-9abc-def0-123456789abc", 2,
     4096 * MIB, VR_ACCEL_OTHER},
    {"virtualbox", "build box", "cb568998-d8b4-40d4-a6e7-c92aea5aee3d", 2, 0,
     VR_ACCEL_OTHER},
    {"virtualbox-gui", "desk", "0b568998-d8b4-40d4-a6e7-c92aea5aee3d", 1, 0,
     VR_ACCEL_OTHER},
    {"kvmtool", "tiny", "", 2, 64 * MIB, VR_ACCEL_KVM},
    {"stratovirt", "sv", "", 2, 512 * MIB, VR_ACCEL_KVM},
    {"kernel-5.10", "old", "", 2, 128 * MIB, VR_ACCEL_TCG},
    {"kernel-6.1", "old", "", 2, 128 * MIB, VR_ACCEL_TCG},
    {"kernel-6.12", "old", "", 2, 128 * MIB, VR_ACCEL_TCG},
};

/* The lines that a reader of the series would print. */
struct lines {
  size_t n;
  char v[64][128];
};

static void add_line(void *ctx, const struct vr_emitted *s) {
  struct lines *l = ctx;
  char *out = l->v[l->n++];
  int at = snprintf(out, 128, "%s-%s", s->type, s->instance);
  /* What the command line says is checked apart. */
  if (strcmp(out, "count-vcpus") == 0 || strcmp(s->type, "gauge") == 0 ||
      strcmp(out, "memory-configured") == 0) {
    l->n--;
    return;
  }
  for (size_t i = 0; i < s->n; i++)
    at += s->values[i].kind == VR_DERIVE
              ? snprintf(out + at, (size_t)(128 - at), " %" PRId64,
                         s->values[i].number.derive)
              : snprintf(out + at, (size_t)(128 - at), " %.0f",
                         s->values[i].number.gauge);
}

static void add_host_line(void *ctx, const struct vr_emitted *s) {
  struct lines *l = ctx;
  char *out = l->v[l->n++];
  int at = snprintf(out, 128, "%s-%s", s->type, s->instance);
  for (size_t i = 0; i < s->n; i++)
    at += s->values[i].kind == VR_DERIVE
              ? snprintf(out + at, (size_t)(128 - at), " %" PRId64,
                         s->values[i].number.derive)
              : snprintf(out + at, (size_t)(128 - at), " %.2f",
                         s->values[i].number.gauge);
}

static int compare(const void *a, const void *b) {
  return strcmp((const char *)a, (const char *)b);
}

static FILE *golden(const char *tree, const char *kind) {
  char path[512];
  snprintf(path, sizeof(path), "%s/proc/%s.%s", getenv("VR_TEST_DATA"), tree,
           kind);
  return fopen(path, "r");
}

static void check_lines(struct lines *ours, FILE *f) {
  char expected[160];
  size_t i = 0;
  qsort(ours->v, ours->n, sizeof(ours->v[0]), compare);
  for (; fgets(expected, sizeof(expected), f); i++) {
    expected[strcspn(expected, "\n")] = '\0';
    assert_string_equal(i < ours->n ? ours->v[i] : "(none)", expected);
  }
  assert_int_equal(i, ours->n);
  assert_true(i > 0);
  fclose(f);
}

static void check_series(const char *tree, const struct vr_vmproc_sample *s) {
  struct lines ours = {0};
  FILE *f = golden(tree, "series");
  assert_non_null(f);
  vr_emit_vmproc(s, VR_EVERY_GROUP, add_line, &ours);
  check_lines(&ours, f);
}

static void check_machine(const char *tree, const struct vr_host *h) {
  struct lines ours = {0};
  FILE *f = golden(tree, "host");
  if (!f)
    return;
  vr_emit_host(vr_host_self(h), VR_EVERY_GROUP, add_host_line, &ours);
  check_lines(&ours, f);
}

static void knows(void **state) {
  const struct vmm *m = *state;
  char file[128];
  snprintf(file, sizeof(file), "%s.tree", m->tree);
  struct tree t = tree_load(file);
  struct vr_host *h = reader_new(&t, 1000);
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 1);
  const struct vr_vmproc_sample *s = vr_host_vmproc(h, 0);
  assert_string_equal(s->name, m->name);
  assert_string_equal(s->vm->uuid, m->uuid);
  assert_int_equal(s->vcpus, m->vcpus);
  assert_int_equal(s->memory, m->memory);
  assert_int_equal(s->accelerator, m->accelerator);
  /* Only a guest of KVM's can have one, and here nobody says that it has. */
  assert_int_equal(s->steal_clock, m->accelerator == VR_ACCEL_TCG
                                       ? VR_STEAL_CLOCK_NONE
                                       : VR_STEAL_CLOCK_UNKNOWN);
  check_series(m->tree, s);
  check_machine(m->tree, h);
  assert_int_equal(log_count(), 0);
  vr_host_free(h);
  tree_free(&t);
}

int main(void) {
  enum { N = sizeof(vmms) / sizeof(vmms[0]) };
  struct CMUnitTest tests[N] = {0};
  for (size_t i = 0; i < N; i++) {
    tests[i].name = vmms[i].tree;
    tests[i].test_func = knows;
    tests[i].initial_state = (void *)(uintptr_t)&vmms[i];
  }
  return cmocka_run_group_tests(tests, NULL, NULL);
}
