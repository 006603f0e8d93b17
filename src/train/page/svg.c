/* SPDX-License-Identifier: MIT */
#include "train/page/svg.h"

#include "train/page/html.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static const char begin_mark[] = "<?xml", end_mark[] = "</svg>";

size_t vr_svg_next(const char **at, const char **ret_document) {
  const char *begin = strstr(*at, begin_mark);
  const char *end = begin ? strstr(begin, end_mark) : NULL;
  if (!end)
    return 0;
  *ret_document = begin;
  *at = end + strlen(end_mark);
  return (size_t)(*at - begin);
}

/* What gnuplot writes the same way every time, and the page's style says. A '#'
 * stands for a colour's number, which is there three times. */
static const struct {
  const char *text, *instead;
} rules[] = {
    {" fill=\"none\" color=\"black\" stroke=\"currentColor\"", ""},
    {" fill=\"none\" color=\"white\" stroke=\"currentColor\"", ""},
    {" stroke-linecap=\"butt\" stroke-linejoin=\"miter\"", ""},
    {" stroke-width=\"1.00\"", ""},
    {" class=\"gridline\"", ""},
    {" shape-rendering='crispEdges'", ""},
    {" font-family=\"sans-serif\"", ""},
    {" font-size=\"14.00\"", ""},
    {" stroke='rgb(#)'", " class=\"s#\""},
    {" fill = 'rgb(#)'", " class=\"f#\""},
    {" fill=\"rgb(#)\"", " class=\"f#\""},
};

/* Length of the colour "n, n, n" at AT with its number; 0: it is none of
 * ours. */
static size_t colour_at(const char *at, size_t left, char *ret_number) {
  size_t i = 0;
  for (int part = 0; part < 3; part++) {
    while (i < left && (at[i] == ' ' || (part > 0 && at[i] == ',')))
      i++;
    if (i >= left || at[i] < '1' || at[i] > '9' ||
        (part > 0 && at[i] != *ret_number))
      return 0;
    *ret_number = at[i++];
  }
  return i;
}

/* Does TEXT, in which # is a colour, stand at AT? Then its length. */
static size_t match(const char *text, const char *at, size_t left,
                    char *ret_number) {
  size_t n = 0;
  for (; *text; text++) {
    size_t k = *text == '#' ? colour_at(at + n, left - n, ret_number)
                            : n < left && at[n] == *text;
    if (k == 0)
      return 0;
    n += k;
  }
  return n;
}

static void put_instead(const char *instead, char number, FILE *f) {
  for (; *instead; instead++)
    fputc(*instead == '#' ? number : *instead, f);
}

/* A tag's line with the rules applied; texts pass as they are. */
static void put_line(const char *line, size_t length, FILE *f) {
  while (length > 0) {
    char number = 0;
    size_t n = 0, rule = 0;
    for (; rule < sizeof(rules) / sizeof(*rules) && n == 0; rule++)
      n = match(rules[rule].text, line, length, &number);
    if (n > 0)
      put_instead(rules[rule - 1].instead, number, f);
    else
      fputc(line[0], f), n = 1;
    line += n;
    length -= n;
  }
  fputc('\n', f);
}

static bool begins(const char *line, size_t length, const char *with) {
  return length >= strlen(with) && memcmp(line, with, strlen(with)) == 0;
}

/* One line of a document's inside. A group is only opened when something is in
 * it; texts are never looked into, for they may be anybody's. */
struct embedding {
  FILE *f;
  const char *pending;
  size_t pending_length;
  bool in_defs;
};

static void open_pending(struct embedding *e) {
  if (e->pending)
    put_line(e->pending, e->pending_length, e->f);
  e->pending = NULL;
}

static void embed_line(struct embedding *e, const char *line, size_t n) {
  while (n > 0 && isspace((unsigned char)*line))
    line++, n--;
  /* The page is the ground. */
  if (n == 0 || begins(line, n, "<title>") || begins(line, n, "<desc>") ||
      begins(line, n, "<rect x=\"0\" y=\"0\""))
    return;
  if (begins(line, n, "<defs>") || begins(line, n, "</defs>") || e->in_defs) {
    e->in_defs = !begins(line, n, "</defs>");
    return;
  }
  if (begins(line, n, "<g ") && line[n - 1] == '>' && !memchr(line, '\n', n)) {
    open_pending(e);
    e->pending = line;
    e->pending_length = n;
    return;
  }
  if (begins(line, n, "</g>") && n == 4 && e->pending) {
    e->pending = NULL;
    return;
  }
  open_pending(e);
  if (begins(line, n, "<text>")) {
    fwrite(line, 1, n, e->f);
    fputc('\n', e->f);
  } else
    put_line(line, n, e->f);
}

/* Groups of whole plots carry an identifier, which would be there many times,
 * and a title that a browser would show as a hint. */
static bool is_plot_group(const char *line, size_t n) {
  while (n > 0 && isspace((unsigned char)*line))
    line++, n--;
  return begins(line, n, "<g id=");
}

void vr_svg_embed(const char *document, size_t length, const char *label,
                  FILE *f) {
  const char *end = document + length, *box = strstr(document, "viewBox=\"");
  const char *at = box && box < end ? strchr(box, '>') : NULL;
  if (!at || at >= end)
    return;
  struct embedding e = {.f = f};
  fprintf(f, "<svg role=\"img\" %.*s aria-label=\"",
          (int)(strchr(box + 9, '"') + 1 - box), box);
  vr_html_text(f, label);
  fputs("\">\n", f);
  for (at++; at < end;) {
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    size_t n = (size_t)((stop ? stop : end) - at);
    if (is_plot_group(at, n)) {
      open_pending(&e);
      fputs("<g>\n", f);
    } else
      embed_line(&e, at, n);
    at += n + 1;
  }
}
