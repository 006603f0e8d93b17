/* SPDX-License-Identifier: MIT */
#include "tools/vmrecon-net-paths.h"

#include "basic/cleanup.h"
#include "topology/paths_print.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int read_instance(const struct vr_tools_options *o,
                         struct vr_instance *ret, struct vr_error *e) {
  int r = vr_instance_read(o->input, ret, e);
  if (r == 0 && ret->paths.n == 0) {
    vr_instance_clear(ret);
    r = vr_error_set(e, -ENODATA, "%s: underlay: there is none", o->input);
  }
  return r;
}

typedef char *(*format_fn)(const struct vr_instance *i,
                           const struct vr_paths_plan *plan);

static char *plan_as(const struct vr_instance *i, format_fn format) {
  vr_cleanup(vr_paths_plan_clear) struct vr_paths_plan plan = {0};
  return vr_paths_find(&i->paths, &plan) < 0 ? NULL : format(i, &plan);
}

static enum vr_exit print(const struct vr_tools_options *o, format_fn format,
                          const char *end) {
  struct vr_error e;
  vr_cleanup(vr_instance_clear) struct vr_instance i = {0};
  if (read_instance(o, &i, &e) < 0)
    return vr_tools_failed(&e);
  vr_auto_free char *text = plan_as(&i, format);
  if (!text) {
    vr_error_set(&e, -ENOMEM, "%s", strerror(ENOMEM));
    return vr_tools_failed(&e);
  }
  printf("%s%s", text, end);
  return VR_EXIT_OK;
}

enum vr_exit vr_tools_paths(const struct vr_tools_options *o) {
  return o->json ? print(o, vr_paths_json, "\n") : print(o, vr_paths_text, "");
}

enum vr_exit vr_tools_paths_dot(const struct vr_tools_options *o) {
  return print(o, vr_paths_dot, "");
}

char *vr_tools_paths_again(const struct vr_instance *i) {
  return plan_as(i, vr_paths_json);
}
