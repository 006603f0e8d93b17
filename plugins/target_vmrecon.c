/* SPDX-License-Identifier: MIT
 *
 * The filter plugin: target "vmrecon". Values pass through unchanged; the
 * reconstructor in src/live receives them, and its conclusions about guests are
 * dispatched as new value lists. There is one reconstructor, however many
 * targets the configuration places.
 */
#include "answers.h"
#include "chain_rule.h"
#include "label_meta.h"
#include "notify.h"
#include "outbox.h"
#include "pass_details.h"
#include "send_health.h"
#include "target_config.h"
#include "vmrecon-paths.h"

#include "basic/log.h"
#include "live/keeper.h"
#include "live/model_dir.h"
#include "live/reconstructor.h"
#include "schema/plugin_names.h"

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/filter_chain.h"
#include "collectd/core/daemon/plugin.h"
#include "collectd/core/utils/metadata/meta_data.h"

#include <errno.h>
#include <stdatomic.h>

#define PLUGIN VR_PLUGIN_TARGET

enum { HOUSEKEEPING_SECONDS = 5, NO_INPUT_SECONDS = 60, MAX_SOURCES = 16 };

void module_register(void);
unsigned vr_target_instances(void);
unsigned vr_target_details(void);

static struct vr_target_config config;
static unsigned instances;
static struct vr_live *reconstructor;
static struct vr_model_dir *models;
static struct vr_live_keeper *keeper;
static unsigned seconds_since_saved;
static atomic_llong newest_model;  /* seconds since 1970; 0: none */
static atomic_bool input_received; /* values have come through a target */

/* How many targets exist: the read plugin asks before it places its own. */
unsigned vr_target_instances(void) { return instances; }

/* Of which devices it wants values: the read plugin asks before it measures. */
unsigned vr_target_details(void) { return vr_target_config_details(); }

static void log_to_collectd(int priority, const char *message) {
  plugin_log(priority, PLUGIN ": %s", message);
}

/* --- the stream --- */

static bool is_own(const value_list_t *vl) {
  return strcmp(vl->plugin, VR_PLUGIN_INFERRED) == 0 ||
         strcmp(vl->plugin, VR_PLUGIN_MODEL) == 0 ||
         strcmp(vl->plugin, VR_PLUGIN_QUALITY) == 0;
}

/* Conclusions, ours or of another daemon's target: only the latter have come
 * through the network plugin, which marks what it receives. Quality has an
 * interval of its own, which is not that of the ticks. */
static void receive_conclusion(const value_list_t *vl) {
  bool received = false;
  if (!config.accept_conclusions ||
      strcmp(vl->plugin, VR_PLUGIN_INFERRED) != 0 || !vl->meta ||
      vr_answers_is_quality(vl->type_instance) ||
      meta_data_get_boolean(vl->meta, "network:received", &received) != 0 ||
      !received)
    return;
  vr_live_standby(reconstructor, vl->host, vl->plugin_instance,
                  (vr_time)CDTIME_T_TO_NS(vl->time),
                  (vr_time)CDTIME_T_TO_NS(vl->interval));
}

static struct vr_value value_of(const data_source_t *source, value_t v) {
  struct vr_value value = {.name = source->name};
  switch (source->type) {
  case DS_TYPE_GAUGE:
    value.kind = VR_GAUGE;
    value.number.gauge = v.gauge;
    break;
  case DS_TYPE_DERIVE:
    value.kind = VR_DERIVE;
    value.number.derive = v.derive;
    break;
  case DS_TYPE_COUNTER:
    value.kind = VR_COUNTER;
    value.number.counter = v.counter;
    break;
  default:
    value.kind = VR_ABSOLUTE;
    value.number.absolute = v.absolute;
  }
  return value;
}

/* Values of a host whose clock is far ahead of ours, or of somebody who says
 * so: what followed from them would be of that time, and collectd would take no
 * value of now after it. */
static bool is_of_the_future(const value_list_t *vl) {
  static struct vr_complaint ahead;
  const cdtime_t hour = TIME_T_TO_CDTIME_T(3600);
  cdtime_t now = cdtime();
  if (vl->time < now + hour)
    return false;
  vr_log_complain(
      &ahead, LOG_WARNING,
      "host %s: its values are dated %.0f s ahead of this "
      "machine's clock; values that are more than an hour ahead are "
      "not used: set the clocks. Other hosts are not logged",
      vl->host, CDTIME_T_TO_DOUBLE(vl->time - now));
  return true;
}

static bool is_health(const value_list_t *vl) {
  return vl->plugin_instance[0] == '\0' &&
         vr_schema_health_is(vl->type, vl->type_instance);
}

static int target_invoke(const data_set_t *ds, value_list_t *vl,
                         notification_meta_t **meta, void **user_data) {
  (void)meta;
  (void)user_data;
  if (!reconstructor)
    return FC_TARGET_CONTINUE;
  vr_outbox_note_turn();
  if (!atomic_load_explicit(&input_received, memory_order_relaxed))
    atomic_store_explicit(&input_received, true, memory_order_relaxed);
  if (is_of_the_future(vl))
    return FC_TARGET_CONTINUE;
  if (is_own(vl)) {
    receive_conclusion(vl);
    return FC_TARGET_CONTINUE;
  }
  bool ours = strcmp(vl->plugin, VR_PLUGIN_READ) == 0;
  if (ours && config.details != 0 &&
      vr_pass_detail(reconstructor, vl, config.details,
                     config.answers.native_names)) {
    vr_outbox_note_stopped(vl);
    return FC_TARGET_STOP;
  }
  struct vr_value values[MAX_SOURCES];
  size_t n = ds->ds_num < MAX_SOURCES ? ds->ds_num : MAX_SOURCES;
  for (size_t i = 0; i < n; i++)
    values[i] = value_of(&ds->ds[i], vl->values[i]);
  const struct vr_identifier id = {vl->host, vl->plugin, vl->plugin_instance,
                                   vl->type, vl->type_instance};
  vr_answers_label(vl->plugin_instance, vr_label_meta_of(vl));
  vr_live_feed(reconstructor, &id, (vr_time)CDTIME_T_TO_NS(vl->time),
               (vr_time)CDTIME_T_TO_NS(vl->interval), values, n);
  vr_answers_label(NULL, NULL);
  if (!ours || is_health(vl) || config.forward_inputs)
    return FC_TARGET_CONTINUE;
  vr_outbox_note_stopped(vl);
  return FC_TARGET_STOP;
}

/* --- housekeeping --- */

/* Takes over new or changed model files. */
static int poll_models(void) {
  struct vr_model_set *sets = NULL;
  size_t n = 0;
  int r = vr_live_model_dir_poll(models, &sets, &n);
  if (r <= 0)
    return r;
  r = vr_live_set_models(reconstructor, sets, n);
  if (r < 0)
    vr_live_model_dir_again(models);
  return r;
}

static void save_state(void) {
  vr_live_keeper_save(keeper);
  seconds_since_saved = 0;
}

/* A target that the configuration places in a chain which is never run also
 * keeps ours from being placed. */
static void warn_if_no_input(void) {
  static unsigned seconds;
  if (seconds > NO_INPUT_SECONDS || atomic_load(&input_received))
    return;
  seconds += HOUSEKEEPING_SECONDS;
  if (seconds > NO_INPUT_SECONDS)
    WARNING(PLUGIN ": no input received in the first minute: the target is in "
                   "a chain that collectd does not run, or a rule before it "
                   "stops all values; place it in the chain \"%s\"",
            vr_chain_name());
}

static int housekeeping(user_data_t *unused) {
  (void)unused;
  warn_if_no_input();
  poll_models();
  atomic_store(&newest_model, (long long)vr_live_model_dir_newest(models));
  vr_live_sweep(reconstructor);
  vr_live_take_notices(reconstructor, vr_notify_dispatch, NULL);
  if (seconds_since_saved >= config.state_interval)
    save_state();
  seconds_since_saved += HOUSEKEEPING_SECONDS;
  return 0;
}

/* At collectd's interval. Of a target that nobody calls there is nothing to
 * say. */
static int health(user_data_t *unused) {
  (void)unused;
  if (!atomic_load_explicit(&input_received, memory_order_relaxed))
    return 0;
  struct vr_live_stats s = vr_live_stats(reconstructor);
  time_t newest = (time_t)atomic_load(&newest_model);
  if (!plugin_is_loaded(VR_PLUGIN_READ))
    vr_send_health(VR_HEALTH_VERSION, vr_schema_health_own_version());
  vr_send_health(VR_HEALTH_ANSWERED, (double)s.guests);
  vr_send_health(VR_HEALTH_WITHHELD, (double)s.withheld);
  vr_send_health(VR_HEALTH_LATE, (double)s.late);
  vr_send_health(VR_HEALTH_DROPPED, (double)vr_outbox_dropped());
  if (newest > 0)
    vr_send_health(VR_HEALTH_MODEL_AGE, difftime(time(NULL), newest));
  return 0;
}

/* --- life --- */

static int start(void) {
  struct vr_live_options options = vr_live_defaults();
  options.min_fit = config.min_fit;
  options.no_derived = !config.publish_derived;
  options.model_series = config.model_series;
  options.intervals = config.answers.intervals;
  options.allowed_lateness = config.allowed_lateness;
  options.max_guests = config.max_guests;
  options.max_guests_per_host = config.max_guests_per_host;
  options.notify_after = config.notify_after * VR_SECOND;
  options.quality.every = config.answers.quality_every;
  options.quality.measured_too = config.answers.old_quality_names;
  vr_answers_begin();
  options.answer = vr_answers_dispatch;
  options.user = &config.answers;
  const char *const directories[] = {config.model_dir, VR_SHIPPED_MODEL_DIR};
  reconstructor = vr_live_new(&options);
  models = vr_live_model_dir_new(directories, config.shipped_models ? 2 : 1);
  if (!reconstructor || !models || poll_models() < 0)
    return -ENOMEM;
  int r = vr_outbox_begin();
  if (r < 0)
    return r;
  keeper = vr_live_keeper_new(reconstructor, config.state_file);
  if (!keeper)
    return -ENOMEM;
  vr_live_keeper_restore(keeper);
  if (vr_live_stats(reconstructor).models == 0)
    vr_log_warning("no models in %s: nothing is reconstructed until a model "
                   "file is put there",
                   config.model_dir);
  return 0;
}

/* Loaded alone, as on a central server: no other plugin puts the target into
 * the chain. */
static void place_target(void) {
  const char *chain = vr_chain_name();
  if (instances > 0 || !config.auto_chain || plugin_is_loaded(VR_PLUGIN_READ))
    return;
  if (!fc_chain_get_by_name(chain))
    WARNING(PLUGIN ": collectd does not run the chain \"%s\": it is not "
                   "defined, and PreCacheChain names it only after LoadPlugin",
            chain);
  else if (vr_chain_add_rule(chain, VR_TARGET_NAME) != 0)
    ERROR(PLUGIN ": cannot add the target to the chain \"%s\"", chain);
}

static int target_init(void) {
  vr_log_set(log_to_collectd);
  if (vr_target_config_resolve(&config) < 0 || start() < 0) {
    ERROR(PLUGIN ": out of memory, or of threads");
    vr_live_free(reconstructor);
    reconstructor = NULL;
    vr_live_model_dir_free(models);
    models = NULL;
    return -1;
  }
  place_target();
  if (instances > 1)
    NOTICE(PLUGIN ": %u targets are placed; they share one reconstructor",
           instances);
  plugin_register_complex_read(NULL, PLUGIN "_health", health, 0, NULL);
  return plugin_register_complex_read(NULL, PLUGIN, housekeeping,
                                      TIME_T_TO_CDTIME_T(HOUSEKEEPING_SECONDS),
                                      NULL);
}

/* All threads are gone by now. */
static int target_shutdown(void) {
  if (keeper)
    vr_live_keeper_end(keeper);
  keeper = NULL;
  reconstructor = NULL;
  vr_outbox_end();
  vr_live_model_dir_free(models);
  models = NULL;
  vr_target_config_clear();
  /* A thread that was left to a dead file server has nobody to report to. */
  vr_log_set(NULL);
  return 0;
}

/* --- configuration --- */

static int target_create(const oconfig_item_t *ci, void **user_data) {
  *user_data = NULL;
  instances++;
  return vr_target_config_override(ci);
}

static int target_destroy(void **user_data) {
  (void)user_data;
  instances--;
  return 0;
}

static int plugin_config(oconfig_item_t *ci) {
  return vr_target_config_default(ci);
}

void module_register(void) {
  target_proc_t proc = {.create = target_create,
                        .destroy = target_destroy,
                        .invoke = target_invoke};
  fc_register_target(VR_TARGET_NAME, proc);
  plugin_register_complex_config(PLUGIN, plugin_config);
  plugin_register_init(PLUGIN, target_init);
  plugin_register_shutdown(PLUGIN, target_shutdown);
  /* collectd looks the chain up before init. */
  if (!fc_chain_get_by_name(vr_chain_name()))
    vr_chain_add_empty(vr_chain_name());
}
