/* SPDX-License-Identifier: MIT
 *
 * A VM process that ends, or gives its memory up, exactly while it is read: the
 * library's process_vm_readv() is replaced by one that lets something happen
 * right before or right after a chosen call.
 */
#include "../unit.h"

#include "basic/log.h"
#include "fake_guest.h"
#include "introspect/introspect.h"
#include "introspect/introspect_watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define SIZE FAKE_GUEST_SIZE

/* What is to happen at call number AT from now on, 1 being the next. */
static struct {
  unsigned at;
  bool after;
  void (*what)(struct fake_guest *);
  struct fake_guest *guest;
  unsigned calls;
} event;

static void happen(bool after) {
  if (event.what && event.calls == event.at && event.after == after)
    event.what(event.guest);
}

/* A guest whose clock goes on while it is searched, or NULL. */
static struct fake_guest *ticking;

ssize_t process_vm_readv(pid_t pid, const struct iovec *local, unsigned long n,
                         const struct iovec *remote, unsigned long m,
                         unsigned long flags) {
  if (event.guest && pid == event.guest->pid)
    event.calls++;
  if (ticking)
    fake_guest_tick(ticking);
  happen(false);
  ssize_t got = syscall(SYS_process_vm_readv, pid, local, n, remote, m, flags);
  int error = errno;
  happen(true);
  errno = error;
  return got;
}

static void let_happen(struct fake_guest *g, unsigned at, bool after,
                       void (*what)(struct fake_guest *)) {
  event.guest = g;
  event.at = at;
  event.after = after;
  event.what = what;
  event.calls = 0;
}

static void nothing_more(void) { let_happen(NULL, 0, false, NULL); }

static void unmap_all(struct fake_guest *g) { fake_guest_unmap(g, 0); }

/* The areas of the CPUs lie at the end, the image before it. */
static void unmap_end(struct fake_guest *g) {
  fake_guest_unmap(g, SIZE - (2 << 20));
}

struct guest {
  struct fake_guest fake;
  struct vr_introspect *i;
  struct vr_introspect_values v;
};

static int set_up(void **state) {
  struct guest *g = calloc(1, sizeof(*g));
  nothing_more();
  fake_guest_start(&g->fake);
  assert_int_equal(
      vr_introspect_open(
          &(struct vr_introspect_process){.pid = g->fake.pid, .memory = SIZE},
          NULL, &g->i),
      0);
  ticking = &g->fake;
  assert_int_equal(vr_introspect_search(g->i, NULL), 0);
  ticking = NULL;
  fake_guest_tick(&g->fake);
  assert_int_equal(vr_introspect_read(g->i, &g->v), 0);
  fake_guest_tick(&g->fake);
  g->v.threads = 7;
  *state = g;
  return 0;
}

static int tear_down(void **state) {
  struct guest *g = *state;
  nothing_more();
  fake_guest_end(&g->fake);
  vr_introspect_close(g->i);
  free(g);
  return 0;
}

static void check_untouched(const struct guest *g) {
  assert_int_equal(event.calls >= event.at, true);
  assert_int_equal(g->v.threads, 7);
}

/* Everything was read, and nobody can say that it was still this guest's. */
static void killed_behind_the_read(void **state) {
  struct guest *g = *state;
  let_happen(&g->fake, 1, true, fake_guest_kill);
  assert_int_equal(vr_introspect_read(g->i, &g->v), -ESRCH);
  check_untouched(g);
}

static void killed_before_the_read(void **state) {
  struct guest *g = *state;
  let_happen(&g->fake, 1, false, fake_guest_kill);
  assert_int_equal(vr_introspect_read(g->i, &g->v), -ESRCH);
  check_untouched(g);
}

static void check_memory_lost(struct guest *g) {
  assert_int_equal(vr_introspect_read(g->i, &g->v), -ESTALE);
  check_untouched(g);
  nothing_more();
  assert_int_equal(vr_introspect_read(g->i, &g->v), -EAGAIN);
  /* Of a sanitizer's own memory there is too much to look through in time. */
  int found = vr_introspect_search(g->i, NULL);
  assert_true(found == -ENOENT || found == -ETIME);
  assert_int_equal(vr_introspect_read(g->i, &g->v), -EAGAIN);
  assert_int_equal(g->v.threads, 7);
}

static void memory_gone(void **state) {
  struct guest *g = *state;
  let_happen(&g->fake, 1, false, unmap_all);
  check_memory_lost(g);
}

/* The call copies what is before and says so: less than was asked for. */
static void half_of_the_memory_gone(void **state) {
  struct guest *g = *state;
  let_happen(&g->fake, 1, false, unmap_end);
  check_memory_lost(g);
}

/* Every 64th reading lays its plan out anew, with further calls: what was read
 * before is right, and the next reading says that the process is gone. */
static void killed_while_planning(void **state) {
  struct guest *g = *state;
  for (unsigned i = 0; i < 62; i++) {
    assert_int_equal(vr_introspect_read(g->i, &g->v), 0);
    fake_guest_tick(&g->fake);
  }
  g->v.threads = 7;
  let_happen(&g->fake, 3, false, fake_guest_kill);
  assert_int_equal(vr_introspect_read(g->i, &g->v), 0);
  assert_true(event.calls >= 3);
  assert_int_equal(g->v.threads, 123);
  assert_int_equal(vr_introspect_read(g->i, &g->v), -ESRCH);
}

static void killed_in_a_search(void **state) {
  struct guest *g = *state;
  const unsigned at[] = {1, 2, 10, 50, 100};
  for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
    struct fake_guest other;
    struct vr_introspect *search;
    fake_guest_start(&other);
    assert_int_equal(
        vr_introspect_open(
            &(struct vr_introspect_process){.pid = other.pid, .memory = SIZE},
            NULL, &search),
        0);
    let_happen(&other, at[i], i % 2, fake_guest_kill);
    assert_int_equal(vr_introspect_search(search, NULL), -ESRCH);
    assert_true(event.calls >= at[i]);
    assert_int_equal(vr_introspect_read(search, &g->v), -ESRCH);
    vr_introspect_close(search);
    nothing_more();
    fake_guest_end(&other);
  }
  assert_int_equal(g->v.threads, 7);
}

static unsigned messages;

static void count_message(int priority, const char *message) {
  (void)priority;
  (void)message;
  messages++;
}

static unsigned given;

static void count_series(void *ctx, const struct vr_emitted *s) {
  (void)ctx;
  (void)s;
  given++;
}

static int read_guest(struct vr_watch *w, struct fake_guest *g,
                      const char *name) {
  given = 0;
  fake_guest_tick(g);
  return vr_introspect_watch_guest(
      w, &(struct vr_introspect_process){.pid = g->pid, .memory = SIZE}, name,
      count_series, NULL);
}

/* In a round with another guest: nothing is given of the one that is gone, not
 * a word more than its end needs is said, and the other has its values. */
static void beside_another(void **state) {
  struct guest *g = *state;
  struct fake_guest other;
  struct vr_watch *w;
  int r = -EAGAIN, s = -EAGAIN;
  vr_log_set(count_message);
  fake_guest_start(&other);
  assert_int_equal(vr_introspect_watch_new(NULL, &w), 0);
  for (unsigned i = 0; i < 3000 && (r < 0 || s < 0); i++) {
    r = read_guest(w, &g->fake, "web");
    s = read_guest(w, &other, "db");
    vr_introspect_watch_end_round(w);
    usleep(10000);
  }
  assert_int_equal(r, 0);
  assert_int_equal(s, 0);
  unsigned all = given, before = messages;
  let_happen(&g->fake, 1, true, fake_guest_kill);
  assert_int_equal(read_guest(w, &g->fake, "web"), -ESRCH);
  assert_int_equal(given, 0);
  nothing_more();
  assert_int_equal(read_guest(w, &other, "db"), 0);
  assert_int_equal(given, all);
  vr_introspect_watch_end_round(w);
  assert_int_equal(read_guest(w, &other, "db"), 0);
  assert_int_equal(messages, before);

  /* The other one gives its memory up, and goes on: one line, and one more
   * when the thread has looked for it. */
  let_happen(&other, 1, false, unmap_all);
  assert_int_equal(read_guest(w, &other, "db"), -ESTALE);
  nothing_more();
  for (unsigned i = 0; i < 5; i++)
    assert_int_equal(read_guest(w, &other, "db"), -EAGAIN);
  assert_in_range(messages, before + 1, before + 2);
  vr_introspect_watch_free(w);
  fake_guest_end(&other);
  vr_log_set(NULL);
}

int main(void) {
#define UNIT(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      UNIT(killed_behind_the_read),
      UNIT(killed_before_the_read),
      UNIT(memory_gone),
      UNIT(half_of_the_memory_gone),
      UNIT(killed_while_planning),
      UNIT(killed_in_a_search),
      UNIT(beside_another),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
