/* SPDX-License-Identifier: MIT
 *
 * What the kernel answers about the virtual functions of a network card.
 */
#include "fuzz.h"

#include "../unit/host/link_message.h"
#include "host/net/vf_reply.h"

enum { SEQUENCE = 7 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct vr_vf_counters counters;
  if (vr_vf_parse(data, size, SEQUENCE, &counters) < 0)
    return 0;
  for (unsigned i = 0; i < VR_VF_MAX; i++)
    if (counters.known[i])
      fuzz_require(counters.v[i].rx_bytes | counters.v[i].tx_bytes);
  return 0;
}

void fuzz_seeds(void) {
  static struct link_message m;
  const struct link_stats some = {1, 2, 300, 400};
  link_message_begin(&m, "eth0", SEQUENCE);
  link_message_vf(&m, 0, &some);
  link_message_vf(&m, 1, NULL);
  link_message_vf(&m, 255, &some);
  link_message_end(&m);
  fuzz_seed(m.data, m.length);
  link_message_refuse(&m, -19, SEQUENCE);
  fuzz_seed(m.data, m.length);
  link_message_refuse(&m, -19, SEQUENCE + 1);
  fuzz_seed(m.data, m.length);
}
