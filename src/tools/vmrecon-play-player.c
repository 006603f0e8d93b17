/* SPDX-License-Identifier: MIT */
#include "tools/vmrecon-play-player.h"

#include "tools/vmrecon-play-clock.h"
#include "tools/vmrecon-play-cpu.h"
#include "tools/vmrecon-play-invert.h"
#include "tools/vmrecon-play-machine.h"

#include <errno.h>

static const double TICK = 1; /* seconds between two amplitudes */
/* Rows that are further apart are joined by lines: a step of the load average
 * would take a great many processes for one step. */
static const double FAR_APART = 5;

/* --- the traces --- */

int vr_tools_player_open(struct vr_tools_player *p,
                         const struct vr_tools_play_options *options,
                         struct vr_error *ret_error) {
  *p = (struct vr_tools_player){.options = options};
  int r = options->load
              ? vr_tools_trace_read(options->load, &p->load, ret_error)
              : 0;
  for (int i = 0; r == 0 && i < VR_TOOLS_KIND_COUNT; i++)
    if (options->kinds[i])
      r = vr_tools_trace_read(options->kinds[i], &p->kinds[i], ret_error);
  return r;
}

void vr_tools_player_close(struct vr_tools_player *p) {
  vr_tools_trace_free(&p->load);
  for (int i = 0; i < VR_TOOLS_KIND_COUNT; i++)
    vr_tools_trace_free(&p->kinds[i]);
}

/* T seconds after the beginning of the play. */
static double value_at(const struct vr_tools_player *p,
                       const struct vr_tools_trace *trace, double t) {
  const struct vr_tools_play_options *o = p->options;
  double at = o->start + t * o->rate, part = 0;
  double a = vr_tools_trace_at(trace, at, o->loop), b = a;
  if (trace->step > FAR_APART * o->rate) {
    part = fmod(at, trace->step) / trace->step;
    b = vr_tools_trace_at(trace, at + trace->step, o->loop);
  }
  return o->scale * (a + part * (b - a));
}

static double length_of(const struct vr_tools_player *p,
                        const struct vr_tools_trace *trace) {
  const struct vr_tools_play_options *o = p->options;
  if (!trace->value)
    return 0;
  return o->loop ? INFINITY
                 : (vr_tools_trace_length(trace) - o->start) / o->rate;
}

/* How long is played: to the end of the longest trace; numbers, which have no
 * end, say nothing where there is a trace. */
static double play_length(const struct vr_tools_player *p) {
  double longest = length_of(p, &p->load);
  bool only_constants = !p->load.value || p->load.is_constant;
  for (int i = 0; i < VR_TOOLS_KIND_COUNT; i++) {
    double length = length_of(p, &p->kinds[i]);
    if (!p->kinds[i].value || p->kinds[i].is_constant)
      continue;
    longest = only_constants ? length : fmax(longest, length);
    only_constants = false;
  }
  return only_constants ? p->options->seconds
                        : fmin(longest, p->options->seconds);
}

static struct vr_tools_inverse
inverse_at_beginning(const struct vr_tools_player *p) {
  return (struct vr_tools_inverse){.load = value_at(p, &p->load, 0),
                                   .most = p->options->most};
}

static double load_after(const struct vr_tools_player *p, size_t step) {
  return value_at(p, &p->load, (double)(step + 1) * VR_TOOLS_LOAD_STEP);
}

/* Steps of one pass through the trace: those to the end of the play, where that
 * comes before. */
static size_t steps_of_pass(const struct vr_tools_player *p, double length) {
  double pass = vr_tools_trace_length(&p->load) / p->options->rate;
  double shorter = fmin(pass, length);
  return isinf(shorter) ? 1 : (size_t)ceil(shorter / VR_TOOLS_LOAD_STEP);
}

void vr_tools_player_invert(const struct vr_tools_player *p, FILE *f) {
  struct vr_tools_inverse inverse = inverse_at_beginning(p);
  size_t steps = steps_of_pass(p, play_length(p));
  fprintf(f, "# seconds processes load\n");
  for (size_t k = 0; k < steps && !ferror(f); k++) {
    double load = load_after(p, k);
    fprintf(f, "%.0f %.6f %.6f\n", (double)k * VR_TOOLS_LOAD_STEP,
            vr_tools_invert(&inverse, load), load);
  }
}

/* --- the play --- */

struct play {
  struct vr_tools_player *p;
  struct vr_tools_inverse inverse;
  struct vr_tools_cpu *cpu;
  struct vr_tools_kind_process *kind[VR_TOOLS_KIND_COUNT];
  double begun, length; /* seconds of CLOCK_MONOTONIC */
  double cpu_began;     /* of the whole machine */
  double n, applied;    /* processes: asked for now, applied in the last step */
  struct vr_tools_cpu_times last;
  double step_begun;
  size_t step;
};

static double passed(const struct play *g) {
  return vr_tools_clock(CLOCK_MONOTONIC) - g->begun;
}

/* The largest number of processes that the trace will ask for. */
static double most_processes(const struct vr_tools_player *p, double length) {
  struct vr_tools_inverse inverse = inverse_at_beginning(p);
  size_t steps = steps_of_pass(p, length);
  double most = inverse.load;
  /* Twice: where it begins again it may jump. */
  for (size_t k = 0; k < (p->options->loop ? 2 * steps : steps); k++)
    most = fmax(most, vr_tools_invert(&inverse, load_after(p, k)));
  return fmin(most, p->options->most);
}

static double most_of(const struct vr_tools_player *p, int kind) {
  double most = 0;
  for (size_t i = 0; i < p->kinds[kind].count; i++)
    most = fmax(most, p->kinds[kind].value[i]);
  return most * p->options->scale;
}

static int start_all(struct play *g, struct vr_error *ret_error) {
  struct vr_tools_player *p = g->p;
  int r = 0;
  for (int i = 0; r == 0 && i < VR_TOOLS_KIND_COUNT; i++) {
    struct vr_tools_kind_options o = p->options->kind;
    o.most = most_of(p, i);
    if (p->kinds[i].value)
      r = vr_tools_kind_start((enum vr_tools_kind)i, &o, &g->kind[i],
                              ret_error);
  }
  if (r == 0 && p->load.value)
    r = vr_tools_cpu_start(most_processes(p, g->length), p->options->seed,
                           &g->cpu, ret_error);
  return r;
}

static void stop_all(struct play *g) {
  vr_tools_cpu_stop(g->cpu);
  for (int i = 0; i < VR_TOOLS_KIND_COUNT; i++)
    vr_tools_kind_stop(g->kind[i]);
}

/* What has become of the step that ends now. */
static void end_step(struct play *g, double t) {
  struct vr_tools_score *s = &g->p->score;
  double seconds = t - g->step_begun;
  if (!g->cpu || seconds <= 0)
    return;
  struct vr_tools_cpu_times now = vr_tools_cpu_read(g->cpu);
  double used = g->n > s->processors ? now.runnable - g->last.runnable
                                     : now.cpu - g->last.cpu;
  g->last = now;
  g->step_begun = t;
  g->applied = used / seconds;
  vr_tools_score_applied(s, seconds, g->n, g->applied);
}

/* The step that begins at T: the kernel's load is as the last one left it. */
static void begin_step(struct play *g, double t) {
  struct vr_tools_player *p = g->p;
  double load = value_at(p, &p->load, t);
  vr_tools_score_kernel(&p->score, load, vr_tools_machine_load());
  g->n = vr_tools_invert(&g->inverse, load_after(p, g->step));
  vr_tools_cpu_set(g->cpu, g->n, p->score.processors);
  g->step++;
}

static void set_amplitudes(struct play *g, double t, double seconds) {
  for (int i = 0; i < VR_TOOLS_KIND_COUNT; i++) {
    if (!g->kind[i])
      continue;
    double amplitude = value_at(g->p, &g->p->kinds[i], t);
    vr_tools_kind_set(g->kind[i], amplitude);
    g->p->kind_asked[i] += amplitude * seconds;
  }
}

static void tell(const struct play *g, double t, FILE *progress) {
  if (!progress)
    return;
  fprintf(progress, "\r%5.0f:%02.0f", floor(t / 60), floor(fmod(t, 60)));
  if (!isinf(g->length))
    fprintf(progress, " of %.0f:%02.0f", floor(g->length / 60),
            floor(fmod(g->length, 60)));
  if (g->cpu)
    fprintf(progress, ", busy processes %.2f (last step %.2f), load %.2f  ",
            g->n, g->applied, vr_tools_machine_load());
  fflush(progress);
}

/* One second, and what begins with it. */
static void tick(struct play *g, double t, FILE *progress) {
  double seconds = fmin(TICK, g->length - t);
  if (g->cpu && t + TICK / 2 >= (double)g->step * VR_TOOLS_LOAD_STEP) {
    end_step(g, passed(g));
    begin_step(g, t);
  }
  set_amplitudes(g, t, seconds);
  tell(g, t, progress);
  vr_tools_clock_wait(g->begun + t + seconds);
}

static void finish(struct play *g) {
  struct vr_tools_player *p = g->p;
  double t = passed(g), own = 0;
  end_step(g, t);
  p->score.seconds = g->cpu ? p->score.seconds : t;
  p->score.fast = g->inverse.fast;
  p->score.too_many = g->inverse.too_many;
  if (g->cpu)
    own = vr_tools_cpu_read(g->cpu).cpu;
  /* The kernel may count in ticks, and so less than we used. */
  p->score.others = fmax(vr_tools_machine_cpu() - g->cpu_began - own, 0);
  for (int i = 0; i < VR_TOOLS_KIND_COUNT; i++)
    p->kind_done[i] = g->kind[i] ? vr_tools_kind_done(g->kind[i]) : 0;
}

int vr_tools_player_play(struct vr_tools_player *p,
                         const volatile sig_atomic_t *ended, FILE *progress,
                         struct vr_error *ret_error) {
  struct play g = {.p = p, .length = play_length(p)};
  if (!(g.length > 0))
    return vr_error_set(ret_error, -ENODATA,
                        "nothing is left of the traces after %g seconds",
                        p->options->start);
  if (p->load.value)
    g.inverse = inverse_at_beginning(p);
  p->score.processors = vr_tools_cpu_processors();
  int r = start_all(&g, ret_error);
  g.begun = vr_tools_clock(CLOCK_MONOTONIC);
  g.cpu_began = vr_tools_machine_cpu();
  if (g.cpu)
    g.last = vr_tools_cpu_read(g.cpu);
  for (double t = 0; r == 0 && t < g.length && !*ended; t += TICK)
    tick(&g, t, progress);
  if (r == 0)
    finish(&g);
  if (progress)
    fputc('\n', progress);
  stop_all(&g);
  return r;
}
