/* SPDX-License-Identifier: MIT
 *
 * Whether a machine is itself a guest, by its processors' flags.
 */
#include "../unit.h"

#include "host/emit_samples.h"
#include "host/proc/cpuinfo.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[] = "/tmp/vr-cpuinfo-XXXXXX";
static int fd;

static int set_up(void **state) {
  (void)state;
  assert_non_null(mkdtemp(directory));
  fd = open(directory, O_RDONLY | O_DIRECTORY);
  return fd < 0;
}

static int tear_down(void **state) {
  (void)state;
  unlinkat(fd, "cpuinfo", 0);
  close(fd);
  return rmdir(directory);
}

static int is_guest(const char *model, const char *flags) {
  int file = openat(fd, "cpuinfo", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  assert_true(file >= 0);
  dprintf(file, "processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: %s\n",
          model);
  dprintf(file, "%s%s\nbugs\t\t: sysret_ss_attrs\n\nprocessor\t: 1\n",
          *flags ? "flags\t\t: fpu vme " : "", flags);
  close(file);
  return vr_cpuinfo_is_guest(fd);
}

static void by_flags(void **state) {
  (void)state;
  assert_int_equal(vr_cpuinfo_is_guest(fd), 0);
  assert_int_equal(is_guest("EPYC", "svm npt hypervisor lahf_lm"), 1);
  assert_int_equal(is_guest("EPYC", "svm npt lahf_lm"), 0);
  /* The name of a processor is no flag. */
  assert_int_equal(is_guest("a hypervisor inside", "svm npt"), 0);
  assert_int_equal(is_guest("a hypervisor inside", ""), 0);
}

static size_t nested;
static void count(void *ctx, const struct vr_emitted *s) {
  (void)ctx;
  nested += strcmp(s->instance, "nested") == 0 && s->n == 1;
}

/* The series is there of such guests alone. */
static void is_emitted(void **state) {
  (void)state;
  static struct vr_vmproc_sample sample;
  vr_emit_vmproc(&sample, VR_EVERY_GROUP, count, NULL);
  assert_int_equal(nested, 0);
  sample.nested = true;
  vr_emit_vmproc(&sample, VR_EVERY_GROUP, count, NULL);
  assert_int_equal(nested, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(by_flags),
      cmocka_unit_test(is_emitted),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
