/* SPDX-License-Identifier: MIT */
#include "train/cli/commands.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "train/cli/generations.h"
#include "train/cli/model_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Is there a former generation, and would a target take it? Logs why not. */
static enum vr_exit check_former(const char *path) {
  vr_cleanup(vr_model_set_clear) struct vr_model_set set = {0};
  vr_auto_free char *former = vr_cli_generations_former(path);
  struct vr_error error;
  if (former && access(former, F_OK) < 0) {
    vr_log_error("%s: there is no former generation to go back to (%s): %s",
                 path, former, strerror(errno));
    return VR_EXIT_DATA;
  }
  if (!former || vr_model_file_read(former, &set, &error) < 0) {
    vr_log_error("%s; nothing was changed", former ? error.message : path);
    return VR_EXIT_DATA;
  }
  return VR_EXIT_OK;
}

enum vr_exit vr_command_rollback(const struct vr_options *o) {
  vr_auto_free char *path = NULL;
  if (asprintf(&path, "%s/%s", o->rollback,
               o->pool ? VR_CLI_POOLED : VR_CLI_TRAINED) < 0) {
    path = NULL;
    return VR_EXIT_DATA;
  }
  enum vr_exit e = check_former(path);
  if (e != VR_EXIT_OK)
    return e;
  int r = vr_cli_generations_back(path);
  if (r < 0) {
    vr_log_error("%s cannot be replaced: %s", path, strerror(-r));
    return VR_EXIT_OUTPUT;
  }
  printf("%s: the former models are back; the target takes them up by itself. "
         "The same command undoes it.\n",
         path);
  return VR_EXIT_OK;
}
