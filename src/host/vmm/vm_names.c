/* SPDX-License-Identifier: MIT */
#include "host/vmm/vm_names.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Length of the UTF-8 character that S, whose end is a NUL, begins with; 0 if
 * it begins with none. (RFC 3629: the shortest form only, no surrogates,
 * nothing above U+10FFFF.) */
static size_t character(const unsigned char *s) {
  size_t n = s[0] < 0x80   ? 1
             : s[0] < 0xC2 ? 0
             : s[0] < 0xE0 ? 2
             : s[0] < 0xF0 ? 3
             : s[0] < 0xF5 ? 4
                           : 0;
  for (size_t i = 1; i < n; i++)
    if ((s[i] & 0xC0) != 0x80)
      return 0;
  bool overlong =
      (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
  bool surrogate = s[0] == 0xED && s[1] >= 0xA0;
  bool beyond = s[0] == 0xF4 && s[1] >= 0x90;
  return overlong || surrogate || beyond ? 0 : n;
}

/* The N bytes of RAW into RET, which may be the same: what is no text, cannot
 * be printed or would be taken for a directory becomes an underscore. */
static void clean(const char *raw, size_t n, char *ret) {
  for (size_t i = 0; i < n;) {
    const unsigned char *c = (const unsigned char *)raw + i;
    size_t length = character(c);
    if (length == 0 || *c < 0x20 || *c == 0x7F || *c == '/') {
      ret[i++] = '_';
      continue;
    }
    memmove(ret + i, c, length);
    i += length;
  }
}

void vr_vm_name_sanitise(const char *raw, char ret[VR_NAME_MAX]) {
  size_t n = strlen(raw);
  if (n > VR_NAME_LENGTH) {
    n = VR_NAME_LENGTH;
    /* 10xxxxxx continues a character: cut before its first byte. */
    while (n > 0 && ((unsigned char)raw[n] & 0xC0) == 0x80)
      n--;
  }
  clean(raw, n, ret);
  ret[n] = '\0';
  /* Writers make directories of names: none may be hidden, or "..". */
  if (ret[0] == '.')
    ret[0] = '_';
}

void vr_vm_name_suffix(char name[VR_NAME_MAX], const char *suffix) {
  size_t n = strlen(name);
  snprintf(name + n, VR_NAME_MAX - n, "-%s", suffix);
  clean(name + n, strlen(name + n), name + n);
}

/* FNV-1a */
static uint64_t hash_of(const char *text) {
  uint64_t h = UINT64_C(0xcbf29ce484222325);
  for (; *text; text++)
    h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
  return h;
}

void vr_vm_name_fit(const char *whole, char *ret, size_t size) {
  enum { TAIL = 1 + 16 };
  size_t n = strlen(whole);
  if (n < size) {
    memcpy(ret, whole, n + 1);
    return;
  }
  for (n = size - 1 - TAIL; n > 0 && ((unsigned char)whole[n] & 0xC0) == 0x80;)
    n--;
  memmove(ret, whole, n);
  snprintf(ret + n, size - n, "-%016" PRIx64, hash_of(whole));
}
