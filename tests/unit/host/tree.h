/* SPDX-License-Identifier: MIT
 *
 * A tree of files that looks like /proc, made for a test in a scratch
 * directory. A written tree is one text: a line "@ PATH" begins a file, "@link
 * PATH TARGET" makes a link, "@args PATH" begins one whose lines are ended by
 * NULs, as in cmdline; a line "#..." outside of a file is a remark.
 */
#ifndef VR_TESTS_TREE_H
#define VR_TESTS_TREE_H

struct tree {
  char path[64];
};

/* A new empty one. A tree that cannot be made ends the test program. */
struct tree tree_new(void);

/* From the text file NAME in the directory tests/data/proc. */
struct tree tree_load(const char *name);

/* Removes it. */
void tree_free(struct tree *t);

/* Writes the file PATH and the directories above it, in place: who holds it
 * open reads the new content. */
void tree_write(const struct tree *t, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same; every line becomes an argument of a command line. */
void tree_args(const struct tree *t, const char *path, const char *text);

void tree_link(const struct tree *t, const char *path, const char *target);

/* Removes PATH with all below it. */
void tree_remove(const struct tree *t, const char *path);

#endif
