/* SPDX-License-Identifier: MIT
 *
 * Guests that send under another name than their VM has, and trees of the
 * plugin libvirt.
 */
#include "../unit.h"
#include "archive/archive.h"
#include "basic/log.h"
#include "train/data/find_pairs.h"
#include "train/data/sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char root[64];
static struct vr_archive *archive;
static struct vr_pairs pairs;
static char messages[4000];

static void keep_message(int priority, const char *message) {
  (void)priority;
  size_t n = strlen(messages);
  snprintf(messages + n, sizeof(messages) - n, "%s\n", message);
}

static int make_tree(void **state) {
  (void)state;
  vr_log_set(keep_message);
  messages[0] = '\0';
  snprintf(root, sizeof(root), "/tmp/test_full_names-XXXXXX");
  return mkdtemp(root) ? 0 : -1;
}

static int remove_tree(void **state) {
  (void)state;
  char command[128];
  vr_pairs_clear(&pairs);
  vr_archive_free(archive);
  archive = NULL;
  snprintf(command, sizeof(command), "rm -rf %s", root);
  return system(command);
}

/* A series DIRECTORY/TYPE of one sample. */
static void put(const char *directory, const char *type) {
  char command[400];
  snprintf(command, sizeof(command),
           "mkdir -p '%s/%s' && printf 'epoch,value\\n1001.000,1.0\\n' > "
           "'%s/%s/%s-2024-01-01'",
           root, directory, root, directory, type);
  assert_int_equal(system(command), 0);
}

static void find(void) {
  struct vr_error error;
  assert_int_equal(vr_archive_open(root, &archive, &error), 0);
  assert_int_equal(vr_pairs_find(archive, NULL, 0, &pairs, &error), 0);
}

static const char *truth_of(const char *host, const char *guest) {
  for (size_t i = 0; i < pairs.n; i++)
    if (strcmp(pairs.pairs[i].host, host) == 0 &&
        strcmp(pairs.pairs[i].guest, guest) == 0)
      return pairs.pairs[i].truth ? pairs.pairs[i].truth : "none";
  return "no pair";
}

static void test_full_names(void **state) {
  (void)state;
  put("hv/vmrecon-web", "count-vcpus");
  put("hv/vmrecon-db.example.com", "count-vcpus");
  put("hv/vmrecon-Mail", "count-vcpus");
  put("hv/vmrecon-we", "count-vcpus");
  put("hv/vmrecon-own", "count-vcpus");
  put("web.example.com/load", "load");
  put("db/load", "load");
  put("mail.novalocal/load", "load");
  put("own/load", "load");
  put("own.example.com/load", "load");
  find();
  assert_string_equal(truth_of("hv", "web"), "web.example.com");
  assert_string_equal(truth_of("hv", "db.example.com"), "db");
  assert_string_equal(truth_of("hv", "Mail"), "mail.novalocal");
  assert_string_equal(truth_of("hv", "we"), "none");
  assert_string_equal(truth_of("hv", "own"), "own");
  assert_non_null(strstr(messages, "web.example.com"));
}

/* Two hosts for one guest, and two guests for one host: named, not chosen. */
static void test_candidates(void **state) {
  (void)state;
  put("hv/vmrecon-web", "count-vcpus");
  put("hv/vmrecon-db", "count-vcpus");
  put("hv/vmrecon-DB", "count-vcpus");
  put("web.one/load", "load");
  put("web.two/load", "load");
  put("db.one/load", "load");
  find();
  assert_string_equal(truth_of("hv", "web"), "none");
  assert_string_equal(truth_of("hv", "db"), "none");
  assert_string_equal(truth_of("hv", "DB"), "none");
  assert_non_null(strstr(messages, "web.one, web.two"));
  assert_non_null(strstr(messages, "--pair hv/web=web.one"));
  assert_non_null(strstr(messages, "--pair hv/db=db.one"));
}

/* A hypervisor host, and what only others report of a host, is nobody. */
static void test_not_taken(void **state) {
  (void)state;
  put("hv.example.com/vmrecon-hv", "count-vcpus");
  put("hv.example.com/vmrecon-web", "count-vcpus");
  put("hv.example.com/load", "load");
  put("web.example.com/virt", "virt_cpu_total");
  find();
  assert_string_equal(truth_of("hv.example.com", "hv"), "none");
  assert_string_equal(truth_of("hv.example.com", "web"), "none");
}

static void test_libvirt(void **state) {
  (void)state;
  put("web/libvirt", "virt_cpu_total");
  put("web/load", "load");
  put("hv/libvirt-db", "virt_cpu_total");
  put("both/libvirt", "virt_cpu_total");
  put("both/virt", "virt_cpu_total");
  find();
  assert_int_equal(pairs.n, 3);
  assert_string_equal(truth_of("web", "web"), "web");
  assert_string_equal(truth_of("hv", "db"), "none");
  assert_string_equal(truth_of("both", "both"), "none");
  assert_string_equal(pairs.pairs[0].plugin, "virt");
  assert_non_null(strstr(messages, "rename"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TREE(f) cmocka_unit_test_setup_teardown(f, make_tree, remove_tree)
      TREE(test_full_names),
      TREE(test_candidates),
      TREE(test_not_taken),
      TREE(test_libvirt),
#undef TREE
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
