/* SPDX-License-Identifier: MIT
 *
 * gnuplot as a child: a script on its standard input, pictures on its standard
 * output. No shell is in between, and no file of the user's is read.
 */
#ifndef VR_TRAIN_PAGE_GNUPLOT_H
#define VR_TRAIN_PAGE_GNUPLOT_H

#include "basic/error.h"

#include <stddef.h>
#include <stdio.h>

/* TEXT of any origin as one quoted string of a script: in single quotes, in
 * which a backslash means nothing. Quotes that could end it (gnuplot 5.4 does
 * not know a doubled one at the beginning) and backquotes become U+2019,
 * control characters spaces. */
void vr_gnuplot_quote(FILE *script, const char *text);

/* Is the program there? */
int vr_gnuplot_is_installed(void);

/* Runs SCRIPT of LENGTH bytes. What was drawn is *ret_text, NUL-terminated, the
 * caller's. Returns 0; -ENOENT where gnuplot is not installed; -EPROTO where it
 * ended with an error, of which *ret_error has the first line; another negative
 * errno. */
int vr_gnuplot_run(const char *script, size_t length, char **ret_text,
                   struct vr_error *ret_error);

#endif
