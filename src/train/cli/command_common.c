/* SPDX-License-Identifier: MIT */
#include "train/cli/command_common.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "basic/text.h"
#include "train/cli/model_files.h"
#include "train/data/unreadable.h"
#include "train/share/share.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Something was reported; what could be done is done all the same. */
static atomic_bool something_failed;

/* How many guests a line names at most. */
enum { NAMED = 4 };

static void log_message(int priority, const char *message) {
  if (vr_share_tell(VR_SHARE_LOG, priority, message))
    return;
  fprintf(stderr, "vmrecon-train: %s\n", message);
  if (priority <= LOG_WARNING)
    something_failed = true;
}

void vr_command_begin(void) {
  something_failed = false;
  vr_log_set(log_message);
  vr_unreadable_begin();
}

enum vr_exit vr_command_done(void) {
  vr_unreadable_sum_up();
  return something_failed ? VR_EXIT_PART : VR_EXIT_OK;
}

int vr_command_print_json(json_t *o) {
  if (!o || json_dumpf(o, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) < 0)
    return -ENOMEM;
  fputc('\n', stdout);
  return 0;
}

static bool was_asked_for(const struct vr_options *o,
                          const struct vr_pair *pair) {
  return !o->guest || strcmp(o->guest, pair->guest) == 0;
}

bool vr_command_is_wanted(const struct vr_options *o,
                          const struct vr_pair *pair) {
  return was_asked_for(o, pair) && pair->truth != NULL;
}

size_t vr_command_count_silent(const struct vr_options *o,
                               const struct vr_pairs *pairs) {
  size_t n = 0;
  for (size_t i = 0; i < pairs->n; i++)
    n += was_asked_for(o, &pairs->pairs[i]) && !pairs->pairs[i].truth;
  return n;
}

/* Models are learned from those that send their own values, if there are any.
 */
static const char *what_helps(const struct vr_pairs *pairs) {
  for (size_t i = 0; i < pairs->n; i++)
    if (pairs->pairs[i].truth)
      return ": a pooled model would serve, vmrecon-train --pool";
  return ", and no other guest here has one: let some guests run collectd for "
         "a day, sending to this one (guest.conf in "
         "/usr/share/vmrecon/collectd); then vmrecon-train --pool serves all";
}

void vr_command_silent_guests(const struct vr_options *o,
                              const struct vr_pairs *pairs) {
  char names[200] = "", line[600];
  struct vr_text text = {.at = names, .left = sizeof(names)};
  size_t n = 0;
  for (size_t i = 0; i < pairs->n; i++)
    if (was_asked_for(o, &pairs->pairs[i]) && !pairs->pairs[i].truth) {
      if (n < NAMED)
        vr_text_append(&text, "%s%s", n ? ", " : "", pairs->pairs[i].guest);
      n++;
    }
  if (n == 0)
    return;
  if (n > NAMED)
    vr_text_append(&text, ", ...");
  snprintf(line, sizeof(line),
           "%zu guest%s no collectd of %s own (%s)%s; if one sends under "
           "another name: --pair",
           n, n == 1 ? " has" : "s have", n == 1 ? "its" : "their", names,
           what_helps(pairs));
  if (o->json)
    vr_log_notice("%s", line);
  else
    puts(line);
}

enum vr_exit vr_command_end(const struct vr_options *o, const char *what,
                            size_t n, json_t *guests) {
  if (n == 0) {
    vr_log_error("%s: no guest could be %s", o->data, what);
    return VR_EXIT_DATA;
  }
  vr_cleanup(vr_json_unrefp) json_t *root =
      json_pack("{s:O}", "guests", guests);
  if (o->json && vr_command_print_json(root) < 0)
    return VR_EXIT_OUTPUT;
  return vr_command_done();
}

enum vr_exit vr_command_write_models(const struct vr_options *o,
                                     const char *name, struct vr_model_set *set,
                                     bool generic) {
  int r = set->n_models > 0 ? vr_cli_models_write(o->models, name, set, generic)
                            : -ENODATA;
  if (r == -ENODATA)
    vr_log_error("%s: no counter could be estimated; nothing is written",
                 o->data);
  free(set->models);
  return r == 0 ? VR_EXIT_OK : r == -ENODATA ? VR_EXIT_DATA : VR_EXIT_OUTPUT;
}
