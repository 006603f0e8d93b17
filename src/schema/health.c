/* SPDX-License-Identifier: MIT */
#include "schema/health.h"

#include "vmrecon-config.h"

#include <stdio.h>
#include <string.h>

static const struct vr_health_info healths[VR_HEALTHS] = {
    [VR_HEALTH_VERSION] = {"gauge", "version", false},
    [VR_HEALTH_GUESTS] = {"count", "guests", false},
    [VR_HEALTH_READ] = {"duration", "read", false},
    [VR_HEALTH_READ_CPU] = {"derive", "read_cpu", true},
    [VR_HEALTH_ANSWERED] = {"count", "target_guests", false},
    [VR_HEALTH_WITHHELD] = {"derive", "target_withheld", true},
    [VR_HEALTH_LATE] = {"derive", "target_late", true},
    [VR_HEALTH_DROPPED] = {"derive", "target_dropped", true},
    [VR_HEALTH_MODEL_AGE] = {"gauge", "target_model_age", false},
};

const struct vr_health_info *vr_schema_health(enum vr_health h) {
  return &healths[h];
}

bool vr_schema_health_is(const char *type, const char *instance) {
  for (int h = 0; h < VR_HEALTHS; h++)
    if (strcmp(healths[h].type, type) == 0 &&
        strcmp(healths[h].instance, instance) == 0)
      return true;
  return false;
}

double vr_schema_health_version(const char *text) {
  unsigned major = 0, minor = 0, patch = 0;
  sscanf(text, "%u.%u.%u", &major, &minor, &patch);
  return 10000.0 * major + 100.0 * minor + patch;
}

double vr_schema_health_own_version(void) {
  return vr_schema_health_version(PACKAGE_VERSION);
}
