/* SPDX-License-Identifier: MIT
 *
 * What the parts of the counting program share: registers, places on the stack,
 * labels, and short names for instructions.
 *
 * Registers that live through calls of helpers:
 *   r6  the frame (struct __sk_buff)
 *   r7  its length as the tap's own counters have it
 *   r8  where its counters are
 *   r9  at first: which direction's counters; then: gso_size
 */
#ifndef VR_TRAFFIC_COUNTING_CODE_H
#define VR_TRAFFIC_COUNTING_CODE_H

#include "traffic/assembler.h"
#include "traffic/counts.h"

#include <linux/if_ether.h>
#include <stdbool.h>
#include <stddef.h>

/* The stack, below r10. The kernel wants each access aligned to its size. */
enum {
  HEADER = -16, /* of Ethernet: 14 bytes */
  DESTINATION = HEADER,
  SOURCE = HEADER + ETH_ALEN,
  TYPE = HEADER + 2 * ETH_ALEN,
  PEER = -24,
  ZERO = -88, /* the counters of a new peer */
  OFFSET = -96,
  IP = -112, /* the first ten bytes of its header */
  BYTE = -120,
};

enum label {
  UNTAGGED,
  SENT,
  DIRECTION_KNOWN,
  OWN_SOURCE,
  NO_GROUP,
  NO_BROADCAST,
  IS_SENT,
  FOR_GUEST,
  COUNT,
  FOUND,
  COUNTERS_KNOWN,
  L3_KNOWN,
  IPV6,
  L4,
  UDP,
  TCP,
  HEADERS_KNOWN,
  TAG_1,
  TAG_2,
  DONE,
};

#define SKB(member) ((int16_t)offsetof(struct __sk_buff, member))
#define COUNTER(member) ((int16_t)offsetof(struct vr_frame_counts, member))

_Static_assert(sizeof(struct vr_peer) == 8, "a key is one register");
_Static_assert(sizeof(struct vr_peer_counts) == 64, "ZERO has room for it");

/* --- short names for instructions --- */

static inline void move(struct vr_assembler *a, uint8_t dst, uint8_t src) {
  vr_assembler_emit(a, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
}

static inline void set(struct vr_assembler *a, uint8_t dst, int32_t value) {
  vr_assembler_emit(a, BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, value);
}

static inline void with(struct vr_assembler *a, uint8_t operation, uint8_t dst,
                        int32_t value) {
  vr_assembler_emit(a, BPF_ALU64 | operation | BPF_K, dst, 0, 0, value);
}

static inline void with_reg(struct vr_assembler *a, uint8_t operation,
                            uint8_t dst, uint8_t src) {
  vr_assembler_emit(a, BPF_ALU64 | operation | BPF_X, dst, src, 0, 0);
}

static inline void load(struct vr_assembler *a, uint8_t size, uint8_t dst,
                        uint8_t src, int offset) {
  vr_assembler_emit(a, BPF_LDX | size | BPF_MEM, dst, src, (int16_t)offset, 0);
}

static inline void store(struct vr_assembler *a, int offset, uint8_t src) {
  vr_assembler_emit(a, BPF_STX | BPF_DW | BPF_MEM, BPF_REG_10, src,
                    (int16_t)offset, 0);
}

/* A counter at r8 grows by SRC, whoever else counts at the same time. */
static inline void count(struct vr_assembler *a, int16_t counter, uint8_t src) {
  vr_assembler_emit(a, BPF_STX | BPF_DW | BPF_ATOMIC, BPF_REG_8, src, counter,
                    BPF_ADD);
}

static inline void call(struct vr_assembler *a, int32_t helper) {
  vr_assembler_emit(a, BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}

static inline void jump(struct vr_assembler *a, enum label label) {
  vr_assembler_jump(a, BPF_JA, 0, 0, 0, label);
}

static inline void jump_if(struct vr_assembler *a, uint8_t comparison,
                           uint8_t dst, int32_t value, enum label label) {
  vr_assembler_jump(a, comparison | BPF_K, dst, 0, value, label);
}

static inline void jump_if_reg(struct vr_assembler *a, uint8_t comparison,
                               uint8_t dst, uint8_t src, enum label label) {
  vr_assembler_jump(a, comparison | BPF_X, dst, src, 0, label);
}

static inline void label(struct vr_assembler *a, enum label l) {
  vr_assembler_label(a, l);
}

/* Copies SIZE bytes of the frame to the stack; r0 is 0, or negative when it is
 * shorter. They begin at FROM, or at r1 + FROM. */
static inline void load_bytes(struct vr_assembler *a, bool from_r1, int from,
                              int to, int size) {
  set(a, BPF_REG_2, from);
  if (from_r1)
    with_reg(a, BPF_ADD, BPF_REG_2, BPF_REG_1);
  move(a, BPF_REG_1, BPF_REG_6);
  move(a, BPF_REG_3, BPF_REG_10);
  with(a, BPF_ADD, BPF_REG_3, to);
  set(a, BPF_REG_4, size);
  call(a, BPF_FUNC_skb_load_bytes);
}

#endif
