/* SPDX-License-Identifier: MIT
 *
 * Registers that live through calls of helpers:
 *   r6  the frame (struct __sk_buff)
 *   r7  its length as the tap's own counters have it
 *   r8  where its counters are
 *   r9  at first: which direction's counters; then: gso_size
 * An address is held in a register as the six bytes stand in memory, with two
 * zero bytes behind them: as the first eight bytes of a struct vr_peer.
 */
#include "traffic/counting_program.h"

#include "traffic/counts.h"

#include <endian.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>

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
  L3_KNOWN,
  IPV6,
  L4,
  UDP,
  TCP,
  HEADERS_KNOWN,
  TAG_1, /* two more follow it */
  TAG_2,
  DONE,
};

#define SKB(member) ((int16_t)offsetof(struct __sk_buff, member))
#define COUNTER(member) ((int16_t)offsetof(struct vr_frame_counts, member))

_Static_assert(sizeof(struct vr_peer) == 8, "a key is one register");
_Static_assert(sizeof(struct vr_peer_counts) == 64, "ZERO has room for it");

/* --- short names for instructions --- */

static void move(struct vr_assembler *a, uint8_t dst, uint8_t src) {
  vr_assembler_emit(a, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
}

static void set(struct vr_assembler *a, uint8_t dst, int32_t value) {
  vr_assembler_emit(a, BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, value);
}

static void with(struct vr_assembler *a, uint8_t operation, uint8_t dst,
                 int32_t value) {
  vr_assembler_emit(a, BPF_ALU64 | operation | BPF_K, dst, 0, 0, value);
}

static void with_reg(struct vr_assembler *a, uint8_t operation, uint8_t dst,
                     uint8_t src) {
  vr_assembler_emit(a, BPF_ALU64 | operation | BPF_X, dst, src, 0, 0);
}

static void load(struct vr_assembler *a, uint8_t size, uint8_t dst, uint8_t src,
                 int offset) {
  vr_assembler_emit(a, BPF_LDX | size | BPF_MEM, dst, src, (int16_t)offset, 0);
}

static void store(struct vr_assembler *a, int offset, uint8_t src) {
  vr_assembler_emit(a, BPF_STX | BPF_DW | BPF_MEM, BPF_REG_10, src,
                    (int16_t)offset, 0);
}

/* A counter at r8 grows by SRC, whoever else counts at the same time. */
static void count(struct vr_assembler *a, int16_t counter, uint8_t src) {
  vr_assembler_emit(a, BPF_STX | BPF_DW | BPF_ATOMIC, BPF_REG_8, src, counter,
                    BPF_ADD);
}

static void call(struct vr_assembler *a, int32_t helper) {
  vr_assembler_emit(a, BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}

static void jump(struct vr_assembler *a, enum label label) {
  vr_assembler_jump(a, BPF_JA, 0, 0, 0, label);
}

static void jump_if(struct vr_assembler *a, uint8_t comparison, uint8_t dst,
                    int32_t value, enum label label) {
  vr_assembler_jump(a, comparison | BPF_K, dst, 0, value, label);
}

static void jump_if_reg(struct vr_assembler *a, uint8_t comparison, uint8_t dst,
                        uint8_t src, enum label label) {
  vr_assembler_jump(a, comparison | BPF_X, dst, src, 0, label);
}

static void label(struct vr_assembler *a, enum label l) {
  vr_assembler_label(a, l);
}

/* Copies SIZE bytes of the frame to the stack; r0 is 0, or negative when it is
 * shorter. They begin at FROM, or at r1 + FROM. */
static void load_bytes(struct vr_assembler *a, bool from_r1, int from, int to,
                       int size) {
  set(a, BPF_REG_2, from);
  if (from_r1)
    with_reg(a, BPF_ADD, BPF_REG_2, BPF_REG_1);
  move(a, BPF_REG_1, BPF_REG_6);
  move(a, BPF_REG_3, BPF_REG_10);
  with(a, BPF_ADD, BPF_REG_3, to);
  set(a, BPF_REG_4, size);
  call(a, BPF_FUNC_skb_load_bytes);
}

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
  with_reg(a, BPF_ADD, BPF_REG_8, BPF_REG_9);
}

static void count_frame(struct vr_assembler *a) {
  count(a, COUNTER(bytes), BPF_REG_7);
  set(a, BPF_REG_1, 1);
  count(a, COUNTER(frames), BPF_REG_1);
}

/* --- large frames --- */

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

static void count_large(struct vr_assembler *a) {
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
    count_large(a);
  label(a, DONE);
  set(a, BPF_REG_0, 0);
  vr_assembler_emit(a, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
  return vr_assembler_finish(a);
}
