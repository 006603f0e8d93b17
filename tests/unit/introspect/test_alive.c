/* SPDX-License-Identifier: MIT
 *
 * Whether a process lives and is the one that was meant, with a descriptor and
 * without one.
 */
#include "../unit.h"

#include "introspect/alive.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start_child(void) {
  pid_t pid = fork();
  assert_true(pid >= 0);
  while (pid == 0)
    pause();
  return pid;
}

/* Field 22 of its stat; the second, a name in brackets, has no blank here. */
static uint64_t start_of(pid_t pid) {
  char path[64], *word;
  unsigned long long start = 0;
  char text[1024] = "";
  snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  assert_non_null(fgets(text, sizeof(text), f));
  fclose(f);
  word = strtok(text, " ");
  for (int field = 1; field < 22; field++)
    word = strtok(NULL, " ");
  assert_int_equal(sscanf(word, "%llu", &start), 1);
  return start;
}

static void check_life(struct vr_fd_budget *budget, int descriptors) {
  struct vr_alive a;
  pid_t pid = start_child();
  uint64_t start = start_of(pid);
  assert_int_equal(vr_alive_open(pid, start + 1, budget, &a), -ESRCH);
  assert_int_equal(budget->used, 0);
  assert_int_equal(vr_alive_open(pid, start, budget, &a), 0);
  assert_int_equal(budget->used, descriptors);
  assert_true(vr_alive(&a));
  if (!descriptors) { /* its number as another process's that began later */
    a.start--;
    assert_false(vr_alive(&a));
    a.start++;
  }
  kill(pid, SIGKILL);
  siginfo_t info;
  assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
  assert_false(vr_alive(&a)); /* not even when nobody has asked for its end */
  waitpid(pid, NULL, 0);
  assert_false(vr_alive(&a));
  vr_alive_close(&a);
  assert_int_equal(budget->used, 0);
  assert_int_equal(vr_alive_open(pid, 0, budget, &a), -ESRCH);
  assert_int_equal(budget->used, 0);
}

static void with_a_descriptor(void **state) {
  (void)state;
  check_life(&(struct vr_fd_budget){.max = 1}, 1);
}

static void without_one(void **state) {
  (void)state;
  check_life(&(struct vr_fd_budget){.max = 0}, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(with_a_descriptor),
      cmocka_unit_test(without_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
