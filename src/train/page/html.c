/* SPDX-License-Identifier: MIT */
#include "train/page/html.h"

#include "train/page/style.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "vmrecon-config.h"

#define REPLACEMENT "\xef\xbf\xbd"

/* How many bytes the UTF-8 character at S has; 0: it is none. (RFC 3629.) */
static size_t length_of(const unsigned char *s) {
  size_t n = s[0] < 0x80                   ? 1
             : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
             : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
             : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
                                           : 0;
  for (size_t i = 1; i < n; i++)
    if ((s[i] & 0xc0) != 0x80)
      return 0;
  /* Too long for what it says, a surrogate, beyond the last; and the control
   * characters U+0080 to U+009F. */
  if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
      (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f) ||
      (s[0] == 0xc2 && s[1] < 0xa0))
    return 0;
  return n;
}

static const char *entity_of(unsigned char c) {
  switch (c) {
  case '&':
    return "&amp;";
  case '<':
    return "&lt;";
  case '>':
    return "&gt;";
  case '"':
    return "&quot;";
  case '\'':
    return "&#39;";
  case '\n':
    return NULL;
  default:
    return c < ' ' || c == 0x7f ? REPLACEMENT : NULL;
  }
}

void vr_html_text(FILE *f, const char *text) {
  const unsigned char *s = (const unsigned char *)text;
  while (*s) {
    size_t n = length_of(s);
    const char *instead = n == 0 ? REPLACEMENT : entity_of(*s);
    if (instead)
      fputs(instead, f);
    else
      fwrite(s, 1, n, f);
    s += n > 0 ? n : 1;
  }
}

void vr_html_begin(FILE *f, const char *title) {
  fputs(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
      "'none'; style-src 'unsafe-inline'\">\n"
      "<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
      f);
  vr_html_text(f, title);
  fprintf(f, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>",
          vr_style_sheet);
  vr_html_text(f, title);
  fputs("</h1>\n", f);
}

void vr_html_end(FILE *f) {
  fputs("<footer>Made by vmrecon-train " PACKAGE_VERSION
        ". Times are UTC.</footer>\n</body>\n</html>\n",
        f);
}

void vr_html_table_begin(FILE *f) {
  fputs("<div class=\"wide\"><table><thead><tr>", f);
}

void vr_html_heading(FILE *f, const struct vr_html_column *column) {
  fputs(column->is_number ? "<th class=\"n\">" : "<th>", f);
  vr_html_text(f, column->heading);
}

void vr_html_table_rows(FILE *f) { fputs("</thead><tbody>\n", f); }

void vr_html_cell(FILE *f, const struct vr_html_column *column) {
  fputs(column->is_number ? "<td class=\"n\" data-head=\"" : "<td data-head=\"",
        f);
  vr_html_text(f, column->heading);
  fputs("\">", f);
}

void vr_html_table_end(FILE *f) { fputs("</tbody></table></div>\n", f); }

static size_t append_name(char *ret, size_t n, size_t size, const char *text) {
  for (; *text && n + 4 < size; text++) {
    unsigned char c = (unsigned char)*text;
    if ((isalnum(c) && c < 0x80) || c == '.' || c == '-')
      ret[n++] = (char)c;
    else
      n += (size_t)snprintf(ret + n, size - n, "_%02x", c);
  }
  return n;
}

/* FNV-1a. */
static uint64_t hash_of(uint64_t h, const char *text) {
  do
    h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
  while (*text++);
  return h;
}

void vr_html_file_name(const char *host, const char *guest,
                       char ret[VR_HTML_NAME_SIZE]) {
  char name[1024] = "guest_";
  size_t n = strlen(name);
  n = append_name(name, n, sizeof(name), host);
  name[n++] = '_';
  name[n++] = '_';
  n = append_name(name, n, sizeof(name) - 2, guest);
  name[n] = '\0';
  if (n + sizeof(".html") <= VR_HTML_NAME_SIZE) {
    snprintf(ret, VR_HTML_NAME_SIZE, "%.190s.html", name);
    return;
  }
  uint64_t h = hash_of(hash_of(UINT64_C(0xcbf29ce484222325), host), guest);
  snprintf(ret, VR_HTML_NAME_SIZE, "%.170s_%016llx.html", name,
           (unsigned long long)h);
}
