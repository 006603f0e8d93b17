/* SPDX-License-Identifier: MIT
 *
 * Files of collectd's csv plugin. A NUL begins the file of the next day.
 */
#include "fuzz.h"

#include "archive/archive.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAYS = 4 };

static void read_archive(char **paths, size_t n) {
  const struct vr_archive_file file = {.host = (char *)"h",
                                       .plugin = (char *)"p",
                                       .type = (char *)"t",
                                       .kind = VR_ARCHIVE_CSV,
                                       .n_paths = n,
                                       .paths = paths};
  const struct vr_timeline grids[] = {{1700000001, 1, 50}, {1700000010, 10, 5}};
  struct vr_error e;
  struct vr_extent extent;
  struct vr_history h;
  if (vr_archive_extent(&file, -INFINITY, &extent, &e) == 0)
    fuzz_require(extent.step >= 1 && isfinite(extent.begin));
  for (int i = 0; i < 2; i++)
    if (vr_archive_fetch(&file, &grids[i], &h, &e) == 0) {
      fuzz_require(h.rows == grids[i].rows);
      vr_history_clear(&h);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *paths[DAYS];
  size_t n = 0;
  for (size_t begin = 0; n < DAYS && begin <= size; n++) {
    char name[16];
    const uint8_t *nul =
        size > begin ? memchr(data + begin, '\0', size - begin) : NULL;
    size_t length = nul ? (size_t)(nul - data) - begin : size - begin;
    snprintf(name, sizeof(name), "day-%zu", n);
    paths[n] = strdup(fuzz_file(name, data + begin, length));
    begin += length + 1;
  }
  read_archive(paths, n);
  while (n > 0)
    free(paths[--n]);
  return 0;
}

void fuzz_seeds(void) {
  static char text[4096];
  size_t n = 0;
  for (int day = 0; day < 2; day++) {
    n += (size_t)sprintf(text + n, "epoch,rx,tx\n");
    for (int i = 0; i < 40; i++)
      n += (size_t)sprintf(text + n, "%d.%03d,%d,%s\n",
                           1700000000 + 60 * day + i, i, 100 * i,
                           i % 7 ? "5.5" : "nan");
    fuzz_seed(text, n);
    n++; /* with the NUL */
  }
}
