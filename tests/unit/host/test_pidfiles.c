/* SPDX-License-Identifier: MIT
 *
 * Texts in the form that Linux has had since 4.19, after proc(5) and the
 * kernel's documentation; numbers read off by eye. Whole recordings
 * of 5.10, 6.1 and 6.12 are read by test_other_vmms; of 4.19 there is none.
 */
#include "../unit.h"

#include "host/proc/pidfiles.h"

#include <errno.h>
#include <string.h>

static void reads_schedstat(void **state) {
  (void)state;
  struct vr_schedstat s;
  assert_int_equal(
      vr_proc_schedstat_parse("1969798558 1751211054 117831\n", &s), 0);
  assert_int_equal(s.run_ns, 1969798558);
  assert_int_equal(s.wait_ns, 1751211054);
  assert_int_equal(s.timeslices, 117831);
  /* Without CONFIG_SCHED_INFO the kernel prints three zeros. */
  assert_int_equal(vr_proc_schedstat_parse("0 0 0\n", &s), 0);
  assert_int_equal(s.run_ns, 0);
}

static void refuses_half_a_schedstat(void **state) {
  (void)state;
  struct vr_schedstat s = {7, 7, 7};
  assert_int_equal(vr_proc_schedstat_parse("", &s), -EBADMSG);
  assert_int_equal(vr_proc_schedstat_parse("12 13", &s), -EBADMSG);
  assert_int_equal(vr_proc_schedstat_parse("a b c", &s), -EBADMSG);
  assert_int_equal(s.run_ns, 7);
}

/* A thread may be called anything. */
static void reads_stat_behind_the_name(void **state) {
  (void)state;
  struct vr_pidstat s;
  const char *text =
      "22912 (CPU 0) R 1 (x) S 22513 22912 22513 0 -1 1077936192 30344 11 12 "
      "13 "
      "2030 1444 0 0 20 0 6 0 162034 2044858368 83339 18446744073709551615 1 1 "
      "0 0 0 0 268444224 4100 16963 0 0 0 17 1 0 0 0 4711 0 0 0 0 0 0 0 0 0\n";
  assert_int_equal(vr_proc_pidstat_parse(text, &s), 0);
  assert_int_equal(s.state, 'S');
  assert_int_equal(s.minflt, 30344);
  assert_int_equal(s.majflt, 12);
  assert_int_equal(s.threads, 6);
  assert_int_equal(s.start_ticks, 162034);
  assert_int_equal(s.guest_ticks, 4711);
}

static void refuses_a_stat_that_is_cut(void **state) {
  (void)state;
  struct vr_pidstat s = {.threads = 7};
  assert_int_equal(vr_proc_pidstat_parse("1 (a) S 1 2 3", &s), -EBADMSG);
  assert_int_equal(vr_proc_pidstat_parse("1 (a", &s), -EBADMSG);
  assert_int_equal(vr_proc_pidstat_parse("1 (a) ", &s), -EBADMSG);
  assert_int_equal(s.threads, 7);
}

static const char status_6_1[] =
    "Name:\tqemu-system-x86\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t22912\n"
    "Ngid:\t0\nPid:\t22912\nPPid:\t22513\nTracerPid:\t0\n"
    "Uid:\t64055\t64056\t64055\t64055\nGid:\t0\t0\t0\t0\nFDSize:\t64\n"
    "Groups:\t0 \nNStgid:\t22912\nThreads:\t6\n"
    "Mems_allowed_list:\t0\nvoluntary_ctxt_switches:\t115329\n"
    "nonvoluntary_ctxt_switches:\t2502\n";

static void reads_status(void **state) {
  (void)state;
  struct vr_switches s;
  uid_t real, effective;
  pid_t parent;
  assert_int_equal(vr_proc_switches_parse(status_6_1, &s), 0);
  assert_int_equal(s.voluntary, 115329);
  assert_int_equal(s.involuntary, 2502);
  assert_int_equal(vr_proc_uids_parse(status_6_1, &real, &effective), 0);
  assert_int_equal(real, 64055);
  assert_int_equal(effective, 64056);
  assert_int_equal(vr_proc_ppid_parse(status_6_1, &parent), 0);
  assert_int_equal(parent, 22513);
}

/* The name comes first and may look like a line of the file. */
static void is_not_fooled_by_a_name(void **state) {
  (void)state;
  uid_t real = 1, effective = 1;
  const char *text = "Name:\tUid: 0 0 0 0\nPid:\t5\nUid:\t1000\t1001\t0\t0\n";
  assert_int_equal(vr_proc_uids_parse(text, &real, &effective), 0);
  assert_int_equal(real, 1000);
  assert_int_equal(effective, 1001);
}

static void reads_statm(void **state) {
  (void)state;
  uint64_t pages = 7;
  assert_int_equal(
      vr_proc_statm_parse("499233 83339 12054 2265 0 119222 0\n", &pages), 0);
  assert_int_equal(pages, 83339);
  assert_int_equal(vr_proc_statm_parse("499233", &pages), -EBADMSG);
  assert_int_equal(pages, 83339);
}

static void reads_io(void **state) {
  (void)state;
  struct vr_pidio io;
  const char *text = "rchar: 60336530\nwchar: 46950964\nsyscr: 56739\n"
                     "syscw: 56582\nread_bytes: 45904896\n"
                     "write_bytes: 46352384\ncancelled_write_bytes: 8192\n";
  assert_int_equal(vr_proc_pidio_parse(text, &io), 0);
  assert_int_equal(io.read_calls, 56739);
  assert_int_equal(io.write_calls, 56582);
  assert_int_equal(io.read_bytes, 45904896);
  assert_int_equal(io.write_bytes, 46352384);
  assert_int_equal(vr_proc_pidio_parse("rchar: 1\n", &io), -EBADMSG);
}

/* As Linux 6.1 prints its thread number 2, and bash. */
static void recognises_threads_of_the_kernel(void **state) {
  (void)state;
  assert_true(vr_proc_is_kernel_thread(
      "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 3 0 0 20 0 1 0 2 0 0\n"));
  assert_false(
      vr_proc_is_kernel_thread("9 (bash) S 1 9 9 34816 9 4194560 1 1 0 0 "
                               "0 0 0 0 20 0 1 0 9 0 0\n"));
  assert_false(vr_proc_is_kernel_thread("2 (kthreadd) S 0 0"));
  assert_false(vr_proc_is_kernel_thread(""));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_schedstat),
      cmocka_unit_test(refuses_half_a_schedstat),
      cmocka_unit_test(reads_stat_behind_the_name),
      cmocka_unit_test(refuses_a_stat_that_is_cut),
      cmocka_unit_test(reads_status),
      cmocka_unit_test(is_not_fooled_by_a_name),
      cmocka_unit_test(reads_statm),
      cmocka_unit_test(reads_io),
      cmocka_unit_test(recognises_threads_of_the_kernel),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
