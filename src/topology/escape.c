/* SPDX-License-Identifier: MIT */
#include "topology/escape.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Length of the UTF-8 character at S, 0 if it is none or a control one. */
static size_t character(const unsigned char *s) {
  if (s[0] >= 0x20 && s[0] < 0x7f)
    return 1;
  size_t n = s[0] >= 0xc2 && s[0] < 0xe0   ? 2
             : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
             : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
                                           : 0;
  for (size_t i = 1; i < n; i++)
    if ((s[i] & 0xc0) != 0x80)
      return 0;
  /* C1 controls, surrogates, overlong forms, beyond Unicode. */
  if ((s[0] == 0xc2 && s[1] < 0xa0) || (s[0] == 0xe0 && s[1] < 0xa0) ||
      (s[0] == 0xed && s[1] >= 0xa0) || (s[0] == 0xf0 && s[1] < 0x90) ||
      (s[0] == 0xf4 && s[1] >= 0x90))
    return 0;
  /* Marks that turn the direction of what follows. */
  if (s[0] == 0xe2 && s[1] == 0x80 && s[2] >= 0x8b)
    return s[2] >= 0x90 && s[2] <= 0xa7 ? 3 : 0;
  if (s[0] == 0xe2 && s[1] == 0x81 && s[2] >= 0xa0 && s[2] <= 0xaf)
    return 0;
  return n;
}

static const char *escape(const char *name, const char *special, char *ret,
                          size_t size) {
  size_t used = 0;
  for (const unsigned char *s = (const unsigned char *)name; *s;) {
    size_t n = character(s);
    char piece[8];
    if (n == 0 || (n == 1 && strchr(special, *s))) {
      snprintf(piece, sizeof(piece), "\\x%02x", *s++);
    } else {
      memcpy(piece, s, n);
      piece[n] = '\0';
      s += n;
    }
    if (used + strlen(piece) + 4 > size) {
      snprintf(ret + used, size - used, "...");
      return ret;
    }
    strcpy(ret + used, piece);
    used += strlen(piece);
  }
  ret[used] = '\0';
  return ret;
}

const char *vr_escape_text(const char *name, char *ret, size_t size) {
  return escape(name, "\\", ret, size);
}

const char *vr_escape_dot(const char *name, char *ret, size_t size) {
  /* A backslash of ours would be one of graphviz's escapes. */
  escape(name, "\\\"<>{}|", ret, size);
  for (char *c = ret; *c; c++)
    if (*c == '\\')
      *c = '%';
  return ret;
}

const char *vr_escape_field(const char *name, char *ret, size_t size) {
  size_t used = 0;
  for (const unsigned char *s = (const unsigned char *)name; *s;) {
    size_t n = character(s), length = n > 0 ? n : 1;
    if (used + length >= size)
      break;
    if (n == 0 || *s == '/')
      ret[used] = '_';
    else
      memcpy(ret + used, s, n);
    used += length;
    s += length;
  }
  ret[used] = '\0';
  if (used == 0)
    snprintf(ret, size, "_");
  return ret;
}
