/* SPDX-License-Identifier: MIT
 *
 * Texts: a message put together piece by piece (what has no room is left out),
 * words found in a table, and texts of others made fit for one line.
 */
#ifndef VR_BASIC_TEXT_H
#define VR_BASIC_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct vr_text {
  char *at;    /* the NUL at its end */
  size_t left; /* with the NUL; at least 1 */
};

void vr_text_append(struct vr_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* TEXT with every control character (also DEL, and those of ISO 6429 in UTF-8
 * and in single bytes that are no part of UTF-8) as \xNN, so that a name that
 * somebody else chose neither begins a line of its own nor steers a terminal.
 * What has no room is left out. */
void vr_text_printable(const char *text, char *ret, size_t size);

/* Does TEXT hold such a character? */
bool vr_text_has_control(const char *text);

/* Index of TEXT among the N NAMES, or -ENOENT. */
int vr_text_index(const char *const *names, size_t n, const char *text);

/* A word, in any case, and the bits that it stands for; 0: none at all. */
struct vr_text_flag {
  const char *word;
  unsigned bits;
};

/* The bits of the words of TEXT, which blanks separate, are added to *RET_BITS;
 * a word that stands for none takes all away. Returns 0, or -EINVAL for a word
 * that is none of the N FLAGS. */
int vr_text_flags(const char *text, const struct vr_text_flag *flags, size_t n,
                  unsigned *ret_bits);

#endif
