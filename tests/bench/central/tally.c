/* SPDX-License-Identifier: MIT
 *
 * A collectd plugin with the target "vr_tally": counts the value lists that
 * pass it, by who made them, in the file that VR_TALLY names (tally.h). At the
 * head of the PreCache chain it sees all that comes out of the write queue.
 */
#include "tally.h"

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/filter_chain.h"
#include "collectd/core/daemon/plugin.h"
#include "collectd/core/utils/common/common.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

void module_register(void);

static struct vr_tally *tally;

static int begin(const oconfig_item_t *ci, void **user_data) {
  (void)ci;
  *user_data = NULL;
  const char *path = getenv(VR_TALLY_FILE);
  int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644) : -1;
  if (fd < 0 || ftruncate(fd, sizeof(*tally)) < 0) {
    ERROR("vr_tally: %s names no file that can be written", VR_TALLY_FILE);
    return -1;
  }
  void *map =
      mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (map == MAP_FAILED)
    return -1;
  tally = map;
  return 0;
}

static enum vr_tally_kind kind_of(const value_list_t *vl) {
  if (strncmp(vl->plugin, "virt_", 5) == 0)
    return VR_TALLY_INFERRED;
  if (strcmp(vl->plugin, "vmrecon_net") == 0)
    return VR_TALLY_PAIRS;
  /* The sender's hosts are not this one. */
  return strcmp(vl->host, hostname_g) == 0 ? VR_TALLY_OTHER : VR_TALLY_RAW;
}

static void note_level(enum vr_tally_level level, uint64_t n) {
  atomic_store(&tally->now[level], n);
  uint64_t before = atomic_load(&tally->highest[level]);
  while (before < n &&
         !atomic_compare_exchange_weak(&tally->highest[level], &before, n))
    ;
}

static void note_state(const value_list_t *vl) {
  bool of_write = strcmp(vl->plugin_instance, "write_queue") == 0;
  if (strcmp(vl->plugin, "collectd") == 0 && of_write &&
      strcmp(vl->type, "queue_length") == 0)
    note_level(VR_TALLY_WRITE_QUEUE, (uint64_t)vl->values[0].gauge);
  else if (strcmp(vl->plugin, "collectd") == 0 && of_write &&
           strcmp(vl->type, "derive") == 0)
    note_level(VR_TALLY_DROPPED, (uint64_t)vl->values[0].derive);
  else if (strcmp(vl->plugin, "network") == 0 &&
           strcmp(vl->type, "queue_length") == 0)
    note_level(VR_TALLY_RECEIVE_QUEUE, (uint64_t)vl->values[0].gauge);
}

static int count(const data_set_t *ds, value_list_t *vl,
                 notification_meta_t **meta, void **user_data) {
  (void)ds;
  (void)meta;
  (void)user_data;
  enum vr_tally_kind kind = kind_of(vl);
  if (kind == VR_TALLY_OTHER)
    note_state(vl);
  atomic_fetch_add_explicit(&tally->lists[kind], 1, memory_order_relaxed);
  atomic_fetch_add_explicit(&tally->values[kind], vl->values_len,
                            memory_order_relaxed);
  return FC_TARGET_CONTINUE;
}

void module_register(void) {
  fc_register_target("vr_tally",
                     (target_proc_t){.create = begin, .invoke = count});
}
