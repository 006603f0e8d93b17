/* SPDX-License-Identifier: MIT */
#include "chain_rule.h"

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/filter_chain.h"
#include "collectd/core/daemon/plugin.h"

const char *vr_chain_name(void) {
  const char *name = global_option_get("PreCacheChain");
  return name ? name : "PreCache";
}

static oconfig_item_t block(const char *key, oconfig_value_t *value,
                            const char *text) {
  value->type = OCONFIG_TYPE_STRING;
  value->value.string = (char *)(uintptr_t)text;
  return (oconfig_item_t){
      .key = (char *)(uintptr_t)key, .values = value, .values_num = 1};
}

/* <Chain NAME></Chain> */
int vr_chain_add_empty(const char *name) {
  oconfig_value_t value;
  oconfig_item_t chain = block("Chain", &value, name);
  return fc_configure(&chain);
}

/* <Chain NAME><Rule TARGET><Target TARGET/></Rule></Chain>: blocks of one
 * chain merge, so this comes behind the user's own rules. */
int vr_chain_add_rule(const char *name, const char *target_name) {
  oconfig_value_t chain_value, rule_value, target_value;
  oconfig_item_t chain = block("Chain", &chain_value, name);
  oconfig_item_t rule = block("Rule", &rule_value, target_name);
  oconfig_item_t target = block("Target", &target_value, target_name);
  chain.children = &rule;
  chain.children_num = 1;
  rule.parent = &chain;
  rule.children = &target;
  rule.children_num = 1;
  target.parent = &rule;
  return fc_configure(&chain);
}
