/* SPDX-License-Identifier: MIT
 *
 * Cells of one line of text, as spreadsheets, R, NumPy and Octave write them.
 */
#ifndef VR_ARCHIVE_CELLS_H
#define VR_ARCHIVE_CELLS_H

/* What separates the cells of LINE: ';' if there is one outside of quotes, else
 * ',' if there is one, else ' ' for any white space. */
char vr_cells_separator(const char *line);

/* Ends LINE where a remark begins: at a '#' that stands first or after white
 * space, outside of quotes. */
void vr_cells_cut_remark(char *line);

/* Cuts the next cell off *AT and returns it without the white space and the
 * quotes around it; NULL when the line is over. Between quotes of either kind
 * separators are text, and a doubled quote is one; a quote that is not closed
 * is text like any other. */
char *vr_cells_next(char **at, char separator);

#endif
