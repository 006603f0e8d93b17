/* SPDX-License-Identifier: MIT */
#include "tools/vmrecon-net-input.h"

#include "tools/vmrecon-net-archive.h"
#include "topology/windows_file.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_GUESTS = 4000, MAX_PAIRS = 1 << 20 };

void vr_tools_input_clear(struct vr_tools_input *in) {
  vr_windows_clear(&in->windows);
  vr_survey_clear(&in->survey);
  vr_windows_matrix_clear(&in->matrix);
}

/* "CPUS:MEMORY:NIC", each may be empty. */
static int take_limit(struct vr_survey *s, const struct vr_tools_pair *pair,
                      struct vr_error *ret_error) {
  double x[3] = {NAN, NAN, NAN};
  const char *at = pair->value;
  for (int i = 0; i < 3 && at; i++) {
    char *end = (char *)(uintptr_t)at;
    if (*at && *at != ':')
      x[i] = strtod(at, &end);
    if ((*end && *end != ':') || x[i] < 0)
      return vr_error_set(ret_error, -EINVAL,
                          "--host %.100s: \"%.100s\" is not "
                          "CPUS:MEMORY:NIC",
                          pair->name, pair->value);
    at = *end ? end + 1 : NULL;
  }
  return vr_survey_set_host(s, pair->name, x[0], x[1], x[2]);
}

int vr_tools_input_read(const struct vr_tools_options *o,
                        struct vr_tools_input *ret,
                        struct vr_error *ret_error) {
  struct stat st;
  vr_windows_init(&ret->windows, MAX_GUESTS, MAX_PAIRS);
  vr_survey_init(&ret->survey, MAX_GUESTS);
  ret->survey.overcommit = o->overcommit;
  if (stat(o->input, &st) < 0)
    return vr_error_set(ret_error, -errno, "%s: %s", o->input, strerror(errno));
  int r =
      S_ISDIR(st.st_mode)
          ? vr_tools_archive_read(o, &ret->windows, &ret->survey, ret_error)
          : vr_windows_read(o->input, &ret->windows, &ret->survey, ret_error);
  for (size_t i = 0; r == 0 && i < o->n_limits; i++)
    r = take_limit(&ret->survey, &o->limits[i], ret_error);
  if (r < 0)
    return r;
  r = vr_windows_matrix(&ret->windows, &ret->matrix);
  return r < 0 ? vr_error_set(ret_error, r, "%s: %s", o->input, strerror(-r))
               : 0;
}
