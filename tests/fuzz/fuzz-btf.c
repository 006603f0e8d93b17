/* SPDX-License-Identifier: MIT
 *
 * Type information (BTF) out of a guest's memory.
 */
#include "fuzz.h"

#include "../unit/introspect/fake_kernel.h"
#include "introspect/kernel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct vr_btf_member members[] = {
#define X(structure, member) {#structure, #member, 0, 0},
      VR_KERNEL_MEMBERS(X)
#undef X
  };
  if (vr_btf_find(data, size, members, VR_MEM_COUNT) < 0)
    return 0;
  for (int i = 0; i < VR_MEM_COUNT; i++)
    fuzz_require(members[i].bits < 0 || members[i].bits / 8 < members[i].size);
  return 0;
}

void fuzz_seeds(void) {
  for (int layout = FAKE_4_19; layout < FAKE_LAYOUTS; layout++) {
    struct fake_kernel *f =
        fake_new(&(struct fake_options){.layout = (enum fake_layout)layout,
                                        .size = 16 << 20,
                                        .at = 2 << 20,
                                        .cpus = 1});
    fuzz_seed(f->ram + f->btf, f->btf_size);
    fake_free(f);
  }
}
