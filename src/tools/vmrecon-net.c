/* SPDX-License-Identifier: MIT
 *
 * vmrecon-net: who talks to whom, as table, picture, pattern and advice; and a
 * look for stale entries in forwarding databases, and at the overlay.
 */
#include "tools/close_output.h"
#include "tools/vmrecon-net-doctor.h"
#include "tools/vmrecon-net-input.h"
#include "tools/vmrecon-net-options.h"
#include "tools/vmrecon-net-overlay.h"
#include "tools/vmrecon-net-paths.h"
#include "tools/vmrecon-net-show.h"
#include "tools/vmrecon-net-train.h"

#include "basic/cleanup.h"

#include <stdio.h>
#include <string.h>

static const struct {
  const char *name;
  enum vr_exit (*run)(const struct vr_tools_options *o,
                      const struct vr_tools_input *in);
} on_input[] = {{"matrix", vr_tools_matrix},
                {"topology", vr_tools_topology},
                {"dot", vr_tools_dot},
                {"advise", vr_tools_advise}};

static bool is_instance(const char *path) {
  char head[512] = "";
  vr_auto_fclose FILE *f = fopen(path, "re");
  size_t n = f ? fread(head, 1, sizeof(head) - 1, f) : 0;
  head[n] = '\0';
  return strstr(head, "vmrecon-instance") != NULL;
}

static enum vr_exit run(const struct vr_tools_options *o) {
  struct vr_error error;
  vr_cleanup(vr_tools_input_clear) struct vr_tools_input in = {0};
  if (strcmp(o->command, "doctor") == 0)
    return vr_tools_doctor(o);
  if (strcmp(o->command, "overlay") == 0)
    return vr_tools_overlay(o);
  if (strcmp(o->command, "train") == 0)
    return vr_tools_train(o);
  if (strcmp(o->command, "replay") == 0)
    return vr_tools_replay(o);
  if (strcmp(o->command, "paths") == 0)
    return vr_tools_paths(o);
  if (strcmp(o->command, "dot") == 0 && is_instance(o->input))
    return vr_tools_paths_dot(o);
  if (strcmp(o->command, "advise") == 0 && is_instance(o->input))
    return vr_tools_advise_file(o);
  if (vr_tools_input_read(o, &in, &error) < 0)
    return vr_tools_failed(&error);
  for (size_t i = 0; i < sizeof(on_input) / sizeof(on_input[0]); i++)
    if (strcmp(o->command, on_input[i].name) == 0)
      return on_input[i].run(o, &in);
  return VR_EXIT_USAGE;
}

int main(int argc, char **argv) {
  static struct vr_tools_options o;
  vr_tools_options_parse(argc, argv, &o);
  return vr_tools_close_output("vmrecon-net", run(&o));
}
