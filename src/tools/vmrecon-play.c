/* SPDX-License-Identifier: MIT
 *
 * vmrecon-play: makes a machine as busy as a trace of host load says, and
 * generates such traces.
 */
#include "tools/vmrecon-play-player.h"

#include "basic/exit_status.h"
#include "tools/close_output.h"
#include "tools/ended.h"

#include <math.h>
#include <unistd.h>

static enum vr_exit failed(const struct vr_error *e) {
  fprintf(stderr, "vmrecon-play: %s\n", e->message);
  return VR_EXIT_DATA;
}

static void print_kinds(const struct vr_tools_player *p) {
  for (int i = 0; i < VR_TOOLS_KIND_COUNT; i++)
    if (p->kinds[i].value && p->score.seconds > 0)
      printf("%-15s asked %.1f, done %.1f %s\n", vr_tools_kind_info[i].name,
             p->kind_asked[i] / p->score.seconds,
             p->kind_done[i] / p->score.seconds, vr_tools_kind_info[i].unit);
}

/* Why the load did not follow, as far as it can be seen from here. */
static enum vr_exit verdict(const struct vr_tools_score *s) {
  if (vr_tools_score_applied_followed(s) && vr_tools_score_kernel_followed(s))
    return VR_EXIT_OK;
  fprintf(stderr, "vmrecon-play: this machine did not follow the trace.");
  if (s->others / s->seconds > 0.1)
    fprintf(stderr,
            " Everything else on it used %.2f of its processors; play on a "
            "machine that is otherwise idle",
            s->others / s->seconds);
  else if (s->seconds < 120)
    fprintf(stderr,
            " In %.0f seconds its load average was computed too few times "
            "to say more; play longer",
            s->seconds);
  else
    fprintf(stderr, " It has %.0f processors; play less with --scale",
            s->processors);
  fprintf(stderr, ".\n");
  return VR_EXIT_FOUND;
}

static enum vr_exit play(const struct vr_tools_play_options *o,
                         struct vr_tools_player *p) {
  struct vr_error e;
  if (vr_tools_player_open(p, o, &e) < 0)
    return failed(&e);
  if (o->invert) {
    vr_tools_player_invert(p, stdout);
    return VR_EXIT_OK;
  }
  vr_tools_catch_signals();
  if (vr_tools_player_play(p, &vr_tools_ended,
                           isatty(STDERR_FILENO) ? stderr : NULL, &e) < 0)
    return failed(&e);
  if (!o->check)
    return VR_EXIT_OK;
  vr_tools_score_print(&p->score, stdout);
  print_kinds(p);
  return verdict(&p->score);
}

static enum vr_exit generate(const struct vr_tools_play_options *o) {
  struct vr_error e;
  return vr_tools_generate(&o->generate, stdout, &e) < 0 ? failed(&e)
                                                         : VR_EXIT_OK;
}

int main(int argc, char **argv) {
  static struct vr_tools_play_options options;
  static struct vr_tools_player player;
  vr_tools_play_options_parse(argc, argv, &options);
  enum vr_exit status =
      options.is_generator ? generate(&options) : play(&options, &player);
  vr_tools_player_close(&player);
  return vr_tools_close_output("vmrecon-play", status);
}
