/* SPDX-License-Identifier: MIT */
#include "train/report/numbers.h"

#include "basic/cleanup.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void vr_report_print_decimals(FILE *f, double x, int decimals, int width) {
  if (isfinite(x))
    fprintf(f, " %*.*f", width, decimals, x);
  else
    fprintf(f, " %*s", width, "-");
}

void vr_report_print_digits(FILE *f, double x, int digits, int width) {
  if (isfinite(x))
    fprintf(f, " %*.*g", width, digits, x);
  else
    fprintf(f, " %*s", width, "-");
}

json_t *vr_report_json_text(const char *text) {
  static const char replacement[] = "\xef\xbf\xbd";
  json_t *plain = json_string(text);
  if (plain)
    return plain;
  vr_auto_free char *copy = malloc(strlen(text) * strlen(replacement) + 1);
  if (!copy)
    return NULL;
  char *to = copy;
  for (; *text; text++)
    if ((unsigned char)*text < 0x80)
      *to++ = *text;
    else
      to = stpcpy(to, replacement);
  *to = '\0';
  return json_string(copy);
}

json_t *vr_report_json_number(double x) {
  return isfinite(x) ? json_real(x) : json_null();
}

json_t *vr_report_json_numbers(const double *x, size_t n) {
  json_t *array = json_array();
  for (size_t i = 0; i < n; i++)
    json_array_append_new(array, vr_report_json_number(x[i]));
  return array;
}
