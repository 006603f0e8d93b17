/* SPDX-License-Identifier: MIT */
#include "traffic/assembler.h"

#include <errno.h>

void vr_assembler_emit(struct vr_assembler *a, uint8_t code, uint8_t dst,
                       uint8_t src, int16_t offset, int32_t immediate) {
  if (a->count == VR_ASSEMBLER_MAX) {
    a->error = -E2BIG;
    return;
  }
  a->insns[a->count++] = (struct bpf_insn){.code = code,
                                           .dst_reg = dst & 0xf,
                                           .src_reg = src & 0xf,
                                           .off = offset,
                                           .imm = immediate};
}

void vr_assembler_load64(struct vr_assembler *a, uint8_t dst, uint64_t value) {
  vr_assembler_emit(a, BPF_LD | BPF_DW | BPF_IMM, dst, 0, 0,
                    (int32_t)(uint32_t)value);
  vr_assembler_emit(a, 0, 0, 0, 0, (int32_t)(uint32_t)(value >> 32));
}

void vr_assembler_load_map(struct vr_assembler *a, uint8_t dst, int fd) {
  vr_assembler_emit(a, BPF_LD | BPF_DW | BPF_IMM, dst, BPF_PSEUDO_MAP_FD, 0,
                    fd);
  vr_assembler_emit(a, 0, 0, 0, 0, 0);
}

void vr_assembler_jump(struct vr_assembler *a, uint8_t code, uint8_t dst,
                       uint8_t src, int32_t immediate, unsigned label) {
  if (a->count < VR_ASSEMBLER_MAX)
    a->target[a->count] = (uint8_t)(label + 1);
  vr_assembler_emit(a, BPF_JMP | code, dst, src, 0, immediate);
}

void vr_assembler_label(struct vr_assembler *a, unsigned label) {
  a->place[label] = (uint16_t)a->count;
}

int vr_assembler_finish(struct vr_assembler *a) {
  if (a->error)
    return a->error;
  for (size_t i = 0; i < a->count; i++) {
    if (a->target[i] == 0)
      continue;
    size_t place = a->place[a->target[i] - 1];
    if (place <= i)
      return -EINVAL;
    a->insns[i].off = (int16_t)(place - i - 1);
  }
  return 0;
}
