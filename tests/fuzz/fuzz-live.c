/* SPDX-License-Identifier: MIT */
#include "fuzz-live.h"

#include "fuzz.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OURS(series) "\"%{host}/vmrecon-%{guest}/" series "\""
#define INPUT(series, rest) "{\"signals\":[" OURS(series) "]," rest "}"
#define DIRECT(counter, series)                                                \
  "{\"counter\":\"" counter "\",\"provenance\":\"direct\",\"structure\":"      \
  "\"static\",\"inputs\":[" INPUT(series, "\"b\":[1]") "]}"
#define MEMBERS(pattern)                                                       \
  "{\"counter\":\"net_tx\",\"provenance\":\"direct\",\"structure\":"           \
  "\"static\",\"inputs\":[{\"signals\":[\"" pattern "\"],\"b\":[1]}]}"
#define INFERRED(counter, structure, step, rest)                               \
  "{\"counter\":\"" counter                                                    \
  "\",\"provenance\":\"inferred\",\"structure\":\"" structure                  \
  "\",\"step\":" step ",\"fit\":{\"free_run\":50}," rest "}"
#define WIDTHS                                                                 \
  "\"intervals\":{\"level\":0.9,\"half_widths\":[0.5,1,null],\"edges\":[0.5,"  \
  "2],\"regime\":" INPUT("derive-vcpu_run:value",                              \
                         "\"scale\":1e-9,\"per\":\"vcpu\"") "}"
#define RUN(b)                                                                 \
  INPUT("derive-vcpu_run:value",                                               \
        "\"scale\":1e-9,\"range\":[0,4],\"offset\":0.5,\"b\":" b)

static const char *const models[] = {
    /* clang-format off */
    INFERRED("processes", "arx", "1",
             "\"inputs\":[" RUN("[1]") "],\"a\":[1,-0.5]," WIDTHS) ","
    INFERRED("contextswitch", "fir", "1",
             "\"inputs\":[" RUN("[1,2,3]") ","
             INPUT("memory-rss:value", "\"delay\":2,\"b\":[1]") "]") ","
    INFERRED("page_faults", "arx", "1",
             "\"inputs\":[" RUN("[1]") ",{\"signals\":["
             "\"%{host}/vmrecon/load:shortterm\"],\"b\":[2]}],"
             "\"a\":[1,-0.2,0.1]") ","
    INFERRED("load", "load_filter", "5",
             "\"inputs\":[" RUN("[0.08]") "],\"a\":[1,-0.919921875]") ","
    "{\"counter\":\"execution\",\"provenance\":\"direct\",\"structure\":"
    "\"share\",\"inputs\":[" INPUT("derive-vcpu_run:value", "\"b\":[1]") ","
    INPUT("derive-vcpu_wait:value", "\"b\":[1]") "]},"
    DIRECT("net_rx", "if_octets-tap:tx") ","
    MEMBERS("%{host}/virt-%{guest}/if_octets-*:tx") ","
    DIRECT("cpu", "memory-rss:value"),
    INFERRED("processes", "arx", "1",
             "\"inputs\":[" RUN("[2]") "],\"a\":[1,-0.9],"
             "\"output\":{\"offset\":3,\"per\":\"vcpu\"}") ","
    "{\"counter\":\"buffers\",\"provenance\":\"direct\",\"structure\":"
    "\"static\",\"inputs\":[{\"signals\":[\"%{guest}/virt/memory-rss:value\"],"
    "\"b\":[1]}]}," MEMBERS("%{guest}/virt/if_octets-vnet*:tx") ","
    DIRECT("net_rx", "if_octets-tap:rx"),
    /* clang-format on */
};

void fuzz_live_models(struct vr_live *r, unsigned set) {
  char text[8192];
  struct vr_error e;
  struct vr_model_set *sets = calloc(1, sizeof(*sets));
  snprintf(text, sizeof(text),
           "{\"format\":\"vmrecon-model\",\"version\":2,\"models\":[%s]}",
           models[set]);
  if (vr_model_file_parse("fuzz", text, strlen(text), sets, &e) < 0) {
    fprintf(stderr, "%s\n", e.message);
    abort();
  }
  fuzz_require(vr_live_set_models(r, sets, 1) == 0);
}

static void check_counter(const struct vr_counter_answer *a) {
  if (!a->present)
    return;
  fuzz_require(!isinf(a->value) && !isinf(a->midterm) && !isinf(a->longterm));
  fuzz_require(isnan(a->fit) || a->fit <= 100);
  fuzz_require(!a->has_interval || isnan(a->lower) || isnan(a->upper) ||
               a->lower <= a->upper);
}

static void check_answer(void *user, const struct vr_answer *a) {
  (void)user;
  fuzz_require(a->time > 0 && a->interval > 0);
  fuzz_require(a->host && a->guest);
  for (int c = 0; c < VR_COUNTERS; c++) {
    check_counter(&a->counters[c]);
    if (a->has_models)
      check_counter(&a->models[c]);
  }
}

struct vr_live *fuzz_live_new(struct vr_live_options options, unsigned set) {
  options.answer = check_answer;
  struct vr_live *r = vr_live_new(&options);
  if (!r)
    abort();
  fuzz_live_models(r, set);
  return r;
}

void fuzz_live_feed(struct vr_live *r, const char *name, vr_time time,
                    vr_time interval, enum vr_kind kind, double value) {
  struct vr_name n;
  if (vr_identifier_parse(name, &n) < 0)
    return;
  struct vr_value v = {.name = n.data_source, .kind = kind};
  if (kind == VR_GAUGE)
    v.number.gauge = value;
  else /* beyond what the type holds, something that it holds */
    v.number.derive = fabs(value) < 0x1p62 ? (int64_t)value : INT64_MAX;
  vr_live_feed(r, &n.id, time, interval, &v, 1);
}

/* What libvirt counts of the guest's interfaces, which have new numbers every
 * seven intervals. */
static void tick_members(struct vr_live *r, const char *host, const char *guest,
                         vr_time time, vr_time interval, double level) {
  char name[VR_NAME_SIZE];
  unsigned first = (unsigned)(time / interval / 7 % 5);
  double counter = level * (double)(time % (1000000 * VR_SECOND));
  for (unsigned i = 0; i < 2; i++) {
    snprintf(name, sizeof(name), "%s/virt-%s/if_octets-vnet%u:tx", host, guest,
             first + i);
    fuzz_live_feed(r, name, time, interval, VR_DERIVE, counter);
    snprintf(name, sizeof(name), "%s/virt/if_octets-vnet%u:tx", guest,
             first + i);
    fuzz_live_feed(r, name, time, interval, VR_DERIVE, counter);
  }
}

void fuzz_live_tick(struct vr_live *r, const char *host, const char *guest,
                    vr_time time, vr_time interval, double level) {
  static const struct {
    const char *type;
    enum vr_kind kind;
  } series[] = {{"derive-vcpu_run:value", VR_DERIVE},
                {"derive-vcpu_wait:value", VR_DERIVE},
                {"memory-rss:value", VR_GAUGE},
                {"count-vcpus:value", VR_GAUGE},
                {"if_octets-tap:tx", VR_DERIVE}};
  for (size_t i = 0; i < sizeof(series) / sizeof(series[0]); i++) {
    char name[VR_NAME_SIZE];
    snprintf(name, sizeof(name), "%s/vmrecon-%s/%s", host, guest,
             series[i].type);
    double value = series[i].kind == VR_GAUGE
                       ? level
                       : level * (double)(time % (1000000 * VR_SECOND));
    fuzz_live_feed(r, name, time, interval, series[i].kind, value);
  }
  char name[VR_NAME_SIZE];
  snprintf(name, sizeof(name), "%s/vmrecon/load:shortterm", host);
  fuzz_live_feed(r, name, time, interval, VR_GAUGE, level);
  tick_members(r, host, guest, time, interval, level);
}
