/* SPDX-License-Identifier: MIT
 *
 * host-dump: reads the machine and its guests COUNT times and prints what the
 * read plugin would send, one series a line: TIME PLUGIN TYPE-INSTANCE VALUE...
 * For tests and benches, on any /proc.
 */
#include "basic/exit_status.h"
#include "host/emit_samples.h"
#include "host/host.h"

#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct arguments {
  struct vr_host_options host;
  unsigned count;
  bool quiet;
  const char *only;
};

static bool is_wanted(void *ctx, const struct vr_vm *vm) {
  const struct arguments *a = ctx;
  return !a->only || strcmp(vm->name, a->only) == 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state) {
  struct arguments *a = state->input;
  switch (key) {
  case 'p':
    a->host.proc_path = arg;
    return 0;
  case 's':
    a->host.sys_path = arg;
    return 0;
  case 'n':
    a->count = (unsigned)strtoul(arg, NULL, 10);
    return 0;
  case 'i':
    a->host.interval = strtod(arg, NULL);
    return 0;
  case 'u':
    if (vr_users_add(&a->host.trusted, arg) < 0)
      argp_error(state, "no user %s", arg);
    return 0;
  case 'f':
    a->host.fd_budget = (int)strtol(arg, NULL, 10);
    return 0;
  case 'o':
    a->only = arg;
    return 0;
  case 'q':
    a->quiet = true;
    return 0;
  case 'Q':
    a->host.qmp = false;
    return 0;
  case 'L':
    a->host.libvirt_uri = arg;
    return 0;
  case 'H':
    a->host.report_host = false;
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static void print(void *ctx, const struct vr_emitted *s) {
  printf("%s %s%s%s", (const char *)ctx, s->type, s->instance[0] ? "-" : "",
         s->instance);
  for (size_t i = 0; i < s->n; i++)
    if (s->values[i].kind == VR_DERIVE)
      printf(" %" PRId64, s->values[i].number.derive);
    else
      printf(" %.15g", s->values[i].number.gauge);
  putchar('\n');
}

static void print_all(const struct vr_host *h, bool with_host) {
  struct timespec t;
  char plugin[256];
  clock_gettime(CLOCK_REALTIME, &t);
  snprintf(plugin, sizeof(plugin), "%lld.%03ld vmrecon", (long long)t.tv_sec,
           t.tv_nsec / 1000000);
  if (with_host)
    vr_emit_host(vr_host_self(h), VR_EVERY_GROUP, print, plugin);
  for (size_t i = 0; i < vr_host_vmproc_count(h); i++) {
    const struct vr_vmproc_sample *s = vr_host_vmproc(h, i);
    snprintf(plugin, sizeof(plugin), "%lld.%03ld vmrecon-%s",
             (long long)t.tv_sec, t.tv_nsec / 1000000, s->name);
    vr_emit_vmproc(s, VR_EVERY_GROUP, print, plugin);
  }
  fflush(stdout);
}

int main(int argc, char **argv) {
  static const struct argp_option options[] = {
      {"proc", 'p', "DIR", 0, "root of /proc", 0},
      {"sys", 's', "DIR", 0, "root of /sys", 0},
      {"count", 'n', "N", 0, "readings (default 1)", 0},
      {"interval", 'i', "SECONDS", 0, "between them (default 1)", 0},
      {"trust", 'u', "USER", 0, "trust processes of USER, too", 0},
      {"fds", 'f', "N", 0, "keep at most N files open", 0},
      {"only", 'o', "GUEST", 0, "read this guest alone", 0},
      {"quiet", 'q', NULL, 0, "print the last reading only", 0},
      {"no-qmp", 'Q', NULL, 0, "ask no QMP socket", 0},
      {"libvirt", 'L', "URI", 0, "where libvirt is", 0},
      {"no-host", 'H', NULL, 0, "guests only", 0},
      {0}};
  const struct argp argp = {
      options, parse_option, NULL, "Prints what the read plugin sees.",
      NULL,    NULL,         NULL};
  struct arguments a = {.count = 1};
  vr_host_options_default(&a.host);
  a.host.interval = 1;
  a.host.select = is_wanted;
  a.host.select_ctx = &a;
  argp_err_exit_status = VR_EXIT_USAGE;
  argp_parse(&argp, argc, argv, 0, NULL, &a);

  struct vr_host *h;
  int r = vr_host_new(&a.host, &h);
  if (r < 0) {
    fprintf(stderr, "host-dump: %s: %s\n", a.host.proc_path, strerror(-r));
    return VR_EXIT_DATA;
  }
  const struct timespec pause = {
      (time_t)a.host.interval,
      (long)((a.host.interval - (double)(time_t)a.host.interval) * 1e9)};
  for (unsigned i = 0; i < a.count; i++) {
    if (i > 0)
      nanosleep(&pause, NULL);
    vr_host_read(h);
    if (!a.quiet || i + 1 == a.count)
      print_all(h, a.host.report_host);
  }
  vr_host_free(h);
  return fclose(stdout) == 0 ? VR_EXIT_OK : VR_EXIT_OUTPUT;
}
