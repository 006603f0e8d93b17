/* SPDX-License-Identifier: MIT
 *
 * Names in a configuration that match no guest, and users whose guests are
 * ignored: each is one line, once.
 */
#include "../unit.h"

#include "basic/log.h"
#include "host/vmm/mentioned.h"
#include "host/vmm/users.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char said[4096];
static int lines;

static void receive(int priority, const char *message) {
  (void)priority;
  size_t n = strlen(said);
  snprintf(said + n, sizeof(said) - n, "%s\n", message);
  lines++;
}

static struct vr_mentioned *begin(void) {
  struct vr_mentioned *m;
  said[0] = '\0';
  lines = 0;
  vr_log_set(receive);
  assert_int_equal(vr_mentioned_new(&m), 0);
  return m;
}

static void see(struct vr_mentioned *m, const char *name, const char *uuid) {
  static struct vr_vm vm;
  vm = (struct vr_vm){0};
  snprintf(vm.name, sizeof(vm.name), "%s", name);
  snprintf(vm.uuid, sizeof(vm.uuid), "%s", uuid);
  vr_mentioned_see(m, &vm);
}

#define UUID "f6a4ae1a-0000-0000-0000-000000000001"

/* A name that is misspelt is named beside those that are there; names, UUIDs
 * and expressions that match are not. At 10 s the seventh reading ends the
 * minute. */
static void a_misspelt_name_is_named(void **state) {
  (void)state;
  struct vr_mentioned *m = begin();
  const char *const names[] = {"webb1", "web1", UUID, "/^we/", "/^x/", "web1"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    assert_int_equal(vr_mentioned_add(m, names[i]), 0);
  for (int i = 0; i < 6; i++)
    vr_mentioned_end_reading(m, 10);
  see(m, "web1", "");
  see(m, "db", UUID);
  assert_int_equal(lines, 0);
  vr_mentioned_end_reading(m, 10);
  assert_int_equal(lines, 2);
  assert_non_null(strstr(said, "VM \"webb1\" matched no guest in the first "
                               "minute; there are: web1, db."));
  assert_non_null(strstr(said, "VM \"/^x/\" matched no guest"));
  for (int i = 0; i < 100; i++)
    vr_mentioned_end_reading(m, 10);
  assert_int_equal(lines, 2);
  vr_mentioned_free(m);
}

/* Without any guest there is one line, whatever is mentioned. */
static void nobody_is_one_line(void **state) {
  (void)state;
  struct vr_mentioned *m = begin();
  assert_int_equal(vr_mentioned_add(m, "web1"), 0);
  for (int i = 0; i < 3; i++)
    vr_mentioned_end_reading(m, 60);
  assert_int_equal(lines, 1);
  assert_non_null(strstr(said, "no virtual machine was found"));
  assert_non_null(strstr(said, "TrustedUser"));
  vr_mentioned_free(m);
}

static void all_well_is_no_line(void **state) {
  (void)state;
  struct vr_mentioned *m = begin();
  assert_int_equal(vr_mentioned_add(m, "web1"), 0);
  see(m, "web1", "");
  for (int i = 0; i < 3; i++)
    vr_mentioned_end_reading(m, 60);
  assert_int_equal(lines, 0);
  vr_mentioned_free(m);
}

/* A hundred mistakes are ten lines and one, and five guests are named. */
static void many_mistakes_are_few_lines(void **state) {
  (void)state;
  struct vr_mentioned *m = begin();
  char name[32];
  for (int i = 0; i < 100; i++) {
    snprintf(name, sizeof(name), "no%d", i);
    assert_int_equal(vr_mentioned_add(m, name), 0);
    snprintf(name, sizeof(name), "g%d", i);
    see(m, name, "");
  }
  vr_mentioned_end_reading(m, 60);
  assert_int_equal(lines, 0);
  vr_mentioned_end_reading(m, 60);
  assert_int_equal(lines, 11);
  assert_non_null(strstr(said, "there are: g0, g1, g2, g3, g4, .... Write"));
  assert_non_null(strstr(said, "90 more VM entries matched no guest"));
  vr_mentioned_free(m);
}

static void users_have_names(void **state) {
  (void)state;
  char path[] = "/tmp/vr-passwd-XXXXXX", name[16];
  int fd = mkstemp(path);
  FILE *f = fdopen(fd, "w");
  fputs("root:x:0:0:root:/root:/bin/sh\n"
        "libvirt-qemu:x:64055:108::/:/bin/false\n",
        f);
  fclose(f);
  vr_users_name(path, 64055, name, sizeof(name));
  assert_string_equal(name, "libvirt-qemu");
  vr_users_name(path, 1000, name, sizeof(name));
  assert_string_equal(name, "");
  unlink(path);
  vr_users_name(path, 0, name, sizeof(name));
  assert_string_equal(name, "");
  assert_true(vr_users_is_default("libvirt-qemu"));
  assert_false(vr_users_is_default("mallory"));
  assert_true(vr_users_is_known("0") && vr_users_is_known("*"));
  assert_false(vr_users_is_known("3999999999"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_misspelt_name_is_named),
      cmocka_unit_test(nobody_is_one_line),
      cmocka_unit_test(all_well_is_no_line),
      cmocka_unit_test(many_mistakes_are_few_lines),
      cmocka_unit_test(users_have_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
