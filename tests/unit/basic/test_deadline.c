/* SPDX-License-Identifier: MIT
 *
 * Calls that do not return in time: they are left behind, and there are not
 * many of them.
 */
#include "../unit.h"

#include "basic/deadline.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct job {
  int gate[2]; /* it returns when the gate's writing end is closed */
};

static atomic_int released;

static struct job *job_new(void) {
  struct job *j = malloc(sizeof(*j));
  assert_int_equal(pipe(j->gate), 0);
  return j;
}

static int hang(void *ctx) {
  struct job *j = ctx;
  char c;
  return (int)read(j->gate[0], &c, 1) + 7;
}

static int return_at_once(void *ctx) {
  (void)ctx;
  return -3;
}

static void release(void *ctx) {
  struct job *j = ctx;
  close(j->gate[0]);
  free(j);
  atomic_fetch_add(&released, 1);
}

static void await_released(int n) {
  for (int i = 0; i < 1000 && atomic_load(&released) < n; i++)
    usleep(10000);
  assert_int_equal(atomic_load(&released), n);
}

static void gives_what_the_call_returned(void **state) {
  (void)state;
  struct vr_deadline_call *call = NULL;
  int result = 0;
  assert_int_equal(vr_deadline_run(&call, return_at_once, NULL, 60000, &result),
                   0);
  assert_int_equal(result, -3);
  assert_null(call);
}

static void one_that_hangs_is_left_behind(void **state) {
  (void)state;
  struct vr_deadline_call *call = NULL;
  struct job *j = job_new();
  int gate = j->gate[1], result = 0;
  atomic_store(&released, 0);
  assert_int_equal(vr_deadline_run(&call, hang, j, 20, &result), -ETIMEDOUT);
  assert_int_equal(vr_deadline_run(&call, return_at_once, NULL, 20, &result),
                   -EBUSY);
  vr_deadline_leave(&call, release, j);
  assert_null(call);
  assert_int_equal(atomic_load(&released), 0);
  close(gate);
  await_released(1);
}

static void one_that_came_back_makes_room(void **state) {
  (void)state;
  struct vr_deadline_call *call = NULL;
  struct job *j = job_new();
  int result = 0, r = -EBUSY;
  assert_int_equal(vr_deadline_run(&call, hang, j, 20, &result), -ETIMEDOUT);
  close(j->gate[1]);
  for (int i = 0; i < 1000 && r == -EBUSY; i++) {
    usleep(10000);
    r = vr_deadline_run(&call, return_at_once, NULL, 60000, &result);
  }
  assert_int_equal(r, 0);
  assert_int_equal(result, -3);
  release(j);
}

static void not_many_are_left_behind(void **state) {
  (void)state;
  struct vr_deadline_call *calls[VR_DEADLINE_LEFT_MAX] = {0}, *one = NULL;
  struct job *jobs[VR_DEADLINE_LEFT_MAX];
  int result;
  atomic_store(&released, 0);
  for (int i = 0; i < VR_DEADLINE_LEFT_MAX; i++) {
    jobs[i] = job_new();
    assert_int_equal(vr_deadline_run(&calls[i], hang, jobs[i], 1, &result),
                     -ETIMEDOUT);
  }
  assert_int_equal(vr_deadline_run(&one, return_at_once, NULL, 1, &result),
                   -EBUSY);
  for (int i = 0; i < VR_DEADLINE_LEFT_MAX; i++) {
    close(jobs[i]->gate[1]);
    vr_deadline_leave(&calls[i], release, jobs[i]);
  }
  await_released(VR_DEADLINE_LEFT_MAX);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_what_the_call_returned),
      cmocka_unit_test(one_that_hangs_is_left_behind),
      cmocka_unit_test(one_that_came_back_makes_room),
      cmocka_unit_test(not_many_are_left_behind),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
