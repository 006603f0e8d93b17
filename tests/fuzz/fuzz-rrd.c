/* SPDX-License-Identifier: MIT
 *
 * RRD files: the check of their header, and librrd behind it.
 */
#include "fuzz.h"

#include "archive/archive.h"
#include "basic/file.h"

#include <math.h>
#include <rrd.h>
#include <stdio.h>
#include <stdlib.h>

/* librrd loses a few bytes when it refuses a file; that is not ours to mend. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:rrd_open\n"; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *paths[] = {(char *)fuzz_file("f.rrd", data, size)};
  const struct vr_archive_file file = {.host = (char *)"h",
                                       .plugin = (char *)"p",
                                       .type = (char *)"t",
                                       .kind = VR_ARCHIVE_RRD,
                                       .n_paths = 1,
                                       .paths = paths};
  const struct vr_timeline grids[] = {{1700000001, 1, 50}, {1700000010, 10, 5}};
  struct vr_error e;
  struct vr_extent extent;
  struct vr_history h;
  if (vr_archive_extent(&file, -INFINITY, &extent, &e) < 0)
    return 0;
  for (int i = 0; i < 2; i++)
    if (vr_archive_fetch(&file, &grids[i], &h, &e) == 0)
      vr_history_clear(&h);
  return 0;
}

static void seed(int n, const char **create) {
  char *text;
  size_t length;
  const char *path = fuzz_file("seed.rrd", "", 0);
  if (rrd_create_r(path, 1, 1700000000, n, create) != 0) {
    fprintf(stderr, "rrd_create: %s\n", rrd_get_error());
    exit(99);
  }
  for (int i = 1; i <= 12; i++) {
    char update[64];
    const char *updates[] = {update};
    snprintf(update, sizeof(update), "%d:%d%s", 1700000000 + i, 10 * i,
             n > 2 ? ":1" : "");
    rrd_update_r(path, NULL, 1, updates);
  }
  if (vr_file_read(path, 1 << 20, &text, &length) < 0)
    exit(99);
  fuzz_seed(text, length);
  free(text);
}

void fuzz_seeds(void) {
  seed(2, (const char *[]){"DS:v:GAUGE:2:U:U", "RRA:AVERAGE:0.5:1:8"});
  seed(5, (const char *[]){"DS:rx:DERIVE:2:U:U", "DS:tx:COUNTER:2:U:U",
                           "RRA:AVERAGE:0.5:1:10", "RRA:MAX:0.5:1:5",
                           "RRA:AVERAGE:0.5:10:4"});
}
