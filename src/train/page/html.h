/* SPDX-License-Identifier: MIT
 *
 * The parts of an HTML page that hold for every page: texts of any origin made
 * safe, the head with its style, names of files. A page has no script, and its
 * policy forbids the browser every request.
 */
#ifndef VR_TRAIN_PAGE_HTML_H
#define VR_TRAIN_PAGE_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* TEXT of any origin, as text and as the value of a quoted attribute. Control
 * characters, and bytes that are no UTF-8, become U+FFFD; a line end stays. */
void vr_html_text(FILE *f, const char *text);

/* Everything up to the page's first heading, which is TITLE. */
void vr_html_begin(FILE *f, const char *title);
void vr_html_end(FILE *f);

/* A table: its headings, then its rows, each "<tr>" and a cell for each column.
 * A narrow screen shows the cells of a row below each other, each with its
 * column's heading. */
struct vr_html_column {
  const char *heading;
  bool is_number;
};
void vr_html_table_begin(FILE *f);
void vr_html_heading(FILE *f, const struct vr_html_column *column);
void vr_html_table_rows(FILE *f);
void vr_html_cell(FILE *f, const struct vr_html_column *column);
void vr_html_table_end(FILE *f);

/* The name of the page of GUEST on HOST: letters, digits, '.' and '-' as they
 * are, everything else as _XX, no two guests alike. At most VR_HTML_NAME_SIZE
 * bytes: longer ones end with a hash. */
enum { VR_HTML_NAME_SIZE = 200 };
void vr_html_file_name(const char *host, const char *guest,
                       char ret[VR_HTML_NAME_SIZE]);

#endif
