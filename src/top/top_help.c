/* SPDX-License-Identifier: MIT */
#include "top_help.h"

#include <string.h>

/* Columns of what is explained, and a space. */
enum { INDENT = 9 };

static const struct {
  const char *what, *meaning;
} rows[] = {
    {"arrows", "select a guest, as Page Up, Page Down, Home, End do"},
    {"Enter", "a guest with its past, and back"},
    {"l c s w", "sort by load, CPU, steal, wait"},
    {"x f d n", "sort by rate of execution, page faults, disk and net bytes"},
    {"g < > r", "sort by name, by the column beside; reverse"},
    {"/", "show names and hosts that hold a text; Esc: all"},
    {"+ - p", "refresh less, more often; pause"},
    {"space", "refresh now"},
    {"h q", "leave this page; quit"},
    {"LOW-HIGH", "bracket of a load by law"},
    {"STL%", "what the host took from guests"},
    {"WAI%", "idle, with requests in flight"},
    {"FLT", "page faults a second"},
    {"DISK NET", "bytes a second"},
    {"no mark", "measured"},
    {"~", "estimated"},
    {"=", "by law"},
    {"m", "read from the guest's memory"},
};

/* How many bytes of TEXT go on a line of WIDTH columns: whole words, where one
 * fits. TEXT is ASCII. */
static size_t bytes_of_line(const char *text, size_t width) {
  size_t n = strlen(text);
  if (n <= width)
    return n;
  for (size_t end = width; end > 0; end--)
    if (text[end] == ' ')
      return end;
  return width;
}

static void add_row(const char *what, const char *meaning, size_t width,
                    struct vr_top_page *page) {
  width = width > INDENT ? width - INDENT : 1;
  do {
    struct vr_top_line *l = vr_top_page_next(page);
    size_t n = bytes_of_line(meaning, width);
    if (!l)
      return;
    vr_top_line_add(l, VR_TOP_STRONG, "%-*s", INDENT, what);
    vr_top_line_add(l, VR_TOP_PLAIN, "%.*s", (int)n, meaning);
    meaning += n;
    meaning += strspn(meaning, " ");
    what = "";
  } while (*meaning);
}

void vr_top_help(size_t width, struct vr_top_page *page) {
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    add_row(rows[i].what, rows[i].meaning, width, page);
}
