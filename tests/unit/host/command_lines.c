/* SPDX-License-Identifier: MIT */
#include "command_lines.h"

#include "host/vmm/cmdline.h"
#include "host/vmm/recognise.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int command_line_parse_in(int dirfd, const char *exe, const char *line,
                          struct vr_vm *ret) {
  static char text[8192];
  static struct vr_cmdline c;
  size_t n = strlen(line);
  if (n >= sizeof(text))
    abort();
  for (size_t i = 0; i <= n; i++)
    text[i] = line[i] == '|' ? '\0' : line[i];
  vr_cmdline_split(text, n, &c);
  memset(ret, 0, sizeof(*ret));
  const struct vr_recogniser *r = vr_recognise_program(&c, exe);
  if (!r)
    return -ESRCH;
  ret->accelerator = r->accelerator;
  return r->parse(&c, dirfd, ret);
}

int command_line_parse(const char *exe, const char *line, struct vr_vm *ret) {
  return command_line_parse_in(-1, exe, line, ret);
}
