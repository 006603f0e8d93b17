/* SPDX-License-Identifier: MIT */
#include "target_config.h"
#include "config_values.h"

#include "schema/detail_names.h"

#include "vmrecon-paths.h"

#include <errno.h>

#define PLUGIN "target_vmrecon"

/* The options of one kind of block. NULL and negative: not given. */
struct options {
  char *model_dir, *state_file, *quality_names;
  double min_fit;
  double allowed_lateness, max_guests, state_interval, notify_after,
      quality_every;
  int shipped_models, model_series, forward_inputs, native_names, auto_chain;
  double max_guests_per_host;
  int intervals, accept_conclusions, publish_derived;
  int details; /* bits of vr_detail_kind */
};

#define NOTHING                                                                \
  {                                                                            \
    .min_fit = -1, .allowed_lateness = -1, .max_guests = -1,                   \
    .state_interval = -1, .notify_after = -1, .quality_every = -1,             \
    .shipped_models = -1, .model_series = -1, .forward_inputs = -1,            \
    .native_names = -1, .auto_chain = -1, .intervals = -1,                     \
    .max_guests_per_host = -1, .accept_conclusions = -1,                       \
    .publish_derived = -1, .details = -1                                       \
  }

static struct options of_plugin = NOTHING, of_target = NOTHING;

static int get_bool(oconfig_item_t *ci, int *ret) {
  bool value;
  if (cf_util_get_boolean(ci, &value) != 0)
    return -1;
  *ret = value;
  return 0;
}

static int get_number(oconfig_item_t *ci, double min, double max, double *ret) {
  return vr_config_number(PLUGIN, ci, min, max, ret);
}

static int get_names(oconfig_item_t *ci, char **ret) {
  if (cf_util_get_string(ci, ret) != 0)
    return -1;
  if (strcasecmp(*ret, "new") == 0 || strcasecmp(*ret, "old") == 0)
    return 0;
  ERROR(PLUGIN ": %s must be \"new\" or \"old\"", ci->key);
  return -1;
}

/* Details disks nics vcpus, or "disks nics vcpus" */
static int get_details(const oconfig_item_t *ci, int *ret) {
  unsigned kinds = 0;
  bool good = true;
  for (int i = 0; i < ci->values_num; i++)
    good = good && ci->values[i].type == OCONFIG_TYPE_STRING &&
           vr_schema_detail_kinds(ci->values[i].value.string, &kinds) == 0;
  if (!good) {
    ERROR(PLUGIN ": %s: only disks, nics and vcpus are known", ci->key);
    return -1;
  }
  *ret = (int)kinds;
  return 0;
}

static int get_option(oconfig_item_t *ci, struct options *o) {
  const char *key = ci->key;
  if (strcasecmp(key, "ModelDir") == 0)
    return cf_util_get_string(ci, &o->model_dir);
  if (strcasecmp(key, "StateFile") == 0)
    return cf_util_get_string(ci, &o->state_file);
  if (strcasecmp(key, "MinFit") == 0)
    return get_number(ci, 0, 100, &o->min_fit);
  if (strcasecmp(key, "Patience") == 0)
    return get_number(ci, 0, 1000, &o->allowed_lateness);
  if (strcasecmp(key, "StateInterval") == 0)
    return get_number(ci, 5, 86400, &o->state_interval);
  if (strcasecmp(key, "MaxGuests") == 0)
    return get_number(ci, 1, 1e7, &o->max_guests);
  if (strcasecmp(key, "MaxGuestsPerHost") == 0)
    return get_number(ci, 1, 1e7, &o->max_guests_per_host);
  if (strcasecmp(key, "AcceptConclusions") == 0)
    return get_bool(ci, &o->accept_conclusions);
  if (strcasecmp(key, "NotifyAfter") == 0)
    return get_number(ci, 0, 86400, &o->notify_after);
  if (strcasecmp(key, "QualityEvery") == 0)
    return get_number(ci, 1, 1000, &o->quality_every);
  if (strcasecmp(key, "QualityNames") == 0)
    return get_names(ci, &o->quality_names);
  if (strcasecmp(key, "ShippedModels") == 0)
    return get_bool(ci, &o->shipped_models);
  if (strcasecmp(key, "ModelSeries") == 0)
    return get_bool(ci, &o->model_series);
  if (strcasecmp(key, "Intervals") == 0)
    return get_bool(ci, &o->intervals);
  if (strcasecmp(key, "PublishDerived") == 0)
    return get_bool(ci, &o->publish_derived);
  if (strcasecmp(key, "ForwardInputs") == 0)
    return get_bool(ci, &o->forward_inputs);
  if (strcasecmp(key, "NativeNames") == 0)
    return get_bool(ci, &o->native_names);
  if (strcasecmp(key, "AutoChain") == 0)
    return get_bool(ci, &o->auto_chain);
  if (strcasecmp(key, "Details") == 0)
    return get_details(ci, &o->details);
  WARNING(PLUGIN ": unknown option \"%s\" is ignored; "
                 "collectd-target_vmrecon(5) lists all options",
          key);
  return 0;
}

static int get_options(const oconfig_item_t *ci, struct options *o) {
  for (int i = 0; i < ci->children_num; i++)
    if (get_option(&ci->children[i], o) != 0)
      return -1;
  return 0;
}

int vr_target_config_default(oconfig_item_t *ci) {
  return get_options(ci, &of_plugin);
}

int vr_target_config_override(const oconfig_item_t *ci) {
  return get_options(ci, &of_target);
}

static const char *string_of(const char *target, const char *plugin,
                             const char *fallback) {
  return target ? target : plugin ? plugin : fallback;
}

static double number_of(double target, double plugin, double fallback) {
  return target >= 0 ? target : plugin >= 0 ? plugin : fallback;
}

unsigned vr_target_config_details(void) {
  return (unsigned)number_of(of_target.details, of_plugin.details, 0);
}

int vr_target_config_resolve(struct vr_target_config *ret_config) {
  const struct options *t = &of_target, *p = &of_plugin;
#define NUMBER(field, fallback) number_of(t->field, p->field, fallback)
#define FLAG(field, fallback) (NUMBER(field, fallback) > 0)
  bool old = strcasecmp(string_of(t->quality_names, p->quality_names, "new"),
                        "old") == 0;
  *ret_config = (struct vr_target_config){
      .model_dir = string_of(t->model_dir, p->model_dir, VR_MODEL_DIR),
      .state_file =
          string_of(t->state_file, p->state_file, VR_STATE_DIR "/state"),
      .state_interval = (unsigned)NUMBER(state_interval, 120),
      .min_fit = NUMBER(min_fit, 5),
      .allowed_lateness = (unsigned)NUMBER(allowed_lateness, 1),
      .max_guests = (size_t)NUMBER(max_guests, 200000),
      .max_guests_per_host = (size_t)NUMBER(max_guests_per_host, 2000),
      .accept_conclusions = FLAG(accept_conclusions, 1),
      .notify_after = (unsigned)NUMBER(notify_after, 300),
      .shipped_models = FLAG(shipped_models, 1),
      .publish_derived = FLAG(publish_derived, 1),
      .model_series = FLAG(model_series, 0),
      .forward_inputs = FLAG(forward_inputs, 1),
      .answers = {.intervals = FLAG(intervals, 0),
                  .native_names = FLAG(native_names, 0),
                  .old_quality_names = old,
                  .quality_every =
                      (unsigned)NUMBER(quality_every, old ? 1 : 30)},
      .auto_chain = FLAG(auto_chain, 1),
      .details = vr_target_config_details(),
  };
#undef FLAG
#undef NUMBER
  if (*ret_config->state_file == '\0')
    ret_config->state_file = NULL;
  return 0;
}

void vr_target_config_clear(void) {
  struct options *all[] = {&of_plugin, &of_target};
  for (int i = 0; i < 2; i++) {
    free(all[i]->model_dir);
    free(all[i]->state_file);
    free(all[i]->quality_names);
    *all[i] = (struct options)NOTHING;
  }
}
