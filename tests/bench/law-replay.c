/* SPDX-License-Identifier: MIT
 *
 * Lets a recorded stream of values pass through the engine with the models of
 * the files named, and prints what it says of load. On standard input one value
 * a line, in the order of their times:
 *
 *   TIME INTERVAL DERIVE|GAUGE NUMBER HOST/PLUGIN-GUEST/TYPE-INSTANCE:SOURCE
 *
 * On standard output one tick a line: its end, provenance, the three averages,
 * their lower bounds, their upper bounds, whether the bracket is wide.
 */
#include "basic/log.h"
#include "live/reconstructor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_load(void *user, const struct vr_answer *answer) {
  (void)user;
  const struct vr_counter_answer *a = &answer->counters[VR_LOAD];
  const struct vr_load_bracket *b = &answer->load;
  if (!a->present)
    return;
  printf("%.3f %d %.6f %.6f %.6f", vr_signal_seconds_of_time(answer->time),
         (int)a->provenance, a->value, a->midterm, a->longterm);
  for (int i = 0; i < VR_LOAD_AVERAGES; i++)
    printf(" %.6f", b->present ? b->lower[i] : NAN);
  for (int i = 0; i < VR_LOAD_AVERAGES; i++)
    printf(" %.6f", b->present ? b->upper[i] : NAN);
  printf(" %d\n", b->wide);
}

static int feed_line(struct vr_live *live, char *line) {
  double time, interval, number;
  char kind[16], text[512];
  struct vr_name name;
  if (sscanf(line, "%lf %lf %15s %lf %511s", &time, &interval, kind, &number,
             text) != 5 ||
      vr_identifier_parse(text, &name) < 0)
    return -1;
  struct vr_value v = {.name = name.data_source};
  if (strcmp(kind, "GAUGE") == 0) {
    v.kind = VR_GAUGE;
    v.number.gauge = number;
  } else {
    v.kind = VR_DERIVE;
    v.number.derive = (int64_t)number;
  }
  vr_live_feed(live, &name.id, vr_signal_time_of_seconds(time),
               vr_signal_time_of_seconds(interval), &v, 1);
  return 0;
}

static struct vr_live *engine_new(int n, char **paths) {
  struct vr_live_options o = vr_live_defaults();
  struct vr_model_set *sets = calloc((size_t)n, sizeof(*sets));
  struct vr_error e;
  o.answer = print_load;
  for (int i = 0; sets && i < n; i++)
    if (vr_model_file_read(paths[i], &sets[i], &e) < 0) {
      fprintf(stderr, "%s\n", e.message);
      exit(1);
    }
  struct vr_live *live = sets ? vr_live_new(&o) : NULL;
  return live && vr_live_set_models(live, sets, (size_t)n) == 0 ? live : NULL;
}

int main(int argc, char **argv) {
  char line[1024];
  if (argc < 2) {
    fprintf(stderr, "usage: law-replay MODELS.json ... <VALUES\n");
    return 2;
  }
  struct vr_live *live = engine_new(argc - 1, argv + 1);
  if (!live)
    return 1;
  while (fgets(line, sizeof(line), stdin))
    if (feed_line(live, line) < 0) {
      fprintf(stderr, "law-replay: not a value: %s", line);
      return 1;
    }
  vr_live_free(live);
  return 0;
}
