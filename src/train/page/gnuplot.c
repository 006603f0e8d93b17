/* SPDX-License-Identifier: MIT */
#include "train/page/gnuplot.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

void vr_gnuplot_quote(FILE *script, const char *text) {
  fputc('\'', script);
  for (; *text; text++)
    if (*text == '\'' || *text == '`')
      fputs("\342\200\231", script);
    else
      fputc((unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text, script);
  fputc('\'', script);
}

/* LENGTH bytes of TEXT as an open file, read from its beginning. */
static int file_of(const char *text, size_t length, int *ret_fd) {
  vr_auto_close int fd = memfd_create("gnuplot", MFD_CLOEXEC);
  if (fd < 0)
    return -errno;
  while (length > 0) {
    ssize_t n = write(fd, text, length);
    if (n < 0)
      return -errno;
    text += n;
    length -= (size_t)n;
  }
  if (lseek(fd, 0, SEEK_SET) < 0)
    return -errno;
  *ret_fd = fd;
  fd = -1;
  return 0;
}

/* All that is in FD, and a NUL. */
static int content_of(int fd, char **ret_text) {
  struct stat st;
  if (fstat(fd, &st) < 0)
    return -errno;
  vr_auto_free char *text = malloc((size_t)st.st_size + 1);
  if (!text)
    return -ENOMEM;
  ssize_t n = pread(fd, text, (size_t)st.st_size, 0);
  if (n < 0)
    return -errno;
  text[n] = '\0';
  *ret_text = vr_steal(&text);
  return 0;
}

/* The child, with the environment in which it reads and shows nothing else.
 * Files are handed over, so that nothing waits for anybody. */
static int run(char *const argv[], const int fds[3], int *ret_status) {
  static char *const plain[] = {(char *)"LC_ALL=C.UTF-8", NULL};
  posix_spawn_file_actions_t actions;
  pid_t child;
  if (posix_spawn_file_actions_init(&actions) != 0)
    return -ENOMEM;
  int r = 0;
  for (int i = 0; i < 3 && r == 0; i++)
    r = posix_spawn_file_actions_adddup2(&actions, fds[i], i);
  if (r == 0)
    r = posix_spawnp(&child, argv[0], &actions, NULL, argv, plain);
  posix_spawn_file_actions_destroy(&actions);
  if (r != 0)
    return -r;
  while (waitpid(child, ret_status, 0) < 0)
    if (errno != EINTR)
      return -errno;
  return 0;
}

static int call(char *const argv[], const char *script, size_t length,
                char **ret_text, char **ret_complaint) {
  vr_auto_close int in = -1, out = -1, err = -1;
  int status = 0;
  int r = file_of(script, length, &in);
  if (r == 0)
    r = file_of("", 0, &out);
  if (r == 0)
    r = file_of("", 0, &err);
  if (r == 0)
    r = run(argv, (const int[3]){in, out, err}, &status);
  if (r == 0)
    r = content_of(err, ret_complaint);
  if (r == 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
    r = WIFEXITED(status) && WEXITSTATUS(status) == 127 ? -ENOENT : -EPROTO;
  return r == 0 ? content_of(out, ret_text) : r;
}

int vr_gnuplot_is_installed(void) {
  static char *const argv[] = {(char *)"gnuplot", (char *)"--version", NULL};
  vr_auto_free char *text = NULL, *complaint = NULL;
  return call(argv, "", 0, &text, &complaint) == 0;
}

int vr_gnuplot_run(const char *script, size_t length, char **ret_text,
                   struct vr_error *ret_error) {
  static char *const argv[] = {(char *)"gnuplot", (char *)"-d", (char *)"-",
                               NULL};
  vr_auto_free char *text = NULL, *complaint = NULL;
  int r = call(argv, script, length, &text, &complaint);
  /* It goes on after some mistakes, and only says so. */
  if (r == 0 && strstr(complaint, "line "))
    r = -EPROTO;
  if (r == -ENOENT)
    return vr_error_set(ret_error, r,
                        "gnuplot is not installed: pages have no figures; "
                        "install it (Debian: gnuplot-nox)");
  if (r < 0) {
    const char *why = complaint && *complaint ? complaint : strerror(-r);
    return vr_error_set(ret_error, r, "gnuplot: %.300s",
                        why + strspn(why, "\n "));
  }
  *ret_text = vr_steal(&text);
  return 0;
}
