/* SPDX-License-Identifier: MIT
 *
 * Who reads a series of the read plugin's, as the table of signals says it and
 * as the readers themselves show it: the engine, placement and vmrecon-top.
 * With the argument --list it prints the table, for test-signal-readers.
 */
#include "../unit.h"

#include "live/catalog.h"
#include "schema/host_signals.h"
#include "schema/plugin_names.h"
#include "top/top_wanted.h"
#include "topology/survey.h"

#include <stdio.h>
#include <string.h>

static const struct {
  unsigned reader;
  const char *name;
} readers[] = {
    {VR_READ_BY_MODELS, "models"},
    {VR_READ_BY_DEFINITIONS, "definitions"},
    {VR_READ_BY_ENGINE, "engine"},
    {VR_READ_BY_PLACEMENT, "placement"},
    {VR_READ_BY_DASHBOARDS, "dashboards"},
    {VR_READ_BY_ALERTS, "alerts"},
    {VR_READ_BY_TOP, "top"},
};

static const struct vr_signal_info *row(int id) {
  return vr_schema_signal((enum vr_signal_id)id);
}

/* Every row is read by WHO exactly if READ says so. */
static void check(enum vr_signal_reader who, bool (*read)(int id)) {
  unsigned n = 0;
  for (int id = 0; id < VR_SIGNALS; id++) {
    bool told = (row(id)->readers & who) != 0;
    if (told != read(id))
      fail_msg("%s-%s: the table says %s", vr_schema_type(row(id)->type)->name,
               row(id)->type_instance, told ? "read" : "not read");
    n += told;
  }
  assert_true(n > 0);
}

/* --- the engine: what every catalog has, whatever models there are --- */

static struct vr_catalog *catalog;

static bool engine_reads(int id) {
  char pattern[VR_SIGNAL_PATTERN_SIZE];
  vr_schema_signal_pattern((struct vr_signal_value){(enum vr_signal_id)id, 0},
                           pattern);
  for (int i = 0; i < VR_RESERVED_SIGNALS; i++)
    if (strcmp(catalog->signals[i]->text, pattern) == 0)
      return true;
  return false;
}

static void the_engine(void **state) {
  (void)state;
  catalog = vr_live_catalog_new(NULL, 0, 0, false);
  assert_non_null(catalog);
  check(VR_READ_BY_ENGINE, engine_reads);
  vr_live_catalog_unref(catalog);
}

/* --- placement: a value that it passes over makes no machine known --- */

static bool placement_reads(int id) {
  struct vr_survey s;
  const struct vr_identifier name = {
      .host = "h",
      .plugin = VR_PLUGIN_READ,
      .plugin_instance = row(id)->group == VR_HOST ? "" : "g",
      .type = vr_schema_type(row(id)->type)->name,
      .type_instance = row(id)->type_instance};
  vr_survey_init(&s, 10);
  assert_int_equal(vr_survey_take(&s, &name, 1), 0);
  bool known = s.n_hosts + s.n_guests > 0;
  vr_survey_clear(&s);
  return known;
}

static void placement(void **state) {
  (void)state;
  check(VR_READ_BY_PLACEMENT, placement_reads);
}

/* --- vmrecon-top --- */

static bool top_reads(int id) {
  char name[128];
  struct vr_top_parts parts;
  int n = snprintf(name, sizeof(name), "h/%s%s/%s%s%s", VR_PLUGIN_READ,
                   row(id)->group == VR_HOST ? "" : "-g",
                   vr_schema_type(row(id)->type)->name,
                   *row(id)->type_instance ? "-" : "", row(id)->type_instance);
  return vr_top_wanted_parse(name, (size_t)n, &parts);
}

static void top(void **state) {
  (void)state;
  assert_int_equal(vr_top_wanted_begin(), 0);
  check(VR_READ_BY_TOP, top_reads);
  vr_top_wanted_end();
}

/* HOST|GUEST TYPE[-INSTANCE] READER,… */
static int list(void) {
  for (int id = 0; id < VR_SIGNALS; id++) {
    printf("%s %s%s%s ", row(id)->group == VR_HOST ? "host" : "guest",
           vr_schema_type(row(id)->type)->name,
           *row(id)->type_instance ? "-" : "", row(id)->type_instance);
    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
      if (row(id)->readers & readers[i].reader)
        printf("%s,", readers[i].name);
    printf("%s\n", row(id)->readers ? "" : "nobody");
  }
  return 0;
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_engine),
      cmocka_unit_test(placement),
      cmocka_unit_test(top),
  };
  if (argc == 2 && strcmp(argv[1], "--list") == 0)
    return list();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
