/* SPDX-License-Identifier: MIT */
#include "captured.h"

#include "train/cli/command_run.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Descriptor FD goes to PATH from now on; returns where it went before. */
static int redirect(int fd, const char *path) {
  int before = dup(fd);
  int file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
  assert_true(before >= 0 && file >= 0);
  dup2(file, fd);
  close(file);
  return before;
}

static void restore(int fd, int before) {
  dup2(before, fd);
  close(before);
}

enum vr_exit captured_run(const char *path, bool with_errors,
                          const char *const *arguments) {
  /* Copies: lists in arguments are cut where they stand. */
  char copies[24][128] = {"vmrecon-train"}, *argv[25] = {copies[0]};
  int argc = 1;
  for (; arguments[argc - 1]; argc++) {
    snprintf(copies[argc], sizeof(copies[argc]), "%s", arguments[argc - 1]);
    argv[argc] = copies[argc];
  }
  fflush(stdout);
  fflush(stderr);
  unlink(path);
  int out = redirect(STDOUT_FILENO, path);
  int err = redirect(STDERR_FILENO, with_errors ? path : "/dev/null");
  enum vr_exit e = vr_command_run(argc, argv);
  fflush(stdout);
  restore(STDOUT_FILENO, out);
  restore(STDERR_FILENO, err);
  return e;
}

char *captured_text(const char *path) {
  static char all[60000];
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  all[fread(all, 1, sizeof(all) - 1, f)] = '\0';
  fclose(f);
  return all;
}

void captured_assert(const char *path, const char *wanted) {
  if (!strstr(captured_text(path), wanted))
    fail_msg("no \"%s\" in:\n%s", wanted, captured_text(path));
}
