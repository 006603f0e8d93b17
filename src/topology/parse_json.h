/* SPDX-License-Identifier: MIT
 *
 * JSON of files of users.
 */
#ifndef VR_TOPOLOGY_PARSE_JSON_H
#define VR_TOPOLOGY_PARSE_JSON_H

#include "basic/error.h"

#include <jansson.h>

/* The value that TEXT, of the file NAME, is; FLAGS are those of json_loads().
 * NULL where it is none: *ret_error has the file, the line and what is wrong
 * (-EINVAL). The caller's to unref. */
json_t *vr_parse_json(const char *name, const char *text, size_t flags,
                      struct vr_error *ret_error);

#endif
