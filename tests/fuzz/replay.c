/* SPDX-License-Identifier: MIT
 *
 * In place of libFuzzer: reads the inputs in the files of its arguments, and in
 * the files of directories among them, once. Hidden files do not count.
 */
#include "fuzz.h"

#include "basic/cleanup.h"
#include "basic/file.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LARGEST = 16 << 20 };

static unsigned inputs;

static void replay_file(const char *path) {
  size_t size;
  char *text;
  int r = vr_file_read(path, LARGEST, &text, &size);
  if (r < 0) {
    fprintf(stderr, "%s: %s\n", path, strerror(-r));
    exit(99);
  }
  /* Of just its size: what reads beyond its end is noticed. */
  uint8_t *data = malloc(size ? size : 1);
  if (!data)
    exit(99);
  memcpy(data, text, size);
  free(text);
  LLVMFuzzerTestOneInput(data, size);
  free(data);
  inputs++;
}

static void replay_directory(const char *path) {
  struct dirent **names;
  int n = scandir(path, &names, NULL, alphasort);
  for (int i = 0; i < n; i++) {
    char full[PATH_MAX];
    snprintf(full, sizeof(full), "%s/%s", path, names[i]->d_name);
    if (names[i]->d_name[0] != '.')
      replay_file(full);
    free(names[i]);
  }
  if (n >= 0)
    free(names);
}

int main(int argc, char **argv) {
  LLVMFuzzerInitialize(&argc, &argv);
  for (int i = 1; i < argc; i++) {
    struct stat st;
    if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
      replay_directory(argv[i]);
    else
      replay_file(argv[i]);
  }
  printf("%u inputs\n", inputs);
  return 0;
}
