/* SPDX-License-Identifier: MIT
 *
 * Command lines: /proc/PID/cmdline as an argument vector, and the option
 * strings of VMMs (`-name guest=web,debug-threads=on`) inside it.
 */
#ifndef VR_HOST_VMM_CMDLINE_H
#define VR_HOST_VMM_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VR_ARGS_MAX = 1024 };

/* The arguments point into the text that was split. */
struct vr_cmdline {
  int argc;
  const char *argv[VR_ARGS_MAX];
};

/* Splits TEXT of LENGTH bytes at its NULs; TEXT[LENGTH] must be a NUL.
 * Arguments beyond VR_ARGS_MAX are left out. */
void vr_cmdline_split(const char *text, size_t length, struct vr_cmdline *ret);

/* What follows the last directory separator. */
const char *vr_cmdline_basename(const char *path);

/* The value of the option NAME (without dashes; "-NAME V", "--NAME V" and
 * "--NAME=V" are the same), searching from argument *POSITION (start with 1)
 * and leaving *POSITION behind it, so that repeated options can be walked. NULL
 * if there is none. */
const char *vr_cmdline_option(const struct vr_cmdline *c, const char *name,
                              int *position);

/* The same for an option that may be followed by several values: "--NAME V V".
 * Start with *POSITION 0. */
const char *vr_cmdline_listed(const struct vr_cmdline *c, const char *name,
                              int *position);

/* Whether the option NAME is there, with or without a value. */
bool vr_cmdline_has(const struct vr_cmdline *c, const char *name);

/* One key of a comma-separated option string, as QEMU writes them: "k=v,k=v",
 * a comma in a value doubled. IMPLIED names the key that a first part without
 * "=" belongs to (NULL: none). A part "k" alone counts as "k=on". The last of
 * several wins. Copies the value (cut to SIZE - 1) and returns true if the key
 * is there. */
bool vr_cmdline_optstring_get(const char *text, const char *key,
                              const char *implied, char *value, size_t size);

/* Whether TEXT is a uuid as it is usually written, 36 characters, and one that
 * identifies something: neither all zeros nor all ones. */
bool vr_cmdline_is_uuid(const char *text);

/* A size such as "512", "1.5G", "2048M": in bytes; a bare number counts in UNIT
 * bytes. Returns false if it is none. */
bool vr_cmdline_parse_size(const char *text, uint64_t unit,
                           uint64_t *ret_bytes);

#endif
