/* SPDX-License-Identifier: MIT */
#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"
#include "collectd/core/utils/common/common.h"

#include "config_values.h"
#include "guest_options.h"

#include <errno.h>

int vr_guest_options_init(struct vr_guest_options *o, const char *plugin) {
  *o = (struct vr_guest_options){.plugin = plugin};
  vr_users_default(&o->trusted);
  int r = vr_vmm_select_new(&o->selection);
  if (r == 0)
    r = vr_mentioned_new(&o->mentioned);
  return r < 0 ? r : vr_custom_new(&o->custom);
}

void vr_guest_options_free(struct vr_guest_options *o) {
  vr_custom_free(o->custom);
  o->custom = NULL;
  vr_vmm_select_free(o->selection);
  o->selection = NULL;
  vr_mentioned_free(o->mentioned);
  o->mentioned = NULL;
}

bool vr_guest_options_wants(void *ctx, const struct vr_vm *vm) {
  const struct vr_guest_options *o = ctx;
  vr_mentioned_see(o->mentioned, vm);
  return vr_vmm_select_vm(o->selection, vm);
}

/* --- TrustedUser --- */

static int trust(struct vr_guest_options *o, const oconfig_value_t *v) {
  char number[32];
  const char *name = v->value.string;
  if (v->type == OCONFIG_TYPE_BOOLEAN) {
    ERROR("%s: TrustedUser takes user names or numbers only", o->plugin);
    return -1;
  }
  if (v->type == OCONFIG_TYPE_NUMBER) {
    snprintf(number, sizeof(number), "%.0f", v->value.number);
    name = number;
  }
  int r = vr_users_add(&o->trusted, name);
  if (r == 0 && !vr_users_is_known(name))
    WARNING("%s: TrustedUser \"%s\": this machine has no user of that number; "
            "it is trusted all the same: is it right?",
            o->plugin, name);
  if (r == 0)
    return 0;
  ERROR("%s: TrustedUser \"%s\": %s", o->plugin, name,
        r == -ENOENT ? "this machine has no such user"
                     : "too many users are listed");
  return -1;
}

/* Names that are given replace the default. */
static int config_trusted(struct vr_guest_options *o,
                          const oconfig_item_t *ci) {
  int r = ci->values_num > 0 ? 0 : -1;
  if (r < 0)
    ERROR("%s: TrustedUser needs at least one user name or number", o->plugin);
  if (!o->trusted_given)
    o->trusted = (struct vr_users){0};
  o->trusted_given = true;
  for (int i = 0; r == 0 && i < ci->values_num; i++)
    r = trust(o, &ci->values[i]);
  return r;
}

/* --- VM --- */

static void say_unknown_rule(const struct vr_guest_options *o, char *message,
                             size_t size) {
  if (o->rules)
    snprintf(message, size,
             "unknown option: a VM block may hold PidFile, Match, %s",
             o->rules);
  else
    snprintf(message, size,
             "unknown option: a VM block may hold PidFile and Match");
}

/* <VM "name"> PidFile "..." or Match "/.../", or what the plugin takes </VM> */
static int config_rule(struct vr_guest_options *o, const char *name,
                       const oconfig_item_t *ci) {
  char message[256] = "out of memory";
  int r = -EINVAL;
  bool taken = false;
  if (o->rules)
    r = o->rule_fn(name, ci, &taken);
  if (taken)
    return r;
  if (!vr_config_is_one_string(ci))
    snprintf(message, sizeof(message), "it takes one string");
  else if (strcasecmp(ci->key, "PidFile") == 0)
    r = vr_custom_add_pidfile(o->custom, name, ci->values[0].value.string);
  else if (strcasecmp(ci->key, "Match") == 0)
    r = vr_custom_add_match(o->custom, name, ci->values[0].value.string,
                            message, sizeof(message));
  else
    say_unknown_rule(o, message, sizeof(message));
  if (r < 0)
    ERROR("%s: VM \"%s\": %s: %s", o->plugin, name, ci->key, message);
  return r < 0 ? -1 : 0;
}

/* VM "name" selects a guest; with a block it says which process is one. */
static int config_vm(struct vr_guest_options *o, const oconfig_item_t *ci) {
  char message[256];
  int r = 0;
  if (!vr_config_is_one_string(ci)) {
    ERROR("%s: VM takes one name or \"/regular expression/\"", o->plugin);
    return -1;
  }
  const char *name = ci->values[0].value.string;
  for (int i = 0; r == 0 && i < ci->children_num; i++)
    r = config_rule(o, name, &ci->children[i]);
  if (r == 0 && ci->children_num > 0)
    r = vr_mentioned_add(o->mentioned, name);
  if (r < 0 || ci->children_num > 0)
    return r;
  if (name[0] == '\0') {
    WARNING("%s: VM \"\" matches no guest: it is ignored", o->plugin);
    return 0;
  }
  r = vr_vmm_select_add(o->selection, name, message, sizeof(message));
  if (r == 0)
    r = vr_mentioned_add(o->mentioned, name);
  if (r < 0)
    ERROR("%s: VM \"%s\": %s", o->plugin, name, message);
  return r < 0 ? -1 : 0;
}

static int config_ignore(struct vr_guest_options *o, const oconfig_item_t *ci) {
  bool ignore = false;
  if (cf_util_get_boolean(ci, &ignore) != 0)
    return -1;
  vr_vmm_select_invert(o->selection, ignore);
  return 0;
}

int vr_guest_options_config(struct vr_guest_options *o,
                            const oconfig_item_t *ci, bool *ret_taken) {
  *ret_taken = true;
  if (strcasecmp(ci->key, "VM") == 0)
    return config_vm(o, ci);
  if (strcasecmp(ci->key, "IgnoreSelected") == 0)
    return config_ignore(o, ci);
  if (strcasecmp(ci->key, "TrustedUser") == 0)
    return config_trusted(o, ci);
  *ret_taken = false;
  return 0;
}
