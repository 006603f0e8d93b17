/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include "basic/log.h"

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void silent(int priority, const char *message) {
  (void)priority;
  (void)message;
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  vr_log_set(silent);
  if (getenv("FUZZ_SEEDS")) {
    fuzz_seeds();
    exit(0);
  }
  return 0;
}

void fuzz_fail(const char *file, int line, const char *what) {
  fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
  abort();
}

static void write_file(const char *path, const void *data, size_t size) {
  FILE *f = fopen(path, "w");
  if (!f || fwrite(data, 1, size, f) != size || fclose(f) != 0) {
    perror(path);
    exit(99);
  }
}

void fuzz_seed(const void *data, size_t size) {
  static unsigned n;
  char path[PATH_MAX];
  snprintf(path, sizeof(path), "%s/seed-%u", getenv("FUZZ_SEEDS"), n++);
  write_file(path, data, size);
}

uint64_t fuzz_number(struct fuzz_input *in, unsigned bytes) {
  uint64_t number = 0;
  size_t n = bytes < in->left ? bytes : in->left;
  memcpy(&number, in->at, n);
  in->at += n;
  in->left -= n;
  return number;
}

void fuzz_text(struct fuzz_input *in, char *ret, size_t size) {
  size_t n = fuzz_number(in, 1) % size;
  if (n > in->left)
    n = in->left;
  memcpy(ret, in->at, n);
  ret[n] = '\0';
  in->at += n;
  in->left -= n;
}

static char directory[PATH_MAX / 2];
static pid_t owner;

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *ftw) {
  (void)st;
  (void)type;
  (void)ftw;
  return remove(path);
}

static void remove_directory(void) {
  if (getpid() == owner)
    nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *fuzz_directory(void) {
  if (owner)
    return directory;
  const char *tmp = getenv("TMPDIR");
  snprintf(directory, sizeof(directory), "%s/fuzz-XXXXXX", tmp ? tmp : "/tmp");
  if (!mkdtemp(directory)) {
    perror(directory);
    exit(99);
  }
  owner = getpid();
  atexit(remove_directory);
  return directory;
}

const char *fuzz_path(const char *name) {
  static char path[PATH_MAX];
  snprintf(path, sizeof(path), "%s/%s", fuzz_directory(), name);
  return path;
}

const char *fuzz_file(const char *name, const void *data, size_t size) {
  const char *path = fuzz_path(name);
  write_file(path, data, size);
  return path;
}
