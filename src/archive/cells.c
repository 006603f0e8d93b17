/* SPDX-License-Identifier: MIT */
#include "archive/cells.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static bool blank(char c) { return isspace((unsigned char)c); }

/* The quote that closes the one at P, or NULL. */
static char *closing_quote(const char *p) {
  char quote = *p++;
  for (; (p = strchr(p, quote)); p += 2)
    if (p[1] != quote)
      return (char *)p;
  return NULL;
}

/* Past a quoted passage that begins at P, or P itself. Only the beginning of a
 * cell can open one: an apostrophe within a word is none. */
static const char *skip_quoted(const char *p, const char *line) {
  if ((*p != '"' && *p != '\'') ||
      (p > line && !blank(p[-1]) && !strchr(",;", p[-1])))
    return p;
  const char *end = closing_quote(p);
  return end ? end + 1 : p;
}

char vr_cells_separator(const char *line) {
  char found = ' ';
  for (const char *p = skip_quoted(line, line); *p;
       p = skip_quoted(p + 1, line)) {
    if (*p == ';')
      return ';';
    if (*p == ',')
      found = ',';
  }
  return found;
}

void vr_cells_cut_remark(char *line) {
  for (const char *p = skip_quoted(line, line); *p;
       p = skip_quoted(p + 1, line))
    if (*p == '#' && (p == line || blank(p[-1]))) {
      line[p - line] = '\0';
      return;
    }
}

static char *end_of_cell(char *p, char separator) {
  if (separator != ' ')
    return p + strcspn(p, (char[]){separator, '\0'});
  while (*p && !blank(*p))
    p++;
  return p;
}

/* Takes the quotes off the text from BEGIN to END, its closing one. */
static char *unquote(char *begin, const char *end) {
  char quote = *begin, *to = ++begin;
  for (const char *from = begin; from < end; from++) {
    *to++ = *from;
    if (*from == quote)
      from++;
  }
  *to = '\0';
  return begin;
}

static void trim_end(const char *begin, char *end) {
  while (end > begin && blank(end[-1]))
    *--end = '\0';
}

char *vr_cells_next(char **at, char separator) {
  char *p = *at;
  if (!p)
    return NULL;
  while (blank(*p))
    p++;
  if (separator == ' ' && *p == '\0')
    return NULL;
  char *close = *p == '"' || *p == '\'' ? closing_quote(p) : NULL;
  char *end = end_of_cell(close ? close + 1 : p, separator);
  /* "a"b is text that has quotes in it. */
  if (close && strspn(close + 1, " \t\r\n\v\f") < (size_t)(end - close - 1)) {
    close = NULL;
    end = end_of_cell(p, separator);
  }
  bool more = *end != '\0';
  *end = '\0';
  *at = more ? end + 1 : NULL;
  if (close)
    return unquote(p, close);
  trim_end(p, end);
  return p;
}
