/* SPDX-License-Identifier: MIT
 *
 * After 100 000 intervals memory and descriptors are where they were after 100.
 * VR_SOAK in the environment sets another number of intervals (valgrind is
 * slow).
 */
#include "../unit.h"

#include "guests.h"

#include <dirent.h>
#include <malloc.h>
#include <stdlib.h>

static int open_files(void) {
  int n = 0;
  DIR *d = opendir("/proc/self/fd");
  while (d && readdir(d))
    n++;
  closedir(d);
  return n;
}

static void stays_as_it_is(void **state) {
  (void)state;
  const char *set = getenv("VR_SOAK");
  int intervals = set ? atoi(set) : 100000, files = 0;
  size_t bytes = 0;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  guest_start(&t, 200, "db", 6);
  tree_write(&t, "net/dev", "x\ny\n  eth0: 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n");
  tree_write(&t, "loadavg", "0.10 0.20 0.30 1/100 300\n");
  struct vr_host *h = reader_new(&t, 100);
  for (int i = 1; i <= intervals; i++) {
    /* Threads run now and then, so that all their files are read. */
    if (i % 1000 == 1)
      guest_run(&t, 100, 5, i);
    vr_host_read(h);
    if (i == 100) {
      bytes = mallinfo2().uordblks;
      files = open_files();
    }
  }
  assert_int_equal(vr_host_guest_count(h), 2);
  /* The allocator counts what it keeps for the next request as in use. */
  assert_in_range(mallinfo2().uordblks, 0, bytes + 4096);
  assert_int_equal(open_files(), files);
  vr_host_free(h);
  tree_free(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(stays_as_it_is)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
