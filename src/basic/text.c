/* SPDX-License-Identifier: MIT */
#include "basic/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

void vr_text_append(struct vr_text *t, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int n = vsnprintf(t->at, t->left, format, args);
  va_end(args);
  size_t used = n <= 0 ? 0 : (size_t)n < t->left ? (size_t)n : t->left - 1;
  t->at += used;
  t->left -= used;
}

/* How many bytes of a UTF-8 character begin at P; 0: none does. */
static size_t utf8_length(const unsigned char *p) {
  size_t n = *p < 0x80   ? 1
             : *p < 0xc2 ? 0
             : *p < 0xe0 ? 2
             : *p < 0xf0 ? 3
             : *p < 0xf5 ? 4
                         : 0;
  for (size_t i = 1; i < n; i++)
    if ((p[i] & 0xc0) != 0x80)
      return 0;
  return n;
}

/* Is what begins at P, of N bytes as above, a control character? */
static bool is_control(const unsigned char *p, size_t n) {
  if (n == 0)
    return *p < 0xa0;
  return *p < 0x20 || *p == 0x7f || (n == 2 && *p == 0xc2 && p[1] < 0xa0);
}

void vr_text_printable(const char *text, char *ret, size_t size) {
  struct vr_text to = {.at = ret, .left = size};
  *ret = '\0';
  for (const unsigned char *p = (const unsigned char *)text; *p;) {
    size_t n = utf8_length(p), bytes = n > 0 ? n : 1;
    bool control = is_control(p, n);
    if (to.left <= (control ? 4 * bytes : bytes))
      return;
    if (control)
      for (size_t i = 0; i < bytes; i++)
        vr_text_append(&to, "\\x%02x", p[i]);
    else
      vr_text_append(&to, "%.*s", (int)bytes, (const char *)p);
    p += bytes;
  }
}

bool vr_text_has_control(const char *text) {
  for (const unsigned char *p = (const unsigned char *)text; *p;) {
    size_t n = utf8_length(p);
    if (is_control(p, n))
      return true;
    p += n > 0 ? n : 1;
  }
  return false;
}

int vr_text_index(const char *const *names, size_t n, const char *text) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(names[i], text) == 0)
      return (int)i;
  return -ENOENT;
}

static const struct vr_text_flag *flag_of(const struct vr_text_flag *flags,
                                          size_t n, const char *word,
                                          size_t length) {
  for (size_t i = 0; i < n; i++)
    if (strlen(flags[i].word) == length &&
        strncasecmp(word, flags[i].word, length) == 0)
      return &flags[i];
  return NULL;
}

int vr_text_flags(const char *text, const struct vr_text_flag *flags, size_t n,
                  unsigned *ret_bits) {
  static const char blanks[] = " \t";
  unsigned bits = *ret_bits;
  for (text += strspn(text, blanks); *text; text += strspn(text, blanks)) {
    size_t length = strcspn(text, blanks);
    const struct vr_text_flag *flag = flag_of(flags, n, text, length);
    if (!flag)
      return -EINVAL;
    bits = flag->bits ? bits | flag->bits : 0;
    text += length;
  }
  *ret_bits = bits;
  return 0;
}
