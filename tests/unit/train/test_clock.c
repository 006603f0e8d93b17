/* SPDX-License-Identifier: MIT
 *
 * A guest whose clock is set wrong: its samples show what the host saw earlier
 * or later, and are compared with that.
 */
#include "recording.h"
#include "train/report/guest_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 400, MARGIN = 10 };

/* What the host sees at second t the guest stamps as t + SHIFT. */
static void load(int shift, struct recording *r, struct vr_archive **a,
                 struct vr_guest_data *d) {
  static double host[ROWS], guest[ROWS], all[ROWS + 2 * MARGIN], zero[ROWS];
  unsigned seed = 4;
  for (size_t i = 0; i < ROWS + 2 * MARGIN; i++)
    all[i] = 1e6 * (1 + recording_noise(&seed));
  for (size_t i = 0; i < ROWS; i++) {
    host[i] = all[i + MARGIN];
    guest[i] = all[(size_t)((int)i + MARGIN - shift)];
  }
  recording_new(r, ROWS);
  recording_put_constant(r, "hv", "vmrecon-g", "count-vcpus", 2);
  recording_put_constant(r, "hv", "vmrecon-g", "memory-configured", 0x1p30);
  recording_put_constant(r, "hv", "vmrecon-g", "gauge-accelerator",
                         VR_ACCEL_KVM);
  recording_put(r, "hv", "vmrecon-g", "disk_octets-block", "read,write", host,
                zero);
  recording_put(r, "g", "disk-vda", "disk_octets", "read,write", guest, zero);
  recording_load(r, "g", a, d);
}

static void check(int shift, const char *words) {
  struct recording r;
  struct vr_archive *a;
  struct vr_guest_data d;
  load(shift, &r, &a, &d);
  assert_int_equal(d.clock.pairs, 1);
  assert_near(d.clock.seconds, shift, 0.05);
  assert_near(d.vcpus, 2, 0);
  assert_near(d.gib, 1, 1e-12);
  assert_int_equal(d.accelerator, VR_ACCEL_KVM);
  /* The host's series at the guest's times is the guest's own. */
  struct vr_model_input in;
  double x[ROWS], worst = 0;
  for (size_t s = 0; s < vr_sources_count; s++)
    if (strcmp(vr_sources[s].name, "block_read") == 0)
      assert_int_equal(vr_sources_input(&vr_sources[s], &in), 0);
  assert_int_equal(vr_data_guest_input(&d, &in, x), 0);
  for (size_t i = 20; i + 20 < d.grid.rows; i++)
    worst = fmax(worst, fabs(x[i] - 1e-6 * d.y[VR_DISK_READ][i]));
  assert_true(worst < 0.1);
  vr_data_input_clear(&in);
  /* And the report says which clock is behind. */
  struct vr_guest_result result = {.data = &d};
  struct vr_guest_diagnoses none = {0};
  char *text;
  size_t size;
  FILE *f = open_memstream(&text, &size);
  vr_report_guest(&result, &none, 5, f);
  fclose(f);
  if (!strstr(text, words))
    fail_msg("no \"%s\" in %s", words, text);
  free(text);
  vr_data_guest_clear(&d);
  vr_archive_free(a);
  recording_remove(&r);
}

static void test_ahead(void **state) {
  (void)state;
  check(3, "the guest's clock leads the host's by");
}

static void test_behind(void **state) {
  (void)state;
  check(-2, "the guest's clock lags the host's by");
}

static void test_unknown(void **state) {
  (void)state;
  struct recording r;
  struct vr_archive *a;
  struct vr_guest_data d;
  recording_new(&r, 100);
  recording_put_constant(&r, "hv", "vmrecon-g", "count-vcpus", 2);
  recording_put_constant(&r, "g", "contextswitch", "contextswitch", 100);
  recording_load(&r, "g", &a, &d);
  assert_int_equal(d.clock.pairs, 0);
  assert_near(d.clock.seconds, 0, 0);
  assert_int_equal(d.accelerator, VR_ACCEL_ANY);
  assert_true(isnan(d.gib));
  /* What does not vary explains nothing, and is not there. */
  for (size_t s = 0; s < vr_sources_count; s++)
    assert_null(d.u[s]);
  vr_data_guest_clear(&d);
  vr_archive_free(a);
  recording_remove(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_ahead),
      cmocka_unit_test(test_behind),
      cmocka_unit_test(test_unknown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
