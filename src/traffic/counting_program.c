/* SPDX-License-Identifier: MIT
 *
 * An address is held in a register as the six bytes stand in memory, with two
 * zero bytes behind them: as the first eight bytes of a struct vr_peer.
 */
#include "traffic/counting_program.h"

#include "traffic/counting_code.h"
#include "traffic/counting_segments.h"

#include <endian.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <string.h>

/* --- addresses --- */

static uint64_t in_register(const struct vr_peer *peer) {
  uint64_t value;
  memcpy(&value, peer, sizeof(value));
  return value;
}

static uint64_t address(const struct vr_mac *mac) {
  const struct vr_peer peer = {.mac = *mac};
  return in_register(&peer);
}

static void set_peer(struct vr_assembler *a, enum vr_peer_kind kind) {
  const struct vr_peer peer = {.kind = (uint8_t)kind};
  vr_assembler_load64(a, BPF_REG_0, in_register(&peer));
  store(a, PEER, BPF_REG_0);
}

static void count_for(struct vr_assembler *a, enum vr_peer_kind kind) {
  set_peer(a, kind);
  jump(a, COUNT);
}

/* Moves SIZE bytes that were loaded into DST to where they stand, from byte
 * PLACE on, in a register that is loaded as a whole. */
static void shift(struct vr_assembler *a, uint8_t dst, int place, int size) {
  int bits =
      __BYTE_ORDER == __LITTLE_ENDIAN ? 8 * place : 64 - 8 * place - 8 * size;
  if (bits)
    with(a, BPF_LSH, dst, bits);
}

/* r3 = destination, r4 = source. Both begin at even addresses, only one of them
 * at a multiple of four. */
static void load_addresses(struct vr_assembler *a) {
  load(a, BPF_W, BPF_REG_3, BPF_REG_10, DESTINATION);
  shift(a, BPF_REG_3, 0, 4);
  load(a, BPF_H, BPF_REG_1, BPF_REG_10, DESTINATION + 4);
  shift(a, BPF_REG_1, 4, 2);
  with_reg(a, BPF_OR, BPF_REG_3, BPF_REG_1);
  load(a, BPF_H, BPF_REG_4, BPF_REG_10, SOURCE);
  shift(a, BPF_REG_4, 0, 2);
  load(a, BPF_W, BPF_REG_1, BPF_REG_10, SOURCE + 2);
  shift(a, BPF_REG_1, 2, 4);
  with_reg(a, BPF_OR, BPF_REG_4, BPF_REG_1);
}

static void jump_if_own(struct vr_assembler *a,
                        const struct vr_counting_options *o, uint8_t reg,
                        enum label own) {
  for (size_t i = 0; i < o->macs_count; i++) {
    vr_assembler_load64(a, BPF_REG_1, address(&o->macs[i]));
    jump_if_reg(a, BPF_JEQ, reg, BPF_REG_1, own);
  }
}

/* r1 = the bit that says that an address is a group's. */
static void load_group_bit(struct vr_assembler *a) {
  const struct vr_mac group = {{1}};
  vr_assembler_load64(a, BPF_REG_1, address(&group));
}

/* --- the parts, in the order in which they run --- */

/* A VLAN tag that the kernel has taken out of the frame is counted by the tap.
 */
static void measure(struct vr_assembler *a) {
  move(a, BPF_REG_6, BPF_REG_1);
  load(a, BPF_W, BPF_REG_7, BPF_REG_6, SKB(len));
  load(a, BPF_W, BPF_REG_1, BPF_REG_6, SKB(vlan_present));
  jump_if(a, BPF_JEQ, BPF_REG_1, 0, UNTAGGED);
  with(a, BPF_ADD, BPF_REG_7, 4);
  label(a, UNTAGGED);
}

/* r9 = the offset of the direction's counters. */
static void find_direction(struct vr_assembler *a,
                           const struct vr_counting_options *o) {
  set(a, BPF_REG_9, offsetof(struct vr_peer_counts, sent));
  load(a, BPF_W, BPF_REG_1, BPF_REG_6, SKB(pkt_type));
  jump_if(a, o->outgoing_is_sent ? BPF_JEQ : BPF_JNE, BPF_REG_1,
          PACKET_OUTGOING, SENT);
  if (o->received) {
    set(a, BPF_REG_9, offsetof(struct vr_peer_counts, received));
    jump(a, DIRECTION_KNOWN);
  } else {
    jump(a, DONE);
  }
  label(a, SENT);
  label(a, DIRECTION_KNOWN);
}

/* A source that is not the guest's is spoofed, wherever the frame goes. */
static void check_source(struct vr_assembler *a,
                         const struct vr_counting_options *o) {
  if (o->macs_count == 0)
    return;
  jump_if(a, BPF_JNE, BPF_REG_9, 0, OWN_SOURCE);
  jump_if_own(a, o, BPF_REG_4, OWN_SOURCE);
  count_for(a, VR_PEER_SPOOFED);
  label(a, OWN_SOURCE);
}

static void check_groups(struct vr_assembler *a) {
  const struct vr_mac broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
  load_group_bit(a);
  with_reg(a, BPF_AND, BPF_REG_1, BPF_REG_3);
  jump_if(a, BPF_JEQ, BPF_REG_1, 0, NO_GROUP);
  vr_assembler_load64(a, BPF_REG_1, address(&broadcast));
  jump_if_reg(a, BPF_JNE, BPF_REG_3, BPF_REG_1, NO_BROADCAST);
  count_for(a, VR_PEER_BROADCAST);
  label(a, NO_BROADCAST);
  count_for(a, VR_PEER_MULTICAST);
  label(a, NO_GROUP);
}

/* What is flooded to the guest is not between it and the sender; and no sender
 * has a group's address. PEER holds VR_PEER_OTHERS until now. */
static void choose_peer(struct vr_assembler *a,
                        const struct vr_counting_options *o) {
  jump_if(a, BPF_JEQ, BPF_REG_9, 0, IS_SENT);
  if (o->macs_count > 0) {
    jump_if_own(a, o, BPF_REG_3, FOR_GUEST);
    jump(a, COUNT);
    label(a, FOR_GUEST);
  }
  load_group_bit(a);
  with_reg(a, BPF_AND, BPF_REG_1, BPF_REG_4);
  jump_if(a, BPF_JNE, BPF_REG_1, 0, COUNT);
  move(a, BPF_REG_3, BPF_REG_4);
  label(a, IS_SENT);
  store(a, PEER, BPF_REG_3);
}

/* r0 = the counters of the peer, or 0. */
static void look_up(struct vr_assembler *a, int map) {
  vr_assembler_load_map(a, BPF_REG_1, map);
  move(a, BPF_REG_2, BPF_REG_10);
  with(a, BPF_ADD, BPF_REG_2, PEER);
  call(a, BPF_FUNC_map_lookup_elem);
}

/* A peer that two processors see at once for the first time is added by one of
 * them, with zeros, and found by both. */
static void add_peer(struct vr_assembler *a, int map) {
  set(a, BPF_REG_1, 0);
  for (int i = 0; i < (int)sizeof(struct vr_peer_counts); i += 8)
    store(a, ZERO + i, BPF_REG_1);
  vr_assembler_load_map(a, BPF_REG_1, map);
  move(a, BPF_REG_2, BPF_REG_10);
  with(a, BPF_ADD, BPF_REG_2, PEER);
  move(a, BPF_REG_3, BPF_REG_10);
  with(a, BPF_ADD, BPF_REG_3, ZERO);
  set(a, BPF_REG_4, BPF_NOEXIST);
  call(a, BPF_FUNC_map_update_elem);
}

/* r8 = the counters: of the peer, or, where the map is full, of the others, for
 * whom there is always room. */
static void find_counters(struct vr_assembler *a, int map) {
  look_up(a, map);
  jump_if(a, BPF_JNE, BPF_REG_0, 0, FOUND);
  add_peer(a, map);
  look_up(a, map);
  jump_if(a, BPF_JNE, BPF_REG_0, 0, FOUND);
  set_peer(a, VR_PEER_OTHERS);
  look_up(a, map);
  jump_if(a, BPF_JEQ, BPF_REG_0, 0, DONE);
  label(a, FOUND);
  move(a, BPF_REG_8, BPF_REG_0);
  /* No register is added to a pointer: without CAP_PERFMON Linux 6.1 refuses
   * that, since it follows paths on which the register is not known. */
  jump_if(a, BPF_JEQ, BPF_REG_9, offsetof(struct vr_peer_counts, sent),
          COUNTERS_KNOWN);
  with(a, BPF_ADD, BPF_REG_8, offsetof(struct vr_peer_counts, received));
  label(a, COUNTERS_KNOWN);
}

static void count_frame(struct vr_assembler *a) {
  count(a, COUNTER(bytes), BPF_REG_7);
  set(a, BPF_REG_1, 1);
  count(a, COUNTER(frames), BPF_REG_1);
}

int vr_counting_program_build(const struct vr_counting_options *options,
                              struct vr_assembler *a) {
  if (options->macs_count > VR_COUNTING_MACS_MAX)
    return -E2BIG;
  measure(a);
  find_direction(a, options);
  set_peer(a, VR_PEER_OTHERS);
  load_bytes(a, false, 0, HEADER, ETH_HLEN);
  jump_if(a, BPF_JNE, BPF_REG_0, 0, COUNT);
  load_addresses(a);
  check_source(a, options);
  check_groups(a);
  choose_peer(a, options);
  label(a, COUNT);
  find_counters(a, options->map);
  count_frame(a);
  if (options->segments)
    vr_counting_segments_append(a);
  label(a, DONE);
  set(a, BPF_REG_0, 0);
  vr_assembler_emit(a, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
  return vr_assembler_finish(a);
}
