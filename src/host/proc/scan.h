/* SPDX-License-Identifier: MIT
 *
 * Scanning the kernel's text: the small steps that every parser of /proc takes.
 * All of them move *P only when they succeed, and never past a NUL.
 */
#ifndef VR_HOST_PROC_SCAN_H
#define VR_HOST_PROC_SCAN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline void vr_skip_blanks(const char **p) {
  while (**p == ' ' || **p == '\t')
    (*p)++;
}

/* An unsigned decimal number after optional blanks; it wraps at 2^64, as the
 * kernel's own counters do. */
static inline bool vr_scan_u64(const char **p, uint64_t *ret) {
  const char *s = *p;
  vr_skip_blanks(&s);
  if (*s < '0' || *s > '9')
    return false;
  uint64_t value = 0;
  for (; *s >= '0' && *s <= '9'; s++)
    value = value * 10 + (uint64_t)(*s - '0');
  *ret = value;
  *p = s;
  return true;
}

/* Moves over N blank-separated words. */
static inline bool vr_skip_words(const char **p, int n) {
  const char *s = *p;
  for (; n > 0; n--) {
    vr_skip_blanks(&s);
    if (*s == '\0' || *s == '\n')
      return false;
    while (*s != '\0' && *s != '\n' && *s != ' ' && *s != '\t')
      s++;
  }
  *p = s;
  return true;
}

/* Moves to the start of the next line; false at the end of the text. */
static inline bool vr_next_line(const char **p) {
  const char *end = strchr(*p, '\n');
  if (!end || end[1] == '\0')
    return false;
  *p = end + 1;
  return true;
}

/* If the text at *P begins with KEY, moves behind it. */
static inline bool vr_scan_key(const char **p, const char *key, size_t length) {
  if (strncmp(*p, key, length) != 0)
    return false;
  *p += length;
  return true;
}
#define VR_SCAN_KEY(p, literal) vr_scan_key(p, literal, sizeof(literal) - 1)

#endif
