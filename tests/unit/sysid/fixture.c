/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include "../unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fixture_read(struct fixture *f, const char *name) {
  char path[512];
  const char *data = getenv("VR_TEST_DATA");
  snprintf(path, sizeof(path), "%s/sysid/%s", data ? data : "tests/data", name);
  FILE *file = fopen(path, "r");
  if (!file)
    fail_msg("%s cannot be read", path);
  memset(f, 0, sizeof(*f));
  while (f->n < 64 && fscanf(file, "%31s %zu", f->arrays[f->n].name,
                             &f->arrays[f->n].n) == 2) {
    double *v = calloc(f->arrays[f->n].n + 1, sizeof(*v));
    for (size_t k = 0; k < f->arrays[f->n].n; k++)
      if (fscanf(file, "%lf", &v[k]) != 1)
        fail_msg("%s: %s is not whole", path, f->arrays[f->n].name);
    f->arrays[f->n++].values = v;
  }
  fclose(file);
}

void fixture_free(struct fixture *f) {
  for (unsigned k = 0; k < f->n; k++)
    free(f->arrays[k].values);
}

const double *fixture_array(const struct fixture *f, const char *name,
                            size_t *ret_n) {
  for (unsigned k = 0; k < f->n; k++)
    if (strcmp(f->arrays[k].name, name) == 0) {
      if (ret_n)
        *ret_n = f->arrays[k].n;
      return f->arrays[k].values;
    }
  fail_msg("no array %s", name);
  return NULL;
}

double fixture_number(const struct fixture *f, const char *name) {
  return fixture_array(f, name, NULL)[0];
}
