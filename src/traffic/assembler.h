/* SPDX-License-Identifier: MIT
 *
 * Instructions of a BPF program, put together one after the other. Jumps go
 * forward to labels, so that nobody counts instructions by hand.
 */
#ifndef VR_TRAFFIC_ASSEMBLER_H
#define VR_TRAFFIC_ASSEMBLER_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

enum { VR_ASSEMBLER_MAX = 768, VR_ASSEMBLER_LABELS = 32 };

/* All zero: empty. A label is a small number that its user chooses. */
struct vr_assembler {
  struct bpf_insn insns[VR_ASSEMBLER_MAX];
  size_t count;
  /* Of each jump: the label it goes to, plus one. */
  uint8_t target[VR_ASSEMBLER_MAX];
  uint16_t place[VR_ASSEMBLER_LABELS];
  int error; /* -E2BIG: too many instructions */
};

/* One instruction, as <linux/bpf.h> encodes it. */
void vr_assembler_emit(struct vr_assembler *a, uint8_t code, uint8_t dst,
                       uint8_t src, int16_t offset, int32_t immediate);

/* dst = VALUE, of 64 bits: two instructions. */
void vr_assembler_load64(struct vr_assembler *a, uint8_t dst, uint64_t value);

/* dst = the map whose descriptor is FD. */
void vr_assembler_load_map(struct vr_assembler *a, uint8_t dst, int fd);

/* Goes to LABEL, which has to follow. CODE without its class: BPF_JA,
 * BPF_JEQ | BPF_K, BPF_JSET | BPF_X and so on. */
void vr_assembler_jump(struct vr_assembler *a, uint8_t code, uint8_t dst,
                       uint8_t src, int32_t immediate, unsigned label);

/* LABEL is here. */
void vr_assembler_label(struct vr_assembler *a, unsigned label);

/* Fills in where the jumps go. Returns 0 or a negative errno: -E2BIG, or
 * -EINVAL for a jump to a label that is not behind it. */
int vr_assembler_finish(struct vr_assembler *a);

#endif
