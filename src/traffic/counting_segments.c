/* SPDX-License-Identifier: MIT */
#include "traffic/counting_segments.h"

#include "traffic/counting_code.h"

#include <netinet/in.h>

/* Skips a VLAN tag that is still in the frame: r1 is the length of the headers
 * before L3, TYPE the type that stands before it. */
static void skip_tag(struct vr_assembler *a, enum label is_tag) {
  load(a, BPF_H, BPF_REG_2, BPF_REG_10, TYPE);
  jump_if(a, BPF_JEQ, BPF_REG_2, htons(ETH_P_8021Q), is_tag);
  jump_if(a, BPF_JNE, BPF_REG_2, htons(ETH_P_8021AD), L3_KNOWN);
  label(a, is_tag);
  with(a, BPF_ADD, BPF_REG_1, 4);
  store(a, OFFSET, BPF_REG_1);
  load_bytes(a, true, -2, TYPE, 2);
  jump_if(a, BPF_JNE, BPF_REG_0, 0, DONE);
  load(a, BPF_DW, BPF_REG_1, BPF_REG_10, OFFSET);
}

/* OFFSET = where L4 begins, r2 = its protocol. The headers of another protocol
 * end before L3. */
static void measure_ip(struct vr_assembler *a) {
  store(a, OFFSET, BPF_REG_1);
  load(a, BPF_H, BPF_REG_2, BPF_REG_10, TYPE);
  jump_if(a, BPF_JEQ, BPF_REG_2, htons(ETH_P_IPV6), IPV6);
  jump_if(a, BPF_JNE, BPF_REG_2, htons(ETH_P_IP), HEADERS_KNOWN);
  load_bytes(a, true, 0, IP, 10);
  jump_if(a, BPF_JNE, BPF_REG_0, 0, DONE);
  load(a, BPF_B, BPF_REG_2, BPF_REG_10, IP + 9);
  load(a, BPF_B, BPF_REG_3, BPF_REG_10, IP);
  with(a, BPF_AND, BPF_REG_3, 0x0f);
  with(a, BPF_LSH, BPF_REG_3, 2);
  jump(a, L4);
  label(a, IPV6); /* extension headers do not come with large frames */
  load_bytes(a, true, 0, IP, 7);
  jump_if(a, BPF_JNE, BPF_REG_0, 0, DONE);
  load(a, BPF_B, BPF_REG_2, BPF_REG_10, IP + 6);
  set(a, BPF_REG_3, 40);
  label(a, L4);
  load(a, BPF_DW, BPF_REG_1, BPF_REG_10, OFFSET);
  with_reg(a, BPF_ADD, BPF_REG_1, BPF_REG_3);
  store(a, OFFSET, BPF_REG_1);
}

/* Adds the L4 header of protocol r2 to OFFSET. */
static void measure_l4(struct vr_assembler *a) {
  jump_if(a, BPF_JEQ, BPF_REG_2, IPPROTO_UDP, UDP);
  jump_if(a, BPF_JNE, BPF_REG_2, IPPROTO_TCP, HEADERS_KNOWN);
  load_bytes(a, true, 12, BYTE, 1);
  jump_if(a, BPF_JNE, BPF_REG_0, 0, DONE);
  load(a, BPF_B, BPF_REG_3, BPF_REG_10, BYTE);
  with(a, BPF_RSH, BPF_REG_3, 4);
  with(a, BPF_LSH, BPF_REG_3, 2);
  jump(a, TCP);
  label(a, UDP);
  set(a, BPF_REG_3, 8);
  label(a, TCP);
  load(a, BPF_DW, BPF_REG_1, BPF_REG_10, OFFSET);
  with_reg(a, BPF_ADD, BPF_REG_1, BPF_REG_3);
  store(a, OFFSET, BPF_REG_1);
  label(a, HEADERS_KNOWN);
}

/* The kernel's own number of segments may be 0 on a tap, so it is computed:
 * payload / gso_size, rounded up. A guest may send any sizes. */
static void count_segments(struct vr_assembler *a) {
  load(a, BPF_DW, BPF_REG_1, BPF_REG_10, OFFSET);
  load(a, BPF_W, BPF_REG_2, BPF_REG_6, SKB(len));
  jump_if_reg(a, BPF_JGE, BPF_REG_1, BPF_REG_2, DONE);
  with_reg(a, BPF_SUB, BPF_REG_7, BPF_REG_2); /* a tag that was taken out */
  with_reg(a, BPF_ADD, BPF_REG_7, BPF_REG_1); /* what each segment repeats */
  with_reg(a, BPF_SUB, BPF_REG_2, BPF_REG_1);
  with(a, BPF_SUB, BPF_REG_2, 1);
  with_reg(a, BPF_DIV, BPF_REG_2, BPF_REG_9); /* segments beyond the first */
  count(a, COUNTER(more_segments), BPF_REG_2);
  with_reg(a, BPF_MUL, BPF_REG_2, BPF_REG_7);
  count(a, COUNTER(more_bytes), BPF_REG_2);
}

void vr_counting_segments_append(struct vr_assembler *a) {
  load(a, BPF_W, BPF_REG_9, BPF_REG_6, SKB(gso_size));
  jump_if(a, BPF_JEQ, BPF_REG_9, 0, DONE);
  set(a, BPF_REG_1, ETH_HLEN);
  skip_tag(a, TAG_1);
  skip_tag(a, TAG_2);
  label(a, L3_KNOWN);
  measure_ip(a);
  measure_l4(a);
  count_segments(a);
}
