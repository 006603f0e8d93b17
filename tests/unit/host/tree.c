/* SPDX-License-Identifier: MIT */
#include "tree.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(99);
}

struct tree tree_new(void) {
  struct tree t = {"/tmp/vmrecon-tree.XXXXXX"};
  if (!mkdtemp(t.path))
    die(t.path);
  return t;
}

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *ftw) {
  (void)st;
  (void)type;
  (void)ftw;
  return remove(path);
}

static void remove_all(const char *path) {
  nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void tree_free(struct tree *t) { remove_all(t->path); }

void tree_remove(const struct tree *t, const char *path) {
  char full[512];
  snprintf(full, sizeof(full), "%s/%s", t->path, path);
  remove_all(full);
}

/* The full path, with all directories above it made. */
static void prepare(const struct tree *t, const char *path, char full[512]) {
  snprintf(full, 512, "%s/%s", t->path, path);
  for (char *p = full + strlen(t->path) + 1; (p = strchr(p, '/')); p++) {
    *p = '\0';
    mkdir(full, 0755);
    *p = '/';
  }
}

static void put(const struct tree *t, const char *path, const char *data,
                size_t n) {
  char full[512];
  prepare(t, path, full);
  /* Not cut to nothing first: some file systems then wait for the disk. */
  int fd = open(full, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0 || pwrite(fd, data, n, 0) != (ssize_t)n ||
      ftruncate(fd, (off_t)n) < 0 || close(fd) < 0)
    die(full);
}

void tree_write(const struct tree *t, const char *path, const char *format,
                ...) {
  char *text;
  va_list args;
  va_start(args, format);
  int n = vasprintf(&text, format, args);
  va_end(args);
  if (n < 0)
    die(path);
  put(t, path, text, (size_t)n);
  free(text);
}

void tree_args(const struct tree *t, const char *path, const char *text) {
  char *copy = strdup(text);
  size_t n = strlen(text);
  for (size_t i = 0; i < n; i++)
    if (copy[i] == '\n')
      copy[i] = '\0';
  put(t, path, copy, n);
  free(copy);
}

void tree_link(const struct tree *t, const char *path, const char *target) {
  char full[512];
  prepare(t, path, full);
  if (symlink(target, full) < 0)
    die(full);
}

/* What is being collected while a written tree is read. */
struct file {
  char path[256];
  bool args;
  char text[65536];
  size_t n;
};

static void finish(const struct tree *t, struct file *f) {
  f->text[f->n] = '\0';
  if (f->path[0] != '\0' && f->args)
    tree_args(t, f->path, f->text);
  else if (f->path[0] != '\0')
    put(t, f->path, f->text, f->n);
  f->path[0] = '\0';
  f->n = 0;
}

static void take_line(const struct tree *t, struct file *f, const char *line) {
  char path[256], target[256];
  if (sscanf(line, "@link %255s %255[^\n]", path, target) == 2) {
    finish(t, f);
    tree_link(t, path, target);
  } else if (sscanf(line, "@args %255[^\n]", path) == 1 ||
             sscanf(line, "@ %255[^\n]", path) == 1) {
    finish(t, f);
    strcpy(f->path, path);
    f->args = line[1] == 'a';
  } else if (f->path[0] != '\0') {
    size_t n = strlen(line);
    if (f->n + n >= sizeof(f->text))
      die("a file of the tree is too long");
    memcpy(f->text + f->n, line, n);
    f->n += n;
  }
}

struct tree tree_load(const char *name) {
  const char *data = getenv("VR_TEST_DATA");
  char path[512], line[32768];
  snprintf(path, sizeof(path), "%s/proc/%s", data ? data : "tests/data", name);
  FILE *in = fopen(path, "r");
  struct file *f = calloc(1, sizeof(*f));
  if (!in || !f)
    die(path);
  struct tree t = tree_new();
  while (fgets(line, sizeof(line), in))
    take_line(&t, f, line);
  finish(&t, f);
  fclose(in);
  free(f);
  return t;
}
