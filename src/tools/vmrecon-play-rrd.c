/* SPDX-License-Identifier: MIT */
#include "tools/vmrecon-play-rrd.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Runs rrdtool with what it prints going to descriptor OUT. */
static int rrdtool(char *const argv[], int out, struct vr_error *ret_error) {
  posix_spawn_file_actions_t actions;
  pid_t pid;
  int status;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  int r = posix_spawnp(&pid, "rrdtool", &actions, NULL, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (r != 0)
    return vr_error_set(ret_error, -r,
                        "%s is an RRD file, and rrdtool, which reads it, "
                        "cannot be started: %s",
                        argv[2], strerror(r));
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
    continue;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return vr_error_set(ret_error, -EIO, "%s: rrdtool cannot read it", argv[2]);
  return 0;
}

/* Runs it and gives what it has printed. */
static int printed(char *const argv[], FILE **ret, struct vr_error *ret_error) {
  vr_auto_fclose FILE *f = tmpfile();
  if (!f)
    return vr_error_set(ret_error, -errno, "no temporary file: %s",
                        strerror(errno));
  int r = rrdtool(argv, fileno(f), ret_error);
  if (r < 0)
    return r;
  rewind(f);
  *ret = vr_steal(&f);
  return 0;
}

/* The time that "rrdtool first" or "last" prints. */
static int time_of(const char *command, const char *path, char ret[32],
                   struct vr_error *ret_error) {
  vr_auto_fclose FILE *f = NULL;
  char *const argv[] = {"rrdtool", (char *)command, (char *)path, NULL};
  int r = printed(argv, &f, ret_error);
  if (r < 0)
    return r;
  if (fscanf(f, "%31[0-9]", ret) != 1)
    return vr_error_set(ret_error, -EBADMSG, "%s: rrdtool %s gives no time",
                        path, command);
  return 0;
}

int vr_tools_rrd_fetch(const char *path, FILE **ret_text,
                       struct vr_error *ret_error) {
  char first[32], last[32];
  int r = time_of("first", path, first, ret_error);
  if (r == 0)
    r = time_of("last", path, last, ret_error);
  if (r < 0)
    return r;
  char *const argv[] = {"rrdtool", "fetch", (char *)path, "AVERAGE", "--start",
                        first,     "--end", last,         NULL};
  return printed(argv, ret_text, ret_error);
}
