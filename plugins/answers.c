/* SPDX-License-Identifier: MIT */
#include "answers.h"
#include "native.h"
#include "outbox.h"

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"
#include "collectd/core/utils/common/common.h"

#include "basic/log.h"
#include "schema/plugin_names.h"

#include <math.h>

enum { MAX_SOURCES = 3 }; /* load has three */

/* Answers are given while a value of their guest is handled. */
static __thread struct {
  const char *guest;
  meta_data_t *meta;
} label;

void vr_answers_label(const char *guest, meta_data_t *meta) {
  label.guest = guest;
  label.meta = meta;
}

static value_list_t list_of(const struct vr_answer *answer,
                            const char *plugin) {
  value_list_t vl = VALUE_LIST_INIT;
  vl.time = NS_TO_CDTIME_T((uint64_t)answer->time);
  vl.interval = NS_TO_CDTIME_T((uint64_t)answer->interval);
  sstrncpy(vl.host, answer->host, sizeof(vl.host));
  sstrncpy(vl.plugin, plugin, sizeof(vl.plugin));
  sstrncpy(vl.plugin_instance, answer->guest, sizeof(vl.plugin_instance));
  if (label.meta && strcmp(label.guest, answer->guest) == 0)
    vl.meta = label.meta;
  return vl;
}

/* Fills the value of one counter. Is it known? */
static bool fill(value_t *value, const struct vr_counter_answer *a,
                 bool is_rate) {
  if (is_rate)
    value->derive = a->total;
  else
    value->gauge = a->present ? a->value : NAN;
  return a->present && isfinite(a->value);
}

/* Which counters share a value list, in the order of their numbers. */
struct layout {
  const struct vr_counter_info *info; /* of the first of them */
  size_t n;
  enum vr_counter counters[MAX_SOURCES];
};
static struct layout layouts[VR_COUNTERS];
static size_t n_layouts;

static bool same_list(const struct vr_counter_info *a,
                      const struct vr_counter_info *b) {
  return strcmp(a->type, b->type) == 0 &&
         strcmp(a->type_instance, b->type_instance) == 0;
}

void vr_answers_begin(void) {
  n_layouts = 0;
  for (int c = 0; c < VR_COUNTERS; c++) {
    const struct vr_counter_info *info = vr_counter_info((enum vr_counter)c);
    size_t i = 0;
    while (i < n_layouts && !same_list(layouts[i].info, info))
      i++;
    if (i == n_layouts)
      layouts[n_layouts++] = (struct layout){.info = info};
    layouts[i].counters[layouts[i].n++] = (enum vr_counter)c;
  }
}

/* A list that is being filled, and whose counters are in it. */
struct list {
  value_t values[MAX_SOURCES];
  size_t n;
  bool known, present; /* all of them; any of them */
};

/* Which answers fill a list: those of a tick, of models, or between two ticks.
 */
enum kind { OF_TICK, OF_MODELS, BETWEEN };

static struct list fill_list(const struct vr_counter_answer *answers,
                             const struct layout *layout, enum kind kind) {
  struct list list = {.known = true, .n = layout->n};
  for (size_t k = 0; k < layout->n; k++) {
    enum vr_counter c = layout->counters[k];
    const struct vr_counter_info *info = vr_counter_info(c);
    bool filled =
        fill(&list.values[info->data_source_index], &answers[c], info->is_rate);
    bool may_lack = kind == OF_MODELS && c == VR_PAGE_FAULTS_MAJOR;
    list.known = list.known && (filled || may_lack);
    list.present = list.present || answers[c].present;
  }
  /* What gives the first average gives the others with it, or they are read
   * beside it. */
  if (layout->counters[0] == VR_LOAD && !answers[VR_LOAD_MIDTERM].present) {
    list.values[1].gauge = answers[VR_LOAD].midterm;
    list.values[2].gauge = answers[VR_LOAD].longterm;
  }
  return list;
}

static void fill_values(value_list_t *vl, const char *type,
                        const char *type_instance, value_t *values, size_t n) {
  sstrncpy(vl->type, type, sizeof(vl->type));
  sstrncpy(vl->type_instance, type_instance, sizeof(vl->type_instance));
  vl->values = values;
  vl->values_len = n;
}

static void send_values(value_list_t *vl, const char *type,
                        const char *type_instance, value_t *values, size_t n) {
  fill_values(vl, type, type_instance, values, n);
  vr_outbox_send(vl);
}

/* The counters of a list that are known, where another one is not. That one
 * must not be sent as 0, and a list is sent whole or not at all. */
static void send_alone(value_list_t *vl,
                       const struct vr_counter_answer *answers,
                       const struct layout *layout) {
  for (size_t k = 0; k < layout->n; k++) {
    enum vr_counter c = layout->counters[k];
    value_t value;
    if (fill(&value, &answers[c], true))
      send_values(vl, "derive", vr_counter_info(c)->name, &value, 1);
  }
}

/* Between ticks what is not there is not unknown, and stands in the list of the
 * tick. */
static void send_between(value_list_t *vl, const struct vr_counter_info *info,
                         struct list *list) {
  if (!list->known)
    return;
  fill_values(vl, info->type, info->type_instance, list->values, list->n);
  vr_outbox_send_between(vl);
}

static void send_list(value_list_t *vl, const struct vr_counter_answer *answers,
                      const struct layout *layout, enum kind kind) {
  const struct vr_counter_info *info = layout->info;
  struct list list = fill_list(answers, layout, kind);
  if (kind == BETWEEN)
    send_between(vl, info, &list);
  else if (info->is_rate && !list.known)
    send_alone(vl, answers, layout);
  else if (list.present)
    send_values(vl, info->type, info->type_instance, list.values, list.n);
}

static void send_lists(const struct vr_answer *answer, const char *plugin,
                       const struct vr_counter_answer *answers,
                       enum kind kind) {
  value_list_t vl = list_of(answer, plugin);
  for (size_t i = 0; i < n_layouts; i++)
    send_list(&vl, answers, &layouts[i], kind);
}

static void send_native(const struct vr_answer *answer) {
  value_list_t vl = list_of(answer, "");
  if (!vr_native_begin(&vl, answer->host, answer->guest, answer->named))
    return;
  for (size_t i = 0; i < n_layouts; i++) {
    const struct vr_counter_info *info = layouts[i].info;
    if (!vr_native_is_wanted(info, answer->details))
      continue;
    sstrncpy(vl.plugin, info->native_plugin, sizeof(vl.plugin));
    sstrncpy(vl.plugin_instance, info->native_instance,
             sizeof(vl.plugin_instance));
    send_list(&vl, answer->counters, &layouts[i],
              answer->between ? BETWEEN : OF_TICK);
  }
  vr_native_send_more(&vl, answer->counters);
}

#define FIT "fit_"
#define PROVENANCE "provenance_"
#define WIDE "wide_"

bool vr_answers_is_quality(const char *type_instance) {
  return strncmp(type_instance, FIT, strlen(FIT)) == 0 ||
         strncmp(type_instance, PROVENANCE, strlen(PROVENANCE)) == 0 ||
         strncmp(type_instance, WIDE, strlen(WIDE)) == 0;
}

static void send_gauge(value_list_t *vl, const char *type, const char *prefix,
                       const char *counter, double gauge) {
  value_t value = {.gauge = gauge};
  char instance[DATA_MAX_NAME_LEN];
  snprintf(instance, sizeof(instance), "%s%s", prefix, counter);
  send_values(vl, type, instance, &value, 1);
}

/* The bound of one counter. Can it be given? */
static bool fill_bound(value_t *value, const struct vr_counter_answer *a,
                       bool is_rate, bool upper) {
  if (is_rate)
    value->derive = upper ? a->upper_total : a->lower_total;
  else
    value->gauge = upper ? a->upper : a->lower;
  return a->has_interval && isfinite(a->lower);
}

/* The one rule for names of bounds: behind the type instance, or in its place
 * where there is none. */
static void send_bound_values(value_list_t *vl,
                              const struct vr_counter_info *info, bool upper,
                              value_t *values, size_t n) {
  char instance[DATA_MAX_NAME_LEN];
  snprintf(instance, sizeof(instance), "%s%s%s", info->type_instance,
           *info->type_instance ? "_" : "", upper ? "upper" : "lower");
  send_values(vl, info->type, instance, values, n);
}

static void send_bound(value_list_t *vl, const struct vr_answer *answer,
                       const struct layout *layout, bool upper) {
  const struct vr_counter_info *info = layout->info;
  value_t values[MAX_SOURCES] = {{0}};
  bool known = true, present = false;
  for (size_t k = 0; k < layout->n; k++) {
    enum vr_counter c = layout->counters[k];
    const struct vr_counter_answer *a = &answer->counters[c];
    known = fill_bound(&values[vr_counter_info(c)->data_source_index], a,
                       info->is_rate, upper) &&
            known;
    present = present || a->has_interval;
  }
  if (layout->counters[0] == VR_LOAD) /* validated is the 1-minute one */
    values[1].gauge = values[2].gauge = NAN;
  if (!present || (info->is_rate && !known))
    return;
  send_bound_values(vl, info, upper, values, layout->n);
}

/* The bounds of a load by law, of all three averages. */
static void send_bracket(const struct vr_answer *answer) {
  const struct vr_counter_info *info = vr_counter_info(VR_LOAD);
  value_list_t vl = list_of(answer, VR_PLUGIN_INFERRED);
  value_t lower[VR_LOAD_AVERAGES], upper[VR_LOAD_AVERAGES];
  for (int i = 0; i < VR_LOAD_AVERAGES; i++) {
    lower[i].gauge = answer->load.lower[i];
    upper[i].gauge = answer->load.upper[i];
  }
  send_bound_values(&vl, info, false, lower, VR_LOAD_AVERAGES);
  send_bound_values(&vl, info, true, upper, VR_LOAD_AVERAGES);
}

static void send_intervals(const struct vr_answer *answer) {
  value_list_t vl = list_of(answer, VR_PLUGIN_INFERRED);
  for (size_t i = 0; i < n_layouts; i++) {
    send_bound(&vl, answer, &layouts[i], false);
    send_bound(&vl, answer, &layouts[i], true);
  }
}

/* The quality of what is sent, and of nothing else. Its interval is that at
 * which it comes while nothing changes: writers and the daemon's cache wait so
 * long for it. */
static void send_quality(const struct vr_answer *answer,
                         const struct vr_answers_options *o) {
  bool old = o->old_quality_names;
  value_list_t vl =
      list_of(answer, old ? VR_PLUGIN_INFERRED : VR_PLUGIN_QUALITY);
  vl.interval *= o->quality_every;
  for (int c = 0; c < VR_COUNTERS; c++) {
    const struct vr_counter_answer *a = &answer->counters[c];
    const char *name = vr_counter_info((enum vr_counter)c)->name;
    if (!a->quality_due)
      continue;
    if (a->fit_due)
      send_gauge(&vl, "percent", old ? FIT : "", name, a->fit);
    send_gauge(&vl, "gauge", old ? PROVENANCE : "", name, a->provenance);
    if (c == VR_LOAD && answer->load.present && answer->load.wide_due)
      send_gauge(&vl, "gauge", WIDE, name, answer->load.wide);
  }
}

void vr_answers_dispatch(void *options, const struct vr_answer *answer) {
  const struct vr_answers_options *o = options;
  send_lists(answer, VR_PLUGIN_INFERRED, answer->counters,
             answer->between ? BETWEEN : OF_TICK);
  send_quality(answer, o);
  if (o->intervals)
    send_intervals(answer);
  if (answer->load.present)
    send_bracket(answer);
  if (o->native_names)
    send_native(answer);
  if (answer->has_models)
    send_lists(answer, VR_PLUGIN_MODEL, answer->models, OF_MODELS);
}
