/* SPDX-License-Identifier: MIT */
#include "config_values.h"

#include "collectd/core/daemon/plugin.h"
#include "collectd/core/utils/common/common.h"

#include <errno.h>

bool vr_config_is_one_string(const oconfig_item_t *ci) {
  return ci->values_num == 1 && ci->values[0].type == OCONFIG_TYPE_STRING;
}

int vr_config_number(const char *plugin, const oconfig_item_t *ci, double min,
                     double max, double *ret) {
  double value;
  if (cf_util_get_double(ci, &value) != 0)
    return -1;
  if (!(value >= min && value <= max)) {
    ERROR("%s: %s must be %g to %g", plugin, ci->key, min, max);
    return -1;
  }
  *ret = value;
  return 0;
}

int vr_config_path(const oconfig_item_t *ci, const char **ret_path) {
  char *path = NULL;
  if (cf_util_get_string(ci, &path) != 0)
    return -1;
  *ret_path = path;
  return 0;
}

int vr_config_join(const oconfig_item_t *ci, char *text, size_t size) {
  size_t length = 0;
  text[0] = '\0';
  for (int i = 0; i < ci->values_num; i++) {
    if (ci->values[i].type != OCONFIG_TYPE_STRING)
      return -EINVAL;
    length += (size_t)snprintf(text + length, size - length, "%s%s",
                               i > 0 ? " " : "", ci->values[i].value.string);
    if (length >= size)
      return -EINVAL;
  }
  return 0;
}
