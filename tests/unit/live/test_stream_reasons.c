/* SPDX-License-Identifier: MIT
 *
 * The line about a guest in the log: why a counter is not published, and what
 * its operator can do. The definitions are those that are shipped.
 */
#include "stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRAIN_OR_LOOK                                                          \
  "train: vmrecon-train(1); introspection would tell: Introspect)"

/* A reconstructor with the shipped definitions and MODELS. */
static struct vr_live *start_shipped(const char *models) {
  char path[512], text[4096];
  struct vr_error e;
  struct vr_model_set *sets = calloc(2, sizeof(*sets));
  struct vr_live *r = start_with(vr_live_defaults(), "");
  snprintf(path, sizeof(path), "%s/../../contrib/models/generic.json",
           getenv("VR_TEST_DATA"));
  snprintf(text, sizeof(text),
           "{\"format\":\"vmrecon-model\",\"version\":2,\"models\":[%s]}",
           models);
  if (vr_model_file_parse("test", text, strlen(text), &sets[0], &e) < 0 ||
      vr_model_file_read(path, &sets[1], &e) < 0)
    fail_msg("%s", e.message);
  assert_int_equal(vr_live_set_models(r, sets, 2), 0);
  return r;
}

enum {
  PROCESS = 1,
  NIC = 2,
  DISK = 4,
  BALLOON = 8,
  TCG = 16,
  NOT_LINUX = 32,
  GATED = 64, /* introspection reads, and does not publish */
  HIDDEN = 128,
  ALL = PROCESS | NIC | DISK | BALLOON | TCG,
};

/* What a guest sends that has one of these; a RATE of 0: the LEVEL. */
static const struct {
  unsigned of;
  const char *series;
  double rate, level;
} all_series[] = {
    {ALL, "-g/count-vcpus:value", 0, 1},
    {ALL, "-g/memory-configured:value", 0, 0x1p30},
    {TCG, "-g/gauge-accelerator:value", 0, 1},
    {NOT_LINUX, "-g/gauge-os:value", 0, 2},
    {HIDDEN, "-g/gauge-idle_hidden:value", 0, 1},
    {PROCESS, "-g/derive-vcpu_run:value", 5e8, 0},
    {PROCESS, "-g/derive-vcpu_wait:value", 1e8, 0},
    {PROCESS, "-g/derive-vcpu_wait_preempted:value", 1e8, 0},
    {NIC, "-g/if_octets-tap:rx", 100, 0},
    {NIC, "-g/if_octets-tap:tx", 100, 0},
    {DISK, "-g/disk_octets-block:read", 100, 0},
    {DISK, "-g/disk_octets-block:write", 100, 0},
    {BALLOON, "-g/vmpage_faults-balloon:minflt", 100, 0},
    {BALLOON, "-g/vmpage_faults-balloon:majflt", 1, 0},
    {GATED, "_truth-g/contextswitch:value", 100, 0},
};

/* The line about a guest that HAS this, after eight intervals. */
static const char *line_of(const char *models, unsigned has, int interval) {
  struct vr_live *r = start_shipped(models);
  for (int t = 0; t < 8 * interval; t += interval)
    for (size_t i = 0; i < sizeof(all_series) / sizeof(all_series[0]); i++) {
      char name[128];
      bool is_rate = all_series[i].rate > 0;
      snprintf(name, sizeof(name), "h/vmrecon%s", all_series[i].series);
      if (all_series[i].of & has)
        feed(r, name, t, interval, is_rate ? VR_DERIVE : VR_GAUGE,
             is_rate ? all_series[i].rate * t : all_series[i].level);
    }
  vr_live_free(r);
  return log_text;
}

static void assert_says(const char *line, const char *text) {
  if (!strstr(line, text))
    fail_msg("not \"%s\": %s", text, line);
}

static void assert_does_not_say(const char *line, const char *text) {
  if (strstr(line, text))
    fail_msg("\"%s\": %s", text, line);
}

static void what_only_training_gives_says_so(void **state) {
  (void)state;
  const char *line = line_of("", ALL, 10);
  assert_says(line, "processes, contextswitch, buffers (" TRAIN_OR_LOOK);
  assert_says(line, "cooperative: page_faults");
  assert_does_not_say(line, "no NIC");
  assert_does_not_say(line, "QMP socket:");
}

static void a_missing_device_is_named(void **state) {
  (void)state;
  assert_says(line_of("", ALL & ~NIC, 10), "net_tx, net_rx (no NIC: a tap");
  assert_says(line_of("", ALL & ~BALLOON, 10),
              "page_faults (no balloon device: -device virtio-balloon-pci)");
  assert_says(line_of("", ALL & ~DISK, 10), "disk_read, disk_write (no disk ");
}

/* Without the socket there are neither disks nor balloon: it is the socket. */
static void a_missing_socket_is_named(void **state) {
  (void)state;
  assert_says(
      line_of("", PROCESS | NIC | TCG, 10),
      "page_faults, disk_read, disk_write (no QMP socket: -qmp or libvirt)");
}

static void a_process_that_cannot_be_read_is_named(void **state) {
  (void)state;
  assert_says(line_of("", ALL & ~PROCESS, 10),
              "cpu (its process cannot be read in full: rights, "
              "collectd-vmrecon(5))");
}

static void an_unknown_accelerator_is_named(void **state) {
  (void)state;
  assert_says(line_of("", ALL & ~TCG, 10),
              "cpu (its accelerator is not known: rights, ");
}

static void steps_that_are_too_fine_are_named(void **state) {
  (void)state;
  assert_says(line_of(PROCESSES(FIT("50")), ALL, 60),
              "processes (interval 60 s: models exist for 1 s; introspection "
              "would tell: Introspect)");
}

static void a_weak_model_says_its_fit(void **state) {
  (void)state;
  assert_says(line_of(PROCESSES(FIT("3")), ALL, 1),
              "processes (its model is not good enough, fit 3 %; "
              "train: vmrecon-train(1); introspection would tell: Introspect)");
}

static void a_series_that_does_not_come_is_named(void **state) {
  (void)state;
  static const char models[] =
      "{\"counter\":\"processes\",\"provenance\":\"inferred\",\"structure\":"
      "\"fir\",\"step\":10," FIT("60") "\"inputs\":[{\"signals\":[\"%{guest}/"
                                       "virt/ps_cputime:user\"],\"b\":[1]}]}";
  assert_says(line_of(models, ALL, 10),
              "processes (%{guest}/virt/ps_cputime:user does not come: load "
              "the plugin that sends it; ");
}

static void what_is_read_and_not_published_is_named(void **state) {
  (void)state;
  assert_says(line_of("", ALL | GATED, 10),
              "contextswitch (train: vmrecon-train(1); introspection knows: "
              "Introspect publish)");
}

/* Introspection reads Linux's kernel only. */
static void other_systems_are_not_introspected(void **state) {
  (void)state;
  const char *line = line_of("", ALL | NOT_LINUX, 10);
  assert_says(line, "(train: vmrecon-train(1))");
  assert_does_not_say(line, "Introspect");
}

/* A guest that keeps its processors while it is idle (-overcommit cpu-pm=on):
 * what rests on their run time is not said, also by a model of its own; what
 * does not is. */
static void hidden_idle_time_is_named(void **state) {
  (void)state;
  const char *line = line_of(PROCESSES(FIT("50")), ALL | HIDDEN, 1);
  assert_says(line, "processes, cpu (its idle time is hidden from the host "
                    "(cpu-pm, or it polls): IdleHidden, collectd-vmrecon(5); ");
  assert_says(line, "cooperative: page_faults");
  assert_says(line, "net_tx");
  assert_does_not_say(line_of(PROCESSES(FIT("50")), ALL, 1), "idle time");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_only_training_gives_says_so),
      cmocka_unit_test(a_missing_device_is_named),
      cmocka_unit_test(a_missing_socket_is_named),
      cmocka_unit_test(a_process_that_cannot_be_read_is_named),
      cmocka_unit_test(an_unknown_accelerator_is_named),
      cmocka_unit_test(steps_that_are_too_fine_are_named),
      cmocka_unit_test(a_weak_model_says_its_fit),
      cmocka_unit_test(a_series_that_does_not_come_is_named),
      cmocka_unit_test(what_is_read_and_not_published_is_named),
      cmocka_unit_test(other_systems_are_not_introspected),
      cmocka_unit_test(hidden_idle_time_is_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
