/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "basic/cleanup.h"
#include "basic/file.h"
#include "model/load_filter.h"
#include "model/model.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static char directory[64], path[96];

static int make_directory(void **state) {
  (void)state;
  strcpy(directory, "/tmp/vr-model-XXXXXX");
  if (!mkdtemp(directory))
    return -1;
  snprintf(path, sizeof(path), "%s/m.json", directory);
  return 0;
}

static int remove_directory(void **state) {
  (void)state;
  unlink(path);
  return rmdir(directory);
}

/* One whole model with every field set; %s is replaced by each test. */
#define HEAD "{\"format\":\"vmrecon-model\",\"version\":1,\"generic\":true,"
#define SIGNAL "\"%{host}/vmrecon-%{guest}/derive-vcpu_run:value\""

static int read_text(const char *text, struct vr_model_set *set,
                     struct vr_error *e) {
  assert_int_equal(vr_file_write_atomic(path, text, strlen(text)), 0);
  return vr_model_file_read(path, set, e);
}

static void reads_every_field(void **state) {
  (void)state;
  struct vr_model_set set;
  struct vr_error e;
  assert_int_equal(
      read_text(HEAD
                "\"models\":[{\"counter\":\"contextswitch\",\"provenance\":"
                "\"inferred\",\"guest\":\"web*\",\"accelerator\":\"tcg\","
                "\"structure\":\"arx\",\"step\":10,\"inputs\":[{\"signals\":"
                "[" SIGNAL "],\"scale\":2,\"per\":\"vcpu\",\"offset\":3,"
                "\"range\":[null,7],\"delay\":4,\"b\":[0.5,0.25]}],"
                "\"a\":[1,-0.5],\"output\":{\"offset\":5,\"per\":\"gib\","
                "\"min\":0},\"fit\":{\"free_run\":61.5,\"rows\":300},"
                "\"baseline\":{\"mean\":9,\"mean_fit\":-1,\"gain\":{\"input\":"
                "{\"signals\":[" SIGNAL "]},\"gain\":2,\"constant\":1,"
                "\"fit\":20}}}]}",
                &set, &e),
      0);
  assert_int_equal(set.n_models, 1);
  const struct vr_model *m = &set.models[0];
  assert_int_equal(m->counter, VR_CONTEXTSWITCH);
  assert_int_equal(m->provenance, VR_INFERRED);
  assert_string_equal(m->guest, "web*");
  assert_int_equal(m->accelerator, VR_ACCEL_TCG);
  assert_int_equal(m->structure, VR_ARX);
  assert_true(m->generic && m->step == 10);
  assert_int_equal(m->n_inputs, 1);
  const struct vr_model_input *in = &m->inputs[0];
  assert_string_equal(in->signals[0],
                      "%{host}/vmrecon-%{guest}/derive-vcpu_run:value");
  assert_true(in->scale == 2 && in->per == VR_PER_VCPU && in->offset == 3);
  assert_true(in->range_min == -INFINITY && in->range_max == 7);
  assert_true(m->arx.na == 1 && m->arx.a[1] == -0.5);
  assert_true(m->arx.nu == 1 && m->arx.inputs[0].nk == 4);
  assert_true(m->arx.inputs[0].nb == 2 && m->arx.inputs[0].b[1] == 0.25);
  assert_true(m->output.offset == 5 && m->output.per == VR_PER_GIB);
  assert_true(m->output.min == 0 && m->output.max == INFINITY);
  assert_true(m->fit.free_run == 61.5 && isnan(m->fit.one_step));
  assert_true(m->baseline.mean == 9 && m->baseline.has_gain);
  assert_true(m->baseline.gain == 2 && m->baseline.gain_fit == 20);
  vr_model_set_clear(&set);
}

/* Numbers that no short decimal form gives back. */
static void writes_what_it_reads_to_the_last_bit(void **state) {
  (void)state;
  double a[] = {1, -0.1 - 1e-17, 0.7 / 9}, b[] = {1. / 3, 2e-300};
  char *signals[] = {"%{host}/vmrecon/load:shortterm"};
  struct vr_model_input in = {.n_signals = 1,
                              .signals = signals,
                              .scale = M_PI,
                              .range_min = -INFINITY,
                              .range_max = 1. / 7};
  struct vr_arx_input x = {.nb = 2, .nk = 3, .b = b};
  struct vr_model m = {.counter = VR_PROCESSES,
                       .provenance = VR_INFERRED,
                       .guest = "g\"1",
                       .structure = VR_ARX,
                       .step = 1,
                       .arx = {.na = 2, .a = a, .nu = 1, .inputs = &x},
                       .n_inputs = 1,
                       .inputs = &in,
                       .output = {.min = -INFINITY, .max = INFINITY},
                       .fit = {.free_run = 1. / 3,
                               .one_step = NAN,
                               .rows = 100,
                               .begin = 1.5e9,
                               .end = 1.6e9},
                       .baseline = {.mean = NAN, .mean_fit = NAN}};
  struct vr_model_set set = {.n_models = 1, .models = &m}, back;
  struct vr_error e;
  assert_int_equal(vr_model_file_write(path, &set, false, "test", &e), 0);
  assert_int_equal(vr_model_file_read(path, &back, &e), 0);
  const struct vr_model *r = &back.models[0];
  assert_string_equal(r->guest, "g\"1");
  assert_true(!r->generic);
  assert_memory_equal(r->arx.a, a, sizeof(a));
  assert_memory_equal(r->arx.inputs[0].b, b, sizeof(b));
  assert_true(r->inputs[0].scale == M_PI && r->inputs[0].range_max == 1. / 7);
  assert_true(r->fit.free_run == 1. / 3 && isnan(r->fit.one_step));
  vr_model_set_clear(&back);
}

struct refusal {
  const char *text;
  const char *message; /* must be contained */
};

#define MODEL(rest)                                                            \
  HEAD "\"models\":[{\"counter\":\"load\",\"provenance\":\"inferred\"," rest   \
       "}]}"
#define INPUT "\"inputs\":[{\"signals\":[" SIGNAL "],\"b\":[1]}]"

static const struct refusal refusals[] = {
    {"", "line 1"},
    {"{\"format\":\"vmrecon-model\",\"version\":1,\"mod", "line 1"},
    {"[1]", "format: not a vmrecon-model file"},
    {MODEL("\"preferred\":1,\"structure\":\"static\"," INPUT),
     "preferred: must be true or false"},
    {HEAD "\"models\":[{\"counter\":\"load\",\"provenance\":\"direct\","
          "\"preferred\":true,\"structure\":\"static\"," INPUT "}]}",
     "preferred: only of an inferred model"},
    {MODEL("\"structure\":\"static\",\"inputs\":[{\"signals\":[" SIGNAL
           "],\"transform\":\"exp\",\"b\":[1]}]"),
     "inputs[0].transform: \"exp\" is not known"},
    {MODEL("\"structure\":\"static\",\"inputs\":[{\"signals\":[" SIGNAL
           "],\"per_idle\":[],\"b\":[1]}]"),
     "inputs[0].per_idle: must be an array"},
    {MODEL("\"host\":\"bare\",\"structure\":\"static\"," INPUT),
     "host: \"bare\" is not known"},
    {"{\"format\":\"vmrecon-model\",\"version\":4,\"models\":[]}",
     "version: 4 is later than 3"},
    {"{\"format\":\"vmrecon-model\",\"version\":1}", "models: missing"},
    {HEAD "\"model\":[],\"models\":[]}", "unknown member \"model\""},
    {HEAD "\"models\":[{\"counter\":\"loud\"}]}",
     "model 0: counter: \"loud\" is not known"},
    {MODEL("\"structure\":\"arx\",\"step\":1,\"a\":[1,-1]," INPUT),
     "model 0 (load): a: the model is unstable: a pole has magnitude 1"},
    {MODEL("\"structure\":\"arx\",\"step\":1,\"a\":[2,-1]," INPUT),
     "model 0 (load): a: must begin with 1"},
    {MODEL("\"structure\":\"arx\",\"step\":1,\"a\":[1,\"x\"]," INPUT),
     "model 0 (load): a[1]: must be a finite number"},
    {MODEL("\"structure\":\"arx\"," INPUT),
     "model 0 (load): step: only a static model or a law may have 0"},
    {MODEL("\"structure\":\"arx\",\"step\":1e-12," INPUT),
     "model 0 (load): step: must be 0, or 0.001 to 86400 seconds"},
    {MODEL("\"structure\":\"arx\",\"step\":-1," INPUT),
     "model 0 (load): step: must be 0, or 0.001 to 86400 seconds"},
    {MODEL("\"structure\":\"static\",\"a\":[1,-0.5]," INPUT),
     "model 0 (load): structure: a static model has no a"},
    {MODEL("\"structure\":\"share\"," INPUT),
     "model 0 (load): structure: a share is of two inputs or more"},
    {MODEL("\"structure\":\"share\",\"inputs\":[{\"signals\":[" SIGNAL
           "],\"b\":[1]},{\"signals\":[" SIGNAL "],\"b\":[-1]}]"),
     "model 0 (load): structure: a share has no b below 0, "
     "and the first one above 0"},
    {MODEL("\"structure\":\"load_filter\",\"step\":1,\"a\":[1,-0.5]," INPUT),
     "model 0 (load): a: a load_filter of step 1 has a = [1, "},
    {MODEL("\"structure\":\"static\",\"inputs\":[]"),
     "model 0 (load): inputs: must be"},
    {MODEL("\"structure\":\"static\",\"inputs\":[{\"signals\":[\"a/b/c\"],"
           "\"b\":[1]}]"),
     "model 0 (load): inputs[0].signals: \"a/b/c\" is not the pattern"},
    {MODEL("\"structure\":\"static\",\"inputs\":[{\"signals\":[" SIGNAL
           "],\"b\":[1],\"dealy\":3}]"),
     "inputs[0].: unknown member \"dealy\""},
    {MODEL("\"structure\":\"static\",\"inputs\":[{\"signals\":[" SIGNAL
           "],\"b\":[1],\"delay\":-1}]"),
     "inputs[0].delay: must be 0 to"},
};

/* Intervals, version 2: each broken in one way. */
#define WITH(intervals)                                                        \
  MODEL("\"structure\":\"static\"," INPUT ",\"intervals\":{" intervals "}")
#define REGIME "\"regime\":{\"signals\":[" SIGNAL "],\"per\":\"vcpu\"}"

static const struct refusal bad_intervals[] = {
    {MODEL("\"structure\":\"static\"," INPUT ",\"intervals\":[1]"),
     "model 0 (load): intervals: must be an object"},
    {WITH("\"half_widths\":[1]"), "intervals.level: missing or not a number"},
    {WITH("\"level\":0,\"half_widths\":[1]"),
     "intervals.level: must lie between 0 and 1"},
    {WITH("\"level\":1.5,\"half_widths\":[1]"),
     "intervals.level: must lie between 0 and 1"},
    {WITH("\"level\":0.9"),
     "intervals.half_widths: must be an array of 1 to 8"},
    {WITH("\"level\":0.9,\"half_widths\":[]"),
     "intervals.half_widths: must be"},
    {WITH("\"level\":0.9,\"half_widths\":[1,1,1,1,1,1,1,1,1]"),
     "intervals.half_widths: must be"},
    {WITH("\"level\":0.9,\"half_widths\":[\"wide\"]"),
     "intervals.half_widths[0]: must be a number or null"},
    {WITH("\"level\":0.9,\"half_widths\":[-1]"),
     "intervals.half_widths[0]: must not be negative"},
    {WITH("\"level\":0.9,\"half_widths\":[1]," REGIME),
     "one half-width needs no regime"},
    {WITH("\"level\":0.9,\"half_widths\":[1,2]," REGIME),
     "intervals.edges: must be an array of 1"},
    {WITH("\"level\":0.9,\"half_widths\":[1,2],\"edges\":[null]," REGIME),
     "intervals.edges[0]: must be a number"},
    {WITH("\"level\":0.9,\"half_widths\":[1,2,3],\"edges\":[2,2]," REGIME),
     "intervals.edges: must be finite and rise"},
    {WITH("\"level\":0.9,\"half_widths\":[1,2],\"edges\":[0.5]"),
     "intervals.regime: must be an object"},
    {WITH("\"level\":0.9,\"half_widths\":[1,2],\"edges\":[0.5],"
          "\"regime\":{\"signals\":[\"a/b\"]}"),
     "intervals.regime[0].signals: \"a/b\" is not the pattern"},
    {WITH("\"level\":0.9,\"half_widths\":[1],\"coverage\":90"),
     "intervals.coverage: must be 0 to 1"},
    {WITH("\"level\":0.9,\"half_width\":[1]"), "unknown member \"half_width\""},
};

static void refuses_bad_intervals(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof(bad_intervals) / sizeof(bad_intervals[0]);
       i++) {
    struct vr_model_set set = {.n_models = 77};
    struct vr_error e = {""};
    assert_int_equal(read_text(bad_intervals[i].text, &set, &e), -EINVAL);
    assert_int_equal(set.n_models, 77);
    if (!strstr(e.message, bad_intervals[i].message))
      fail_msg("message is \"%s\", not \"...%s...\"", e.message,
               bad_intervals[i].message);
  }
}

static void reads_and_writes_intervals(void **state) {
  (void)state;
  struct vr_model_set set, back;
  struct vr_error e = {""};
  assert_int_equal(
      read_text(WITH("\"level\":0.9,\"half_widths\":[0.1,2.5,null],"
                     "\"edges\":[0.2,0.9]," REGIME ",\"coverage\":0.905,"
                     "\"coverage_lower\":0.85"),
                &set, &e),
      0);
  assert_int_equal(vr_model_file_write(path, &set, false, "t", &e), 0);
  assert_int_equal(vr_model_file_read(path, &back, &e), 0);
  const struct vr_model_set *both[] = {&set, &back};
  for (int i = 0; i < 2; i++) {
    const struct vr_model_intervals *v = &both[i]->models[0].intervals;
    assert_true(v->level == 0.9 && v->n_regimes == 3);
    assert_true(v->half_width[0] == 0.1 && v->half_width[1] == 2.5);
    assert_true(v->half_width[2] == INFINITY);
    assert_true(v->edges[0] == 0.2 && v->edges[1] == 0.9);
    assert_int_equal(v->regime.n_signals, 1);
    assert_true(v->regime.per == VR_PER_VCPU && v->regime.scale == 1);
    assert_true(v->coverage == 0.905 && v->coverage_lower == 0.85);
    assert_true(isnan(v->coverage_upper));
  }
  vr_model_set_clear(&set);
  vr_model_set_clear(&back);
  /* One width for all, and a file of version 1 without any. */
  assert_int_equal(
      read_text(WITH("\"level\":0.5,\"half_widths\":[3]"), &set, &e), 0);
  assert_true(set.models[0].intervals.n_regimes == 1 &&
              set.models[0].intervals.half_width[0] == 3);
  vr_model_set_clear(&set);
  assert_int_equal(
      read_text(MODEL("\"structure\":\"static\"," INPUT), &set, &e), 0);
  assert_true(set.models[0].intervals.level == 0);
  vr_model_set_clear(&set);
}

#define LAW                                                                    \
  "\"structure\":\"load_law\",\"inputs\":[{\"signals\":[" SIGNAL               \
  "],\"b\":[1,1,1]}]"

#define RATIO                                                                  \
  "\"structure\":\"ratio\",\"inputs\":[{\"signals\":[" SIGNAL                  \
  "],\"range\":[null,3],\"b\":[0.3,-0.7,0.3]}]"

/* What older programs can read is written so that they do. */
static void later_version_only_where_it_is_needed(void **state) {
  (void)state;
  static const struct {
    const char *text, *version;
    enum vr_structure structure;
  } files[] = {
      {MODEL("\"structure\":\"static\"," INPUT), "\"version\": 2,", VR_STATIC},
      {MODEL(LAW), "\"version\": 3,", VR_LOAD_LAW},
      {MODEL(RATIO), "\"version\": 3,", VR_RATIO},
      {MODEL("\"steal_clock\":false,\"structure\":\"static\"," INPUT),
       "\"version\": 3,", VR_STATIC},
      {MODEL("\"preferred\":true,\"structure\":\"fir\",\"step\":1," INPUT),
       "\"version\": 3,", VR_FIR},
      {MODEL("\"host\":\"nested\",\"structure\":\"static\"," INPUT),
       "\"version\": 3,", VR_STATIC},
      {MODEL("\"fit\":{\"free_run\":7,\"snapshot\":8,\"expected\":9.5},"
             "\"structure\":\"static\"," INPUT),
       "\"version\": 3,", VR_STATIC},
  };
  for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
    struct vr_model_set set;
    struct vr_error e = {""};
    if (read_text(files[i].text, &set, &e) < 0)
      fail_msg("%s", e.message);
    assert_int_equal(vr_model_file_write(path, &set, false, "t", &e), 0);
    vr_model_set_clear(&set);
    char *text = NULL;
    size_t n = 0;
    assert_int_equal(vr_file_read(path, 1 << 20, &text, &n), 0);
    assert_non_null(strstr(text, files[i].version));
    free(text);
    assert_int_equal(vr_model_file_read(path, &set, &e), 0);
    assert_int_equal(set.models[0].structure, files[i].structure);
    assert_int_equal(set.models[0].steal_clock,
                     i == 3 ? VR_STEAL_CLOCK_NONE : VR_STEAL_CLOCK_UNKNOWN);
    assert_int_equal(set.models[0].preferred, i == 4);
    assert_int_equal(set.models[0].fit.judged_twice, i == 6);
    assert_int_equal(set.models[0].nested, i == 5);
    assert_true(i != 6 || (set.models[0].fit.snapshot == 8 &&
                           set.models[0].fit.expected == 9.5));
    vr_model_set_clear(&set);
  }
}

/* What is divided, and by what, stays apart. */
static void reads_and_writes_inputs_that_are_no_sums(void **state) {
  (void)state;
  struct vr_model_set set;
  struct vr_error e = {""};
  const char *text =
      MODEL("\"structure\":\"fir\",\"step\":1,\"inputs\":[{\"signals\":[" SIGNAL
            "],\"per_idle\":[" SIGNAL "," SIGNAL
            "],\"transform\":\"log1p\",\"b\":[1]}]");
  if (read_text(text, &set, &e) < 0)
    fail_msg("%s", e.message);
  for (int i = 0; i < 2; i++) {
    const struct vr_model_input *in = &set.models[0].inputs[0];
    assert_int_equal(in->n_signals, 3);
    assert_int_equal(in->n_busy, 2);
    assert_int_equal(in->transform, VR_LOG1P);
    assert_int_equal(vr_model_version(&set.models[0]), 3);
    assert_int_equal(vr_model_file_write(path, &set, false, "t", &e), 0);
    vr_model_set_clear(&set);
    assert_int_equal(vr_model_file_read(path, &set, &e), 0);
  }
  vr_model_set_clear(&set);
}

static void refuses_and_says_where(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
    struct vr_model_set set = {.n_models = 77};
    struct vr_error e = {""};
    assert_int_equal(read_text(refusals[i].text, &set, &e), -EINVAL);
    assert_int_equal(set.n_models, 77);
    if (!strstr(e.message, refusals[i].message) || !strstr(e.message, path))
      fail_msg("message is \"%s\", not \"...%s...\"", e.message,
               refusals[i].message);
  }
}

static void refuses_a_file_cut_anywhere(void **state) {
  (void)state;
  const char *whole = MODEL("\"structure\":\"arx\",\"step\":1,\"a\":[1,-0.5],"
                            "\"output\":{\"min\":0}," INPUT);
  struct vr_model_set set;
  struct vr_error e;
  assert_int_equal(read_text(whole, &set, &e), 0);
  vr_model_set_clear(&set);
  for (size_t n = 0; n < strlen(whole); n++) {
    assert_int_equal(vr_file_write_atomic(path, whole, n), 0);
    assert_true(vr_model_file_read(path, &set, &e) < 0);
  }
}

static void will_not_write_an_unstable_model(void **state) {
  (void)state;
  struct vr_model_set set;
  struct vr_error e;
  assert_int_equal(
      read_text(MODEL("\"structure\":\"arx\",\"step\":1,\"a\":[1,-0.5]," INPUT),
                &set, &e),
      0);
  set.models[0].arx.a[1] = -1.5;
  assert_int_equal(vr_model_file_write(path, &set, false, "t", &e), -EINVAL);
  assert_non_null(strstr(e.message, "unstable"));
  set.models[0].arx.a[1] = -0.5;
  vr_model_set_clear(&set);
  /* The file that was there is untouched. */
  assert_int_equal(vr_model_file_read(path, &set, &e), 0);
  vr_model_set_clear(&set);
}

static void names_a_file_that_is_not_there(void **state) {
  (void)state;
  struct vr_model_set set;
  struct vr_error e;
  assert_int_equal(vr_model_file_read("/nowhere/m.json", &set, &e), -ENOENT);
  assert_string_equal(
      e.message, "/nowhere/m.json: cannot read: No such file or directory");
}

/* Five steps of 1 s decay as much as the kernel's one tick of 5 s, whose
 * fixed-point constants stand in include/linux/sched/loadavg.h. */
static void load_decays_as_in_the_kernel(void **state) {
  (void)state;
  double d = vr_load_filter_decay(VR_LOAD_1MIN, 1);
  assert_true(fabs(d * d * d * d * d * 2048 - 1884) < 1e-9);
  assert_true(fabs(vr_load_filter_decay(VR_LOAD_5MIN, 10) -
                   2014. / 2048 * (2014. / 2048)) < 1e-15);
  assert_true(vr_load_filter_decay(VR_LOAD_15MIN, 5) == 2037. / 2048);
  /* and near what they stand for */
  assert_true(fabs(d - exp(-1. / 60)) < 1e-4);
}

static void read_shipped(const char *file, struct vr_model_set *ret) {
  struct vr_error e = {""};
  if (vr_model_file_read(file, ret, &e) < 0)
    fail_msg("%s", e.message);
}

/* What every guest gets at once: what is measured, for any guest. */
/* What a target knew that reads no later version than 1. It refuses a file with
 * anything else as a whole. */
static void is_of_version_1(const struct vr_model *m) {
  static const char *const counters =
      " load processes cpu contextswitch page_faults buffers disk_read "
      "disk_write net_tx net_rx page_faults_major steal execution ";
  char name[64];
  snprintf(name, sizeof(name), " %s ", vr_counter_info(m->counter)->name);
  assert_non_null(strstr(counters, name));
  assert_true(m->provenance == VR_DIRECT || m->provenance == VR_COOPERATIVE ||
              m->provenance == VR_INTROSPECTED);
  assert_true(m->structure == VR_STATIC || m->structure == VR_SHARE);
  for (size_t i = 0; i < m->n_inputs && m->structure == VR_SHARE; i++)
    assert_true(m->arx.inputs[i].b[0] > 0);
}

static void the_shipped_definitions_are_valid(void **state) {
  (void)state;
  struct vr_model_set set;
  read_shipped(VR_SOURCE_DIR "/contrib/models/generic.json", &set);
  assert_true(set.n_models >= 10);
  for (size_t i = 0; i < set.n_models; i++) {
    assert_true(set.models[i].generic);
    assert_string_equal(set.models[i].guest, "*");
    is_of_version_1(&set.models[i]);
  }
  vr_model_set_clear(&set);
}

/* And a model of every counter, bound to its accelerator and with its score. */
static void the_shipped_models_are_valid(void **state) {
  (void)state;
  struct vr_model_set set;
  vr_counter_set counters = 0;
  read_shipped(VR_SOURCE_DIR "/contrib/models/generic-tcg.json", &set);
  for (size_t i = 0; i < set.n_models; i++) {
    const struct vr_model *m = &set.models[i];
    assert_true(m->generic && m->provenance == VR_INFERRED);
    assert_int_equal(m->accelerator, VR_ACCEL_TCG);
    assert_true(isfinite(m->fit.free_run));
    /* What is not better than what anybody had without it is not published. */
    assert_true(m->baseline.has_gain);
    assert_true(m->withheld || (m->fit.free_run > 0 &&
                                m->fit.free_run > m->baseline.mean_fit &&
                                m->fit.free_run > m->baseline.gain_fit));
    counters |= VR_COUNTER_SET(m->counter);
  }
  for (int c = 0; c < VR_COUNTERS; c++)
    assert_int_equal(vr_counter_in(counters, (enum vr_counter)c),
                     vr_counter_info((enum vr_counter)c)->trainable);
  vr_model_set_clear(&set);
}

/* Each set is cleared by whoever has it. */
static void sets_hold_models_together(void **state) {
  (void)state;
  struct vr_model_set first, second, third;
  struct vr_error e;
  read_shipped(VR_SOURCE_DIR "/contrib/models/generic.json", &first);
  size_t n = first.n_models;
  assert_int_equal(vr_model_set_share(&first, &second), 0);
  assert_int_equal(vr_model_set_share(&second, &third), 0);
  vr_model_set_clear(&first);
  assert_int_equal(first.n_models, 0);
  vr_model_set_clear(&third);
  assert_int_equal(second.n_models, n);
  for (size_t i = 0; i < n; i++)
    assert_true(vr_model_check(&second.models[i], &e) == 0);
  vr_model_set_clear(&second);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_every_field),
      cmocka_unit_test(writes_what_it_reads_to_the_last_bit),
      cmocka_unit_test(later_version_only_where_it_is_needed),
      cmocka_unit_test(reads_and_writes_inputs_that_are_no_sums),
      cmocka_unit_test(refuses_and_says_where),
      cmocka_unit_test(refuses_bad_intervals),
      cmocka_unit_test(reads_and_writes_intervals),
      cmocka_unit_test(refuses_a_file_cut_anywhere),
      cmocka_unit_test(will_not_write_an_unstable_model),
      cmocka_unit_test(names_a_file_that_is_not_there),
      cmocka_unit_test(load_decays_as_in_the_kernel),
      cmocka_unit_test(the_shipped_definitions_are_valid),
      cmocka_unit_test(the_shipped_models_are_valid),
      cmocka_unit_test(sets_hold_models_together),
  };
  return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
