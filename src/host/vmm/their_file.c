/* SPDX-License-Identifier: MIT */
#include "host/vmm/their_file.h"

#include "basic/cleanup.h"
#include "host/vmm/vm.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { THEIR_FILE_MAX = 1024 * 1024 };

/* A pipe would wait for its writer: only a regular file is read. */
char *vr_vmm_read_theirs(int dirfd, const char *path) {
  char full[VR_PATH_MAX + 16];
  snprintf(full, sizeof(full), "%s/%s", path[0] == '/' ? "root" : "cwd",
           path[0] == '/' ? path + 1 : path);
  vr_auto_close int fd =
      openat(dirfd, full, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  struct stat st;
  if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
      st.st_size > THEIR_FILE_MAX)
    return NULL;
  char *text = malloc((size_t)st.st_size + 1);
  ssize_t n = text ? read(fd, text, (size_t)st.st_size) : -1;
  if (n < 0) {
    free(text);
    return NULL;
  }
  text[n] = '\0';
  return text;
}
