/* SPDX-License-Identifier: MIT
 *
 * collectd's own types.db, for the tables that must agree with it.
 */
#ifndef VR_TESTS_TYPES_DB_H
#define VR_TESTS_TYPES_DB_H

#include "../unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Finds TYPE's line, after its name. Skips the test where there is no types.db.
 */
static inline bool types_db_find(const char *type, char *ret_rest,
                                 size_t size) {
  const char *path = getenv("VR_TYPES_DB");
  FILE *f = fopen(path ? path : "/usr/share/collectd/types.db", "re");
  if (!f)
    skip();
  char line[1024];
  bool found = false;
  size_t n = strlen(type);
  while (!found && fgets(line, sizeof(line), f))
    if (strncmp(line, type, n) == 0 && strchr(" \t", line[n])) {
      snprintf(ret_rest, size, "%s", line + n);
      found = true;
    }
  fclose(f);
  return found;
}

#endif
