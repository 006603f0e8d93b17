/* SPDX-License-Identifier: MIT
 *
 * Every series that is emitted has its row in the schema's table, and every row
 * is emitted.
 */
#include "../unit.h"

#include "host/emit_samples.h"
#include "schema/host_signals.h"

#include <string.h>

/* How often each row was emitted, of those about the host or about a guest. */
struct seen {
  bool host;
  unsigned rows[VR_SIGNALS];
};

static void note(void *ctx, const struct vr_emitted *s) {
  struct seen *seen = ctx;
  unsigned found = 0;
  for (int id = 0; id < VR_SIGNALS; id++) {
    const struct vr_signal_info *row = vr_schema_signal((enum vr_signal_id)id);
    const struct vr_type_info *type = vr_schema_type(row->type);
    if ((row->group == VR_HOST) != seen->host ||
        strcmp(type->name, s->type) != 0 ||
        strcmp(row->type_instance, s->instance) != 0)
      continue;
    seen->rows[id]++;
    found++;
    assert_int_equal(s->n, type->n_sources);
    for (size_t i = 0; i < s->n; i++) {
      assert_string_equal(s->values[i].name, type->sources[i]);
      assert_int_equal(s->values[i].kind, type->kind);
    }
  }
  if (found != 1)
    fail_msg("%s-%s has %u rows", s->type, s->instance, found);
}

static void check(const struct seen *seen, unsigned extra) {
  for (int id = 0; id < VR_SIGNALS; id++) {
    const struct vr_signal_info *row = vr_schema_signal((enum vr_signal_id)id);
    if (seen->rows[id] !=
        ((row->group == VR_HOST) == seen->host &&
         vr_schema_signal_emitted((enum vr_signal_id)id, extra)))
      fail_msg("%s-%s is emitted %u times", vr_schema_type(row->type)->name,
               row->type_instance, seen->rows[id]);
  }
}

/* In samples of bytes that are all 1 everything is known. */
static void of_the_host(unsigned extra) {
  struct vr_host_sample s;
  struct seen seen = {.host = true};
  memset(&s, 1, sizeof(s));
  vr_emit_host(&s, extra, note, &seen);
  check(&seen, extra);
}

static void of_a_guest(unsigned extra) {
  struct vr_vmproc_sample s;
  struct seen seen = {.host = false};
  memset(&s, 1, sizeof(s));
  vr_emit_vmproc(&s, extra, note, &seen);
  check(&seen, extra);
}

static void all_of_the_host(void **state) {
  (void)state;
  of_the_host(VR_EVERY_GROUP);
}

static void all_of_a_guest(void **state) {
  (void)state;
  of_a_guest(VR_EVERY_GROUP);
}

/* What nobody reads is left out, but for the groups that are asked for. */
static void what_somebody_reads(void **state) {
  (void)state;
  of_the_host(0);
  of_a_guest(0);
  of_the_host(VR_HOST);
  of_a_guest(VR_CGROUP);
}

/* A row that names the wrong one of COUNTS and LEVELS gives a level no such
 * number: here all of them lie from 0 to 1e19. */
static void check_number(void *ctx, const struct vr_emitted *s) {
  (void)ctx;
  for (size_t i = 0; i < s->n; i++)
    if (s->values[i].kind == VR_GAUGE) {
      double level = s->values[i].number.gauge;
      if (!(level == 0 || (level >= 1 && level < 1e19)))
        fail_msg("%s-%s: %g", s->type, s->instance, level);
    } else if (s->values[i].number.derive < 0 ||
               s->values[i].number.derive > INT64_C(0x0200000000000000)) {
      fail_msg("%s-%s: %lld", s->type, s->instance,
               (long long)s->values[i].number.derive);
    }
}

static void levels_are_levels(void **state) {
  (void)state;
  struct vr_host_sample h;
  struct vr_vmproc_sample g;
  memset(&h, 1, sizeof(h));
  memset(&g, 1, sizeof(g));
  h.load = (struct vr_loadavg){2, 3, 4, 5};
  vr_emit_host(&h, VR_EVERY_GROUP, check_number, NULL);
  vr_emit_vmproc(&g, VR_EVERY_GROUP, check_number, NULL);
}

/* What is not known is not emitted as zero. */
static void nothing_of_nothing(void **state) {
  (void)state;
  struct seen seen = {.host = false};
  vr_emit_host(&(struct vr_host_sample){0}, VR_EVERY_GROUP, note, &seen);
  vr_emit_vmproc(&(struct vr_vmproc_sample){0}, VR_EVERY_GROUP, note, &seen);
  for (int id = 0; id < VR_SIGNALS; id++)
    assert_int_equal(seen.rows[id], 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_of_the_host),
      cmocka_unit_test(all_of_a_guest),
      cmocka_unit_test(what_somebody_reads),
      cmocka_unit_test(levels_are_levels),
      cmocka_unit_test(nothing_of_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
