/* SPDX-License-Identifier: MIT */
#include "topology/parse_json.h"

#include "topology/escape.h"

#include <errno.h>

json_t *vr_parse_json(const char *name, const char *text, size_t flags,
                      struct vr_error *ret_error) {
  json_error_t error;
  char what[JSON_ERROR_TEXT_LENGTH * 4];
  json_t *root = json_loads(text, flags, &error);
  if (!root)
    vr_error_set(ret_error, -EINVAL, "%.200s:%d: %.300s", name, error.line,
                 vr_escape_text(error.text, what, sizeof(what)));
  return root;
}
