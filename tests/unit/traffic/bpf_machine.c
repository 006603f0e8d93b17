/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "bpf_machine.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum { STACK = 512 };

struct state {
  struct machine *m;
  uint64_t r[11];
  uint8_t stack[STACK] __attribute__((aligned(8)));
};

struct vr_peer_counts *machine_find(struct machine *m,
                                    const struct vr_peer *peer) {
  for (size_t i = 0; i < m->count; i++)
    if (memcmp(&m->keys[i], peer, sizeof(*peer)) == 0)
      return &m->values[i];
  return NULL;
}

static void *at(uint64_t address) { return (void *)(uintptr_t)address; }

static bool is_on_stack(const struct state *s, uint64_t address, size_t size) {
  uint64_t begin = (uint64_t)(uintptr_t)s->stack;
  return address >= begin && address + size <= begin + STACK;
}

/* --- helpers of the kernel's --- */

static int64_t load_bytes(struct state *s) {
  uint64_t from = s->r[2], size = s->r[4];
  assert_true(is_on_stack(s, s->r[3], size));
  if (from + size > s->m->length) {
    memset(at(s->r[3]), 0, size);
    return -EFAULT;
  }
  memcpy(at(s->r[3]), s->m->frame + from, size);
  return 0;
}

static int64_t update(struct state *s) {
  struct machine *m = s->m;
  assert_true(is_on_stack(s, s->r[2], sizeof(struct vr_peer)));
  assert_true(is_on_stack(s, s->r[3], sizeof(struct vr_peer_counts)));
  assert_int_equal(s->r[4], BPF_NOEXIST);
  if (machine_find(m, at(s->r[2])))
    return -EEXIST;
  if (m->count == m->room)
    return -E2BIG;
  memcpy(&m->keys[m->count], at(s->r[2]), sizeof(struct vr_peer));
  memcpy(&m->values[m->count++], at(s->r[3]), sizeof(struct vr_peer_counts));
  return 0;
}

/* What it leaves in registers that do not live through a call is nothing. */
static void call(struct state *s, int32_t helper) {
  uint64_t result = 0;
  if (helper == BPF_FUNC_skb_load_bytes)
    result = (uint64_t)load_bytes(s);
  else if (helper == BPF_FUNC_map_lookup_elem)
    result = (uint64_t)(uintptr_t)machine_find(s->m, at(s->r[2]));
  else if (helper == BPF_FUNC_map_update_elem)
    result = (uint64_t)update(s);
  else
    fail_msg("helper %d", helper);
  for (int i = 1; i <= 5; i++)
    s->r[i] = 0xdeadbeefdeadbeef;
  s->r[0] = result;
}

/* --- instructions --- */

static uint64_t compute(uint8_t operation, uint64_t a, uint64_t b) {
  switch (operation) {
  case BPF_MOV:
    return b;
  case BPF_ADD:
    return a + b;
  case BPF_SUB:
    return a - b;
  case BPF_MUL:
    return a * b;
  case BPF_DIV:
    return b ? a / b : 0;
  case BPF_AND:
    return a & b;
  case BPF_OR:
    return a | b;
  case BPF_LSH:
    return a << b;
  case BPF_RSH:
    return a >> b;
  default:
    fail_msg("operation %#x", operation);
    return 0;
  }
}

static bool compare(uint8_t comparison, uint64_t a, uint64_t b) {
  switch (comparison) {
  case BPF_JA:
    return true;
  case BPF_JEQ:
    return a == b;
  case BPF_JNE:
    return a != b;
  case BPF_JGE:
    return a >= b;
  default:
    fail_msg("comparison %#x", comparison);
    return false;
  }
}

static uint64_t load(uint8_t size, const void *from) {
  uint64_t v64;
  uint32_t v32;
  uint16_t v16;
  switch (size) {
  case BPF_B:
    return *(const uint8_t *)from;
  case BPF_H:
    memcpy(&v16, from, 2);
    return v16;
  case BPF_W:
    memcpy(&v32, from, 4);
    return v32;
  default:
    memcpy(&v64, from, 8);
    return v64;
  }
}

static size_t bytes_of(uint8_t size) {
  return size == BPF_B ? 1 : size == BPF_H ? 2 : size == BPF_W ? 4 : 8;
}

static void store(struct state *s, const struct bpf_insn *i) {
  uint64_t to = s->r[i->dst_reg] + (uint64_t)(int64_t)i->off, v;
  assert_int_equal(BPF_SIZE(i->code), BPF_DW);
  assert_int_equal(to % 8, 0);
  if (BPF_MODE(i->code) == BPF_MEM) {
    assert_true(is_on_stack(s, to, 8));
    memcpy(at(to), &s->r[i->src_reg], 8);
    return;
  }
  assert_int_equal(BPF_MODE(i->code), BPF_ATOMIC);
  assert_int_equal(i->imm, BPF_ADD);
  memcpy(&v, at(to), 8);
  v += s->r[i->src_reg];
  memcpy(at(to), &v, 8);
}

static void load_memory(struct state *s, const struct bpf_insn *i) {
  uint64_t from = s->r[i->src_reg] + (uint64_t)(int64_t)i->off;
  assert_int_equal(from % bytes_of(BPF_SIZE(i->code)), 0);
  s->r[i->dst_reg] = load(BPF_SIZE(i->code), at(from));
}

static uint64_t operand(const struct state *s, const struct bpf_insn *i) {
  return BPF_SRC(i->code) == BPF_X ? s->r[i->src_reg]
                                   : (uint64_t)(int64_t)i->imm;
}

/* Returns how far the next instruction is; 0 at the end. */
static int step(struct state *s, const struct bpf_insn *i) {
  switch (BPF_CLASS(i->code)) {
  case BPF_LD:
    s->r[i->dst_reg] = (uint32_t)i[0].imm | (uint64_t)(uint32_t)i[1].imm << 32;
    return 2;
  case BPF_LDX:
    load_memory(s, i);
    return 1;
  case BPF_STX:
    store(s, i);
    return 1;
  case BPF_ALU64:
    s->r[i->dst_reg] =
        compute(BPF_OP(i->code), s->r[i->dst_reg], operand(s, i));
    return 1;
  case BPF_JMP:
    if (BPF_OP(i->code) == BPF_EXIT)
      return 0;
    if (BPF_OP(i->code) == BPF_CALL) {
      call(s, i->imm);
      return 1;
    }
    return compare(BPF_OP(i->code), s->r[i->dst_reg], operand(s, i))
               ? 1 + i->off
               : 1;
  default:
    fail_msg("class %#x", BPF_CLASS(i->code));
    return 0;
  }
}

uint64_t machine_run(struct machine *m, const struct vr_assembler *a,
                     const struct __sk_buff *skb) {
  struct state s = {.m = m};
  s.r[1] = (uint64_t)(uintptr_t)skb;
  s.r[10] = (uint64_t)(uintptr_t)(s.stack + STACK);
  m->steps = 0;
  for (size_t at = 0;;) {
    assert_true(at < a->count);
    int next = step(&s, &a->insns[at]);
    m->steps++;
    if (next == 0)
      return s.r[0];
    assert_true(next > 0);
    at += (size_t)next;
  }
}
