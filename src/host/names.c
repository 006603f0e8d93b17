/* SPDX-License-Identifier: MIT */
#include "host/names.h"

#include <stdio.h>
#include <string.h>

void vr_name_sanitise(const char *raw, char ret[VR_NAME_MAX]) {
  size_t n = strlen(raw);
  if (n > VR_NAME_LENGTH) {
    n = VR_NAME_LENGTH;
    /* 10xxxxxx continues a character: cut before its first byte. */
    while (n > 0 && ((unsigned char)raw[n] & 0xC0) == 0x80)
      n--;
  }
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)raw[i];
    ret[i] = c < 0x20 || c == 0x7F || c == '/' ? '_' : (char)c;
  }
  ret[n] = '\0';
  /* Writers make directories of names: none may be hidden, or "..". */
  if (ret[0] == '.')
    ret[0] = '_';
}

void vr_name_suffix(char name[VR_NAME_MAX], const char *suffix) {
  size_t n = strlen(name);
  snprintf(name + n, VR_NAME_MAX - n, "-%s", suffix);
}
