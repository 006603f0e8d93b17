/* SPDX-License-Identifier: MIT
 *
 * The directories within one, each of them once: some hosts keep their tree
 * under one name and link their present name to it, and what is there under two
 * names would be counted twice.
 */
#ifndef VR_ARCHIVE_DIRECTORIES_H
#define VR_ARCHIVE_DIRECTORIES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct vr_directory {
  char *name;
  bool is_link;
  dev_t device;
  ino_t inode;
  /* The name of the one that is the same directory, borrowed from it; NULL: it
   * is the one that counts, a link only where there is nothing else. */
  const char *same_as;
};

struct vr_directories {
  size_t n, capacity;
  struct vr_directory *all;
};

/* May NAME be one of collectd's: it neither begins with a dot nor holds control
 * characters? What does is logged, once in the process's life. */
bool vr_directories_is_name(const char *name);

/* Lists the directories in PATH that have such names. Returns 0 or a
 * negative errno. */
int vr_directories_list(const char *path, struct vr_directories *ret);
void vr_directories_clear(struct vr_directories *d);

#endif
