/* SPDX-License-Identifier: MIT */
#include "host/proc/their_file.h"

#include "basic/cleanup.h"
#include "basic/deadline.h"
#include "basic/safe_open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LARGEST = 1024 * 1024, WAIT_MS = 200 };

/* What the thread works on that may be left behind. */
struct job {
  int dirfd;
  char *path, *text;
};

static void job_free(void *ctx) {
  struct job *j = ctx;
  vr_closep(&j->dirfd);
  free(j->path);
  free(j->text);
  free(j);
}

static struct job *job_new(int dirfd, const char *path) {
  struct job *j = calloc(1, sizeof(*j));
  if (!j)
    return NULL;
  j->dirfd = fcntl(dirfd, F_DUPFD_CLOEXEC, 0);
  j->path = strdup(path);
  if (j->dirfd >= 0 && j->path)
    return j;
  job_free(j);
  return NULL;
}

static int read_text(int fd, char **ret_text) {
  struct stat st;
  if (fstat(fd, &st) < 0)
    return -errno;
  if (st.st_size > LARGEST)
    return -EFBIG;
  char *text = malloc((size_t)st.st_size + 1);
  ssize_t n = text ? read(fd, text, (size_t)st.st_size) : -1;
  if (n < 0) {
    int r = text ? -errno : -ENOMEM;
    free(text);
    return r;
  }
  text[n] = '\0';
  *ret_text = text;
  return 0;
}

static int run(void *ctx) {
  struct job *j = ctx;
  vr_auto_close int top = openat(j->dirfd, j->path[0] == '/' ? "root" : "cwd",
                                 O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (top < 0)
    return -errno;
  vr_auto_close int fd = vr_safe_open_below(top, j->path);
  return fd < 0 ? fd : read_text(fd, &j->text);
}

int vr_their_file_read(int dirfd, const char *path, char **ret_text) {
  struct vr_deadline_call *call = NULL;
  struct job *j = job_new(dirfd, path);
  int result = 0;
  if (!j)
    return -ENOMEM;
  int r = vr_deadline_run(&call, run, j, WAIT_MS, &result);
  r = r < 0 ? r : result;
  if (r == 0)
    *ret_text = vr_steal(&j->text);
  vr_deadline_leave(&call, job_free, j);
  return r;
}
