/* SPDX-License-Identifier: MIT */
#include "host/vmm/loader.h"

#include <fnmatch.h>
#include <string.h>

static const char *const loaders[] = {
    "ld-linux*.so.*", "ld-musl-*.so.*", "ld-[0-9]*.so",  "ld64.so.*",  "box64",
    "FEXInterpreter", "qemu-x86_64*",   "qemu-aarch64*", "*-binfmt-P",
};

/* Their options without a value. */
static const char *const switches[] = {"inhibit-cache", "strace", "singlestep",
                                       "one-insn-per-tb"};

static bool is_loader(const char *path) {
  const char *name = vr_cmdline_basename(path);
  for (size_t i = 0; i < sizeof(loaders) / sizeof(loaders[0]); i++)
    if (fnmatch(loaders[i], name, 0) == 0)
      return true;
  return false;
}

/* How many arguments the option OPTION takes, itself included. */
static int length_of(const char *option) {
  const char *name = option + strspn(option, "-");
  for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
    if (strcmp(name, switches[i]) == 0)
      return 1;
  return strchr(name, '=') ? 1 : 2;
}

bool vr_loader_take_off(struct vr_cmdline *c, const char *exe) {
  if (!is_loader(exe[0] != '\0' || c->argc == 0 ? exe : c->argv[0]))
    return false;
  int at = 1;
  while (at < c->argc && c->argv[at][0] == '-')
    at += length_of(c->argv[at]);
  c->argc = at < c->argc ? c->argc - at : 0;
  memmove(c->argv, c->argv + at, (size_t)c->argc * sizeof(c->argv[0]));
  return true;
}
