/* SPDX-License-Identifier: MIT
 *
 * The table of host signals, the sums of them, the references and the
 * definitions: whole, and consistent with collectd's types.db.
 */
#include "../unit.h"

#include "schema/cpu_terms.h"
#include "schema/direct.h"
#include "schema/idle_signals.h"
#include "schema/load_terms.h"
#include "schema/plugin_names.h"
#include "schema/references.h"
#include "types_db.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void types_are_those_of_types_db(void **state) {
  (void)state;
  static const char *const kinds[] = {"GAUGE", "DERIVE", "COUNTER", "ABSOLUTE"};
  for (int t = 0; t < VR_TYPES; t++) {
    const struct vr_type_info *info = vr_schema_type((enum vr_type)t);
    char rest[1024], expected[64], *save = NULL;
    assert_non_null(info->name);
    assert_true(types_db_find(info->name, rest, sizeof(rest)));
    char *source = strtok_r(rest, ", \t\n", &save);
    for (size_t i = 0; i < info->n_sources; i++) {
      assert_non_null(source);
      snprintf(expected, sizeof(expected), "%s:%s:", info->sources[i],
               kinds[info->kind]);
      assert_int_equal(strncmp(source, expected, strlen(expected)), 0);
      source = strtok_r(NULL, ", \t\n", &save);
    }
    assert_null(source);
  }
}

/* Each data source of each row is offered to the trainer, or has a reason. */
static void every_row_is_offered_or_has_a_reason(void **state) {
  (void)state;
  for (int id = 0; id < VR_SIGNALS; id++) {
    const struct vr_signal_info *s = vr_schema_signal((enum vr_signal_id)id);
    size_t n = vr_schema_type(s->type)->n_sources;
    assert_true(s->group > 0 && s->group <= VR_EVERY_GROUP);
    assert_non_null(s->unit);
    for (size_t i = 0; i < n; i++) {
      assert_true((s->uses[i].source != NULL) != (s->uses[i].reason != NULL));
      assert_true(s->uses[i].scale > 0);
    }
    for (size_t i = n; i < VR_TYPE_MAX_SOURCES; i++)
      assert_true(!s->uses[i].source && !s->uses[i].reason);
  }
}

/* --- who reads a row: exactly those that the table says --- */

struct readers {
  unsigned of[VR_SIGNALS];
};

static void reads(struct readers *r, const struct vr_signal_value *values,
                  size_t n, enum vr_signal_reader who) {
  for (size_t i = 0; i < n; i++)
    r->of[values[i].id] |= who;
}

static void check_readers(const struct readers *r, unsigned who) {
  for (int id = 0; id < VR_SIGNALS; id++) {
    const struct vr_signal_info *s = vr_schema_signal((enum vr_signal_id)id);
    if ((s->readers & who) != r->of[id])
      fail_msg("%s-%s: read by %u, the table says %u",
               vr_schema_type(s->type)->name, s->type_instance, r->of[id],
               s->readers & who);
  }
}

static void models_read_what_is_offered(void **state) {
  (void)state;
  struct readers r = {{0}};
  for (int id = 0; id < VR_SIGNALS; id++)
    for (unsigned i = 0; i < VR_TYPE_MAX_SOURCES; i++)
      if (vr_schema_signal((enum vr_signal_id)id)->uses[i].source)
        r.of[id] = VR_READ_BY_MODELS;
  for (size_t i = 0; i < vr_schema_sums_count; i++)
    reads(&r, vr_schema_sums[i].parts, 2, VR_READ_BY_MODELS);
  check_readers(&r, VR_READ_BY_MODELS);
}

static void definitions_read_their_values(void **state) {
  (void)state;
  struct readers r = {{0}};
  for (size_t i = 0; i < vr_schema_direct_count; i++)
    reads(&r, vr_schema_direct[i].values, vr_schema_direct[i].n_values,
          VR_READ_BY_DEFINITIONS);
  for (size_t i = 0; i < vr_schema_cpu_terms_count; i++)
    reads(&r, vr_schema_cpu_terms[i].values, vr_schema_cpu_terms[i].n_values,
          VR_READ_BY_DEFINITIONS);
  for (size_t i = 0; i < vr_schema_load_terms_count; i++)
    reads(&r, vr_schema_load_terms[i].values, vr_schema_load_terms[i].n_values,
          VR_READ_BY_DEFINITIONS);
  check_readers(&r, VR_READ_BY_DEFINITIONS);
}

/* Without a word, those that somebody reads; a word adds its group. */
static void extra_adds_what_nobody_reads(void **state) {
  (void)state;
  unsigned groups = 0;
  assert_int_equal(vr_schema_extra_groups("  cgroup\tKVM ", &groups), 0);
  assert_int_equal(groups, VR_CGROUP | VR_KVM);
  assert_int_equal(vr_schema_extra_groups("cgroups", &groups), -EINVAL);
  assert_int_equal(groups, VR_CGROUP | VR_KVM);
  assert_false(vr_schema_signal_emitted(VR_SIGNAL_KVM_exits, VR_CGROUP));
  assert_true(vr_schema_signal_emitted(VR_SIGNAL_KVM_exits, groups));
  assert_true(vr_schema_signal_emitted(VR_SIGNAL_VCPU_RUN, 0));
  assert_int_equal(vr_schema_extra_groups("true", &groups), 0);
  for (int id = 0; id < VR_SIGNALS; id++)
    assert_true(vr_schema_signal_emitted((enum vr_signal_id)id, groups));
  assert_int_equal(vr_schema_extra_groups("false", &groups), 0);
  assert_int_equal(groups, 0);
}

/* Every word of Extra has something to add, and what nobody reads has one. */
static void every_group_that_nobody_reads_has_a_word(void **state) {
  (void)state;
  static const char *const words[] = {"balloon", "vhost", "cgroup", "kvm",
                                      "host"};
  unsigned unread = 0, named = 0;
  for (int id = 0; id < VR_SIGNALS; id++)
    if (!vr_schema_signal_emitted((enum vr_signal_id)id, 0))
      unread |= vr_schema_signal((enum vr_signal_id)id)->group;
  for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
    assert_int_equal(vr_schema_extra_groups(words[i], &named), 0);
  assert_int_equal(named, unread);
}

static void no_two_rows_are_one_series(void **state) {
  (void)state;
  char a[VR_SIGNAL_PATTERN_SIZE], b[VR_SIGNAL_PATTERN_SIZE];
  for (int i = 0; i < VR_SIGNALS; i++)
    for (int k = 0; k < i; k++) {
      vr_schema_signal_pattern(
          (struct vr_signal_value){(enum vr_signal_id)i, 0}, a);
      vr_schema_signal_pattern(
          (struct vr_signal_value){(enum vr_signal_id)k, 0}, b);
      assert_string_not_equal(a, b);
    }
}

static void patterns_are_as_models_have_them(void **state) {
  (void)state;
  char pattern[VR_SIGNAL_PATTERN_SIZE];
  vr_schema_signal_pattern((struct vr_signal_value){VR_SIGNAL_VCPU_RUN, 0},
                           pattern);
  assert_string_equal(pattern,
                      "%{host}/vmrecon-%{guest}/derive-vcpu_run:value");
  vr_schema_signal_pattern((struct vr_signal_value){VR_SIGNAL_TAP_OCTETS, 1},
                           pattern);
  assert_string_equal(pattern, "%{host}/vmrecon-%{guest}/if_octets-tap:tx");
  vr_schema_signal_pattern((struct vr_signal_value){VR_SIGNAL_HOST_LOAD, 0},
                           pattern);
  assert_string_equal(pattern, "%{host}/vmrecon/load:shortterm");
}

/* What is added up has one unit, and is divided and scaled alike. */
static void sums_are_of_one_kind(void **state) {
  (void)state;
  for (size_t i = 0; i < vr_schema_sums_count; i++) {
    const struct vr_signal_value *p = vr_schema_sums[i].parts;
    const struct vr_signal_info *a = vr_schema_signal(p[0].id);
    const struct vr_signal_info *b = vr_schema_signal(p[1].id);
    assert_int_equal(a->group, b->group);
    assert_int_equal(a->per, b->per);
    assert_string_equal(a->unit, b->unit);
    assert_true(a->uses[p[0].source].scale == b->uses[p[1].source].scale);
  }
}

/* Every counter that is a rate is defined by rates, and has its data source. */
static void definitions_are_of_their_counters_kind(void **state) {
  (void)state;
  for (size_t i = 0; i < vr_schema_direct_count; i++) {
    const struct vr_direct *d = &vr_schema_direct[i];
    assert_true(d->n_values >= 1 && d->n_values <= VR_DIRECT_VALUES);
    assert_true(d->scale > 0 && d->gain > 0);
    /* What only comes near the guest's number is never direct. */
    assert_true(d->proxy ? d->provenance == VR_DERIVED
                         : d->provenance == VR_DIRECT ||
                               d->provenance == VR_COOPERATIVE);
    for (size_t k = 0; k < d->n_values; k++) {
      const struct vr_signal_info *s = vr_schema_signal(d->values[k].id);
      const struct vr_type_info *type = vr_schema_type(s->type);
      assert_true(d->values[k].source < type->n_sources);
      if (vr_counter_info(d->counter)->is_rate)
        assert_int_equal(type->kind, VR_DERIVE);
    }
  }
}

/* Terms are rates of accumulated time: of every kind of part one at least; and
 * all together the bounds are in order. */
static void terms_of_load_are_accumulated_times(void **state) {
  (void)state;
  unsigned parts = 0;
  double sum[VR_LOAD_TERM_WEIGHTS] = {0};
  for (size_t i = 0; i < vr_schema_load_terms_count; i++) {
    const struct vr_load_term *t = &vr_schema_load_terms[i];
    parts |= t->part;
    assert_true(t->n_values >= 1 && t->n_values <= VR_LOAD_TERM_VALUES);
    for (size_t k = 0; k < t->n_values; k++) {
      const struct vr_signal_info *s = vr_schema_signal(t->values[k].id);
      const struct vr_type_info *type = vr_schema_type(s->type);
      assert_true(t->values[k].source < type->n_sources);
      assert_int_equal(type->kind, VR_DERIVE);
      double unit = strcmp(s->unit, "ms/s") == 0 ? 1e-3 : 1e-9;
      assert_true(fabs(t->scale) == unit);
    }
    for (int w = 0; w < VR_LOAD_TERM_WEIGHTS; w++)
      sum[w] += t->weights[w];
  }
  assert_int_equal(parts,
                   VR_LOAD_IN_FLIGHT | VR_LOAD_FLUSHES | VR_LOAD_HALT_POLLING);
  assert_true(sum[0] <= sum[1] && sum[1] <= sum[2]);
  /* The definition that every guest can have is the last. */
  const struct vr_load_definition *last =
      &vr_schema_load_definitions[vr_schema_load_definitions_count - 1];
  assert_true(last->parts == VR_LOAD_BUSY && last->accelerator == VR_ACCEL_ANY);
}

/* What introspection reads of a counter is of the counter's kind. */
static void introspected_series_are_of_their_counters_kind(void **state) {
  (void)state;
  for (int c = 0; c < VR_COUNTERS; c++) {
    const struct vr_counter_info *info = vr_counter_info((enum vr_counter)c);
    const struct vr_introspected *s = &info->introspected;
    if (!s->data_source)
      continue;
    const struct vr_type_info *type = vr_schema_type(s->type);
    size_t i = 0;
    while (i < type->n_sources && strcmp(type->sources[i], s->data_source) != 0)
      i++;
    assert_true(i < type->n_sources);
    assert_int_equal(type->kind,
                     info->is_rate || s->of_states ? VR_DERIVE : VR_GAUGE);
  }
}

/* What is trained must have something to learn from. */
static void every_trainable_counter_has_a_reference(void **state) {
  (void)state;
  for (int c = 0; c < VR_COUNTERS; c++) {
    size_t n = 0;
    for (size_t i = 0; i < vr_schema_references_count; i++)
      n += (int)vr_schema_references[i].counter == c;
    if (vr_counter_info((enum vr_counter)c)->trainable)
      assert_true(n > 0);
  }
  for (size_t i = 0; i < vr_schema_references_count; i++)
    assert_non_null(vr_schema_references[i].instances[0]);
}

/* What grows while a vCPU's thread runs, and what an idle guest's sleep moves.
 */
static void times_and_sleeps_of_vcpus_show_idle(void **state) {
  (void)state;
  static const char *const shows[] = {
      "%{host}/vmrecon-%{guest}/derive-vcpu_run:value",
      "%{host}/vmrecon-%{guest}/derive-vcpu_run",
      "%{host}/vmrecon-%{guest}/derive-vcpu_switches_voluntary:value",
      "%{host}/vmrecon-%{guest}/derive-kvm_halt_exits:value",
      "%{host}/virt-%{guest}/virt_cpu_total:value",
      "%{guest}/virt/virt_vcpu-0:value",
      "%{guest}/virt/ps_cputime:user",
  };
  static const char *const other[] = {
      "",
      "derive-vcpu_run",
      "%{host}/vmrecon-%{guest}/derive-vcpu_run_else:value",
      "%{host}/vmrecon-%{guest}/derive-vcpu_wait:value",
      "%{host}/vmrecon-%{guest}/derive-vcpu_wait_preempted:value",
      "%{host}/vmrecon-%{guest}/derive-emulator_run:value",
      "%{host}/vmrecon-%{guest}/vmpage_faults-balloon:minflt",
      "%{host}/virt-%{guest}/disk_octets-vda:read",
      "%{host}/vmrecon/load:shortterm",
  };
  for (size_t i = 0; i < sizeof(shows) / sizeof(shows[0]); i++)
    assert_true(vr_schema_shows_idle(shows[i]));
  for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
    assert_false(vr_schema_shows_idle(other[i]));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(types_are_those_of_types_db),
      cmocka_unit_test(every_row_is_offered_or_has_a_reason),
      cmocka_unit_test(models_read_what_is_offered),
      cmocka_unit_test(definitions_read_their_values),
      cmocka_unit_test(extra_adds_what_nobody_reads),
      cmocka_unit_test(every_group_that_nobody_reads_has_a_word),
      cmocka_unit_test(no_two_rows_are_one_series),
      cmocka_unit_test(patterns_are_as_models_have_them),
      cmocka_unit_test(sums_are_of_one_kind),
      cmocka_unit_test(definitions_are_of_their_counters_kind),
      cmocka_unit_test(terms_of_load_are_accumulated_times),
      cmocka_unit_test(introspected_series_are_of_their_counters_kind),
      cmocka_unit_test(every_trainable_counter_has_a_reference),
      cmocka_unit_test(times_and_sleeps_of_vcpus_show_idle),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
