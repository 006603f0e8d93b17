/* SPDX-License-Identifier: MIT */
#include "host/vmm/qemu_idle.h"

#include <string.h>

/* The words that QEMU takes for a switch that is on. */
static bool is_on(const char *word) {
  static const char *const on[] = {"on", "yes", "true", "y"};
  for (size_t i = 0; i < sizeof(on) / sizeof(on[0]); i++)
    if (strcmp(word, on[i]) == 0)
      return true;
  return false;
}

/* The last -overcommit that names it counts. */
static bool is_left_to_guest(const struct vr_cmdline *c) {
  const char *v;
  char word[8];
  bool last = false;
  for (int at = 1; (v = vr_cmdline_option(c, "overcommit", &at));)
    if (vr_cmdline_optstring_get(v, "cpu-pm", NULL, word, sizeof(word)))
      last = is_on(word);
  return last;
}

/* What the guest's kernel is started with, where QEMU starts it. */
static bool is_told_to_poll(const char *text) {
  static const char *const words[] = {"idle=poll", "cpuidle_haltpoll.force=1",
                                      "cpuidle_haltpoll.force=Y",
                                      "cpuidle_haltpoll.force=y"};
  for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
    size_t n = strcspn(text, " ");
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
      if (strlen(words[i]) == n && strncmp(text, words[i], n) == 0)
        return true;
    text += n;
  }
  return false;
}

void vr_qemu_idle_parse(const struct vr_cmdline *c, struct vr_vm *vm) {
  const char *v;
  bool polls = false;
  for (int at = 1; (v = vr_cmdline_option(c, "append", &at));)
    polls = is_told_to_poll(v);
  if (polls || is_left_to_guest(c))
    vm->idle = VR_IDLE_HIDDEN;
}
