/* SPDX-License-Identifier: MIT */
#include "host/vmm/recognise.h"

#include "host/vmm/loader.h"
#include "host/vmm/other_vmms.h"
#include "host/vmm/qemu.h"
#include "host/vmm/qemu_shape.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const struct vr_recogniser vr_recognise_custom = {.vmm = "custom"};

static bool matches(const char *const *patterns, const char *text) {
  for (; *patterns; patterns++)
    if (fnmatch(*patterns, text, 0) == 0)
      return true;
  return false;
}

/* NixOS calls a program "x" ".x-wrapped" and puts a script in its place. */
static const char wrapped[] = "-wrapped";

static void unwrap(const char *name, char *ret, size_t size) {
  const size_t end = sizeof(wrapped) - 1;
  snprintf(ret, size, "%s", name);
  for (size_t n; (n = strlen(ret)) > end + 1 && ret[0] == '.' &&
                 strcmp(ret + n - end, wrapped) == 0;) {
    ret[n - end] = '\0';
    memmove(ret, ret + 1, n - end);
  }
}

static const struct vr_recogniser *of_program(const char *path) {
  char program[256];
  unwrap(vr_cmdline_basename(path), program, sizeof(program));
  if (matches(vr_qemu_recogniser.programs, program))
    return &vr_qemu_recogniser;
  for (const struct vr_recogniser *r = vr_vmm_others; r->vmm; r++)
    if (matches(r->programs, program))
      return r;
  return NULL;
}

void vr_recognise_exe(int dirfd, const char *path, char ret[VR_EXE_MAX]) {
  static const char deleted[] = " (deleted)";
  ssize_t n = readlinkat(dirfd, path, ret, VR_EXE_MAX - 1);
  ret[n > 0 ? n : 0] = '\0';
  /* The program was replaced while it ran. */
  size_t length = strlen(ret), end = sizeof(deleted) - 1;
  if (length > end && strcmp(ret + length - end, deleted) == 0)
    ret[length - end] = '\0';
}

/* The program's file is certain; who starts it may give it another name, as
 * the file itself may have one. */
const struct vr_recogniser *vr_recognise_program(struct vr_cmdline *c,
                                                 const char *exe) {
  if (vr_loader_take_off(c, exe))
    exe = "";
  if (c->argc == 0)
    return NULL;
  const struct vr_recogniser *r = of_program(exe);
  if (!r)
    r = of_program(c->argv[0]);
  return !r && vr_qemu_shape_fits(c) ? &vr_qemu_alike_recogniser : r;
}

const struct vr_recogniser *vr_recognise(struct vr_cmdline *c) {
  return vr_recognise_program(c, "");
}

/* The kernel keeps 15 characters of a name. */
enum { KEPT = 15 };

/* Whether NAME, from behind its dot, is what was kept of a wrapped program. */
static bool is_cut_of_wrapped(const char *pattern, const char *name) {
  size_t n = strlen(pattern);
  return strncmp(pattern, name, KEPT - 1) == 0 ||
         fnmatch(pattern, name, 0) == 0 ||
         (strncmp(pattern, name, n) == 0 &&
          strncmp(wrapped, name + n, strlen(name + n)) == 0);
}

static bool matches_cut(const char *const *patterns, const char *name) {
  char whole[64];
  if (strlen(name) == KEPT)
    for (const char *const *p = patterns; *p; p++)
      if (strncmp(*p, name, KEPT) == 0 ||
          (name[0] == '.' && is_cut_of_wrapped(*p, name + 1)))
        return true;
  unwrap(name, whole, sizeof(whole));
  return matches(patterns, whole);
}

bool vr_recognise_is_process_name(const char *name) {
  if (matches_cut(vr_qemu_recogniser.programs, name))
    return true;
  for (const struct vr_recogniser *r = vr_vmm_others; r->vmm; r++)
    if (matches_cut(r->programs, name))
      return true;
  return false;
}

static bool is_thread_of_any(const char *name) {
  if (matches(vr_qemu_recogniser.vcpu_threads, name))
    return true;
  for (const struct vr_recogniser *r = vr_vmm_others; r->vmm; r++)
    if (matches(r->vcpu_threads, name))
      return true;
  return false;
}

bool vr_recognise_is_vcpu_thread(const struct vr_recogniser *r,
                                 const char *name) {
  return r->vcpu_threads ? matches(r->vcpu_threads, name)
                         : is_thread_of_any(name);
}
