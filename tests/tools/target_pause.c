/* SPDX-License-Identifier: MIT
 *
 * A target that lets the write thread sleep for some Milliseconds, with one
 * value in so many: what a starved machine does to collectd between a value's
 * leaving the queue and its entering the cache.
 */
#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/filter_chain.h"
#include "collectd/core/daemon/plugin.h"
#include "collectd/core/utils/common/common.h"

#include <pthread.h>

void module_register(void);

static int milliseconds = 100, one_in = 20;

static int pause_create(const oconfig_item_t *ci, void **user_data) {
  *user_data = NULL;
  for (int i = 0; i < ci->children_num; i++) {
    bool ms = strcasecmp(ci->children[i].key, "Milliseconds") == 0;
    if (cf_util_get_int(&ci->children[i], ms ? &milliseconds : &one_in) != 0)
      return -1;
  }
  return 0;
}

static int pause_invoke(const data_set_t *ds, value_list_t *vl,
                        notification_meta_t **meta, void **user_data) {
  static __thread unsigned seed;
  (void)ds;
  (void)vl;
  (void)meta;
  (void)user_data;
  if (seed == 0)
    seed = (unsigned)(uintptr_t)pthread_self() | 1;
  struct timespec pause = {.tv_sec = milliseconds / 1000,
                           .tv_nsec = milliseconds % 1000 * 1000000L};
  if (rand_r(&seed) % one_in == 0)
    nanosleep(&pause, NULL);
  return FC_TARGET_CONTINUE;
}

void module_register(void) {
  target_proc_t proc = {.create = pause_create, .invoke = pause_invoke};
  fc_register_target("pause", proc);
}
