/* SPDX-License-Identifier: MIT
 *
 * Names from outside, made safe to print: control characters and what is not
 * UTF-8 become \xHH, and so does what the form of the output gives a meaning.
 */
#ifndef VR_TOPOLOGY_ESCAPE_H
#define VR_TOPOLOGY_ESCAPE_H

#include <stddef.h>

/* For a terminal. RET has room for SIZE bytes; what is too long ends in
 * "...". Returns RET. */
const char *vr_escape_text(const char *name, char *ret, size_t size);

/* For a quoted name of graphviz. */
const char *vr_escape_dot(const char *name, char *ret, size_t size);

/* As a field of collectd's identifiers: no slash, nothing that is not
 * printable; never empty. */
const char *vr_escape_field(const char *name, char *ret, size_t size);

#endif
