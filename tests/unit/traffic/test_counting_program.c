/* SPDX-License-Identifier: MIT
 *
 * The counting program, run without a kernel: for whom a frame counts, and as
 * what, also frames that no tap would let pass.
 */
#include "../unit.h"

#include "bpf_machine.h"
#include "traffic/counting_program.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>

static const struct vr_mac own = {{0x52, 0x54, 0, 0, 0, 1}};
static const struct vr_mac second = {{0x52, 0x54, 0, 0, 0, 2}};
static const struct vr_mac peer = {{0x52, 0x54, 0, 0, 0, 9}};
static const struct vr_mac broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
static const struct vr_mac multicast = {{0x33, 0x33, 0, 0, 0, 1}};

struct lab {
  struct machine machine;
  struct vr_assembler program;
  uint8_t frame[200];
  struct __sk_buff skb;
};

static void build(struct lab *l, const struct vr_counting_options *options) {
  memset(l, 0, sizeof(*l));
  l->machine.room = MACHINE_MAP;
  for (uint8_t kind = VR_PEER_BROADCAST; kind < VR_PEER_KINDS; kind++)
    l->machine.keys[l->machine.count++].kind = kind;
  assert_int_equal(vr_counting_program_build(options, &l->program), 0);
}

static void build_usual(struct lab *l) {
  const struct vr_mac macs[] = {own, second};
  const struct vr_counting_options o = {
      .macs = macs, .macs_count = 2, .received = true, .segments = true};
  build(l, &o);
}

static void frame(struct lab *l, const struct vr_mac *destination,
                  const struct vr_mac *source, unsigned type, size_t length) {
  memset(l->frame, 0, sizeof(l->frame));
  memcpy(l->frame, destination->byte, 6);
  memcpy(l->frame + 6, source->byte, 6);
  l->frame[12] = (uint8_t)(type >> 8);
  l->frame[13] = (uint8_t)type;
  l->machine.frame = l->frame;
  l->machine.length = length < sizeof(l->frame) ? length : sizeof(l->frame);
  l->skb = (struct __sk_buff){.len = (uint32_t)length};
}

/* No frame may ever reach the socket. */
static void run(struct lab *l) {
  assert_int_equal(machine_run(&l->machine, &l->program, &l->skb), 0);
}

static void run_received(struct lab *l) {
  l->skb.pkt_type = PACKET_OUTGOING;
  run(l);
}

static struct vr_peer_counts of_kind(struct lab *l, enum vr_peer_kind kind) {
  const struct vr_peer p = {.kind = (uint8_t)kind};
  return *machine_find(&l->machine, &p);
}

static struct vr_peer_counts of(struct lab *l, const struct vr_mac *mac) {
  const struct vr_peer p = {.mac = *mac};
  const struct vr_peer_counts *c = machine_find(&l->machine, &p);
  return c ? *c : (struct vr_peer_counts){0};
}

static void assert_counts(const struct vr_frame_counts *c, uint64_t bytes,
                          uint64_t frames, uint64_t segments,
                          uint64_t header_bytes) {
  assert_int_equal(c->bytes, bytes);
  assert_int_equal(c->frames, frames);
  assert_int_equal(c->more_segments, segments);
  assert_int_equal(c->more_bytes, header_bytes);
}

/* --- for whom --- */

static void test_sent_counts_for_the_destination(void **state) {
  (void)state;
  struct lab l;
  build_usual(&l);
  frame(&l, &peer, &own, 0x88b5, 100);
  run(&l);
  frame(&l, &peer, &second, 0x88b5, 200);
  run(&l);
  const struct vr_peer_counts c = of(&l, &peer);
  assert_counts(&c.sent, 300, 2, 0, 0);
  assert_counts(&c.received, 0, 0, 0, 0);
}

static void test_received_counts_for_the_source(void **state) {
  (void)state;
  struct lab l;
  build_usual(&l);
  frame(&l, &second, &peer, 0x88b5, 100);
  run_received(&l);
  const struct vr_peer_counts c = of(&l, &peer);
  assert_counts(&c.sent, 0, 0, 0, 0);
  assert_counts(&c.received, 100, 1, 0, 0);
}

static void test_spoofed_wherever_it_goes(void **state) {
  (void)state;
  const struct vr_mac *to[] = {&peer, &broadcast, &multicast, &own};
  struct lab l;
  build_usual(&l);
  for (size_t i = 0; i < 4; i++) {
    frame(&l, to[i], &peer, 0x88b5, 60);
    run(&l);
  }
  const struct vr_peer_counts c = of_kind(&l, VR_PEER_SPOOFED);
  assert_counts(&c.sent, 240, 4, 0, 0);
  assert_int_equal(l.machine.count, VR_PEER_KINDS - 1);
}

static void test_groups_in_both_directions(void **state) {
  (void)state;
  struct lab l;
  build_usual(&l);
  frame(&l, &broadcast, &own, 0x0806, 42);
  run(&l);
  frame(&l, &multicast, &own, 0x86dd, 80);
  run(&l);
  frame(&l, &broadcast, &peer, 0x0806, 43);
  run_received(&l);
  frame(&l, &multicast, &peer, 0x86dd, 81);
  run_received(&l);
  assert_int_equal(of_kind(&l, VR_PEER_BROADCAST).sent.bytes, 42);
  assert_int_equal(of_kind(&l, VR_PEER_BROADCAST).received.bytes, 43);
  assert_int_equal(of_kind(&l, VR_PEER_MULTICAST).sent.bytes, 80);
  assert_int_equal(of_kind(&l, VR_PEER_MULTICAST).received.bytes, 81);
}

/* Flooded to the guest, or from an address that no sender has. */
static void test_received_for_nobody(void **state) {
  (void)state;
  struct lab l;
  build_usual(&l);
  frame(&l, &peer, &peer, 0x88b5, 60);
  run_received(&l);
  frame(&l, &own, &multicast, 0x88b5, 70);
  run_received(&l);
  frame(&l, &own, &broadcast, 0x88b5, 80);
  run_received(&l);
  assert_int_equal(of_kind(&l, VR_PEER_OTHERS).received.bytes, 210);
  assert_int_equal(l.machine.count, VR_PEER_KINDS - 1);
}

static void test_without_addresses_nothing_is_spoofed(void **state) {
  (void)state;
  const struct vr_counting_options o = {.received = true};
  struct lab l;
  build(&l, &o);
  frame(&l, &peer, &second, 0x88b5, 60);
  run(&l);
  frame(&l, &second, &peer, 0x88b5, 70);
  run_received(&l);
  const struct vr_peer_counts c = of(&l, &peer);
  assert_int_equal(c.sent.bytes, 60);
  assert_int_equal(c.received.bytes, 70);
}

static void test_only_sent(void **state) {
  (void)state;
  const struct vr_counting_options o = {.macs = &own, .macs_count = 1};
  struct lab l;
  build(&l, &o);
  frame(&l, &own, &peer, 0x88b5, 60);
  run_received(&l);
  assert_int_equal(of(&l, &peer).received.frames, 0);
  frame(&l, &peer, &own, 0x88b5, 60);
  run(&l);
  assert_int_equal(of(&l, &peer).sent.frames, 1);
}

/* On a macvtap the stack's directions are the other way round. */
static void test_outgoing_is_sent(void **state) {
  (void)state;
  const struct vr_counting_options o = {.macs = &own,
                                        .macs_count = 1,
                                        .received = true,
                                        .outgoing_is_sent = true};
  struct lab l;
  build(&l, &o);
  frame(&l, &peer, &own, 0x88b5, 60);
  l.skb.pkt_type = PACKET_OUTGOING;
  run(&l);
  frame(&l, &own, &peer, 0x88b5, 70);
  run(&l);
  const struct vr_peer_counts c = of(&l, &peer);
  assert_int_equal(c.sent.bytes, 60);
  assert_int_equal(c.received.bytes, 70);
}

static void test_full_map(void **state) {
  (void)state;
  struct lab l;
  build_usual(&l);
  struct vr_mac to = peer;
  for (unsigned i = 0; i < 100; i++) {
    to.byte[4] = (uint8_t)i;
    frame(&l, &to, &own, 0x88b5, 60);
    run(&l);
  }
  assert_int_equal(l.machine.count, MACHINE_MAP);
  const unsigned fit = MACHINE_MAP - (VR_PEER_KINDS - 1);
  assert_int_equal(of_kind(&l, VR_PEER_OTHERS).sent.frames, 100 - fit);
}

static void test_every_length_counts_once(void **state) {
  (void)state;
  struct lab l;
  build_usual(&l);
  uint64_t bytes = 0;
  for (size_t n = 0; n < 70; n++) {
    frame(&l, &peer, &own, 0x0800, n);
    l.skb.gso_size = 1;
    run(&l);
    bytes += n;
  }
  const struct vr_peer_counts to = of(&l, &peer);
  const struct vr_peer_counts others = of_kind(&l, VR_PEER_OTHERS);
  assert_int_equal(to.sent.bytes + others.sent.bytes, bytes);
  assert_int_equal(others.sent.frames, 14); /* no whole header */
}

/* --- segments --- */

static void large(struct lab *l, unsigned type, uint32_t length,
                  uint32_t segment) {
  frame(l, &peer, &own, type, length);
  l->skb.gso_size = segment;
}

static void test_tcp_over_ipv4(void **state) {
  (void)state;
  struct lab l;
  build_usual(&l);
  large(&l, 0x0800, 14 + 24 + 32 + 5000, 1448);
  l.frame[14] = 0x46; /* with an option */
  l.frame[14 + 9] = 6;
  l.frame[14 + 24 + 12] = 0x80;
  run(&l);
  const struct vr_peer_counts c = of(&l, &peer);
  assert_counts(&c.sent, 5070, 1, 3, 3 * 70);
}

static void test_tcp_over_ipv6_with_tags(void **state) {
  (void)state;
  struct lab l;
  build_usual(&l);
  large(&l, 0x88a8, 22 + 40 + 20 + 2 * 1400, 1400);
  l.skb.vlan_present = 1; /* a third one, which the kernel took out */
  l.frame[16] = 0x81;
  l.frame[20] = 0x86;
  l.frame[21] = 0xdd;
  l.frame[22 + 6] = 6;
  l.frame[22 + 40 + 12] = 0x50;
  run(&l);
  const struct vr_peer_counts c = of(&l, &peer);
  assert_counts(&c.sent, 82 + 2800 + 4, 1, 1, 82 + 4);
}

static void test_udp(void **state) {
  (void)state;
  struct lab l;
  build_usual(&l);
  large(&l, 0x0800, 14 + 20 + 8 + 3001, 1000);
  l.frame[14] = 0x45;
  l.frame[14 + 9] = 17;
  run(&l);
  const struct vr_peer_counts c = of(&l, &peer);
  assert_counts(&c.sent, 3043, 1, 3, 3 * 42);
}

static void test_received_segments(void **state) {
  (void)state;
  struct lab l;
  build_usual(&l);
  frame(&l, &own, &peer, 0x0800, 14 + 20 + 8 + 2000);
  l.skb.gso_size = 1000;
  l.frame[14] = 0x45;
  l.frame[14 + 9] = 17;
  run_received(&l);
  const struct vr_peer_counts c = of(&l, &peer);
  assert_counts(&c.received, 2042, 1, 1, 42);
}

/* Whatever the headers say, a frame is one frame of its own length. */
static void test_headers_that_lie(void **state) {
  (void)state;
  struct lab l;
  unsigned seed = 7;
  for (int n = 0; n < 20000; n++) {
    build_usual(&l);
    large(&l, 0x0800, (uint32_t)rand_r(&seed) % 190, (uint32_t)rand_r(&seed));
    for (size_t i = 12; i < sizeof(l.frame); i++)
      l.frame[i] = (uint8_t)(n % 2 ? rand_r(&seed) : l.frame[i]);
    run(&l);
    const struct vr_peer_counts c = of(&l, &peer);
    const struct vr_peer_counts o = of_kind(&l, VR_PEER_OTHERS);
    assert_int_equal(c.sent.bytes + o.sent.bytes, l.skb.len);
    assert_int_equal(c.sent.frames + o.sent.frames, 1);
    assert_in_range(c.sent.more_segments, 0, l.skb.len);
  }
}

static void test_too_many_addresses(void **state) {
  (void)state;
  static const struct vr_mac many[VR_COUNTING_MACS_MAX + 1];
  struct vr_counting_options o = {.macs = many,
                                  .macs_count = VR_COUNTING_MACS_MAX,
                                  .received = true,
                                  .segments = true};
  struct lab l;
  build(&l, &o);
  o.macs_count++;
  memset(&l.program, 0, sizeof(l.program));
  assert_int_equal(vr_counting_program_build(&o, &l.program), -E2BIG);
}

static void test_assembler(void **state) {
  (void)state;
  struct vr_assembler a = {0};
  vr_assembler_jump(&a, BPF_JA, 0, 0, 0, 3);
  vr_assembler_load64(&a, BPF_REG_1, 0x1122334455667788);
  vr_assembler_label(&a, 3);
  vr_assembler_emit(&a, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
  assert_int_equal(vr_assembler_finish(&a), 0);
  assert_int_equal(a.insns[0].off, 2);
  assert_int_equal((uint32_t)a.insns[1].imm, 0x55667788);
  assert_int_equal(a.insns[2].imm, 0x11223344);
  vr_assembler_jump(&a, BPF_JA, 0, 0, 0, 3); /* backwards */
  assert_int_equal(vr_assembler_finish(&a), -EINVAL);
  for (int i = 0; i < VR_ASSEMBLER_MAX; i++)
    vr_assembler_emit(&a, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
  assert_int_equal(vr_assembler_finish(&a), -E2BIG);
}

/* Without CAP_PERFMON the verifier of Linux 6.1 refuses a register that is
 * added to a pointer into the map; constants it takes. r8 and r0 are such
 * pointers. */
static void test_pointers_move_by_constants(void **state) {
  (void)state;
  struct lab l;
  build_usual(&l);
  for (size_t i = 0; i < l.program.count; i++) {
    const struct bpf_insn *insn = &l.program.insns[i];
    bool is_pointer = insn->dst_reg == BPF_REG_8 || insn->dst_reg == BPF_REG_0;
    assert_false(insn->code == (BPF_ALU64 | BPF_ADD | BPF_X) && is_pointer);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sent_counts_for_the_destination),
      cmocka_unit_test(test_received_counts_for_the_source),
      cmocka_unit_test(test_spoofed_wherever_it_goes),
      cmocka_unit_test(test_groups_in_both_directions),
      cmocka_unit_test(test_received_for_nobody),
      cmocka_unit_test(test_without_addresses_nothing_is_spoofed),
      cmocka_unit_test(test_only_sent),
      cmocka_unit_test(test_outgoing_is_sent),
      cmocka_unit_test(test_full_map),
      cmocka_unit_test(test_every_length_counts_once),
      cmocka_unit_test(test_tcp_over_ipv4),
      cmocka_unit_test(test_tcp_over_ipv6_with_tags),
      cmocka_unit_test(test_udp),
      cmocka_unit_test(test_received_segments),
      cmocka_unit_test(test_headers_that_lie),
      cmocka_unit_test(test_too_many_addresses),
      cmocka_unit_test(test_pointers_move_by_constants),
      cmocka_unit_test(test_assembler),
  };
  return cmocka_run_group_tests_name("traffic/counting_program", tests, NULL,
                                     NULL);
}
