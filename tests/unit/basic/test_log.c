/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "basic/log.h"

#include <string.h>

static char last[256];
static int last_priority, count;

static void receive(int priority, const char *message) {
  last_priority = priority;
  strncpy(last, message, sizeof(last) - 1);
  count++;
}

static void complains_once_until_relieved(void **state) {
  (void)state;
  struct vr_complaint c = {0};
  vr_log_set(receive);
  count = 0;
  vr_log_relieved(&c, "nothing was wrong");
  assert_int_equal(count, 0);
  for (int i = 0; i < 3; i++)
    vr_log_complain(&c, LOG_WARNING, "bad %d", i);
  assert_int_equal(count, 1);
  assert_string_equal(last, "bad 0");
  assert_int_equal(last_priority, LOG_WARNING);
  vr_log_relieved(&c, "good again");
  assert_int_equal(count, 2);
  assert_string_equal(last, "good again");
  vr_log_complain(&c, LOG_ERR, "bad again");
  assert_int_equal(count, 3);
  vr_log_set(NULL);
}

static void cuts_a_message_that_is_too_long(void **state) {
  (void)state;
  char text[3000];
  memset(text, 'x', sizeof(text) - 1);
  text[sizeof(text) - 1] = '\0';
  vr_log_set(receive);
  count = 0;
  vr_log_error("%s", text);
  assert_int_equal(count, 1);
  assert_int_equal(strspn(last, "x"), sizeof(last) - 1);
  vr_log_set(NULL);
}

/* A name with a line feed makes no second line, and one with ESC, or with CSI
 * in one byte or in UTF-8, steers no terminal; letters stay. */
static void shows_control_characters(void **state) {
  (void)state;
  vr_log_set(receive);
  vr_log_error("guest %s: gone", "a\n[error] b");
  assert_string_equal(last, "guest a\\x0a[error] b: gone");
  vr_log_error("%s", "\x1b[2J\r\t\x7f");
  assert_string_equal(last, "\\x1b[2J\\x0d\\x09\\x7f");
  vr_log_error("%s", "\xc2\x9b"
                     "2J \x9b");
  assert_string_equal(last, "\\xc2\\x9b2J \\x9b");
  vr_log_error("%s", "Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80 \xe9");
  assert_string_equal(last, "Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80 \xe9");
  vr_log_set(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(complains_once_until_relieved),
      cmocka_unit_test(shows_control_characters),
      cmocka_unit_test(cuts_a_message_that_is_too_long),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
