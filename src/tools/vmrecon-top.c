/* SPDX-License-Identifier: MIT
 *
 * vmrecon-top: what virtual machines do, on the terminal.
 */
#include "vmrecon-top-screen.h"

#include "basic/exit_status.h"
#include "basic/log.h"
#include "top/top_keys.h"
#include "top/top_layout.h"
#include "top/top_options.h"
#include "top/top_print.h"

#include "vmrecon-config.h"
#include "vmrecon-paths.h"

#include <argp.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const char *argp_program_version = "vmrecon-top " PACKAGE_VERSION;

static const double ANSWER_SECONDS = 15; /* in batch mode, for new values */
static const double TURN_SECONDS = 0.25; /* to look at the connection again */

enum { BATCH_WIDTH = 140, SETTLING_READINGS = 4 };

static volatile sig_atomic_t ended;

static void end(int signal) {
  (void)signal;
  ended = 1;
}

static double seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double now(void) { return seconds(CLOCK_MONOTONIC); }

static void clock_text(char ret[16]) {
  time_t t = time(NULL);
  struct tm tm;
  if (!localtime_r(&t, &tm) || strftime(ret, 16, "%H:%M:%S", &tm) == 0)
    ret[0] = '\0';
}

/* All that a run has. */
struct run {
  struct vr_top_options options;
  struct vr_top_view view;
  struct vr_top_source source;
  struct vr_top_guests guests;
  double next; /* refresh */
};

static void refresh_when_due(struct run *r, double t) {
  if (t < r->next)
    return;
  vr_top_source_refresh(&r->source, t, r->view.delay, &r->guests);
  r->next = t + r->view.delay;
}

/* Waits for the source, and for KEYS (-1: no keys), but not beyond the next
 * refresh. */
static void wait_for_any(struct run *r, int keys) {
  double left = r->next - now();
  left = left < 0 ? 0 : left > TURN_SECONDS ? TURN_SECONDS : left;
  int ms = 1 + (int)(left * 1000);
  struct pollfd fds[2] = {{.fd = keys, .events = POLLIN},
                          vr_top_source_poll(&r->source, &ms)};
  poll(fds, 2, ms);
}

/* --- batch --- */

/* The first readings of /proc have no rates yet. */
static bool is_settled(const struct run *r, int readings) {
  for (const struct vr_top_guest *g = r->guests.by_key; g; g = g->hh.next)
    if (g->time > 0)
      return true;
  return r->source.daemon || readings >= SETTLING_READINGS ||
         (readings >= 2 && !r->guests.by_key);
}

static void print_once(struct run *r) {
  char clock[16];
  clock_text(clock);
  vr_top_view_order(&r->view, &r->guests);
  if (r->options.csv)
    vr_top_print_csv(&r->view, seconds(CLOCK_REALTIME), stdout);
  else
    vr_top_print_table(&r->view, &r->guests, clock, stdout);
  fflush(stdout);
}

static enum vr_exit no_answer(const struct run *r) {
  const char *trouble = vr_top_source_trouble(&r->source);
  fprintf(stderr, "vmrecon-top: no values from %s for %.0f seconds%s%s\n",
          r->source.name, ANSWER_SECONDS + r->view.delay, *trouble ? ": " : "",
          trouble);
  return VR_EXIT_DATA;
}

/* Scripts are told at once that nobody listens. */
static bool is_refused(const struct run *r) {
  const char *trouble = vr_top_source_trouble(&r->source);
  if (*trouble)
    fprintf(stderr,
            "vmrecon-top: %s: is collectd running, with LoadPlugin unixsock? "
            "--proc does without\n",
            trouble);
  return *trouble != '\0';
}

static enum vr_exit batch(struct run *r) {
  int readings = 0;
  double heard = now();
  if (is_refused(r))
    return VR_EXIT_DATA;
  r->view.width = r->options.width ? r->options.width : BATCH_WIDTH;
  if (r->options.csv)
    vr_top_print_csv_head(stdout);
  for (long printed = 0; !ended && !ferror(stdout);) {
    refresh_when_due(r, now());
    wait_for_any(r, -1);
    if (vr_top_source_work(&r->source, now(), &r->guests)) {
      heard = now();
      if (!is_settled(r, ++readings))
        continue;
      print_once(r);
      if (++printed == r->options.count)
        break;
    } else if (now() - heard > ANSWER_SECONDS + r->view.delay) {
      return no_answer(r);
    }
  }
  if (!ferror(stdout))
    return VR_EXIT_OK;
  fprintf(stderr, "vmrecon-top: the output cannot be written\n");
  return VR_EXIT_OUTPUT;
}

/* --- screen --- */

static bool take_keys(struct run *r) {
  int key;
  bool any = false, resized;
  while (vr_tools_screen_key(&key, &resized)) {
    any = true;
    if (resized)
      continue;
    vr_top_view_order(&r->view, &r->guests);
    if (vr_top_key(&r->view, key))
      r->next = 0;
    if (r->next > now() + r->view.delay)
      r->next = now() + r->view.delay;
  }
  return any;
}

static void draw(struct run *r) {
  static struct vr_top_page page;
  char clock[16];
  clock_text(clock);
  const struct vr_top_about about = {
      .source = r->source.name,
      .trouble = vr_top_source_trouble(&r->source),
      .clock = clock,
  };
  vr_tools_screen_size(&r->view.width, &r->view.height);
  vr_top_view_order(&r->view, &r->guests);
  vr_top_layout(&r->view, &r->guests, &about, &page);
  vr_tools_screen_draw(&page);
}

/* While it is paused, what still comes in is of the last refresh. */
static void watch(struct run *r) {
  long refreshes = 0;
  char drawn[sizeof(((struct vr_error *)0)->message)] = "";
  draw(r);
  while (!ended && !r->view.quit) {
    double t = now();
    if (!r->view.paused)
      refresh_when_due(r, t);
    else
      r->next = t + TURN_SECONDS;
    wait_for_any(r, STDIN_FILENO);
    bool changed = take_keys(r);
    if (vr_top_source_work(&r->source, now(), &r->guests)) {
      vr_top_guests_remember(&r->guests);
      changed = true;
      r->view.quit = ++refreshes == r->options.count;
    }
    const char *trouble = vr_top_source_trouble(&r->source);
    if (!changed && strcmp(trouble, drawn) == 0)
      continue;
    snprintf(drawn, sizeof(drawn), "%s", trouble);
    draw(r);
  }
}

static enum vr_exit on_screen(struct run *r) {
  if (!vr_tools_screen_begin()) {
    fprintf(stderr, "vmrecon-top: this terminal cannot be used: set TERM, or "
                    "use --batch\n");
    return VR_EXIT_DATA;
  }
  watch(r);
  vr_tools_screen_end();
  return VR_EXIT_OK;
}

/* --- life --- */

static void log_nowhere(int priority, const char *message) {
  (void)priority;
  (void)message;
}

static void catch_signals(void) {
  const struct sigaction action = {.sa_handler = end};
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGHUP, &action, NULL);
}

static int open_source(struct run *r) {
  static const char *const models[] = {VR_MODEL_DIR, VR_SHIPPED_MODEL_DIR};
  const struct vr_top_machine_options machine = {
      .proc_path = r->options.proc_path,
      .model_dirs = models,
      .n_model_dirs = 2,
      .delay = r->view.delay,
      .qmp = !r->options.no_qmp,
  };
  struct vr_error e;
  int result = vr_top_source_open(&r->source, r->options.kind,
                                  r->options.socket, &machine, now(), &e);
  if (result < 0)
    fprintf(stderr, "vmrecon-top: %s\n", e.message);
  return result;
}

int main(int argc, char **argv) {
  static struct run r;
  setlocale(LC_ALL, "");
  setlocale(LC_NUMERIC, "C"); /* collectd's numbers, and ours for others */
  vr_top_view_default(&r.view);
  vr_top_options_parse(argc, argv, &r.options, &r.view);
  r.view.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
  /* A terminal without a cursor that moves gets plain tables. */
  bool batch_mode = r.options.batch || !vr_tools_screen_is_possible();
  vr_log_set(log_nowhere);
  catch_signals();
  if (open_source(&r) < 0)
    return VR_EXIT_DATA;
  enum vr_exit status = batch_mode ? batch(&r) : on_screen(&r);
  vr_top_source_close(&r.source);
  vr_top_view_free(&r.view);
  vr_top_guests_free(&r.guests);
  return status;
}
