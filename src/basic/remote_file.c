/* SPDX-License-Identifier: MIT */
#include "basic/remote_file.h"

#include "basic/cleanup.h"
#include "basic/deadline.h"
#include "basic/file.h"

#include <errno.h>
#include <string.h>

/* Shared with a thread that may be left behind: all of it is the job's own. */
struct vr_remote_job {
  char *path, *text;
  size_t length; /* of the text; before it is read, the most that it may be */
};

static void job_free(void *ctx) {
  struct vr_remote_job *j = ctx;
  if (!j)
    return;
  free(j->path);
  free(j->text);
  free(j);
}

static struct vr_remote_job *job_new(const char *path, size_t length) {
  struct vr_remote_job *j = calloc(1, sizeof(*j));
  if (j && (j->path = strdup(path))) {
    j->length = length;
    return j;
  }
  job_free(j);
  return NULL;
}

static int read_file(void *ctx) {
  struct vr_remote_job *j = ctx;
  return vr_file_read(j->path, j->length, &j->text, &j->length);
}

static int write_file(void *ctx) {
  const struct vr_remote_job *j = ctx;
  return vr_file_write_atomic(j->path, j->text, j->length);
}

int vr_remote_read(const char *path, size_t max, char **ret_text,
                   size_t *ret_length) {
  struct vr_deadline_call *call = NULL;
  struct vr_remote_job *j = job_new(path, max);
  if (!j)
    return -ENOMEM;
  int result = 0;
  int r = vr_deadline_run(&call, read_file, j, VR_REMOTE_WAIT_MS, &result);
  if (r == 0)
    r = result;
  if (r == 0) {
    if (ret_length)
      *ret_length = j->length;
    *ret_text = vr_steal(&j->text);
  }
  vr_deadline_leave(&call, job_free, j);
  return r;
}

int vr_remote_write(struct vr_remote_file *f, const char *path,
                    const void *data, size_t length) {
  if (vr_deadline_hangs(&f->call))
    return -EBUSY;
  job_free(f->job);
  f->job = job_new(path, length);
  if (!f->job || !(f->job->text = malloc(length + 1)))
    return -ENOMEM;
  memcpy(f->job->text, data, length);
  int result = 0;
  int r =
      vr_deadline_run(&f->call, write_file, f->job, VR_REMOTE_WAIT_MS, &result);
  return r < 0 ? r : result;
}

void vr_remote_leave(struct vr_remote_file *f) {
  vr_deadline_leave(&f->call, job_free, f->job);
  f->job = NULL;
}
