/* SPDX-License-Identifier: MIT
 *
 * Pools as Proxmox VE writes them into user.cfg.
 */
#include "../unit.h"

#include "host/pve_pools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char users[] = "user:root@pam:1:0:::me@example.com:::\n"
                            "group:admins:root@pam::\n"
                            "pool:retail:shops of 100,101:2101,101,7:local:\n"
                            "pool:office::100:local,local-lvm:\n"
                            "pool:empty:::\n"
                            "pool:cut";

static const char *pool_of(const char *vmid) {
  static char name[16];
  strcpy(name, "none");
  vr_pve_pools_find_in(users, vmid, name, sizeof(name));
  return name;
}

static void a_guest_is_found_by_its_number(void **state) {
  (void)state;
  assert_string_equal(pool_of("101"), "retail");
  assert_string_equal(pool_of("7"), "retail");
  /* A comment is no list. */
  assert_string_equal(pool_of("100"), "office");
  assert_string_equal(pool_of("10"), "none");
  assert_string_equal(pool_of("local"), "none");
  assert_string_equal(pool_of("1011"), "none");
}

static void what_cannot_be_read_stays(void **state) {
  (void)state;
  char path[] = "/tmp/vmrecon-pools.XXXXXX", name[16] = "";
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, users, strlen(users)), (ssize_t)strlen(users));
  close(fd);
  struct vr_pve_pools *p = vr_pve_pools_new(path);
  assert_false(vr_pve_pools_find(p, "101", name, sizeof(name)));
  vr_pve_pools_read(p);
  assert_true(vr_pve_pools_find(p, "101", name, sizeof(name)));
  assert_string_equal(name, "retail");
  unlink(path);
  vr_pve_pools_read(p);
  assert_true(vr_pve_pools_find(p, "100", name, sizeof(name)));
  assert_false(vr_pve_pools_find(p, "", name, sizeof(name)));
  /* A pipe would wait for its writer. */
  assert_int_equal(mkfifo(path, 0600), 0);
  vr_pve_pools_read(p);
  assert_true(vr_pve_pools_find(p, "100", name, sizeof(name)));
  unlink(path);
  vr_pve_pools_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_guest_is_found_by_its_number),
      cmocka_unit_test(what_cannot_be_read_stays),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
