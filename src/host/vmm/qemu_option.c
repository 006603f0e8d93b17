/* SPDX-License-Identifier: MIT */
#include "host/vmm/qemu_option.h"

#include <jansson.h>
#include <stdio.h>

static bool json_key(const char *option, const char *key, char *value,
                     size_t size) {
  json_t *object = json_loads(option, 0, NULL);
  const json_t *v = json_object_get(object, key);
  bool found = true;
  if (json_is_string(v))
    snprintf(value, size, "%s", json_string_value(v));
  else if (json_is_integer(v))
    snprintf(value, size, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
  else
    found = false;
  json_decref(object);
  return found;
}

bool vr_qemu_option_key(const char *option, const char *key,
                        const char *implied, char *value, size_t size) {
  return option[0] == '{'
             ? json_key(option, key, value, size)
             : vr_cmdline_optstring_get(option, key, implied, value, size);
}
