/* SPDX-License-Identifier: MIT
 *
 * vmrecon-introspect: the counters of a Linux guest, read from the memory of
 * its VM process. For operators who want to see what introspection gives before
 * they allow it, and for tests.
 */
#include "basic/exit_status.h"
#include "introspect/fields.h"
#include "introspect/introspect.h"
#include "tools/vmrecon-introspect-guest.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vmrecon-config.h"
#include "vmrecon-paths.h"

const char *argp_program_version = "vmrecon-introspect " PACKAGE_VERSION;

struct options {
  pid_t pid;
  struct vr_tools_guest_options guest; /* its name: NULL if the pid was given */
  uint64_t size;
  double interval;
  long count;
  bool json, step;
};

static const struct argp_option option_list[] = {
    {"interval", 'i', "SECONDS", 0, "read every SECONDS (default: once)", 0},
    {"count", 'n', "N", 0, "end after N readings", 0},
    {"memory", 'm', "MIB", 0,
     "the guest's memory size, if several mappings could be it", 0},
    {"json", 'j', NULL, 0, "one JSON object a reading", 0},
    {"trust", 'u', "USER", 0,
     "take guests of USER for such, too, as TrustedUser of the plugin does; * "
     "for everybody",
     0},
    {"step", 's', NULL, 0, "one reading for each line on standard input", 0},
    {0}};

static double number(const char *text, struct argp_state *state) {
  char *end;
  double x = strtod(text, &end);
  if (end == text || *end || !isfinite(x) || x <= 0 || x > 1e9)
    argp_error(state, "'%s' is not a positive number", text);
  return x;
}

static long whole(const char *text, struct argp_state *state) {
  char *end;
  errno = 0;
  long n = strtol(text, &end, 10);
  if (end == text || *end || errno || n <= 0 || n > INT32_MAX)
    argp_error(state, "'%s' is not a whole positive number", text);
  return n;
}

static error_t parse(int key, char *arg, struct argp_state *state) {
  struct options *o = state->input;
  switch (key) {
  case 'i':
    o->interval = number(arg, state);
    break;
  case 'n':
    o->count = whole(arg, state);
    break;
  case 'm':
    o->size = (uint64_t)whole(arg, state) << 20;
    break;
  case 'j':
    o->json = true;
    break;
  case 's':
    o->step = true;
    break;
  case 'u':
    if (vr_users_add(&o->guest.trusted, arg) < 0)
      argp_error(state, "'%s' is no user of this machine", arg);
    break;
  case ARGP_KEY_ARG:
    if (o->pid || o->guest.name)
      argp_error(state, "one guest only");
    if (arg[0] != '\0' && arg[strspn(arg, "0123456789")] == '\0')
      o->pid = (pid_t)whole(arg, state);
    else
      o->guest.name = arg;
    break;
  case ARGP_KEY_END:
    if (!o->pid && !o->guest.name)
      argp_usage(state);
    break;
  default:
    return ARGP_ERR_UNKNOWN;
  }
  return 0;
}

static void print_field(const struct options *o, const char *name, bool have,
                        double value) {
  if (o->json && have)
    printf(", \"%s\": %.17g", name, value);
  else if (o->json)
    printf(", \"%s\": null", name);
  else if (have)
    printf("%-20s %.17g\n", name, value);
  else
    printf("%-20s not available\n", name);
}

static void print_values(const struct options *o,
                         const struct vr_introspect_values *v) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  double now = (double)t.tv_sec + (double)t.tv_nsec / 1e9;
  if (o->json)
    printf("{\"time\": %.6f", now);
  else
    printf("%-20s %.6f\n", "time", now);
#define X(name, bit, value)                                                    \
  print_field(o, #name, (v->have & (bit)) == (bit), (double)(value));
  VR_INTROSPECT_FIELDS(X)
#undef X
  puts(o->json ? "}" : "");
}

static void print_reason(const struct options *o, int r) {
  if (o->json)
    printf("{\"error\": %d, \"why\": \"%s\"}\n", -r, vr_introspect_why(r));
  else
    printf("%s\n\n", vr_introspect_why(r));
}

static int search(struct vr_introspect *i) {
  struct vr_introspect_search_stats stats;
  char banner[256];
  int r = vr_introspect_search(i, &stats);
  vr_introspect_banner(i, banner, sizeof(banner));
  fprintf(stderr, "search: %s; %.1f ms CPU, %.1f ms, %.1f MiB read\n",
          r < 0 ? vr_introspect_why(r) : banner, (double)stats.cpu_ns / 1e6,
          (double)stats.wall_ns / 1e6, (double)stats.bytes_read / 1048576.0);
  return r;
}

/* Waits for the next reading. False at the end. */
static bool next(const struct options *o, long done) {
  char line[64];
  if (o->count && done >= o->count)
    return false;
  if (o->step)
    return fgets(line, sizeof(line), stdin) != NULL;
  if (done == 0)
    return true;
  if (o->interval <= 0)
    return false;
  struct timespec t = {.tv_sec = (time_t)o->interval,
                       .tv_nsec = (long)(fmod(o->interval, 1) * 1e9)};
  nanosleep(&t, NULL);
  return true;
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static bool is_final(int r) {
  return r == -ESRCH || r == -EPERM || r == -EACCES;
}

enum { FIRST_TRIES = 30, FIRST_PAUSE_NS = 100000000 };

/* Right after a search the guest's clock has not advanced yet, nor does it for
 * a while in a guest that is idle: the first reading waits for it. */
static int read_values(const struct options *o, struct vr_introspect *i,
                       bool is_first, struct vr_introspect_values *ret) {
  int r = vr_introspect_read(i, ret);
  for (int k = 1; is_first && !o->step && r == -ENODATA && k < FIRST_TRIES;
       k++) {
    nanosleep(&(struct timespec){.tv_nsec = FIRST_PAUSE_NS}, NULL);
    r = vr_introspect_read(i, ret);
  }
  return r;
}

/* Reads as often as was asked for. A guest that gave values and was lost is
 * done in part. */
static enum vr_exit run(const struct options *o, struct vr_introspect *i) {
  static struct vr_introspect_values v;
  bool some = false;
  int found = search(i), r = found;
  for (long done = 0; !is_final(r) && next(o, done); done++) {
    if (vr_introspect_search_due(i, now_ns()))
      found = search(i);
    r = read_values(o, i, done == 0, &v);
    if (r == 0)
      print_values(o, &v);
    else
      print_reason(o, r);
    some = some || r == 0;
    if (fflush(stdout) != 0)
      return VR_EXIT_OUTPUT;
  }
  if (r == 0)
    return VR_EXIT_OK;
  if (r == -EAGAIN && found < 0)
    r = found;
  fprintf(stderr, "vmrecon-introspect: process %d: %s\n", (int)o->pid,
          vr_introspect_why(r));
  return some ? VR_EXIT_PART : VR_EXIT_DATA;
}

static enum vr_exit introspect(struct options *o) {
  struct vr_introspect *i;
  struct vr_error error;
  if (o->guest.name && vr_tools_guest_find(&o->guest, &o->pid, &error) < 0) {
    fprintf(stderr, "vmrecon-introspect: %s\n", error.message);
    return VR_EXIT_DATA;
  }
  int r = vr_introspect_open(
      &(struct vr_introspect_process){.pid = o->pid, .memory = o->size}, NULL,
      &i);
  if (r < 0) {
    fprintf(stderr, "vmrecon-introspect: process %d: %s\n", (int)o->pid,
            vr_introspect_why(r));
    return VR_EXIT_DATA;
  }
  enum vr_exit e = run(o, i);
  vr_introspect_close(i);
  return e;
}

int main(int argc, char **argv) {
  static const struct argp argp = {
      .options = option_list,
      .parser = parse,
      .args_doc = "GUEST\nPID",
      .doc = "Prints the counters of the Linux guest GUEST, or of the one that "
             "the VM process PID runs, read from its memory. GUEST is its name "
             "as collectd's plugin vmrecon reports it, or its uuid. Nothing is "
             "written, nothing runs in the guest. Needs CAP_SYS_PTRACE."
             "\v" VR_EXIT_HELP};
  struct options o = {
      .guest = {.proc_path = "/proc", .names_file = VR_STATE_DIR "/names"}};
  vr_users_default(&o.guest.trusted);
  argp_err_exit_status = VR_EXIT_USAGE;
  argp_parse(&argp, argc, argv, 0, NULL, &o);
  enum vr_exit e = introspect(&o);
  bool failed = ferror(stdout) != 0 || e == VR_EXIT_OUTPUT;
  if (fclose(stdout) != 0 || failed) {
    fprintf(stderr, "vmrecon-introspect: standard output: %s\n",
            strerror(errno));
    e = VR_EXIT_OUTPUT;
  }
  return e;
}
