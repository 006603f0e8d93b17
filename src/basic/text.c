/* SPDX-License-Identifier: MIT */
#include "basic/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void vr_text_append(struct vr_text *t, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int n = vsnprintf(t->at, t->left, format, args);
  va_end(args);
  size_t used = n <= 0 ? 0 : (size_t)n < t->left ? (size_t)n : t->left - 1;
  t->at += used;
  t->left -= used;
}

int vr_text_index(const char *const *names, size_t n, const char *text) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(names[i], text) == 0)
      return (int)i;
  return -ENOENT;
}
