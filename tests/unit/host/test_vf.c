/* SPDX-License-Identifier: MIT
 *
 * Virtual functions: which one a guest holds, on made-up trees, and what the
 * kernel says of them, on messages that are built (see link_message.h).
 */
#include <sys/socket.h>

#include "../unit.h"

#include "link_message.h"
#include "tree.h"

#include "basic/log.h"
#include "host/net/taps.h"
#include "host/net/vf.h"
#include "host/net/vf_identify.h"
#include "host/net/vf_reply.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PCI "devices/pci0000:00/"
#define PF PCI "0000:06:00.0"
#define VF PCI "0000:06:10.2"
#define GROUP "kernel/iommu_groups/26/devices/"
#define CARD "0x020000\n"

/* --- which one --- */

/* A card eth0 with two virtual functions: the guest holds the second. The form
 * is that of the kernel's vfio.rst and sysfs-bus-pci; no such card was at hand.
 */
static struct tree make_card(void) {
  struct tree t = tree_new();
  tree_write(&t, PF "/class", CARD);
  tree_write(&t, PF "/net/eth0/ifindex", "2\n");
  tree_link(&t, PF "/virtfn0", "../0000:06:10.0");
  tree_link(&t, PF "/virtfn1", "../0000:06:10.2");
  tree_write(&t, PCI "0000:06:10.0/class", CARD);
  tree_link(&t, PCI "0000:06:10.0/physfn", "../0000:06:00.0");
  tree_write(&t, VF "/class", CARD);
  tree_link(&t, VF "/physfn", "../0000:06:00.0");
  return t;
}

static void hold_group(const struct tree *t) {
  tree_link(t, "100/fd/31", "/dev/vfio/26");
  tree_link(t, GROUP "0000:06:10.2", "../../../../" VF);
}

static void hold_device(const struct tree *t) {
  tree_link(t, "100/fd/31", "/dev/vfio/devices/vfio0");
  tree_link(t, "class/vfio-dev/vfio0", "../../" VF "/vfio-dev/vfio0");
  tree_link(t, VF "/vfio-dev/vfio0/device", "../../../0000:06:10.2");
}

static struct vr_taps scan(const struct tree *t) {
  struct vr_taps taps;
  char path[96];
  snprintf(path, sizeof(path), "%s/100", t->path);
  int sys = open(t->path, O_RDONLY | O_DIRECTORY);
  int process = open(path, O_RDONLY | O_DIRECTORY);
  assert_true(sys >= 0 && process >= 0);
  assert_int_equal(vr_taps_scan(process, getpid(), sys, &taps), 0);
  close(process);
  close(sys);
  return taps;
}

static void assert_is_vf(const struct vr_tap *tap, const char *pf,
                         unsigned vf) {
  assert_string_equal(tap->name, pf);
  assert_true(tap->is_vf && tap->counts_like_guest);
  assert_int_equal(tap->vf, vf);
}

static void finds_it_by_its_group(void **state) {
  (void)state;
  struct tree t = make_card();
  hold_group(&t);
  struct vr_taps taps = scan(&t);
  assert_false(taps.partial);
  assert_int_equal(taps.count, 1);
  assert_is_vf(&taps.v[0], "eth0", 1);
  tree_free(&t);
}

static void finds_it_by_its_device(void **state) {
  (void)state;
  struct tree t = make_card();
  hold_device(&t);
  struct vr_taps taps = scan(&t);
  assert_false(taps.partial);
  assert_int_equal(taps.count, 1);
  assert_is_vf(&taps.v[0], "eth0", 1);
  tree_free(&t);
}

/* Two of one card are two, one that is held twice is one; what is no network
 * card does not count. */
static void distinguishes_several(void **state) {
  (void)state;
  struct tree t = make_card();
  hold_group(&t);
  tree_link(&t, GROUP "0000:06:10.0", "../../../../" PCI "0000:06:10.0");
  tree_write(&t, GROUP "0000:07:00.0/class", "0x010802\n");
  tree_link(&t, "100/fd/32", "/dev/vfio/26");
  struct vr_taps taps = scan(&t);
  assert_false(taps.partial);
  assert_int_equal(taps.count, 2);
  assert_int_equal(taps.v[0].vf + taps.v[1].vf, 1);
  /* A whole card beside them. */
  tree_write(&t, GROUP "0000:08:00.0/class", CARD);
  taps = scan(&t);
  assert_true(taps.partial);
  assert_int_equal(taps.count, 2);
  tree_free(&t);
}

static void a_whole_card_stays_uncounted(void **state) {
  (void)state;
  struct tree t = tree_new();
  tree_link(&t, "100/fd/31", "/dev/vfio/26");
  tree_write(&t, GROUP "0000:06:00.0/class", CARD);
  tree_write(&t, GROUP "0000:06:00.0/net/eth0/ifindex", "2\n");
  struct vr_taps taps = scan(&t);
  assert_true(taps.partial);
  assert_int_equal(taps.count, 0);
  tree_free(&t);
}

static void assert_uncounted_without(const char *path) {
  struct tree t = make_card();
  hold_group(&t);
  tree_remove(&t, path);
  struct vr_taps taps = scan(&t);
  assert_true(taps.partial);
  assert_int_equal(taps.count, 0);
  tree_free(&t);
}

static void broken_links_leave_it_uncounted(void **state) {
  (void)state;
  assert_uncounted_without(VF "/physfn");
  assert_uncounted_without(PF "/virtfn1");
  assert_uncounted_without(PF "/net");
  assert_uncounted_without(PF "/net/eth0");
}

/* A link that leads nowhere, and one that is no number of a function's. */
static void wrong_links_leave_it_uncounted(void **state) {
  (void)state;
  struct tree t = make_card();
  hold_group(&t);
  tree_remove(&t, PF "/virtfn1");
  tree_link(&t, PF "/virtfn1", "../0000:06:77.7");
  tree_link(&t, PF "/virtfn1x", "../0000:06:10.2");
  tree_link(&t, PF "/virtfn", "../0000:06:10.2");
  assert_true(scan(&t).partial);
  tree_link(&t, PF "/virtfn17", "../0000:06:10.2");
  assert_is_vf(&scan(&t).v[0], "eth0", 17);
  tree_remove(&t, VF "/physfn");
  tree_link(&t, VF "/physfn", "../0000:06:77.7");
  assert_true(scan(&t).partial);
  tree_free(&t);
}

/* Interfaces of other ports beside the card's own. */
static void finds_the_cards_own_interface(void **state) {
  (void)state;
  struct tree t = make_card();
  hold_group(&t);
  tree_write(&t, PF "/net/eth0/phys_port_name", "p0\n");
  tree_write(&t, PF "/net/eth1/phys_port_name", "pf0vf0\n");
  tree_write(&t, PF "/net/eth2/phys_port_name", "c1pf0\n");
  struct vr_taps taps = scan(&t);
  assert_int_equal(taps.count, 1);
  assert_is_vf(&taps.v[0], "eth0", 1);
  /* Two of its own: whose the virtual function is is not known. */
  tree_write(&t, PF "/net/eth3/phys_port_name", "p1\n");
  taps = scan(&t);
  assert_true(taps.partial);
  assert_int_equal(taps.count, 0);
  tree_free(&t);
}

/* --- what the kernel says --- */

static const struct link_stats zero, first = {11, 12, 13000, 14000},
                                     second = {21, 22, 23000, 1ULL << 60};

/* From a copy of exactly that length, so that reading beyond it is noticed, and
 * at an odd address. */
static int parse(const void *data, size_t length, uint32_t sequence,
                 struct vr_vf_counters *ret) {
  char *copy = malloc(length + 1);
  assert_non_null(copy);
  memcpy(copy + 1, data, length);
  int r = vr_vf_parse(copy + 1, length, sequence, ret);
  free(copy);
  return r;
}

static void assert_counts(const struct vr_vf_counters *c, unsigned vf,
                          const struct link_stats *s) {
  assert_true(c->known[vf]);
  assert_int_equal(c->v[vf].rx_packets, s->rx_packets);
  assert_int_equal(c->v[vf].tx_packets, s->tx_packets);
  assert_int_equal(c->v[vf].rx_bytes, s->rx_bytes);
  assert_int_equal(c->v[vf].tx_bytes, s->tx_bytes);
}

static unsigned count_known(const struct vr_vf_counters *c) {
  unsigned n = 0;
  for (unsigned i = 0; i < VR_VF_MAX; i++)
    n += c->known[i];
  return n;
}

static void make_two(struct link_message *m) {
  link_message_begin(m, "eth0", 5);
  link_message_vf(m, 0, &first);
  link_message_vf(m, 1, &second);
  link_message_end(m);
}

static void reads_two(void **state) {
  (void)state;
  struct link_message m;
  struct vr_vf_counters c;
  memset(&c, 0xff, sizeof(c));
  make_two(&m);
  assert_int_equal(parse(m.data, m.length, 5, &c), 0);
  assert_int_equal(count_known(&c), 2);
  assert_counts(&c, 0, &first);
  assert_counts(&c, 1, &second);
}

/* Without counters, or with those that the kernel makes up for a driver that
 * has none: zeros. */
static void one_without_counters_is_not_known(void **state) {
  (void)state;
  static const struct link_stats no_bytes = {7, 7, 0, 0},
                                 one_way = {0, 3, 0, 300};
  struct link_message m;
  struct vr_vf_counters c;
  link_message_begin(&m, "eth0", 5);
  link_message_vf(&m, 0, NULL);
  link_message_vf(&m, 1, &second);
  link_message_vf(&m, 2, &zero);
  link_message_vf(&m, 3, &no_bytes);
  link_message_vf(&m, 4, &one_way);
  link_message_vf(&m, VR_VF_MAX, &first);
  link_message_vf(&m, UINT32_MAX, &first);
  link_message_end(&m);
  assert_int_equal(parse(m.data, m.length, 5, &c), 0);
  assert_int_equal(count_known(&c), 2);
  assert_counts(&c, 1, &second);
  assert_counts(&c, 4, &one_way);
}

/* All four counters, each of 64 bits, or none. */
static void half_counters_are_none(void **state) {
  (void)state;
  static const uint64_t value = 5;
  for (unsigned missing = 0; missing < 4; missing++)
    for (size_t size = 0; size < 8; size += 4) {
      struct link_message m;
      struct vr_vf_counters c;
      const struct ifla_vf_mac mac = {.vf = 1};
      link_message_begin(&m, "eth0", 5);
      size_t vf = link_open(&m, IFLA_VF_INFO);
      link_attribute(&m, IFLA_VF_MAC, &mac, sizeof(mac));
      size_t stats = link_open(&m, IFLA_VF_STATS);
      for (unsigned i = 0; i < 4; i++)
        link_attribute(&m, i, &value, i == missing ? size : sizeof(value));
      link_close(&m, stats);
      link_close(&m, vf);
      link_message_end(&m);
      assert_int_equal(parse(m.data, m.length, 5, &c), 0);
      assert_int_equal(count_known(&c), 0);
    }
}

/* The kernel may mark what holds other attributes. */
static void a_marked_type_is_the_same(void **state) {
  (void)state;
  const struct ifla_vf_mac mac = {.vf = 3};
  const uint64_t value = 5;
  struct link_message m;
  struct vr_vf_counters c;
  link_message_begin(&m, "eth0", 5);
  size_t vf = link_open(&m, IFLA_VF_INFO | NLA_F_NESTED);
  size_t stats = link_open(&m, IFLA_VF_STATS | NLA_F_NESTED);
  for (unsigned i = 0; i < 4; i++)
    link_attribute(&m, i, &value, sizeof(value));
  link_close(&m, stats);
  link_attribute(&m, IFLA_VF_MAC, &mac, sizeof(mac));
  link_close(&m, vf);
  link_message_end(&m);
  assert_int_equal(parse(m.data, m.length, 5, &c), 0);
  assert_counts(&c, 3, &(struct link_stats){5, 5, 5, 5});
}

static void takes_the_answer_to_its_question(void **state) {
  (void)state;
  struct link_message m, other;
  struct vr_vf_counters c;
  make_two(&m);
  assert_int_equal(parse(m.data, m.length, 6, &c), -EAGAIN);
  assert_int_equal(parse(m.data, 0, 6, &c), -EAGAIN);
  /* Behind another that came in the same piece. */
  link_message_begin(&other, "eth1", 4);
  link_message_vf(&other, 9, &first);
  link_message_end(&other);
  memcpy(other.data + other.length, m.data, m.length);
  assert_int_equal(parse(other.data, other.length + m.length, 5, &c), 0);
  assert_int_equal(count_known(&c), 2);
  assert_counts(&c, 0, &first);
}

static void hands_on_a_refusal(void **state) {
  (void)state;
  struct link_message m;
  struct vr_vf_counters c;
  link_message_refuse(&m, -ENODEV, 5);
  assert_int_equal(parse(m.data, m.length, 5, &c), -ENODEV);
  assert_int_equal(parse(m.data, m.length, 4, &c), -EAGAIN);
  link_message_refuse(&m, 0, 5);
  assert_int_equal(parse(m.data, m.length, 5, &c), -EAGAIN);
  link_message_refuse(&m, INT32_MIN, 5);
  assert_int_equal(parse(m.data, m.length, 5, &c), -EBADMSG);
  link_put32(&m, 0, 18); /* not even an error */
  assert_int_equal(parse(m.data, 18, 5, &c), -EBADMSG);
}

/* What is known of a message that is damaged is what is whole. */
static void assert_nothing_made_up(const struct vr_vf_counters *c) {
  assert_true(count_known(c) <= 2);
  if (c->known[0])
    assert_counts(c, 0, &first);
  if (c->known[1])
    assert_counts(c, 1, &second);
}

static void a_message_cut_off_anywhere_does_no_harm(void **state) {
  (void)state;
  struct link_message m;
  struct vr_vf_counters c;
  make_two(&m);
  size_t whole = m.length;
  for (size_t n = 1; n < whole; n++) {
    /* Its head says that there is more. */
    assert_int_equal(parse(m.data, n, 5, &c), -EBADMSG);
    /* Its head agrees, what is inside does not. */
    struct link_message cut = m;
    link_put32(&cut, 0, (uint32_t)n);
    int r = parse(cut.data, n, 5, &c);
    assert_int_equal(r, n < 32 ? -EBADMSG : 0);
    if (r == 0)
      assert_nothing_made_up(&c);
  }
}

/* The heads of all attributes, also of those within others. */
static size_t heads(const struct link_message *m, size_t at, size_t end,
                    size_t *ret, size_t n) {
  while (at + 4 <= end) {
    uint16_t head[2];
    memcpy(head, m->data + at, sizeof(head));
    ret[n++] = at;
    bool holds = head[0] > 60 || (head[1] == IFLA_VF_VLAN_LIST && head[0] > 16);
    if (holds)
      n = heads(m, at + 4, at + head[0], ret, n);
    at += (head[0] + 3U) & ~3U;
  }
  return n;
}

static void lying_lengths_do_no_harm(void **state) {
  (void)state;
  struct link_message m;
  struct vr_vf_counters c;
  size_t at[64];
  make_two(&m);
  size_t n = heads(&m, 32, m.length, at, 0);
  assert_int_equal(n, 43);
  for (size_t i = 0; i < n; i++)
    for (unsigned length = 0; length < 1500; length++) {
      struct link_message liar = m;
      link_put16(&liar, at[i], (uint16_t)(length == 1499 ? 0xffff : length));
      assert_int_equal(parse(liar.data, liar.length, 5, &c), 0);
    }
  for (uint32_t length = 0; length < 2000; length++) {
    struct link_message liar = m;
    link_put32(&liar, 0, length == 1999 ? UINT32_MAX : length);
    int r = parse(liar.data, liar.length, 5, &c);
    assert_true(r == 0 || r == -EBADMSG);
    if (length < 16 || length > m.length)
      assert_int_equal(r, -EBADMSG);
  }
}

/* Longer than what holds it: it and what follows is left out. */
static void what_is_longer_than_its_place_is_left_out(void **state) {
  (void)state;
  struct link_message m;
  struct vr_vf_counters c;
  make_two(&m);
  size_t list = 32 + 4 + 16, vf = list + 4;
  uint16_t length;
  memcpy(&length, m.data + vf, sizeof(length));
  link_put16(&m, vf + length, (uint16_t)(length + 1)); /* the second's */
  assert_int_equal(parse(m.data, m.length, 5, &c), 0);
  assert_int_equal(count_known(&c), 1);
  assert_counts(&c, 0, &first);
  link_put16(&m, list, 0xfffc);
  assert_int_equal(parse(m.data, m.length, 5, &c), 0);
  assert_int_equal(count_known(&c), 0);
}

/* Bytes at random; the same ones each time. */
static void noise_does_no_harm(void **state) {
  (void)state;
  struct link_message m;
  struct vr_vf_counters c;
  uint32_t x = 12345;
  make_two(&m);
  for (int round = 0; round < 20000; round++) {
    struct link_message noisy = m;
    for (int i = 0; i < 4; i++) {
      x = x * 1664525 + 1013904223;
      noisy.data[(x >> 16) % m.length] = (unsigned char)(x >> 8);
    }
    int r = parse(noisy.data, noisy.length, 5, &c);
    assert_true(r <= 0);
  }
}

/* --- asking it --- */

static int said;
static char last[256];

static void receive(int priority, const char *message) {
  (void)priority;
  said++;
  snprintf(last, sizeof(last), "%s", message);
}

static bool may_ask(void) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd >= 0)
    close(fd);
  return fd >= 0;
}

/* This machine's, of an interface that has no virtual functions and of one that
 * is not there. */
static void understands_the_real_kernel(void **state) {
  (void)state;
  struct vr_vfs v = {0};
  if (!may_ask())
    skip();
  vr_log_set(receive);
  for (int i = 0; i < 3; i++) {
    vr_vf_begin(&v);
    assert_null(vr_vf_find(&v, "lo", 0));
    assert_null(vr_vf_find(&v, "lo", VR_VF_MAX));
  }
  assert_int_equal(said, 0);
  for (int i = 0; i < 3; i++) {
    vr_vf_begin(&v);
    assert_null(vr_vf_find(&v, "nosuchinterfac", 0));
  }
  assert_int_equal(said, 1);
  assert_non_null(strstr(last, strerror(ENODEV)));
  vr_log_set(NULL);
  vr_vf_free(&v);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_it_by_its_group),
      cmocka_unit_test(finds_it_by_its_device),
      cmocka_unit_test(distinguishes_several),
      cmocka_unit_test(a_whole_card_stays_uncounted),
      cmocka_unit_test(broken_links_leave_it_uncounted),
      cmocka_unit_test(wrong_links_leave_it_uncounted),
      cmocka_unit_test(finds_the_cards_own_interface),
      cmocka_unit_test(reads_two),
      cmocka_unit_test(one_without_counters_is_not_known),
      cmocka_unit_test(half_counters_are_none),
      cmocka_unit_test(a_marked_type_is_the_same),
      cmocka_unit_test(takes_the_answer_to_its_question),
      cmocka_unit_test(hands_on_a_refusal),
      cmocka_unit_test(a_message_cut_off_anywhere_does_no_harm),
      cmocka_unit_test(lying_lengths_do_no_harm),
      cmocka_unit_test(what_is_longer_than_its_place_is_left_out),
      cmocka_unit_test(noise_does_no_harm),
      cmocka_unit_test(understands_the_real_kernel),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
