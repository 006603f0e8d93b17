/* SPDX-License-Identifier: MIT
 *
 * Series about vmrecon itself, HOST/vmrecon/TYPE-INSTANCE: of the read plugin,
 * and of the target in the same or another daemon.
 */
#ifndef VR_SCHEMA_HEALTH_H
#define VR_SCHEMA_HEALTH_H

#include <stdbool.h>

enum vr_health {
  VR_HEALTH_VERSION,   /* of the read plugin, else of the target:
                          1.2.3 is 10203 */
  VR_HEALTH_GUESTS,    /* that were read */
  VR_HEALTH_READ,      /* seconds that the last reading took */
  VR_HEALTH_READ_CPU,  /* ns of CPU time that readings took */
  VR_HEALTH_ANSWERED,  /* guests that the target knows */
  VR_HEALTH_WITHHELD,  /* values that it has published as unknown */
  VR_HEALTH_LATE,      /* values that came too late for it */
  VR_HEALTH_DROPPED,   /* values that waited in vain for collectd's queue */
  VR_HEALTH_MODEL_AGE, /* seconds since the newest file in ModelDir changed;
                          absent where there is none */
  VR_HEALTHS
};

/* Of collectd's types; derive is a count, the others are levels. */
struct vr_health_info {
  const char *type, *instance;
  bool is_count;
};

/* H must be below VR_HEALTHS. */
const struct vr_health_info *vr_schema_health(enum vr_health h);

/* Is HOST/vmrecon/TYPE-INSTANCE one of them, and no signal of the host? */
bool vr_schema_health_is(const char *type, const char *instance);

/* "1.2.3" as a number. */
double vr_schema_health_version(const char *text);

/* That of this program. */
double vr_schema_health_own_version(void);

#endif
