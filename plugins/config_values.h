/* SPDX-License-Identifier: MIT
 *
 * Values of options in collectd.conf, as several plugins take them.
 */
#ifndef VR_PLUGINS_CONFIG_VALUES_H
#define VR_PLUGINS_CONFIG_VALUES_H

#include "collectd/core/daemon/collectd.h"

#include "collectd/liboconfig/oconfig.h"

#include <stdbool.h>

/* Is the option's only value a string? */
bool vr_config_is_one_string(const oconfig_item_t *ci);

/* A number from MIN to MAX. Returns 0, or -1 for any other value; then a
 * message of PLUGIN names the option and the range. */
int vr_config_number(const char *plugin, const oconfig_item_t *ci, double min,
                     double max, double *ret);

/* A path, which is kept as long as the plugin. Returns 0, or -1 with a message.
 */
int vr_config_path(const oconfig_item_t *ci, const char **ret_path);

/* All values with blanks between them, as plugins get them that take one.
 * Returns 0, or -EINVAL where one is no string or they are longer than SIZE. */
int vr_config_join(const oconfig_item_t *ci, char *text, size_t size);

#endif
