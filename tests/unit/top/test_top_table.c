/* SPDX-License-Identifier: MIT
 *
 * The table of vmrecon-top: numbers, columns, lines and pages, against texts
 * that were written by hand.
 */
#include "made_guests.h"

#include "top/top_cells.h"
#include "top/top_help.h"
#include "top/top_layout.h"
#include "top/top_print.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void numbers_take_four_columns(void **state) {
  static const struct {
    double value;
    const char *level, *rate;
  } cases[] = {
      {0, "0.00", "0"},         {0.04, "0.04", "0"},    {0.256, "0.26", "0.3"},
      {9.99, "9.99", "10"},     {9.996, "10.0", "10"},  {12.34, "12.3", "12"},
      {99.94, "99.9", "100"},   {99.96, "100", "100"},  {999.4, "999", "999"},
      {999.6, "1.0k", "1.0k"},  {9949, "9.9k", "9.9k"}, {9951, "10k", "10k"},
      {999499, "999k", "999k"}, {1e6, "1.0M", "1.0M"},  {2.5e9, "2.5G", "2.5G"},
      {1e18, "1.0E", "1.0E"},   {1e30, "huge", "huge"}, {NAN, "-", "-"},
      {INFINITY, "inf", "inf"}, {-1e-12, "0.00", "0"},  {-5, "-", "-"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    char level[VR_TOP_NUMBER_SIZE], rate[VR_TOP_NUMBER_SIZE];
    vr_top_level(cases[i].value, 2, level);
    vr_top_rate(cases[i].value, rate);
    assert_string_equal(level, cases[i].level);
    assert_string_equal(rate, cases[i].rate);
    assert_true(strlen(level) <= 4 && strlen(rate) <= 4);
  }
}

static void marks_distinguish_what_is_not_measured(void **state) {
  (void)state;
  assert_int_equal(vr_top_mark(0), ' ');
  assert_int_equal(vr_top_mark(VR_DIRECT), ' ');
  assert_int_equal(vr_top_mark(VR_COOPERATIVE), ' ');
  assert_int_equal(vr_top_mark(VR_INTROSPECTED), 'm');
  assert_int_equal(vr_top_mark(VR_INFERRED), '~');
  assert_int_equal(vr_top_mark(VR_DERIVED), '=');
  assert_int_equal(vr_top_mark(99), ' ');
}

static void assert_fits(const char *text, size_t width, const char *expected) {
  char ret[256];
  vr_top_fit_text(text, width, ret, sizeof(ret));
  assert_string_equal(ret, expected);
}

static void texts_are_cut_and_filled_up(void **state) {
  (void)state;
  assert_fits("web", 5, "web  ");
  assert_fits("web01", 5, "web01");
  assert_fits("web012", 5, "web0+");
  assert_fits("", 2, "  ");
  assert_fits("büro", 5, "büro ");
  assert_fits("büromaschine", 5, "büro+");
  assert_fits("日本語", 5, "日本+"); /* each takes two columns */
  assert_fits("日本語", 4, "日+ ");
  assert_fits("a\xff"
              "b",
              5, "a?b  "); /* no UTF-8 */
  assert_fits("a\x1b[2J", 8, "a?[2J   ");
}

/* --- lines --- */

static const struct vr_top_about about = {
    .source = "collectd", .trouble = "", .clock = "12:34:56"};

static struct vr_top_page page_of(struct vr_top_view *v,
                                  const struct vr_top_guests *g) {
  struct vr_top_page page = {0};
  assert_int_equal(vr_top_view_order(v, g), 0);
  vr_top_layout(v, g, &about, &page);
  return page;
}

static void assert_table(size_t width, const char *head, const char *row) {
  struct vr_top_guests g = {0};
  struct vr_top_view v;
  make_web(&g);
  vr_top_view_default(&v);
  v.width = width;
  struct vr_top_page page = page_of(&v, &g);
  assert_int_equal(page.n, 24);
  assert_string_equal(page.lines[2].text, head);
  assert_string_equal(page.lines[3].text, row);
  assert_true(page.lines[2].length <= width);
  vr_top_page_free(&page);
  vr_top_view_free(&v);
  vr_top_guests_free(&g);
}

#define COLUMNS_4 "    "
#define COLUMNS_18 COLUMNS_4 COLUMNS_4 COLUMNS_4 COLUMNS_4 "  "

static void table_of_80_columns(void **state) {
  (void)state;
  assert_table(80,
               "GUEST" COLUMNS_4 COLUMNS_4 COLUMNS_4 COLUMNS_4 /* 21 */
               " S vCPU LOAD   LOW-HIGH CPU%  STL%  WAI%   FLT  DISK   NET ",
               "web" COLUMNS_18
               " R    2 0.50= 0.30-0.80 12.5   7.3   0.0= 1.2k  4.1k  2.0M ");
}

static void table_of_120_columns(void **state) {
  (void)state;
  assert_table(
      120,
      "GUEST" COLUMNS_18 COLUMNS_4 COLUMNS_4 COLUMNS_4 "  " /* 37 */
      " S vCPU LOAD   LOW-HIGH CPU%  STL%  WAI%  EXE%   FLT   CSW  DSKR  DSKW "
      "   TX    RX ",
      "web" COLUMNS_18 COLUMNS_4 COLUMNS_4 COLUMNS_4 COLUMNS_4
      " R    2 0.50= 0.30-0.80 12.5   7.3   0.0=  100  1.2k   346~ 4.1k     - "
      " 1.5M  500k ");
}

static void what_is_not_known_is_a_dash(void **state) {
  struct vr_top_guests g = {0};
  struct vr_top_view v;
  (void)state;
  make_guest(&g, "h", "silent", NAN);
  vr_top_view_default(&v);
  struct vr_top_page page = page_of(&v, &g);
  assert_string_equal(
      page.lines[3].text,
      "silent               " /* 21 */
      " -    -    -               -     -     -     -     -     - ");
  vr_top_page_free(&page);
  vr_top_view_free(&v);
  vr_top_guests_free(&g);
}

/* With several hosts the name holds its host, or there is a column for it. */
static void hosts_are_shown_where_there_are_several(void **state) {
  struct vr_top_guests g = {0};
  struct vr_top_view v;
  (void)state;
  make_guest(&g, "rack1", "web", 2);
  make_guest(&g, "rack2", "web", 1);
  vr_top_view_default(&v);
  struct vr_top_page page = page_of(&v, &g);
  assert_memory_equal(page.lines[3].text, "web@rack1 ", 10);
  assert_memory_equal(page.lines[4].text, "web@rack2 ", 10);
  vr_top_page_free(&page);
  v.width = 120;
  page = page_of(&v, &g);
  assert_memory_equal(page.lines[3].text, "web                   rack1 ", 28);
  vr_top_page_free(&page);
  vr_top_view_free(&v);
  vr_top_guests_free(&g);
}

static enum vr_top_look look_at(const struct vr_top_line *l, const char *text) {
  const char *at = strstr(l->text, text);
  assert_non_null(at);
  for (size_t i = 0; i < l->n_spans; i++)
    if ((size_t)(at - l->text) < l->spans[i].end)
      return l->spans[i].look;
  fail_msg("no span holds '%s'", text);
  return VR_TOP_PLAIN;
}

/* The bracket decides on saturation, not the value in it. */
static void numbers_that_are_bad_stand_out(void **state) {
  struct vr_top_guests g = {0};
  struct vr_top_view v;
  struct vr_top_line l;
  (void)state;
  struct vr_top_guest *web = make_web(&g);
  vr_top_view_default(&v);
  web->counters[VR_LOAD].value = 2.5;
  web->counters[VR_LOAD].upper = 3;
  vr_top_line_clear(&l);
  vr_top_layout_row(&v, false, web, &l);
  assert_int_equal(look_at(&l, "2.50"), VR_TOP_PLAIN);
  assert_int_equal(look_at(&l, "7.3"), VR_TOP_NOTICE);
  web->counters[VR_LOAD].lower = 1.95;
  web->counters[VR_STEAL].value = 30.1;
  vr_top_line_clear(&l);
  vr_top_layout_row(&v, false, web, &l);
  assert_int_equal(look_at(&l, "2.50"), VR_TOP_ALARM);
  assert_int_equal(look_at(&l, "1.95-3.00"), VR_TOP_ALARM);
  assert_int_equal(look_at(&l, "30.1"), VR_TOP_ALARM);
  vr_top_view_free(&v);
  vr_top_guests_free(&g);
}

static void hostile_names_steer_no_terminal(void **state) {
  struct vr_top_guests g = {0};
  struct vr_top_view v;
  (void)state;
  make_guest(&g, "h", "\x1b]0;owned\x07\x1b[2J", 1);
  vr_top_view_default(&v);
  struct vr_top_page page = page_of(&v, &g);
  for (size_t i = 0; i < page.n; i++)
    for (const char *c = page.lines[i].text; *c; c++)
      assert_true((unsigned char)*c >= ' ' && *c != 127);
  assert_memory_equal(page.lines[3].text, "\\x1b]0;owned", 12);
  vr_top_page_free(&page);
  vr_top_view_free(&v);
  vr_top_guests_free(&g);
}

/* Of any size: no more lines than there are, none wider. */
static void pages_fit_any_screen(void **state) {
  struct vr_top_guests g = {0};
  struct vr_top_view v;
  (void)state;
  for (int i = 0; i < 50; i++) {
    char name[32];
    snprintf(name, sizeof(name), "guest-%d-日本語", i);
    make_guest(&g, "h", name, i);
  }
  vr_top_view_default(&v);
  for (int mode = VR_TOP_TABLE; mode <= VR_TOP_HELP; mode++)
    for (size_t width = 0; width < 200; width += 7)
      for (size_t height = 0; height < 60; height += 3) {
        v.mode = (enum vr_top_mode)mode;
        v.width = width;
        v.height = height;
        v.utf8 = width % 2;
        struct vr_top_page page = page_of(&v, &g);
        assert_int_equal(page.n, height > 0 ? height : 1);
        for (size_t i = 0; i < page.n; i++)
          assert_int_equal(vr_top_bytes_that_fit(page.lines[i].text, width),
                           page.lines[i].length);
        vr_top_page_free(&page);
      }
  vr_top_view_free(&v);
  vr_top_guests_free(&g);
}

/* --- one guest, its past --- */

static void detail_says_how_values_came_about(void **state) {
  struct vr_top_guests g = {0};
  struct vr_top_view v;
  (void)state;
  struct vr_top_guest *web = make_web(&g);
  web->counters[VR_CONTEXTSWITCH].fit = 83.2;
  for (int i = 0; i < 3; i++) {
    web->counters[VR_CPU].value = 50 * i;
    web->time++;
    vr_top_guests_remember(&g);
    vr_top_guests_remember(&g); /* nothing new: no row */
  }
  vr_top_view_default(&v);
  v.mode = VR_TOP_DETAIL;
  struct vr_top_page page = page_of(&v, &g);
  assert_string_equal(page.lines[0].text, "web on h");
  assert_string_equal(page.lines[1].text, "running, 2 vCPUs");
  assert_memory_equal(page.lines[3].text,
                      "load              0.50= processes by law, 0.30 to 0.80",
                      54);
  /* 0, 50 and 100 of 100 % */
  assert_memory_equal(page.lines[4].text,
                      "cpu                100  %         measured", 42);
  assert_non_null(strstr(page.lines[4].text, " _=#"));
  assert_non_null(strstr(page.lines[5].text, "estimated, fit 83%"));
  vr_top_page_free(&page);
  vr_top_view_free(&v);
  vr_top_guests_free(&g);
}

/* All of the page's words, one space between two. */
static void words_of(struct vr_top_page *page, char *ret, size_t size) {
  ret[0] = '\0';
  for (size_t i = 0; i < page->n; i++)
    for (char *word = strtok(page->lines[i].text, " "); word;
         word = strtok(NULL, " "))
      snprintf(ret + strlen(ret), size - strlen(ret), "%s ", word);
}

static void help_loses_no_word_on_a_narrow_screen(void **state) {
  struct vr_top_page narrow = {0}, wide = {0};
  char words[4096], all[4096];
  (void)state;
  vr_top_help(300, &wide);
  words_of(&wide, all, sizeof(all));
  for (size_t width = 32; width <= 120; width++) {
    narrow.n = 0;
    vr_top_help(width, &narrow);
    for (size_t i = 0; i < narrow.n; i++)
      assert_in_range(strlen(narrow.lines[i].text), 1, width);
    if (width == 40)
      assert_in_range(narrow.n, wide.n, 23); /* and the status line */
    words_of(&narrow, words, sizeof(words));
    assert_string_equal(words, all);
  }
  narrow.n = 0;
  vr_top_help(1, &narrow); /* comes to an end */
  vr_top_page_free(&narrow);
  vr_top_page_free(&wide);
}

static void the_past_is_a_ring(void **state) {
  struct vr_top_guests g = {0};
  (void)state;
  struct vr_top_guest *a = make_guest(&g, "h", "a", 0);
  assert_true(isnan(vr_top_guest_past(a, VR_LOAD, 0)));
  for (int i = 1; i <= VR_TOP_PAST + 5; i++) {
    a->counters[VR_LOAD].value = i;
    a->time = i;
    vr_top_guests_remember(&g);
  }
  assert_int_equal((int)vr_top_guest_past(a, VR_LOAD, 0), VR_TOP_PAST + 5);
  assert_int_equal((int)vr_top_guest_past(a, VR_LOAD, VR_TOP_PAST - 1), 6);
  assert_true(isnan(vr_top_guest_past(a, VR_LOAD, VR_TOP_PAST)));
  vr_top_guests_free(&g);
}

/* --- comma-separated values --- */

static void csv_has_every_counter_and_quotes_names(void **state) {
  struct vr_top_guests g = {0};
  struct vr_top_view v;
  char *text = NULL;
  size_t size;
  (void)state;
  struct vr_top_guest *a = make_guest(&g, "h", "a,\"b\"", 0.25);
  a->counters[VR_LOAD].provenance = VR_DERIVED;
  a->counters[VR_LOAD].lower = 0.125;
  vr_top_view_default(&v);
  assert_int_equal(vr_top_view_order(&v, &g), 0);
  FILE *f = open_memstream(&text, &size);
  vr_top_print_csv(&v, 1700000000.5, f);
  fclose(f);
  const char *begin =
      "1700000000.500,\"h\",\"a,\"\"b\"\"\",,,,0.25,0.125,,derived,,,,,,";
  assert_memory_equal(text, begin, strlen(begin));
  assert_int_equal(text[size - 1], '\n');
  free(text);
  f = open_memstream(&text, &size);
  vr_top_print_csv_head(f);
  fclose(f);
  begin = "time,host,guest,state,vcpus,memory,load,load_lower,load_upper,"
          "load_provenance,load_fit,processes,";
  assert_memory_equal(text, begin, strlen(begin));
  free(text);
  vr_top_view_free(&v);
  vr_top_guests_free(&g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_take_four_columns),
      cmocka_unit_test(marks_distinguish_what_is_not_measured),
      cmocka_unit_test(texts_are_cut_and_filled_up),
      cmocka_unit_test(table_of_80_columns),
      cmocka_unit_test(table_of_120_columns),
      cmocka_unit_test(what_is_not_known_is_a_dash),
      cmocka_unit_test(hosts_are_shown_where_there_are_several),
      cmocka_unit_test(numbers_that_are_bad_stand_out),
      cmocka_unit_test(hostile_names_steer_no_terminal),
      cmocka_unit_test(pages_fit_any_screen),
      cmocka_unit_test(detail_says_how_values_came_about),
      cmocka_unit_test(help_loses_no_word_on_a_narrow_screen),
      cmocka_unit_test(the_past_is_a_ring),
      cmocka_unit_test(csv_has_every_counter_and_quotes_names),
  };
  if (!setlocale(LC_CTYPE, "C.UTF-8"))
    return 77;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
