/* SPDX-License-Identifier: MIT
 *
 * Guests with virtual functions, from the tree of files to the sample. --wrap
 * puts a kernel of the test's behind the socket: its answers are built (see
 * link_message.h), what it is asked is looked at. What allocates is counted.
 */
#include <sys/socket.h>

#include "../unit.h"

#include "counted.h"
#include "guests.h"
#include "link_message.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CARDS = 2, VFS = 2, NOBODY = -1, FOREIGN = 4711 };

/* How it answers. */
enum manner { ANSWERS, IS_SILENT, REFUSES, CHATTERS, IS_FORGED, IS_LONG };

struct card {
  const char *name;
  int requests;
  bool have_stats[VFS];
  struct link_stats stats[VFS];
};

/* The kernel. */
static struct {
  int fd, sockets, closed;
  bool no_sockets;
  enum manner manner;
  struct card cards[CARDS];
  const struct card *asked; /* its answer is to be read */
  uint32_t sequence;
  int reads, stale;
} k;

int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol) {
  if (domain != AF_NETLINK || protocol != NETLINK_ROUTE)
    return __real_socket(domain, type, protocol);
  assert_true(type & SOCK_NONBLOCK && type & SOCK_CLOEXEC);
  k.sockets++;
  if (k.no_sockets) {
    errno = EMFILE;
    return -1;
  }
  assert_int_equal(k.fd, NOBODY);
  k.fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  return k.fd;
}

int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd) {
  if (k.fd != NOBODY && fd == k.fd) {
    k.fd = NOBODY;
    k.closed++;
  }
  return __real_close(fd);
}

static uint32_t word_at(const char *m, size_t at) {
  uint32_t word;
  memcpy(&word, m + at, sizeof(word));
  return word;
}

static uint16_t half_at(const char *m, size_t at) {
  uint16_t half;
  memcpy(&half, m + at, sizeof(half));
  return half;
}

/* One card is asked about by its name, with its virtual functions. */
static void be_asked(const char *m, size_t n) {
  assert_true(n >= 32 + 8 + 4);
  assert_int_equal(word_at(m, 0), n);
  assert_int_equal(half_at(m, 4), RTM_GETLINK);
  assert_int_equal(half_at(m, 6), NLM_F_REQUEST);
  assert_int_equal(half_at(m, 32), 8);
  assert_int_equal(half_at(m, 34), IFLA_EXT_MASK);
  assert_int_equal(word_at(m, 36), RTEXT_FILTER_VF);
  assert_int_equal(half_at(m, 42), IFLA_IFNAME);
  assert_int_equal(half_at(m, 40), 4 + strlen(m + 44) + 1);
  k.sequence = word_at(m, LINK_MESSAGE_SEQUENCE);
  k.asked = NULL;
  k.reads = 0;
  for (int i = 0; i < CARDS; i++)
    if (strcmp(k.cards[i].name, m + 44) == 0) {
      k.asked = &k.cards[i];
      k.cards[i].requests++;
    }
  assert_non_null(k.asked);
}

ssize_t __real_send(int fd, const void *data, size_t n, int flags);
ssize_t __wrap_send(int fd, const void *data, size_t n, int flags);
ssize_t __wrap_send(int fd, const void *data, size_t n, int flags) {
  if (k.fd == NOBODY || fd != k.fd)
    return __real_send(fd, data, n, flags);
  be_asked(data, n);
  return (ssize_t)n;
}

static void make_answer(struct link_message *m) {
  bool other = k.manner == CHATTERS || k.stale > 0;
  k.stale -= k.stale > 0;
  if (k.manner == REFUSES) {
    link_message_refuse(m, -ENODEV, k.sequence);
    return;
  }
  link_message_begin(m, k.asked->name, k.sequence - other);
  for (int i = 0; i < VFS; i++)
    link_message_vf(m, (uint32_t)i,
                    k.asked->have_stats[i] ? &k.asked->stats[i] : NULL);
  link_message_end(m);
  if (k.manner != CHATTERS && !other)
    k.asked = NULL;
}

ssize_t __real_recvfrom(int fd, void *data, size_t n, int flags,
                        struct sockaddr *sender, socklen_t *size);
ssize_t __wrap_recvfrom(int fd, void *data, size_t n, int flags,
                        struct sockaddr *sender, socklen_t *size);
ssize_t __wrap_recvfrom(int fd, void *data, size_t n, int flags,
                        struct sockaddr *sender, socklen_t *size) {
  if (k.fd == NOBODY || fd != k.fd)
    return __real_recvfrom(fd, data, n, flags, sender, size);
  assert_true(flags & MSG_DONTWAIT && flags & MSG_TRUNC);
  k.reads++;
  if (k.manner == IS_SILENT || !k.asked) {
    errno = EAGAIN;
    return -1;
  }
  static struct link_message m;
  make_answer(&m);
  const struct sockaddr_nl from = {
      .nl_family = AF_NETLINK, .nl_pid = k.manner == IS_FORGED ? FOREIGN : 0};
  memcpy(sender, &from, sizeof(from));
  *size = sizeof(from);
  memcpy(data, m.data, m.length < n ? m.length : n);
  return k.manner == IS_LONG ? (ssize_t)n + 1 : (ssize_t)m.length;
}

/* --- guests --- */

#define PCI "devices/pci0000:00/"

/* Card C is 0000:0C:00.0 with the interface ethC; its virtual functions are
 * 0000:0C:10.0 and .1, their groups C0 and C1. */
static void make_card(const struct tree *t, int c) {
  char path[128], target[128];
  snprintf(path, sizeof(path), PCI "0000:0%d:00.0/net/eth%d/ifindex", c, c);
  tree_write(t, path, "%d\n", c + 2);
  for (int vf = 0; vf < VFS; vf++) {
    snprintf(path, sizeof(path), PCI "0000:0%d:00.0/virtfn%d", c, vf);
    snprintf(target, sizeof(target), "../0000:0%d:10.%d", c, vf);
    tree_link(t, path, target);
    snprintf(path, sizeof(path), PCI "0000:0%d:10.%d/class", c, vf);
    tree_write(t, path, "0x020000\n");
    snprintf(path, sizeof(path), PCI "0000:0%d:10.%d/physfn", c, vf);
    snprintf(target, sizeof(target), "../0000:0%d:00.0", c);
    tree_link(t, path, target);
    snprintf(path, sizeof(path),
             "kernel/iommu_groups/%d%d/devices/0000:0%d:10.%d", c, vf, c, vf);
    snprintf(target, sizeof(target), "../../../../" PCI "0000:0%d:10.%d", c,
             vf);
    tree_link(t, path, target);
  }
}

static struct tree make_cards(void) {
  struct tree t = tree_new();
  memset(&k, 0, sizeof(k));
  k.fd = NOBODY;
  k.cards[0].name = "eth0";
  k.cards[1].name = "eth1";
  for (int c = 0; c < CARDS; c++) {
    make_card(&t, c);
    for (int vf = 0; vf < VFS; vf++) {
      uint64_t n = (uint64_t)(100 * c + 10 * vf);
      k.cards[c].have_stats[vf] = true;
      k.cards[c].stats[vf] =
          (struct link_stats){n + 1, n + 2, 1000 * (n + 3), 1000 * (n + 4)};
    }
  }
  tree_write(&t, "net/dev",
             "x\ny\n  tap0: 500 5 0 0 0 0 0 0 700 7 0 0 0 0 0 0\n");
  return t;
}

static void hold(const struct tree *t, int pid, int fd, int card, int vf) {
  char path[64], target[64];
  snprintf(path, sizeof(path), "%d/fd/%d", pid, fd);
  snprintf(target, sizeof(target), "/dev/vfio/%d%d", card, vf);
  tree_link(t, path, target);
}

/* A guest "web" that holds the first virtual function of eth0. */
static struct vr_host *read_one(struct tree *t,
                                const struct vr_vmproc_sample **ret) {
  *t = make_cards();
  guest_start(t, 100, "web", 5);
  hold(t, 100, 30, 0, 0);
  struct vr_host *h = reader_new(t, 100);
  vr_host_read(h);
  *ret = guest_named(h, "web");
  return h;
}

/* What the guest received is what a tap would have sent. */
static void counts_as_a_tap(void **state) {
  (void)state;
  struct tree t;
  const struct vr_vmproc_sample *s;
  struct vr_host *h = read_one(&t, &s);
  assert_true(s->have_tap);
  assert_int_equal(s->tap.tx_packets, 1);
  assert_int_equal(s->tap.rx_packets, 2);
  assert_int_equal(s->tap.tx_bytes, 3000);
  assert_int_equal(s->tap.rx_bytes, 4000);
  vr_host_free(h);
  assert_int_equal(k.closed, 1);
  tree_free(&t);
}

/* The tap received 500 bytes from the guest and sent 700 to it. */
static void adds_up_with_taps_and_others(void **state) {
  (void)state;
  struct tree t = make_cards();
  guest_start(&t, 100, "web", 5);
  hold(&t, 100, 30, 0, 0);
  hold(&t, 100, 31, 0, 1);
  hold(&t, 100, 32, 1, 0);
  tree_link(&t, "100/fd/20", "/dev/net/tun");
  tree_write(&t, "100/fdinfo/20", "pos:\t0\niff:\ttap0\n");
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_true(s->have_tap);
  assert_int_equal(s->tap.tx_bytes, 3000 + 13000 + 103000 + 700);
  assert_int_equal(s->tap.rx_bytes, 4000 + 14000 + 104000 + 500);
  assert_int_equal(s->tap.tx_packets, 1 + 11 + 101 + 7);
  assert_int_equal(s->tap.rx_packets, 2 + 12 + 102 + 5);
  vr_host_free(h);
  tree_free(&t);
}

/* However many guests: each card is asked once in a reading, those that nobody
 * needs never. */
static void asks_each_card_once(void **state) {
  (void)state;
  struct tree t = make_cards();
  guest_start(&t, 100, "web", 5);
  guest_start(&t, 200, "db", 6);
  hold(&t, 100, 30, 0, 0);
  hold(&t, 200, 30, 0, 1);
  struct vr_host *h = reader_new(&t, 100);
  for (int i = 0; i < 10; i++)
    vr_host_read(h);
  assert_int_equal(k.sockets, 1);
  assert_int_equal(k.cards[0].requests, 10);
  assert_int_equal(k.cards[1].requests, 0);
  assert_int_equal(guest_named(h, "web")->tap.tx_bytes, 3000);
  assert_int_equal(guest_named(h, "db")->tap.tx_bytes, 13000);
  assert_int_equal(log_count(), 0);
  vr_host_free(h);
  tree_free(&t);
}

static void opens_nothing_without_need(void **state) {
  (void)state;
  struct tree t = make_cards();
  guest_start(&t, 100, "web", 5);
  tree_link(&t, "100/fd/20", "/dev/net/tun");
  tree_write(&t, "100/fdinfo/20", "pos:\t0\niff:\ttap0\n");
  guest_start(&t, 200, "db", 6);
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  assert_int_equal(k.sockets, 0);
  hold(&t, 200, 30, 0, 0);
  vr_host_read(h);
  assert_int_equal(k.sockets, 1);
  assert_true(guest_named(h, "db")->have_tap);
  /* The last one that needs it has gone. */
  tree_write(&t, "200/stat",
             "200 (q) Z 1 1 1 0 -1 0 600 0 60 0 1 1 0 0 20 0 3 0 6 0 0 0 0 0 0 "
             "0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n");
  for (int i = 0; i < 3; i++)
    vr_host_read(h);
  assert_null(guest_named(h, "db"));
  assert_int_equal(k.closed, 1);
  assert_int_equal(k.sockets, 1);
  vr_host_free(h);
  assert_int_equal(k.closed, 1);
  tree_free(&t);
}

static void one_that_is_not_counted_is_absent(void **state) {
  (void)state;
  struct tree t;
  const struct vr_vmproc_sample *s;
  struct vr_host *h = read_one(&t, &s);
  assert_true(s->have_tap);
  k.cards[0].have_stats[0] = false;
  vr_host_read(h);
  assert_false(s->have_tap);
  /* Zeros, which the kernel says for a driver that does not count. */
  k.cards[0].have_stats[0] = true;
  k.cards[0].stats[0] = (struct link_stats){0};
  vr_host_read(h);
  assert_false(s->have_tap);
  /* Anew, after a reset: it goes on from there. */
  k.cards[0].stats[0] = (struct link_stats){1, 1, 100, 100};
  vr_host_read(h);
  assert_true(s->have_tap);
  assert_int_equal(s->tap.tx_bytes, 3000);
  k.cards[0].stats[0] = (struct link_stats){2, 3, 150, 180};
  vr_host_read(h);
  assert_int_equal(s->tap.tx_bytes, 3050);
  assert_int_equal(s->tap.rx_bytes, 4080);
  vr_host_free(h);
  tree_free(&t);
}

/* A reading takes a few messages at most, and says once what is wrong. */
static void trouble_is_said_once(void **state) {
  (void)state;
  static const enum manner troubles[] = {IS_SILENT, REFUSES, CHATTERS,
                                         IS_FORGED, IS_LONG};
  struct tree t;
  const struct vr_vmproc_sample *s;
  struct vr_host *h = read_one(&t, &s);
  for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
    k.manner = troubles[i];
    for (int n = 0; n < 5; n++) {
      vr_host_read(h);
      assert_false(s->have_tap);
      assert_in_range(k.reads, 1, 8);
    }
    assert_int_equal(log_count(), 1);
    assert_non_null(strstr(log_last, "interface eth0: "));
    k.manner = ANSWERS;
    vr_host_read(h);
    assert_true(s->have_tap);
    assert_int_equal(s->tap.tx_bytes, 3000);
    assert_int_equal(log_count(), 1); /* it is over */
  }
  assert_int_equal(k.sockets, 1);
  vr_host_free(h);
  tree_free(&t);
}

/* Answers to questions that were given up. */
static void passes_over_old_answers(void **state) {
  (void)state;
  struct tree t;
  const struct vr_vmproc_sample *s;
  struct vr_host *h = read_one(&t, &s);
  k.stale = 3;
  vr_host_read(h);
  assert_true(s->have_tap);
  assert_int_equal(k.reads, 4);
  vr_host_free(h);
  tree_free(&t);
}

static void does_without_a_socket(void **state) {
  (void)state;
  struct tree t = make_cards();
  k.no_sockets = true;
  guest_start(&t, 100, "web", 5);
  hold(&t, 100, 30, 0, 0);
  struct vr_host *h = reader_new(&t, 100);
  for (int i = 0; i < 5; i++)
    vr_host_read(h);
  assert_false(guest_named(h, "web")->have_tap);
  assert_int_equal(log_count(), 1);
  k.no_sockets = false;
  vr_host_read(h);
  assert_true(guest_named(h, "web")->have_tap);
  vr_host_free(h);
  tree_free(&t);
}

static void allocates_nothing(void **state) {
  (void)state;
  struct tree t;
  const struct vr_vmproc_sample *s;
  struct vr_host *h = read_one(&t, &s);
  for (int i = 0; i < 70; i++)
    vr_host_read(h);
  allocations = 0;
  for (int i = 0; i < 100; i++) {
    k.manner = i % 10 == 9 ? IS_SILENT : ANSWERS;
    counting = true;
    vr_host_read(h);
    counting = false;
  }
  assert_int_equal(allocations, 0);
  vr_host_free(h);
  tree_free(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counts_as_a_tap),
      cmocka_unit_test(adds_up_with_taps_and_others),
      cmocka_unit_test(asks_each_card_once),
      cmocka_unit_test(opens_nothing_without_need),
      cmocka_unit_test(one_that_is_not_counted_is_absent),
      cmocka_unit_test(trouble_is_said_once),
      cmocka_unit_test(passes_over_old_answers),
      cmocka_unit_test(does_without_a_socket),
      cmocka_unit_test(allocates_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
