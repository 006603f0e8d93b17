/* SPDX-License-Identifier: MIT
 *
 * Numbers and names as all reports show them: what is not finite is not known.
 */
#ifndef VR_TRAIN_REPORT_NUMBERS_H
#define VR_TRAIN_REPORT_NUMBERS_H

#include <jansson.h>
#include <stdio.h>

/* A space and X in a column of WIDTH, or a dash: with so many DECIMALS after
 * the point, or with so many significant DIGITS in all. */
void vr_report_print_decimals(FILE *f, double x, int decimals, int width);
void vr_report_print_digits(FILE *f, double x, int digits, int width);

/* TEXT of any origin: where it is not UTF-8, a replacement character stands for
 * each byte above ASCII. NULL when out of memory. */
json_t *vr_report_json_text(const char *text);

/* X, or null. */
json_t *vr_report_json_number(double x);
json_t *vr_report_json_numbers(const double *x, size_t n);

#endif
