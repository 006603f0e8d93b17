/* SPDX-License-Identifier: MIT */
#include "host/qmp/qmp_connect.h"

#include "basic/cleanup.h"
#include "basic/deadline.h"
#include "basic/safe_open.h"
#include "host/proc/pidfiles.h"
#include "host/proc/procfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { WAIT_MS = 200 };

/* What the thread works on that may be left behind. */
struct job {
  char *process, *path;
  pid_t pid;
  int fd;
};

static void job_free(void *ctx) {
  struct job *j = ctx;
  vr_closep(&j->fd);
  free(j->process);
  free(j->path);
  free(j);
}

static struct job *job_new(const char *process, const char *path, pid_t pid) {
  struct job *j = calloc(1, sizeof(*j));
  if (!j)
    return NULL;
  *j = (struct job){strdup(process), strdup(path), pid, -1};
  if (j->process && j->path)
    return j;
  job_free(j);
  return NULL;
}

/* Whether the socket's file is one of the process's own user, or root's: QEMU
 * makes it before it becomes another user (-runas). Who answers is checked once
 * more. Without root's rights we cannot connect to what is not ours to connect
 * to. */
static int check_owner(int process, int file) {
  char text[4096];
  struct stat st;
  uid_t real, effective;
  ssize_t n = vr_procfile_read_once(process, "status", text, sizeof(text));
  if (n < 0)
    return (int)n;
  int r = vr_proc_uids_parse(text, &real, &effective);
  if (r < 0)
    return r;
  if (fstat(file, &st) < 0)
    return -errno;
  bool may_be_its = st.st_uid == real || st.st_uid == effective ||
                    st.st_uid == 0 || geteuid() != 0;
  return may_be_its ? 0 : -EXDEV;
}

/* An O_PATH descriptor of the socket's file. */
static int find_file(const struct job *j) {
  vr_auto_close int process =
      open(j->process, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (process < 0)
    return -errno;
  vr_auto_close int top = openat(process, j->path[0] == '/' ? "root" : "cwd",
                                 O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (top < 0)
    return -errno;
  int file = vr_safe_find_below(top, j->path, S_IFSOCK);
  int r = file < 0 ? file : check_owner(process, file);
  if (r < 0 && file >= 0)
    close(file);
  return r < 0 ? r : file;
}

/* Only the process itself may answer for it. */
static int check_peer(int fd, pid_t pid) {
  struct ucred peer;
  socklen_t length = sizeof(peer);
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
    return -errno;
  if (peer.pid == 0)
    return -ESRCH;
  return peer.pid == pid ? 0 : -ESTALE;
}

/* The path may be longer than a socket's address can be, so it is reached
 * through a descriptor of the file. */
static int run(void *ctx) {
  struct job *j = ctx;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  vr_auto_close int file = find_file(j);
  if (file < 0)
    return file;
  snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d",
           file);
  j->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (j->fd < 0 ||
      connect(j->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
    return -errno;
  return check_peer(j->fd, j->pid);
}

int vr_qmp_connect(const char *process, const char *path, pid_t pid) {
  struct vr_deadline_call *call = NULL;
  struct job *j = job_new(process, path, pid);
  int result = 0;
  if (!j)
    return -ENOMEM;
  int r = vr_deadline_run(&call, run, j, WAIT_MS, &result);
  r = r < 0 ? r : result;
  if (r == 0) {
    r = j->fd;
    j->fd = -1;
  }
  vr_deadline_leave(&call, job_free, j);
  return r;
}

const char *vr_qmp_connect_why(int error) {
  switch (error) {
  case -ESTALE:
    return "another process listens on it";
  case -EXDEV:
    return "it belongs to another user than the VM process: it is not "
           "connected to";
  case -ESRCH:
    return "the process that listens on it cannot be seen: run collectd in "
           "the host's process namespace";
  case -EMEDIUMTYPE:
  case -EISDIR:
    return "it is no socket";
  default:
    return strerror(-error);
  }
}
