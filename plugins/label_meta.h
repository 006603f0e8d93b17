/* SPDX-License-Identifier: MIT
 *
 * What a guest is called and whose it is, as meta data of its values.
 */
#ifndef VR_PLUGINS_LABEL_META_H
#define VR_PLUGINS_LABEL_META_H

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"

/* Meta data vmrecon:uuid, vmrecon:title and vmrecon:project, of what is known;
 * NULL where nothing is. The caller's, to be freed with meta_data_destroy(). */
meta_data_t *vr_label_meta_new(const char *uuid, const char *title,
                               const char *project);

/* The meta data of VL, if it is of this kind and of this daemon; else NULL. */
meta_data_t *vr_label_meta_of(const value_list_t *vl);

#endif
