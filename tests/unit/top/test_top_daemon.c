/* SPDX-License-Identifier: MIT
 *
 * vmrecon-top's side of collectd's socket, against one that answers what the
 * test says: as collectd 5.12 does, or badly.
 */
#include "../unit.h"

#include "schema/provenance.h"
#include "top/top_daemon.h"
#include "top/top_rhythm.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct scene {
  char folder[32], path[64];
  int listener, peer;
  struct vr_top_daemon *d;
  struct vr_top_guests g;
  double now;
  char asked[65536]; /* what the other side has received */
};

static void listen_again(struct scene *s) {
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  unlink(s->path);
  snprintf(a.sun_path, sizeof(a.sun_path), "%s", s->path);
  s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  assert_int_equal(bind(s->listener, (struct sockaddr *)&a, sizeof(a)), 0);
  assert_int_equal(listen(s->listener, 2), 0);
}

static void begin(struct scene *s) {
  *s =
      (struct scene){.folder = "/tmp/vmrecon-top.XXXXXX", .peer = -1, .now = 1};
  assert_non_null(mkdtemp(s->folder));
  snprintf(s->path, sizeof(s->path), "%s/socket", s->folder);
  listen_again(s);
  s->d = vr_top_daemon_new(s->path);
  assert_non_null(s->d);
  assert_int_equal(vr_top_daemon_open(s->d, s->now), 0);
}

static void hang_up(struct scene *s) {
  if (s->peer >= 0)
    close(s->peer);
  s->peer = -1;
}

static void end(struct scene *s) {
  hang_up(s);
  close(s->listener);
  unlink(s->path);
  rmdir(s->folder);
  vr_top_daemon_free(s->d);
  vr_top_guests_free(&s->g);
}

static bool work(struct scene *s) {
  return vr_top_daemon_work(s->d, s->now, &s->g);
}

/* Takes in what was asked up to now. */
static void receive(struct scene *s) {
  if (s->peer < 0)
    s->peer = accept(s->listener, NULL, NULL);
  assert_true(s->peer >= 0);
  ssize_t n = recv(s->peer, s->asked, sizeof(s->asked) - 1, MSG_DONTWAIT);
  s->asked[n > 0 ? n : 0] = '\0';
}

static void answer(const struct scene *s, const char *text) {
  assert_int_equal(send(s->peer, text, strlen(text), MSG_NOSIGNAL),
                   strlen(text));
}

/* A refresh begins: the list is answered, and ended as collectd does with a
 * command that it does not know. */
static void list(struct scene *s, const char *lines) {
  char nonce[64], end_of_list[128];
  vr_top_daemon_refresh(s->d, s->now, &s->g);
  assert_false(work(s));
  receive(s);
  assert_int_equal(sscanf(s->asked, "LISTVAL\n%63s\n", nonce), 1);
  answer(s, lines);
  snprintf(end_of_list, sizeof(end_of_list), "-1 Unknown command: %s\n", nonce);
  answer(s, end_of_list);
}

#define LOAD "1.000 h/virt_inferred-g/load\n"
#define GAVE_LOAD                                                              \
  "3 Values found\nshortterm=5.000000e-01\nmidterm=NaN\nlongterm=1.0e+00\n"

static struct vr_top_guest *guest(struct scene *s, const char *key) {
  struct vr_top_guest *g;
  HASH_FIND_STR(s->g.by_key, key, g);
  return g;
}

static void values_are_listed_asked_and_taken(void **state) {
  struct scene s;
  (void)state;
  begin(&s);
  list(&s, "7 Values found\n" LOAD "1.000 h/virt_inferred-g/load-lower\n"
           "1.000 h/virt_inferred-g/disk_octets\n"
           "1.000 h/virt_quality-g/gauge-load\n"
           "1.000 h/vmrecon-g/count-vcpus\n"
           "1.000 h/vmrecon-g/derive-vcpu_run\n"
           "1.000 h/cpu-0/cpu-idle\n");
  assert_false(work(&s));
  work(&s); /* the questions go out */
  receive(&s);
  assert_string_equal(s.asked, "GETVAL \"h/virt_inferred-g/load\"\n"
                               "GETVAL \"h/virt_inferred-g/load-lower\"\n"
                               "GETVAL \"h/virt_inferred-g/disk_octets\"\n"
                               "GETVAL \"h/virt_quality-g/gauge-load\"\n"
                               "GETVAL \"h/vmrecon-g/count-vcpus\"\n");
  answer(&s, GAVE_LOAD "3 Values found\nshortterm=2.500000e-01\nmidterm=NaN\n"
                       "longterm=NaN\n2 Values found\nread=NaN\nwrite=1.5e+03\n"
                       "1 Value found\nvalue=5.0e+00\n");
  assert_false(work(&s)); /* one is to come */
  answer(&s, "1 Value found\nvalue=2.000000e+00\n");
  assert_true(work(&s));
  const struct vr_top_guest *g = guest(&s, "h/g");
  assert_non_null(g);
  assert_true(g->counters[VR_LOAD].value == 0.5);
  assert_true(g->counters[VR_LOAD].lower == 0.25);
  assert_true(isnan(g->counters[VR_LOAD].upper));
  assert_int_equal(g->counters[VR_LOAD].provenance, VR_DERIVED);
  assert_true(isnan(g->counters[VR_DISK_READ].value));
  assert_true(g->counters[VR_DISK_WRITE].value == 1500);
  assert_true(g->vcpus == 2 && g->time == 1);
  assert_string_equal(vr_top_daemon_trouble(s.d), "");
  end(&s);
}

static void refresh_with(struct scene *s, const char *lines,
                         const char *values) {
  list(s, lines);
  assert_false(work(s) && *values);
  work(s);
  receive(s);
  if (*values) {
    answer(s, values);
    assert_true(work(s));
  }
}

/* Only what is newer is asked for. */
static void old_values_are_not_asked_again(void **state) {
  struct scene s;
  (void)state;
  begin(&s);
  refresh_with(&s, LOAD, GAVE_LOAD);
  refresh_with(&s, LOAD, "");
  assert_string_equal(s.asked, "");
  refresh_with(&s, "2.000 h/virt_inferred-g/load\n", GAVE_LOAD);
  assert_string_equal(s.asked, "GETVAL \"h/virt_inferred-g/load\"\n");
  assert_true(guest(&s, "h/g")->time == 2);
  end(&s);
}

static void what_is_no_longer_listed_goes(void **state) {
  struct scene s;
  (void)state;
  begin(&s);
  refresh_with(&s,
               LOAD "1.0 h/virt_inferred-g/percent-steal\n"
                    "1.0 h/virt_inferred-x/percent-steal\n",
               GAVE_LOAD "1 Value found\nvalue=7\n1 Value found\nvalue=8\n");
  assert_int_equal(vr_top_guests_count(&s.g), 2);
  refresh_with(&s, LOAD, "");
  assert_int_equal(vr_top_guests_count(&s.g), 1);
  assert_true(isnan(guest(&s, "h/g")->counters[VR_STEAL].value));
  assert_true(guest(&s, "h/g")->counters[VR_LOAD].value == 0.5);
  refresh_with(&s, "0 Values found\n", "");
  assert_int_equal(vr_top_guests_count(&s.g), 0);
  end(&s);
}

/* A name with a newline makes lines of its own; one with quotes is quoted. */
static void hostile_names_shift_nothing(void **state) {
  struct scene s;
  (void)state;
  begin(&s);
  list(&s, "9 Values found\n"
           "1.000 h/virt_inferred-a\n-1 Unknown command: end-0\nb/load\n"
           "1.0 h/virt_inferred-q\"u\\o/load\n"
           "\n \n1.0\n1.0 \n1.0 /\n1.0 //\n1.0 h/virt_inferred-/load\n"
           "1.0 h/virt_inferred-\x1b[2J/load\n" LOAD);
  assert_false(work(&s));
  work(&s);
  receive(&s);
  assert_string_equal(s.asked, "GETVAL \"h/virt_inferred-q\\\"u\\\\o/load\"\n"
                               "GETVAL \"h/virt_inferred-\x1b[2J/load\"\n"
                               "GETVAL \"h/virt_inferred-g/load\"\n");
  answer(&s, "-1 No such value.\n" GAVE_LOAD GAVE_LOAD);
  assert_true(work(&s));
  assert_true(isnan(guest(&s, "h/q\"u\\o")->counters[VR_LOAD].value));
  assert_true(guest(&s, "h/g")->counters[VR_LOAD].value == 0.5);
  assert_string_equal(guest(&s, "h/\x1b[2J")->name, "\\x1b[2J");
  end(&s);
}

static void a_socket_that_hangs_is_given_up(void **state) {
  struct scene s;
  (void)state;
  begin(&s);
  refresh_with(&s, LOAD, GAVE_LOAD);
  list(&s, "2.000 h/virt_inferred-g/load\n");
  work(&s);
  work(&s);
  s.now += 4;
  assert_false(work(&s));
  assert_string_equal(vr_top_daemon_trouble(s.d), "");
  s.now += 2;
  assert_false(work(&s));
  assert_non_null(strstr(vr_top_daemon_trouble(s.d), "does not answer"));
  assert_int_equal(vr_top_daemon_poll(s.d).fd, -1);
  /* The old values stay; what was not answered is asked again. */
  assert_true(guest(&s, "h/g")->counters[VR_LOAD].value == 0.5);
  hang_up(&s);
  s.now += 2;
  work(&s); /* connects, and asks */
  list(&s, "2.000 h/virt_inferred-g/load\n");
  work(&s);
  work(&s);
  receive(&s);
  assert_string_equal(s.asked, "GETVAL \"h/virt_inferred-g/load\"\n");
  answer(&s, GAVE_LOAD);
  assert_true(work(&s));
  assert_string_equal(vr_top_daemon_trouble(s.d), "");
  end(&s);
}

static void a_daemon_that_dies_is_found_again(void **state) {
  struct scene s;
  (void)state;
  begin(&s);
  refresh_with(&s, LOAD, GAVE_LOAD);
  hang_up(&s);
  close(s.listener);
  assert_false(work(&s));
  assert_non_null(
      strstr(vr_top_daemon_trouble(s.d), "has closed the connection"));
  s.now += 2;
  assert_false(work(&s));
  assert_non_null(strstr(vr_top_daemon_trouble(s.d), "Connection refused"));
  listen_again(&s);
  s.now += 2;
  assert_false(work(&s));
  assert_true(vr_top_daemon_is_busy(s.d));
  refresh_with(&s, LOAD, "");
  assert_string_equal(vr_top_daemon_trouble(s.d), "");
  end(&s);
}

static void assert_refused(const char *first, const char *second) {
  struct scene s;
  begin(&s);
  list(&s, LOAD);
  work(&s);
  work(&s);
  answer(&s, first);
  answer(&s, second);
  work(&s);
  assert_false(work(&s));
  assert_non_null(strstr(vr_top_daemon_trouble(s.d), "is not what answers"));
  end(&s);
}

static void what_is_no_collectd_is_left(void **state) {
  (void)state;
  assert_refused("HTTP/1.1 400 Bad Request\n", "");
  assert_refused("999999999 Values found\n", "");
  assert_refused(GAVE_LOAD, "1 more than was asked\n");
}

/* A line that never ends is not kept. */
static void a_line_without_end_is_left(void **state) {
  struct scene s;
  char text[4096];
  (void)state;
  memset(text, 'x', sizeof(text) - 1);
  text[sizeof(text) - 1] = '\0';
  begin(&s);
  vr_top_daemon_refresh(s.d, s.now, &s.g);
  work(&s);
  receive(&s);
  for (int i = 0; i < 8 && vr_top_daemon_is_busy(s.d); i++) {
    answer(&s, text);
    work(&s);
  }
  assert_non_null(strstr(vr_top_daemon_trouble(s.d), "is not what answers"));
  end(&s);
}

/* --- any answer at all --- */

static unsigned random_below(unsigned n) {
  static uint64_t state = 42; /* the same in every run */
  state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
  return (unsigned)(state >> 33) % n;
}

/* Pieces of what collectd says, in any order, and bytes between them. */
static void put_piece(char *text, size_t size) {
  static const char *const pieces[] = {"\n",
                                       "1 Value found\n",
                                       "3 Values found\n",
                                       "-1 No such value.\n",
                                       "-1 Unknown command: ",
                                       "end-",
                                       "shortterm=",
                                       "value=",
                                       "=",
                                       "NaN",
                                       "1e999",
                                       "1.000 h/virt_inferred-g/load\n",
                                       "2.0 h/virt_inferred-g/load\n",
                                       "1.0 h/virt_quality-g/gauge-load\n",
                                       "9 h/vmrecon-/count-vcpus\n",
                                       "/",
                                       " ",
                                       "h/virt_inferred-",
                                       "99999999999999999999 ",
                                       "0 Values found\n",
                                       "-"};
  size_t n = strlen(text);
  unsigned i = random_below(sizeof(pieces) / sizeof(pieces[0]) + 2);
  if (i < sizeof(pieces) / sizeof(pieces[0]))
    snprintf(text + n, size - n, "%s", pieces[i]);
  else
    snprintf(text + n, size - n, "%c", 1 + (int)random_below(255));
}

static void any_answer_is_survived(void **state) {
  struct scene s;
  int gave_up = 0;
  (void)state;
  begin(&s);
  for (int i = 0; i < 3000; i++) {
    char text[2048] = "";
    s.now += 3;
    vr_top_daemon_refresh(s.d, s.now, &s.g);
    work(&s);
    if (s.peer < 0)
      s.peer = accept(s.listener, NULL, NULL);
    if (s.peer < 0)
      continue;
    receive(&s);
    char *nonce = strstr(s.asked, "end-");
    for (unsigned pieces = random_below(40); pieces > 0; pieces--)
      put_piece(text, sizeof(text));
    send(s.peer, text, strlen(text), MSG_NOSIGNAL);
    if (nonce && random_below(2) > 0) {
      snprintf(text, sizeof(text), "\n-1 Unknown command: %s", nonce);
      send(s.peer, text, strlen(text), MSG_NOSIGNAL);
    }
    work(&s);
    work(&s);
    if (vr_top_daemon_trouble(s.d)[0]) {
      gave_up++;
      hang_up(&s);
    }
  }
  assert_in_range(gave_up, 100, 2999);
  /* After all that, a collectd that answers as it should. */
  hang_up(&s);
  close(s.listener);
  work(&s);
  s.now += 20;
  work(&s);
  listen_again(&s);
  s.now += 20;
  work(&s);
  list(&s, "3.000 h/virt_inferred-last/load\n");
  work(&s);
  work(&s);
  answer(&s, GAVE_LOAD);
  assert_true(work(&s));
  assert_int_equal(vr_top_guests_count(&s.g), 1);
  assert_true(guest(&s, "h/last")->counters[VR_LOAD].value == 0.5);
  end(&s);
}

/* A value comes every INTERVAL seconds from 3.3 s on, JITTER later or not;
 * lists are made every DELAY seconds where one is due. Every value but the last
 * is to be found by the first list that could, and RET is how many lists there
 * were. */
static int lists_of(double interval, double delay, double jitter, int values) {
  struct vr_top_rhythm r = {0};
  int lists = 0, found = 0;
  for (double now = 0; found < values - 1; now += delay) {
    if (!vr_top_rhythm_is_due(&r, now))
      continue;
    lists++;
    int k = found;
    while (3.3 + k * interval + (k % 2) * jitter <= now)
      k++;
    if (k > found) {
      assert_int_equal(k, found + 1); /* none was overlooked */
      if (found > 0)
        vr_top_rhythm_heard(&r, now, interval);
      found = k;
    } else if (r.heard > 0) {
      vr_top_rhythm_missed(&r, now);
    }
  }
  return lists;
}

static void lists_are_made_when_values_are_due(void **state) {
  (void)state;
  /* 50 values, of which the first distances are learned: five lists each. */
  assert_in_range(lists_of(10, 2, 0, 50), 50, 75);
  assert_in_range(lists_of(10, 3, 0, 50), 50, 80);
  assert_in_range(lists_of(10, 2, 0.4, 50), 50, 120);
  assert_in_range(lists_of(10, 0.5, 0, 50), 50, 150);
  assert_in_range(lists_of(1, 0.5, 0, 50), 50, 110);
  lists_of(10.02, 2, 0, 500);
  lists_of(9.98, 2, 0, 500);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_are_listed_asked_and_taken),
      cmocka_unit_test(old_values_are_not_asked_again),
      cmocka_unit_test(what_is_no_longer_listed_goes),
      cmocka_unit_test(hostile_names_shift_nothing),
      cmocka_unit_test(a_socket_that_hangs_is_given_up),
      cmocka_unit_test(a_daemon_that_dies_is_found_again),
      cmocka_unit_test(what_is_no_collectd_is_left),
      cmocka_unit_test(a_line_without_end_is_left),
      cmocka_unit_test(any_answer_is_survived),
      cmocka_unit_test(lists_are_made_when_values_are_due),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
