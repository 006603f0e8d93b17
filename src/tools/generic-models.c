/* SPDX-License-Identifier: MIT
 *
 * generic-models: writes the models that every guest gets at once, from the
 * tables of src/schema: contrib/models/generic.json, and with the argument
 * "laws" contrib/models/laws.json. The latter has what needs a later version of
 * the model file, and counters that came later: an older target, which refuses
 * a file as a whole, still has the former. "make generic.json" runs both; a
 * test compares the checked-in files with the output.
 *
 * The model file's writer is not used: this file is read by people, so that it
 * has comments and leaves out what has its default.
 */
#include "schema/cpu_terms.h"
#include "schema/direct.h"
#include "schema/load_terms.h"
#include "schema/plugin_names.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_first_model = true;

/* The fields that every model has. */
static void begin_model(enum vr_counter c, enum vr_provenance p,
                        const char *structure, enum vr_accelerator a,
                        enum vr_steal_clock clock, const char *comment) {
  printf("%s  {", is_first_model ? "" : ",\n");
  is_first_model = false;
  if (comment)
    printf("\"comment\": \"%s\",\n   ", comment);
  printf("\"counter\": \"%s\", \"provenance\": \"%s\", \"structure\": \"%s\"",
         vr_counter_info(c)->name, vr_provenance_name(p), structure);
  if (a != VR_ACCEL_ANY)
    printf(", \"accelerator\": \"%s\"", vr_accelerator_name(a));
  if (clock != VR_STEAL_CLOCK_UNKNOWN)
    printf(", \"steal_clock\": %s",
           clock == VR_STEAL_CLOCK_PRESENT ? "true" : "false");
  printf(",\n   \"inputs\": [");
}

static void end_model(double offset, double max) {
  printf("],\n   \"output\": {");
  if (offset != 0)
    printf("\"offset\": %g, ", offset);
  printf("\"min\": 0");
  if (isfinite(max))
    printf(", \"max\": %g", max);
  printf("}}");
}

/* --- direct and cooperative --- */

/* Scale and gain as one number: 15 digits give 1e-07 for 1e-9 times 100. */
static void print_input(const struct vr_direct *d, size_t first, size_t end) {
  char pattern[VR_SIGNAL_PATTERN_SIZE];
  printf("%s{\"signals\": [", first > 0 ? ",\n              " : "");
  for (size_t i = first; i < end; i++) {
    vr_schema_signal_pattern(d->values[i], pattern);
    printf("%s\"%s\"", i > first ? ",\n                           " : "",
           pattern);
  }
  printf("]");
  if (d->scale * d->gain != 1)
    printf(",\n               \"scale\": %.15g", d->scale * d->gain);
  if (d->per != VR_PER_ONE)
    printf(", \"per\": \"%s\"", vr_per_name(d->per));
  printf(", \"b\": [1]}");
}

static void print_direct(const struct vr_direct *d) {
  begin_model(d->counter, d->provenance, d->percentage ? "share" : "static",
              d->accelerator, VR_STEAL_CLOCK_UNKNOWN, d->comment);
  if (!d->percentage)
    print_input(d, 0, d->n_values);
  for (size_t i = 0; d->percentage && i < d->n_values; i++)
    print_input(d, i, i + 1);
  end_model(0, vr_counter_info(d->counter)->max);
}

/* --- introspected --- */

static void print_truth_input(enum vr_type type, const char *instance,
                              const char *data_source, int b) {
  char text[VR_SIGNAL_PATTERN_SIZE];
  vr_schema_type_text(type, instance, text, sizeof(text));
  printf("{\"signals\": [\"%s%s:%s\"], \"b\": [%d]}", VR_PATTERN_TRUTH, text,
         data_source, b);
}

static const char next_input[] = ",\n              ";

/* The states of cpu but STATE, of which the percentage is taken. */
static void print_other_states(const char *state) {
  static const char *const states[] = {"user", "nice",      "system",  "idle",
                                       "wait", "interrupt", "softirq", "steal"};
  for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
    if (strcmp(states[i], state) == 0)
      continue;
    print_truth_input(VR_TYPE_CPU, states[i], "value", 1);
    fputs(next_input, stdout);
  }
}

static void print_introspected(enum vr_counter c, const char *less,
                               const char *comment) {
  const struct vr_introspected *i = &vr_counter_info(c)->introspected;
  begin_model(c, VR_INTROSPECTED, i->of_states ? "share" : "static",
              VR_ACCEL_ANY, VR_STEAL_CLOCK_UNKNOWN, comment);
  print_truth_input(i->type, i->type_instance, i->data_source, 1);
  fputs(next_input, stdout);
  if (less) {
    print_truth_input(VR_TYPE_PS_STATE, less, "value", -1);
    fputs(next_input, stdout);
  }
  if (i->of_states)
    print_other_states(i->type_instance);
  print_truth_input(VR_TYPE_GAUGE, VR_PUBLISH_GATE, "value", 0);
  end_model(i->plus + (less ? i->less_one : 0),
            i->of_states ? vr_counter_info(c)->max : INFINITY);
}

static bool share_a_list(enum vr_counter a, enum vr_counter b) {
  const struct vr_counter_info *x = vr_counter_info(a), *y = vr_counter_info(b);
  return strcmp(x->type, y->type) == 0 &&
         strcmp(x->type_instance, y->type_instance) == 0;
}

/* Is a definition of C known to targets that read no later version than 1: the
 * counter, its provenance and its structure? They refuse a file with another as
 * a whole. */
static bool is_in_version_1(enum vr_counter c, enum vr_provenance p) {
  bool is_of_states =
      p == VR_INTROSPECTED && vr_counter_info(c)->introspected.of_states;
  return c <= VR_EXECUTION && p != VR_DERIVED && !is_of_states;
}

/* With the counters of one value list side by side. */
static void print_all_introspected(bool of_version_1) {
  bool printed[VR_COUNTERS] = {false};
  for (int first = 0; first < VR_COUNTERS; first++)
    for (int c = first; c < VR_COUNTERS; c++) {
      enum vr_counter k = (enum vr_counter)c;
      const struct vr_introspected *i = &vr_counter_info(k)->introspected;
      if (printed[c] || !i->data_source ||
          is_in_version_1(k, VR_INTROSPECTED) != of_version_1 ||
          !share_a_list((enum vr_counter)first, k))
        continue;
      printed[c] = true;
      print_introspected(k, i->less, i->comment);
      if (i->less)
        print_introspected(k, NULL, i->comment_without);
    }
}

/* --- the law of load --- */

static void print_values(const struct vr_signal_value *values, size_t n,
                         bool is_first) {
  char pattern[VR_SIGNAL_PATTERN_SIZE];
  printf("%s{\"signals\": [", is_first ? "" : ",\n              ");
  for (size_t i = 0; i < n; i++) {
    vr_schema_signal_pattern(values[i], pattern);
    printf("%s\"%s\"", i > 0 ? ",\n                           " : "", pattern);
  }
}

static void print_term(const struct vr_load_term *t, bool is_first) {
  print_values(t->values, t->n_values, is_first);
  printf("],\n               \"scale\": %.15g", t->scale);
  if (isfinite(t->max))
    printf(", \"range\": [null, %.15g]", t->max);
  printf(", \"b\": [%.15g, %.15g, %.15g]}", t->weights[0], t->weights[1],
         t->weights[2]);
}

static void print_load(const struct vr_load_definition *d) {
  bool is_first = true;
  begin_model(VR_LOAD, VR_DERIVED, "load_law", d->accelerator,
              VR_STEAL_CLOCK_UNKNOWN, d->comment);
  for (size_t i = 0; i < vr_schema_load_terms_count; i++) {
    const struct vr_load_term *t = &vr_schema_load_terms[i];
    if ((t->part & d->parts) != t->part)
      continue;
    print_term(t, is_first);
    is_first = false;
  }
  end_model(0, INFINITY);
}

/* --- the law of CPU usage --- */

static void print_cpu_term(const struct vr_cpu_term *t, const double *b,
                           bool is_first) {
  print_values(t->values, t->n_values, is_first);
  printf("],\n               \"scale\": %.15g, \"per\": \"vcpu\"", t->scale);
  if (isfinite(t->max))
    printf(", \"range\": [null, %.15g]", t->max);
  printf(", \"b\": [%.15g, %.15g", b[0], b[1]);
  if (b[2] != 0)
    printf(", %.15g", b[2]);
  printf("]}");
}

static void print_cpu(const struct vr_cpu_definition *d) {
  bool is_first = true;
  double b[VR_CPU_TERM_WEIGHTS];
  begin_model(d->counter, d->provenance, "ratio", d->accelerator,
              d->steal_clock, d->comment);
  for (size_t i = 0; i < vr_schema_cpu_terms_count; i++) {
    if (!vr_schema_cpu_weights(d, &vr_schema_cpu_terms[i], b))
      continue;
    print_cpu_term(&vr_schema_cpu_terms[i], b, is_first);
    is_first = false;
  }
  end_model(0, vr_counter_info(d->counter)->max);
}

/* --- the files --- */

static void begin_file(int version) {
  printf("{\n \"format\": \"vmrecon-model\",\n \"version\": %d,\n"
         " \"generator\": \"vmrecon\",\n \"generic\": true,\n"
         " \"models\": [\n",
         version);
}

static void print_defined(bool of_version_1) {
  for (size_t i = 0; i < vr_schema_direct_count; i++)
    if (is_in_version_1(vr_schema_direct[i].counter,
                        vr_schema_direct[i].provenance) == of_version_1)
      print_direct(&vr_schema_direct[i]);
  print_all_introspected(of_version_1);
}

static void print_generic(void) {
  begin_file(1);
  print_defined(true);
}

static void print_laws(void) {
  begin_file(3);
  print_defined(false);
  for (size_t i = 0; i < vr_schema_load_definitions_count; i++)
    print_load(&vr_schema_load_definitions[i]);
  for (size_t i = 0; i < vr_schema_cpu_definitions_count; i++)
    print_cpu(&vr_schema_cpu_definitions[i]);
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "laws") == 0)
    print_laws();
  else
    print_generic();
  puts("\n ]\n}");
  return ferror(stdout) || fclose(stdout) != 0;
}
