/* SPDX-License-Identifier: MIT
 *
 * Series that say something of a guest only as long as its vCPU threads sleep
 * while it is idle.
 */
#ifndef VR_SCHEMA_IDLE_SIGNALS_H
#define VR_SCHEMA_IDLE_SIGNALS_H

#include <stdbool.h>

/* Is the series that PATTERN stands for (with or without a data source) one:
 * how long the vCPU threads ran and how often they slept, by our own plugin or
 * by collectd's virt? Such a number of a guest whose idle time is hidden (enum
 * vr_idle) says that it is busy. */
bool vr_schema_shows_idle(const char *pattern);

#endif
