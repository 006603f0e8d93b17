/* SPDX-License-Identifier: MIT */
#include "emitted_list.h"

#include "collectd/core/utils/common/common.h"

bool vr_emitted_into(const struct vr_emitted *s, value_t values[VR_EMITTED_MAX],
                     value_list_t *list) {
  if (s->n > VR_EMITTED_MAX)
    return false;
  for (size_t i = 0; i < s->n; i++)
    if (s->values[i].kind == VR_DERIVE)
      values[i].derive = s->values[i].number.derive;
    else
      values[i].gauge = s->values[i].number.gauge;
  list->values = values;
  list->values_len = s->n;
  sstrncpy(list->type, s->type, sizeof(list->type));
  sstrncpy(list->type_instance, s->instance, sizeof(list->type_instance));
  return true;
}
