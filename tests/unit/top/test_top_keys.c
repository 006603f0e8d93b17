/* SPDX-License-Identifier: MIT
 *
 * Sorting, filtering and the selection, by keys.
 */
#include "made_guests.h"

#include "top/top_keys.h"

#include <math.h>
#include <stdio.h>

struct scene {
  struct vr_top_guests g;
  struct vr_top_view v;
};

static void order(struct scene *s) {
  assert_int_equal(vr_top_view_order(&s->v, &s->g), 0);
}

static void begin(struct scene *s) {
  *s = (struct scene){0};
  vr_top_view_default(&s->v);
  make_guest(&s->g, "h", "alpha", 1)->counters[VR_STEAL].value = 5;
  make_guest(&s->g, "h", "beta", 3);
  make_guest(&s->g, "h", "gamma", NAN)->counters[VR_STEAL].value = 50;
  make_guest(&s->g, "h", "delta", 2)->counters[VR_DISK_WRITE].value = 7;
  order(s);
}

static void end(struct scene *s) {
  vr_top_view_free(&s->v);
  vr_top_guests_free(&s->g);
}

static bool press(struct scene *s, int key) {
  bool refresh = vr_top_key(&s->v, key);
  order(s);
  return refresh;
}

static void type(struct scene *s, const char *text) {
  for (; *text; text++)
    press(s, *text);
}

/* The names in their order, each followed by a space. */
static void assert_order(const struct scene *s, const char *expected) {
  char text[256] = "";
  for (size_t i = 0; i < s->v.n; i++)
    snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ",
             s->v.order[i]->name);
  assert_string_equal(text, expected);
}

static void columns_sort_and_unknown_comes_last(void **state) {
  struct scene s;
  (void)state;
  begin(&s);
  assert_order(&s, "beta delta alpha gamma ");
  press(&s, 'r');
  assert_order(&s, "alpha delta beta gamma ");
  press(&s, 's');
  assert_order(&s, "gamma alpha beta delta ");
  press(&s, 'g');
  assert_order(&s, "alpha beta delta gamma ");
  press(&s, 'r');
  assert_order(&s, "gamma delta beta alpha ");
  press(&s, 'd'); /* one part of the sum is known */
  assert_order(&s, "delta alpha beta gamma ");
  end(&s);
}

static void the_column_beside_sorts(void **state) {
  struct scene s;
  (void)state;
  begin(&s);
  press(&s, '>');
  assert_int_equal(s.v.sort, VR_TOP_BRACKET);
  press(&s, '<');
  press(&s, '<');
  assert_int_equal(s.v.sort, VR_TOP_VCPUS);
  for (int i = 0; i < 40; i++)
    press(&s, '<'); /* no host column at 80 columns */
  assert_int_equal(s.v.sort, VR_TOP_GUEST);
  for (int i = 0; i < 40; i++)
    press(&s, '>');
  assert_int_equal(s.v.sort, VR_TOP_NET);
  s.v.width = 160;
  press(&s, '>');
  assert_int_equal(s.v.sort, VR_TOP_NET_TX);
  end(&s);
}

static void filter_is_typed_and_taken_back(void **state) {
  struct scene s;
  (void)state;
  begin(&s);
  type(&s, "/LTx");
  press(&s, VR_TOP_KEY_BACKSPACE);
  assert_int_equal(s.v.n, 4); /* not before Enter */
  press(&s, VR_TOP_KEY_ENTER);
  assert_order(&s, "delta ");
  assert_false(s.v.typing);
  type(&s, "/q"); /* no key to quit while typing */
  press(&s, VR_TOP_KEY_ESCAPE);
  assert_int_equal(s.v.n, 4);
  assert_false(s.v.quit);
  end(&s);
}

static void filter_takes_no_more_than_it_holds(void **state) {
  struct scene s;
  (void)state;
  begin(&s);
  press(&s, '/');
  for (int i = 0; i < 500; i++)
    press(&s, 'a' + i % 26);
  press(&s, 0xc3);
  press(&s, VR_TOP_KEY_ENTER);
  assert_int_equal(strlen(s.v.filter), VR_TOP_FILTER_SIZE - 1);
  assert_int_equal(s.v.n, 0);
  assert_null(vr_top_view_selected(&s.v));
  press(&s, VR_TOP_KEY_DOWN);
  press(&s, VR_TOP_KEY_ENTER); /* nobody is selected */
  press(&s, VR_TOP_KEY_END);
  end(&s);
}

/* A character of UTF-8 goes as one. */
static void backspace_takes_a_character(void **state) {
  struct scene s;
  (void)state;
  begin(&s);
  press(&s, '/');
  press(&s, 'b');
  press(&s, 0xc3);
  press(&s, 0xbc);
  assert_string_equal(s.v.typed, "bü");
  press(&s, VR_TOP_KEY_BACKSPACE);
  assert_string_equal(s.v.typed, "b");
  press(&s, VR_TOP_KEY_BACKSPACE);
  press(&s, VR_TOP_KEY_BACKSPACE);
  assert_string_equal(s.v.typed, "");
  end(&s);
}

static void selection_follows_its_guest(void **state) {
  struct scene s;
  (void)state;
  begin(&s);
  press(&s, VR_TOP_KEY_DOWN);
  assert_string_equal(vr_top_view_selected(&s.v)->name, "delta");
  press(&s, VR_TOP_KEY_ENTER);
  assert_int_equal(s.v.mode, VR_TOP_DETAIL);
  press(&s, 'r');
  press(&s, 's');
  assert_string_equal(vr_top_view_selected(&s.v)->name, "delta");
  press(&s, VR_TOP_KEY_ESCAPE);
  assert_int_equal(s.v.mode, VR_TOP_TABLE);
  press(&s, VR_TOP_KEY_END);
  press(&s, VR_TOP_KEY_DOWN);
  assert_int_equal(s.v.selected, 3);
  vr_top_guests_remove(&s.g, s.g.by_key);
  order(&s);
  assert_true(s.v.selected < 3);
  end(&s);
}

static void the_selected_row_is_on_the_screen(void **state) {
  struct scene s;
  (void)state;
  begin(&s);
  for (int i = 0; i < 100; i++) {
    char name[16];
    snprintf(name, sizeof(name), "more%d", i);
    make_guest(&s.g, "h", name, 100 + i);
  }
  order(&s);
  static const int keys[] = {VR_TOP_KEY_END,     VR_TOP_KEY_UP,
                             VR_TOP_KEY_PAGE_UP, VR_TOP_KEY_PAGE_DOWN,
                             VR_TOP_KEY_HOME,    VR_TOP_KEY_PAGE_DOWN};
  for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
    press(&s, keys[i]);
    assert_in_range(s.v.selected, s.v.first,
                    s.v.first + vr_top_view_rows(&s.v) - 1);
  }
  assert_int_equal(s.v.selected, 20); /* of 24 lines 4 are not guests' */
  s.v.height = 10;
  order(&s);
  assert_in_range(s.v.selected, s.v.first, s.v.first + 5);
  end(&s);
}

static void other_keys(void **state) {
  struct scene s;
  (void)state;
  begin(&s);
  assert_true(press(&s, ' '));
  press(&s, '+');
  assert_true(s.v.delay == 4);
  for (int i = 0; i < 20; i++)
    press(&s, '-');
  assert_true(s.v.delay == 0.5);
  press(&s, 'h');
  assert_int_equal(s.v.mode, VR_TOP_HELP);
  press(&s, '?');
  assert_int_equal(s.v.mode, VR_TOP_TABLE);
  press(&s, 'p');
  assert_true(s.v.paused);
  press(&s, 0);
  press(&s, 0x1fffff);
  assert_false(s.v.quit);
  press(&s, 'q');
  assert_true(s.v.quit);
  end(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(columns_sort_and_unknown_comes_last),
      cmocka_unit_test(the_column_beside_sorts),
      cmocka_unit_test(filter_is_typed_and_taken_back),
      cmocka_unit_test(filter_takes_no_more_than_it_holds),
      cmocka_unit_test(backspace_takes_a_character),
      cmocka_unit_test(selection_follows_its_guest),
      cmocka_unit_test(the_selected_row_is_on_the_screen),
      cmocka_unit_test(other_keys),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
