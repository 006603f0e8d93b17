/* SPDX-License-Identifier: MIT
 *
 * A writer for collectd that is slow: with one value in so many (OneIn) the
 * thread sleeps for some Milliseconds, and while the file Stop is there nothing
 * is written at all. What it has written, and in which order, is in File: a
 * line for each value, its time and its series.
 */
#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"
#include "collectd/core/utils/common/common.h"

#include <pthread.h>

#define PLUGIN "write_pause"

void module_register(void);

static int milliseconds = 100, one_in = 20;
static char *path, *stop;
static FILE *file;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int configure(oconfig_item_t *ci) {
  for (int i = 0; i < ci->children_num; i++) {
    oconfig_item_t *option = &ci->children[i];
    int r;
    if (strcasecmp(option->key, "File") == 0)
      r = cf_util_get_string(option, &path);
    else if (strcasecmp(option->key, "Stop") == 0)
      r = cf_util_get_string(option, &stop);
    else
      r = cf_util_get_int(option, strcasecmp(option->key, "OneIn") == 0
                                      ? &one_in
                                      : &milliseconds);
    if (r != 0)
      return -1;
  }
  return 0;
}

static void sleep_ms(int ms) {
  struct timespec pause = {.tv_sec = ms / 1000,
                           .tv_nsec = ms % 1000 * 1000000L};
  nanosleep(&pause, NULL);
}

static int write_slowly(const data_set_t *ds, const value_list_t *vl,
                        user_data_t *unused) {
  static __thread unsigned seed;
  char name[6 * DATA_MAX_NAME_LEN];
  (void)ds;
  (void)unused;
  if (seed == 0)
    seed = (unsigned)(uintptr_t)pthread_self() | 1;
  if (rand_r(&seed) % one_in == 0)
    sleep_ms(milliseconds);
  while (stop && access(stop, F_OK) == 0)
    sleep_ms(20);
  if (FORMAT_VL(name, sizeof(name), vl) != 0)
    return -1;
  pthread_mutex_lock(&lock);
  fprintf(file, "%.6f %s\n", CDTIME_T_TO_DOUBLE(vl->time), name);
  fflush(file);
  pthread_mutex_unlock(&lock);
  return 0;
}

static int init(void) {
  file = path ? fopen(path, "we") : NULL;
  return file ? 0 : -1;
}

void module_register(void) {
  plugin_register_complex_config(PLUGIN, configure);
  plugin_register_init(PLUGIN, init);
  plugin_register_write(PLUGIN, write_slowly, NULL);
}
