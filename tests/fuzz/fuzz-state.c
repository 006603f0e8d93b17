/* SPDX-License-Identifier: MIT
 *
 * The target's state file: an input is its text. It is read, guests that it
 * knows appear and go on, and what is saved then must be readable.
 */
#include "fuzz.h"

#include "basic/file.h"
#include "fuzz-live.h"

#include <stdlib.h>
#include <string.h>

enum { LARGEST = 1 << 20 };
static const vr_time epoch = 1700000000 * VR_SECOND;

static void feed(struct vr_live *r, int from, int to) {
  for (int t = from; t < to; t++) {
    fuzz_live_tick(r, "h", "g", epoch + t * VR_SECOND, VR_SECOND, 1 + t % 3);
    fuzz_live_tick(r, "h2", "g", epoch + t * VR_SECOND, VR_SECOND, 1);
    fuzz_live_tick(r, "g3", "g3", epoch + t * VR_SECOND, VR_SECOND, 2);
  }
}

static struct vr_live *fresh(unsigned set) {
  struct vr_live_options o = vr_live_defaults();
  o.model_series = o.intervals = true;
  return fuzz_live_new(o, set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct vr_live *r = fresh(0);
  fuzz_file("state.v4", data, size);
  vr_live_restore(r, fuzz_path("state"));
  feed(r, 40, 44);
  vr_live_sweep(r);
  fuzz_live_models(r, 1);
  feed(r, 44, 47);
  fuzz_require(vr_live_save(r, fuzz_path("saved")) == 0);
  fuzz_require(vr_live_restore(r, fuzz_path("saved")) == 0);
  feed(r, 47, 49);
  vr_live_free(r);
  return 0;
}

void fuzz_seeds(void) {
  char *text;
  size_t size;
  struct vr_live *r = fresh(0);
  feed(r, 0, 30);
  if (vr_live_save(r, fuzz_path("seed")) < 0 ||
      vr_file_read(fuzz_path("seed.v4"), LARGEST, &text, &size) < 0)
    exit(99);
  fuzz_seed(text, size);
  /* One guest alone is shorter. */
  char *second = strchr(text, '\n') + 1, *end = strchr(second, '\n') + 1;
  fuzz_seed(text, (size_t)(end - text));
  free(text);
  vr_live_free(r);
}
