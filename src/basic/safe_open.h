/* SPDX-License-Identifier: MIT
 *
 * Opening files whose paths, or whose directories, others control. A pipe would
 * wait for its writer and a device would notice: what is there is found first,
 * and opened only when it is of the kind that is expected. Nothing waits, and
 * no terminal becomes ours. A file system whose server is dead may still hang:
 * see deadline.h.
 */
#ifndef VR_BASIC_SAFE_OPEN_H
#define VR_BASIC_SAFE_OPEN_H

#include <stdbool.h>
#include <sys/types.h>

/* Finds PATH below DIRFD without opening it; links are followed. KIND is
 * S_IFREG, S_IFDIR or S_IFSOCK. Returns an O_PATH descriptor; -EISDIR for a
 * directory and -EMEDIUMTYPE for anything else of another kind; another
 * negative errno. */
int vr_safe_find(int dirfd, const char *path, mode_t kind);

/* The same below the directory ROOT as if that were the root of all paths: no
 * link and no ".." leads out of it. A kernel before 5.6 cannot do that: there
 * links are refused with -ELOOP, and "..", too. */
int vr_safe_find_below(int root, const char *path, mode_t kind);

/* A descriptor to read what the O_PATH descriptor FOUND names, or a negative
 * errno. */
int vr_safe_open_found(int found);

/* A descriptor to read the regular file PATH, as vr_safe_find() and
 * vr_safe_find_below() find it. The same errors. */
int vr_safe_open(int dirfd, const char *path);
int vr_safe_open_below(int root, const char *path);

/* Whether A and B lie in file systems of one kind, as sysfs. False for one that
 * is not open. */
bool vr_safe_same_system(int a, int b);

/* What ERROR (negative) of these functions, or of those of deadline.h, means:
 * the end of a message that names the path. */
const char *vr_safe_why(int error);

#endif
