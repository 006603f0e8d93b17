/* SPDX-License-Identifier: MIT
 *
 * Pages: hostile names stay text in HTML, in gnuplot's strings and in names of
 * files; gnuplot's pictures become parts of a page; covariances are those of
 * hand calculation.
 */
#include "recording.h"
#include "train/evaluate/cross_covariance.h"
#include "train/page/figure.h"
#include "train/page/gnuplot.h"
#include "train/page/html.h"
#include "train/page/svg.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text[20000];

static FILE *to_text(void) {
  memset(text, 0, sizeof(text));
  return fmemopen(text, sizeof(text) - 1, "w");
}

static const char *html(const char *of) {
  FILE *f = to_text();
  vr_html_text(f, of);
  fclose(f);
  return text;
}

static void test_html(void **state) {
  (void)state;
  assert_string_equal(html("<script>alert('x')</script>"),
                      "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
  assert_string_equal(html("a\" onload=\"b & c"),
                      "a&quot; onload=&quot;b &amp; c");
  assert_string_equal(html("z\303\274rich\n"), "z\303\274rich\n");
  /* Escape, a lone byte, an overlong '<', a surrogate, U+009B, a cut end. */
  assert_string_equal(html("\033\377"), "\357\277\275\357\277\275");
  assert_string_equal(html("\300\274"), "\357\277\275\357\277\275");
  assert_string_equal(html("\355\240\200"),
                      "\357\277\275\357\277\275\357\277\275");
  assert_string_equal(html("\302\233"), "\357\277\275\357\277\275");
  assert_string_equal(html("a\342\202"), "a\357\277\275\357\277\275");
}

static const char *quoted(const char *of) {
  FILE *f = to_text();
  vr_gnuplot_quote(f, of);
  fclose(f);
  return text;
}

static void test_quoted(void **state) {
  (void)state;
  assert_string_equal(quoted("load"), "'load'");
  assert_string_equal(quoted("'; system 'id"),
                      "'\342\200\231; system \342\200\231id'");
  assert_string_equal(quoted("`id`\\n\n!id"),
                      "'\342\200\231id\342\200\231\\n !id'");
}

static const char *file(const char *host, const char *guest) {
  static char name[VR_HTML_NAME_SIZE];
  vr_html_file_name(host, guest, name);
  return name;
}

static void test_file_names(void **state) {
  (void)state;
  char one[VR_HTML_NAME_SIZE], longest[300], longer[300];
  assert_string_equal(file("hv", "web-1.example"),
                      "guest_hv__web-1.example.html");
  assert_string_equal(file("hv", "../../etc"), "guest_hv__.._2f.._2fetc.html");
  assert_string_equal(file("hv", "a_b\"<"), "guest_hv__a_5fb_22_3c.html");
  /* Neither a separator nor an escape can be made out of a name's own
   * characters. */
  snprintf(one, sizeof(one), "%s", file("a__b", "c"));
  assert_string_not_equal(one, file("a", "b__c"));
  memset(longest, '<', sizeof(longest) - 1);
  longest[sizeof(longest) - 1] = '\0';
  memcpy(longer, longest, sizeof(longer));
  longer[sizeof(longer) - 2] = 'x';
  snprintf(one, sizeof(one), "%s", file("hv", longest));
  assert_true(strlen(one) < VR_HTML_NAME_SIZE);
  assert_string_not_equal(one, file("hv", longer));
}

/* A picture as gnuplot writes it, shortened. */
static const char document[] =
    "<?xml version=\"1.0\" encoding=\"utf-8\"  standalone=\"no\"?>\n"
    "<svg \n width=\"560\" height=\"320\"\n viewBox=\"0 0 560 320\"\n"
    " xmlns=\"http://www.w3.org/2000/svg\"\n"
    " xmlns:xlink=\"http://www.w3.org/1999/xlink\"\n>\n\n"
    "<title>Gnuplot</title>\n<desc>Produced by GNUPLOT</desc>\n\n"
    "<g id=\"gnuplot_canvas\">\n\n"
    "<rect x=\"0\" y=\"0\" width=\"560\" height=\"320\" fill=\"none\"/>\n"
    "<defs>\n\n\t<circle id='gpDot' r='0.5'/>\n</defs>\n"
    "<g fill=\"none\" color=\"black\" stroke=\"currentColor\" "
    "stroke-width=\"1.00\" stroke-linecap=\"butt\" "
    "stroke-linejoin=\"miter\">\n</g>\n"
    "<g fill=\"none\" color=\"black\" stroke=\"currentColor\" "
    "stroke-width=\"2.00\" stroke-linecap=\"butt\" "
    "stroke-linejoin=\"miter\">\n"
    "\t<path stroke='rgb(  4,   4,   4)'  d='M1,2 L3,4  '/></g>\n"
    "\t<g id=\"gnuplot_plot_1\" ><title>gnuplot_plot_1</title>\n"
    "<g transform=\"translate(1,2)\" stroke=\"none\" fill=\"rgb(1,1,1)\" "
    "font-family=\"sans-serif\" font-size=\"14.00\"  text-anchor=\"end\">\n"
    "\t\t<text>a &lt;b> stroke='rgb(  4,   4,   4)'</text>\n\t</g>\n"
    "\t</g>\n</g>\n</svg>\n\n";

static void test_embedded(void **state) {
  (void)state;
  const char *at = document, *found;
  size_t n = vr_svg_next(&at, &found);
  FILE *f = to_text();
  assert_ptr_equal(found, document);
  vr_svg_embed(found, n, "load of \"<g>\"", f);
  fclose(f);
  assert_string_equal(
      text, "<svg role=\"img\" viewBox=\"0 0 560 320\" "
            "aria-label=\"load of &quot;&lt;g&gt;&quot;\">\n<g>\n"
            "<g stroke-width=\"2.00\">\n"
            "<path class=\"s4\"  d='M1,2 L3,4  '/></g>\n<g>\n"
            "<g transform=\"translate(1,2)\" stroke=\"none\" class=\"f1\"  "
            "text-anchor=\"end\">\n"
            "<text>a &lt;b> stroke='rgb(  4,   4,   4)'</text>\n</g>\n</g>\n"
            "</g>\n</svg>\n");
  assert_int_equal(vr_svg_next(&at, &found), 0);
}

/* A colour of no number of ours, or of different ones, is left. */
static void test_colours(void **state) {
  (void)state;
  static const char other[] = "<?xml?><svg viewBox=\"0 0 1 1\">\n"
                              "<path stroke='rgb( 14,  14,  14)'/>\n"
                              "<path stroke='rgb(  1,   2,   1)'/>\n</svg>";
  FILE *f = to_text();
  vr_svg_embed(other, strlen(other), "", f);
  fclose(f);
  assert_non_null(strstr(text, "rgb( 14,  14,  14)"));
  assert_non_null(strstr(text, "rgb(  1,   2,   1)"));
}

/* What is drawn by the real program, and what it complains about. */
static void test_gnuplot(void **state) {
  (void)state;
  struct vr_error error;
  char *drawn = NULL;
  if (!vr_gnuplot_is_installed()) {
    assert_int_equal(vr_gnuplot_run("", 0, &drawn, &error), -ENOENT);
    assert_non_null(strstr(error.message, "gnuplot-nox"));
    skip();
  }
  static const char wrong[] = "plot $nothing\n";
  assert_int_equal(vr_gnuplot_run(wrong, strlen(wrong), &drawn, &error),
                   -EPROTO);
  assert_non_null(strstr(error.message, "gnuplot: "));
}

/* Two figures, one of them with a gap, and names that would like to be more. */
static void test_figures(void **state) {
  (void)state;
  struct vr_figures figures;
  struct vr_error error;
  const double x[] = {0, 1, 2, 3, 4}, y[] = {1, 2, NAN, 2, 1};
  if (!vr_gnuplot_is_installed())
    skip();
  assert_int_equal(vr_figure_begin(&figures), 0);
  for (int group = 0; group < 2; group++) {
    vr_figure_add(&figures, group, "figure <%d>", group);
    vr_figure_data(&figures, "d", 5, 2, (const double *const[]){x, y});
    vr_figure_axis(&figures, 'x', "'; exit\n\"<b>`id`", "s");
    fputs("plot $d using 1:2 with lines lc rgb model title 'y'\n",
          figures.script);
  }
  assert_int_equal(vr_figure_draw(&figures, &error), 0);
  FILE *f = to_text();
  vr_figure_write(&figures, 1, f);
  fclose(f);
  vr_figure_clear(&figures);
  assert_non_null(strstr(text, "<figcaption>figure &lt;1&gt;</figcaption>"));
  assert_null(strstr(text, "figure &lt;0&gt;"));
  assert_non_null(strstr(
      text, "\342\200\231; exit \"&lt;b>\342\200\231id\342\200\231, s</text>"));
  const char *path = strstr(text, "class=\"s4\"  d='M");
  assert_non_null(path);
}

/* u = 1, 2, 4 and y = 2, 4, 9, worked out by hand: means 7/3 and 5, lag 0
 * (4 + 1/3 + 20/3) / 3, lag 1 (4/3 - 4/3) / 3, lag -1 (1 - 5/3) / 3. */
static void test_covariance(void **state) {
  (void)state;
  const double u[] = {1, 2, 4}, y[] = {2, 4, 9};
  double c[3], scale;
  vr_cross_covariance(3, u, y, 1, c, &scale);
  assert_near(c[1], (4.0 + 1.0 / 3 + 20.0 / 3) / 3, 1e-12);
  assert_near(c[2], (4.0 / 3 - 4.0 / 3) / 3, 1e-12);
  assert_near(c[0], (1.0 - 5.0 / 3) / 3, 1e-12);
  assert_near(scale, sqrt(14.0 / 9) * sqrt(26.0 / 3), 1e-12);
  const double same[] = {5, 5, 5};
  vr_cross_covariance(3, same, y, 1, c, &scale);
  assert_true(isnan(scale) && isnan(c[0]));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_html),       cmocka_unit_test(test_quoted),
      cmocka_unit_test(test_file_names), cmocka_unit_test(test_embedded),
      cmocka_unit_test(test_colours),    cmocka_unit_test(test_gnuplot),
      cmocka_unit_test(test_figures),    cmocka_unit_test(test_covariance),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
