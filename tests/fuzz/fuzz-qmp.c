/* SPDX-License-Identifier: MIT
 *
 * What a QEMU says on its QMP socket, over a real socket. An input is a byte of
 * options, then what is sent; in between bytes that JSON does not have stand
 * for what else happens:
 *
 *   1  the reader takes in what has come    2  an interval begins
 *   3  QEMU closes the connection           4  the time to wait is over
 *   5  from here on all is sent in small pieces
 */
#include "fuzz.h"

#include "host/qmp/qmp.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { PIECE = 7 };

struct qemu {
  struct vr_qmp *q;
  int client;
  bool pieces;
};

/* The socket "q" that this process listens on, in a tree as /proc is. */
static int server(void) {
  static int fd = -1;
  char root[4096], status[4096];
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  if (fd >= 0)
    return fd;
  const char *top = fuzz_directory();
  snprintf(root, sizeof(root), "%s/%d", top, (int)getpid());
  snprintf(status, sizeof(status), "%.4000s/status", root);
  snprintf(a.sun_path, sizeof(a.sun_path), "%.90s/q", top);
  fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (mkdir(root, 0755) < 0 || symlink("/proc/self/status", status) < 0 ||
      symlink(top, strcat(root, "/root")) < 0 ||
      bind(fd, (const struct sockaddr *)&a, sizeof(a)) < 0 ||
      listen(fd, 4) < 0) {
    perror(a.sun_path);
    exit(99);
  }
  return fd;
}

static void hang_up(struct qemu *s) {
  if (s->client >= 0)
    close(s->client);
  s->client = -1;
}

static void send_all(struct qemu *s, const uint8_t *data, size_t size) {
  if (s->client < 0)
    s->client = accept4(server(), NULL, NULL, SOCK_CLOEXEC);
  const size_t piece = s->pieces ? PIECE : size;
  for (size_t i = 0; i < size; i += piece) {
    size_t n = size - i < piece ? size - i : piece;
    send(s->client, data + i, n, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (s->pieces)
      vr_qmp_take(s->q);
  }
}

static void check(struct qemu *s) {
  static struct vr_qmp_report report;
  pid_t tids[4];
  vr_qmp_sample(s->q, &report);
  fuzz_require(vr_qmp_vcpus(s->q, tids, 4) <= 4);
  vr_qmp_pollfd(s->q);
}

static void happen(struct qemu *s, uint8_t what) {
  switch (what) {
  case 1:
    vr_qmp_take(s->q);
    break;
  case 2:
    vr_qmp_ask(s->q);
    break;
  case 3:
    hang_up(s);
    break;
  case 4:
    vr_qmp_deadline(s->q);
    break;
  default:
    s->pieces = true;
  }
  check(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0)
    return 0;
  const struct vr_qmp_options o = {.balloon = data[0] & 1,
                                   .kvm = data[0] & 2,
                                   .balloon_period = 1 + (data[0] >> 4)};
  struct qemu s = {.client = -1};
  server();
  if (vr_qmp_new(fuzz_directory(), getpid(), "/q", "web", &o, &s.q) < 0)
    return 0;
  /* Without connections nothing below would be tried; one that comes late, on a
   * busy machine, is none. */
  static unsigned tried, connected;
  s.client = accept4(server(), NULL, NULL, SOCK_CLOEXEC);
  connected += s.client >= 0;
  fuzz_require(connected >= tried++ / 4);
  for (size_t i = 1; i < size;) {
    size_t n = 0;
    while (i + n < size && (data[i + n] == 0 || data[i + n] > 5))
      n++;
    if (n > 0)
      send_all(&s, data + i, n);
    else
      happen(&s, data[i++]);
    i += n;
  }
  vr_qmp_take(s.q);
  check(&s);
  hang_up(&s);
  vr_qmp_free(s.q);
  /* Who connected and was never answered. */
  for (int fd; (fd = accept(server(), NULL, NULL)) >= 0;)
    close(fd);
  return 0;
}

#define GREETING                                                               \
  "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, "          \
  "\"major\": 7}}, \"capabilities\": [\"oob\"]}}\r\n\1"
#define START GREETING REPLY("{}", "1")
#define REPLY(value, id) "{\"return\": " value ", \"id\": " id "}\r\n\1"
#define CPUS                                                                   \
  REPLY("[{\"thread-id\": 77, \"cpu-index\": 0}, {\"thread-id\": 78, "         \
        "\"cpu-index\": 1}]",                                                  \
        "2")
#define LISTS                                                                  \
  REPLY("[{\"name\": \"type\", \"type\": \"string\"}, {\"name\": "             \
        "\"balloon0\", \"type\": \"child<virtio-balloon-pci>\"}]",             \
        "3")                                                                   \
  REPLY("[]", "4")
#define DISKS                                                                  \
  "[{\"device\": \"d0\", \"qdev\": \"/machine/peripheral/virtio0/virtio-"      \
  "backend\", \"stats\": {\"rd_bytes\": 1, \"wr_bytes\": 2, "                  \
  "\"rd_operations\": 3, \"wr_operations\": 4, \"flush_operations\": 5, "      \
  "\"rd_total_time_ns\": 6, \"wr_total_time_ns\": 7}}, {\"device\": "          \
  "\"pflash0\", \"stats\": {\"rd_bytes\": 1, \"wr_bytes\": 0, "                \
  "\"rd_operations\": 0, \"wr_operations\": 0}}]"
#define QUEUE                                                                  \
  "{\"signalled-used\": 0, \"inuse\": 5, \"name\": \"virtio-blk\", "           \
  "\"vring-align\": 4096, \"vring-num-default\": 256, \"queue-index\": 0, "    \
  "\"last-avail-idx\": 2, \"used-idx\": 65533, \"shadow-avail-idx\": 2, "      \
  "\"vring-num\": 256}"
#define NO_QUEUE(id)                                                           \
  "{\"id\": " id ", \"error\": {\"class\": \"GenericError\", \"desc\": "       \
  "\"Invalid virtqueue number 1\"}}\r\n\1"
#define AGAIN(id) "\3\2" GREETING REPLY("{}", id)
#define GUEST_STATS                                                            \
  "{\"stats\": {\"stat-swap-out\": 0, \"stat-available-memory\": 200000000, "  \
  "\"stat-free-memory\": 18446744073709551615, \"stat-minor-faults\": 5, "     \
  "\"stat-major-faults\": 1, \"stat-total-memory\": 250000000, "               \
  "\"stat-swap-in\": 0, \"stat-disk-caches\": 1000}, \"last-update\": "        \
  "1700000000}"
#define KVM                                                                    \
  "[{\"provider\": \"kvm\", \"qom-path\": \"/machine/unattached/device[0]\", " \
  "\"stats\": [{\"name\": \"halt_exits\", \"value\": 5}, {\"name\": "          \
  "\"exits\", \"value\": 7}, {\"name\": \"halt_wait_hist\", \"value\": [1, "   \
  "2]}]}]"

void fuzz_seeds(void) {
  static const char *const seeds[] = {
      "\x10" START CPUS REPLY(DISKS, "3") "\2" REPLY(DISKS, "4") "\2\2",
      "\x11" START CPUS LISTS REPLY(DISKS, "5") REPLY("0", "6")
          REPLY("{}", "7") "\2" REPLY(DISKS, "8") REPLY(GUEST_STATS, "9") "\2",
      "\x13" START CPUS LISTS REPLY(DISKS, "5") REPLY(KVM, "6") REPLY("0", "7")
          REPLY("{}", "8") "\2" REPLY(DISKS, "9") REPLY(GUEST_STATS, "10")
              REPLY(KVM, "11") "\2",
      "\x12" START CPUS REPLY(DISKS, "3") REPLY(KVM, "4") "\2",
      /* A disk that stands still, with one queue: three readings, and between
       * them others are let in. */
      "\x10" START CPUS REPLY(DISKS, "3") REPLY("{}", "4") REPLY("{}", "5")
          AGAIN("6") REPLY(DISKS, "7") REPLY(QUEUE, "8") NO_QUEUE("9")
              REPLY("{}", "10") REPLY("{}", "11") AGAIN("12") REPLY(DISKS, "13")
                  REPLY(QUEUE, "14") REPLY("{}", "15") REPLY("{}", "16") "\2",
      "\x10\5" START "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": "
      "\"x\"}, \"id\": 2}\r\n\1",
      "\x10" GREETING "{\"event\": \"STOP\", \"timestamp\": {\"seconds\": 1, "
      "\"microseconds\": 2}}\r\n\4\1\3\2\2",
  };
  for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
    fuzz_seed(seeds[i], strlen(seeds[i]));
}
