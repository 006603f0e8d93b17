/* SPDX-License-Identifier: MIT
 *
 * Which rows are held out together, and what is left out beside them.
 */
#include "recording.h"
#include "train/fit/folds.h"

#include <stdlib.h>
#include <string.h>

/* Features of recordings of ROWS seconds each, with nothing but folds. */
static void lay_out(struct vr_features *f, const struct vr_guest_data **data,
                    size_t n) {
  *f = (struct vr_features){.step = 1, .n_recordings = n};
  f->recordings = calloc(n, sizeof(*f->recordings));
  for (size_t r = 0; r < n; r++) {
    f->recordings[r] = (struct vr_recording){data[r], f->rows};
    f->rows += data[r]->grid.rows;
  }
  f->fold = calloc(f->rows, 1);
}

static void check_folds(size_t rows, size_t blocks, bool cyclic) {
  struct vr_guest_data *d = recording_in_memory(rows, 1);
  const struct vr_guest_data *all[] = {d};
  struct vr_features f;
  lay_out(&f, all, 1);
  vr_folds_by_time(&f);
  assert_int_equal(f.n_folds, 5);
  assert_int_equal(f.cyclic, cyclic);
  /* The first and the last row of each block, counted by hand. */
  for (size_t b = 0; b < blocks; b++) {
    size_t first = (b * rows + blocks - 1) / blocks,
           last = ((b + 1) * rows + blocks - 1) / blocks - 1;
    assert_int_equal(f.fold[first], b % 5);
    assert_int_equal(f.fold[last], b % 5);
  }
  vr_features_clear(&f);
  recording_free(d);
}

/* Five blocks of at least 300 s; ten where these are as long, or where five
 * would not be. */
static void test_by_time(void **state) {
  (void)state;
  check_folds(1499, 10, true);
  check_folds(1500, 5, false);
  check_folds(2999, 5, false);
  check_folds(3000, 10, true);
}

/* Seven recordings: the sixth goes with the first. Three: three folds. */
static void test_by_recording(void **state) {
  (void)state;
  struct vr_guest_data *d[7];
  const struct vr_guest_data *all[7];
  for (size_t i = 0; i < 7; i++)
    all[i] = d[i] = recording_in_memory(10 + i, 1);
  struct vr_features f;
  lay_out(&f, all, 7);
  vr_folds_by_recording(&f);
  assert_int_equal(f.n_folds, 5);
  for (size_t r = 0; r < 7; r++) {
    assert_int_equal(f.fold[f.recordings[r].first], r % 5);
    assert_int_equal(f.fold[f.recordings[r].first + 9], r % 5);
  }
  vr_features_clear(&f);
  lay_out(&f, all, 3);
  vr_folds_by_recording(&f);
  assert_int_equal(f.n_folds, 3);
  assert_int_equal(f.fold[f.rows - 1], 2);
  vr_features_clear(&f);
  for (size_t i = 0; i < 7; i++)
    recording_free(d[i]);
}

/* A ramp is a level that wanders: beside the block held out its neighbours are
 * left out. Noise forgets at once, and a rate is no level. */
static void test_neighbours(void **state) {
  (void)state;
  struct vr_guest_data *d = recording_in_memory(1500, 1);
  const struct vr_guest_data *all[] = {d};
  double *ramp = recording_truth(d, VR_BUFFERS),
         *noise = recording_truth(d, VR_PROCESSES),
         *rate = recording_truth(d, VR_PAGE_FAULTS);
  unsigned seed = 1;
  for (size_t i = 0; i < 1500; i++) {
    ramp[i] = rate[i] = (double)i;
    noise[i] = recording_noise(&seed);
  }
  struct vr_features f;
  lay_out(&f, all, 1);
  vr_folds_by_time(&f);
  f.n_counters = 3;
  f.counters[0] = VR_BUFFERS;
  f.counters[1] = VR_PROCESSES;
  f.counters[2] = VR_PAGE_FAULTS;
  /* Five blocks in a row: nothing is before the first or after the last. */
  assert_int_equal(vr_folds_without(&f, 0, 0), 1 << 2 | 1 << 3 | 1 << 4);
  assert_int_equal(vr_folds_without(&f, 0, 2), 1 << 0 | 1 << 4);
  assert_int_equal(vr_folds_without(&f, 0, 4), 1 << 0 | 1 << 1 | 1 << 2);
  assert_int_equal(vr_folds_without(&f, 1, 2), 31 & ~(1 << 2));
  assert_int_equal(vr_folds_without(&f, 2, 2), 31 & ~(1 << 2));
  /* Ten: the last fold's rows are followed by more of the first's. */
  f.cyclic = true;
  assert_int_equal(vr_folds_without(&f, 0, 0), 1 << 2 | 1 << 3);
  assert_int_equal(vr_folds_without(&f, 0, 4), 1 << 1 | 1 << 2);
  vr_features_clear(&f);
  recording_free(d);
}

static void test_take(void **state) {
  (void)state;
  unsigned char fold[] = {0, 1, 0, 2};
  const double from[] = {1, 2, 3, 4};
  double to[] = {-1, -1, -1, -1};
  struct vr_features f = {.rows = 4, .fold = fold};
  vr_folds_take(&f, 0, from, to);
  assert_near(to[0], 1, 0);
  assert_near(to[1], -1, 0);
  assert_near(to[2], 3, 0);
  assert_near(to[3], -1, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_by_time),
      cmocka_unit_test(test_by_recording),
      cmocka_unit_test(test_neighbours),
      cmocka_unit_test(test_take),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
