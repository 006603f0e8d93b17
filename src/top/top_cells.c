/* SPDX-License-Identifier: MIT */
#include "top_cells.h"

#include "schema/provenance.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

static void write_number(char ret[VR_TOP_NUMBER_SIZE], const char *format,
                         double value, char unit) {
  char text[32];
  char last[2] = {unit, '\0'};
  snprintf(text, sizeof(text), "%.*f%s", format[0] - '0', value, last);
  memcpy(ret, text, VR_TOP_NUMBER_SIZE - 1);
  ret[VR_TOP_NUMBER_SIZE - 1] = '\0';
}

/* Below 10 with one decimal, else whole, in steps of a thousand. */
static void in_thousands(double value, char ret[VR_TOP_NUMBER_SIZE]) {
  static const char units[] = "\0kMGTPE";
  size_t i = 0;
  while (value >= 999.5 && units[i + 1] != '\0') {
    value /= 1000;
    i++;
  }
  if (value >= 999.5)
    snprintf(ret, VR_TOP_NUMBER_SIZE, "huge");
  else
    write_number(ret, value < 9.95 ? "1" : "0", value, units[i]);
}

static bool is_unknown(double value, char ret[VR_TOP_NUMBER_SIZE]) {
  if (isfinite(value) && value > -1e-9)
    return false;
  snprintf(ret, VR_TOP_NUMBER_SIZE, "%s", isinf(value) ? "inf" : "-");
  return true;
}

void vr_top_level(double value, int decimals, char ret[VR_TOP_NUMBER_SIZE]) {
  if (is_unknown(value, ret))
    return;
  value = fabs(value);
  if (decimals == 2 && value < 9.995)
    write_number(ret, "2", value, '\0');
  else if (decimals >= 1 && value < 99.95)
    write_number(ret, "1", value, '\0');
  else
    in_thousands(value, ret);
}

void vr_top_rate(double value, char ret[VR_TOP_NUMBER_SIZE]) {
  if (is_unknown(value, ret))
    return;
  value = fabs(value);
  if (value < 0.05)
    snprintf(ret, VR_TOP_NUMBER_SIZE, "0");
  else
    in_thousands(value, ret);
}

char vr_top_mark(unsigned provenance) {
  return provenance == VR_INFERRED       ? '~'
         : provenance == VR_DERIVED      ? '='
         : provenance == VR_INTROSPECTED ? 'm'
                                         : ' ';
}

/* The next character of TEXT: its bytes, and its columns. One that has no place
 * on a screen is 1 byte of no columns. */
static size_t next_character(const char *text, mbstate_t *state, int *columns) {
  wchar_t c;
  size_t n = mbrtowc(&c, text, strlen(text), state);
  if (n == 0 || n > 16) { /* (size_t)-1, -2: not of this encoding */
    memset(state, 0, sizeof(*state));
    *columns = -1;
    return 1;
  }
  *columns = wcwidth(c);
  return n;
}

/* How many columns the text takes. */
static size_t columns_of(const char *text) {
  mbstate_t state = {0};
  size_t sum = 0;
  while (*text) {
    int columns;
    text += next_character(text, &state, &columns);
    sum += columns < 0 ? 1 : (size_t)columns;
  }
  return sum;
}

/* Appends the characters that fit into WIDTH. Returns the columns taken. */
static size_t take(const char *text, size_t width, char *ret, size_t size) {
  mbstate_t state = {0};
  size_t taken = 0, at = 0;
  while (*text) {
    int columns;
    size_t n = next_character(text, &state, &columns);
    size_t more = columns < 0 ? 1 : (size_t)columns;
    if (taken + more > width || at + n >= size)
      break;
    if (columns < 0)
      ret[at++] = '?';
    else
      memcpy(ret + at, text, n), at += n;
    text += n;
    taken += more;
  }
  ret[at] = '\0';
  return taken;
}

void vr_top_fit_text(const char *text, size_t width, char *ret, size_t size) {
  bool cut = columns_of(text) > width;
  size_t taken = take(text, cut ? width - 1 : width, ret, size);
  size_t at = strlen(ret);
  for (; taken < width && at + 1 < size; taken++) {
    ret[at++] = cut ? '+' : ' ';
    cut = false;
  }
  ret[at] = '\0';
}

size_t vr_top_bytes_that_fit(const char *text, size_t width) {
  mbstate_t state = {0};
  size_t taken = 0, at = 0;
  while (text[at]) {
    int columns;
    size_t n = next_character(text + at, &state, &columns);
    taken += columns < 0 ? 1 : (size_t)columns;
    if (taken > width)
      break;
    at += n;
  }
  return at;
}

const char *vr_top_spark(double value, double max, bool utf8) {
  static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static const char *const ascii[] = {"_", ".", ":", "-", "=", "+", "*", "#"};
  if (!isfinite(value))
    return " ";
  double part = max > 0 ? value / max : 0;
  int i = part <= 0 ? 0 : part >= 1 ? 7 : (int)(part * 8);
  return utf8 ? blocks[i] : ascii[i];
}
