/* SPDX-License-Identifier: MIT */
#include "tools/vmrecon-net-train.h"

#include "basic/cleanup.h"
#include "basic/sort.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
  PORT = 25828,
  PACKETS = 96, /* of a train */
  TRAINS = 11,
  HEADERS_4 = 28, /* of IP and UDP */
  HEADERS_6 = 48,
  ETHERNET = 14,
  MOST = 9000,
  LEAST_SEEN = 8, /* packets of a train, for an answer */
  GAP_MS = 100,   /* after which a train is over */
  WAIT_MS = 2000,
  PAUSE_US = 50000,
};
#define MAGIC UINT64_C(0x5652545241494e31) /* "VRTRAIN1" */

/* All in network byte order. */
struct packet {
  uint64_t magic;
  uint32_t train, index;
};

struct answer {
  uint64_t magic;
  uint32_t train, packets; /* that arrived in the second half, but the first */
  uint64_t bytes, ns;      /* of these, without headers; since that first */
};

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* --- who answers --- */

struct half {
  uint32_t train, seen, packets;
  uint64_t bytes;
  int64_t begin, end;
  struct sockaddr_storage from;
  socklen_t length;
};

/* What precedes the middle is left out: a link that was idle lets some packets
 * pass at once. */
static void take(struct half *h, const struct packet *p, size_t bytes,
                 int64_t at) {
  uint32_t train = be32toh(p->train);
  if (train != h->train)
    *h = (struct half){.train = train};
  h->seen++;
  if (be32toh(p->index) < PACKETS / 2)
    return;
  if (h->begin == 0) {
    h->begin = at;
    return;
  }
  h->packets++;
  h->bytes += bytes;
  h->end = at;
}

static void give(int fd, const struct half *h) {
  const struct answer a = {.magic = htobe64(MAGIC),
                           .train = htobe32(h->train),
                           .packets = htobe32(h->packets),
                           .bytes = htobe64(h->bytes),
                           .ns = htobe64((uint64_t)(h->end - h->begin))};
  if (h->seen >= LEAST_SEEN)
    (void)!sendto(fd, &a, sizeof(a), 0, (const void *)&h->from, h->length);
}

/* Until a signal ends the program. */
static _Noreturn void answer_all(int fd) {
  struct half h = {0};
  char data[MOST] __attribute__((aligned(8)));
  printf("waiting at UDP port %d\n", PORT);
  fflush(stdout);
  for (;;) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, h.seen > 0 ? GAP_MS : -1) == 0) {
      give(fd, &h);
      h = (struct half){0};
      continue;
    }
    struct sockaddr_storage from;
    socklen_t length = sizeof(from);
    ssize_t n = recvfrom(fd, data, sizeof(data), 0, (void *)&from, &length);
    const struct packet *q = (const void *)data;
    if (n < (ssize_t)sizeof(*q) || be64toh(q->magic) != MAGIC)
      continue;
    take(&h, q, (size_t)n, now_ns());
    h.from = from;
    h.length = length;
  }
}

/* --- who asks --- */

struct target {
  int fd, family;
  const char *address;
  size_t size; /* of a packet's data */
  unsigned mtu;
};

/* As large as the way takes without being cut. */
static int prepare(struct target *t) {
  int yes = IP_PMTUDISC_DO, mtu = 0;
  socklen_t length = sizeof(mtu);
  bool is_4 = t->family == AF_INET;
  setsockopt(t->fd, is_4 ? IPPROTO_IP : IPPROTO_IPV6,
             is_4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, &yes, sizeof(yes));
  if (getsockopt(t->fd, is_4 ? IPPROTO_IP : IPPROTO_IPV6,
                 is_4 ? IP_MTU : IPV6_MTU, &mtu, &length) < 0)
    return -errno;
  t->mtu = (unsigned)(mtu < MOST ? mtu : MOST);
  t->size = t->mtu - (is_4 ? HEADERS_4 : HEADERS_6);
  return 0;
}

/* Behind its first hop the way may take less: the kernel is told so by who
 * could not pass a packet on. */
static bool is_narrower(struct target *t) {
  unsigned before = t->mtu;
  return prepare(t) == 0 && t->mtu < before;
}

static void send_train(const struct target *t, uint32_t train) {
  static char data[MOST];
  for (uint32_t i = 0; i < PACKETS; i++) {
    const struct packet p = {htobe64(MAGIC), htobe32(train), htobe32(i)};
    memcpy(data, &p, sizeof(p));
    /* A full queue of our own is part of the way. */
    while (send(t->fd, data, t->size, 0) < 0 && errno == ENOBUFS)
      usleep(100);
  }
}

/* Bytes per second with the headers of all layers; 0: none. */
static double rate_of(const struct target *t, const struct answer *a) {
  double packets = be32toh(a->packets), ns = (double)be64toh(a->ns);
  double headers = ETHERNET + (t->family == AF_INET ? HEADERS_4 : HEADERS_6);
  return packets > 0 && ns > 0
             ? ((double)be64toh(a->bytes) + packets * headers) / (ns * 1e-9)
             : 0;
}

/* Once; 0: there is no answer. */
static double measure_once(const struct target *t, uint32_t train) {
  struct pollfd p = {.fd = t->fd, .events = POLLIN};
  struct answer a;
  send_train(t, train);
  while (poll(&p, 1, WAIT_MS) > 0) {
    ssize_t n = recv(t->fd, &a, sizeof(a), 0);
    if (n < 0 && errno == ECONNREFUSED)
      return 0;
    if (n == (ssize_t)sizeof(a) && be64toh(a.magic) == MAGIC &&
        be32toh(a.train) == train)
      return rate_of(t, &a);
  }
  return 0;
}

static double measure(struct target *t, uint32_t train) {
  double rate;
  do
    rate = measure_once(t, train);
  while (rate == 0 && is_narrower(t));
  return rate;
}

static int by_number(const void *x, const void *y) {
  double a = *(const double *)x, b = *(const double *)y;
  return a < b ? -1 : a > b;
}

static void print(const struct vr_tools_options *o, const struct target *t,
                  double rate, size_t n) {
  if (o->json)
    printf("{\"address\": \"%s\", \"bytes_per_second\": %.0f, \"trains\": %zu, "
           "\"packets\": %d, \"mtu\": %u}\n",
           t->address, rate, n, PACKETS, t->mtu);
  else
    printf("to %s: at most %.0f bytes/s (%.4g Mbit/s), MTU %u, median of %zu "
           "trains of %d packets\nThis is what the narrowest link carries. "
           "Where other traffic shares it, less is free.\n",
           t->address, rate, rate * 8e-6, t->mtu, n, PACKETS);
}

static enum vr_exit ask(const struct vr_tools_options *o, struct target *t) {
  double rates[TRAINS];
  size_t n = 0;
  for (uint32_t i = 0; i < TRAINS; i++) {
    double rate = measure(t, (uint32_t)getpid() * TRAINS + i + 1);
    if (rate > 0)
      rates[n++] = rate;
    else if (i == 0)
      break; /* nobody is there */
    usleep(PAUSE_US);
  }
  if (n == 0) {
    fprintf(stderr,
            "vmrecon-net: %s does not answer: start \"vmrecon-net train "
            "answer\" there, and let UDP port %d through\n",
            t->address, PORT);
    return VR_EXIT_DATA;
  }
  vr_sort(rates, n, sizeof(rates[0]), by_number);
  print(o, t, rates[n / 2], n);
  return VR_EXIT_OK;
}

/* --- sockets --- */

static int connect_to(struct target *t, const char *port) {
  const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM,
                                 .ai_flags = AI_NUMERICHOST};
  struct addrinfo *found = NULL;
  if (getaddrinfo(t->address, port, &hints, &found) != 0)
    return -EDESTADDRREQ;
  t->family = found->ai_family;
  t->fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int r = t->fd < 0 || connect(t->fd, found->ai_addr, found->ai_addrlen) < 0
              ? -errno
              : prepare(t);
  freeaddrinfo(found);
  return r;
}

static enum vr_exit fail(const char *what, int r) {
  struct vr_error e;
  if (r == -EDESTADDRREQ)
    vr_error_set(&e, r,
                 "%.200s is no IP address: give the other host's, such as "
                 "192.0.2.12",
                 what);
  else
    vr_error_set(&e, r, "%.200s: %s", what, strerror(-r));
  return vr_tools_failed(&e);
}

static enum vr_exit answer_here(void) {
  struct sockaddr_in6 any = {.sin6_family = AF_INET6,
                             .sin6_port = htons(PORT),
                             .sin6_addr = IN6ADDR_ANY_INIT};
  vr_auto_close int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int room = 4 << 20;
  if (fd < 0 || bind(fd, (const void *)&any, sizeof(any)) < 0)
    return fail("UDP port 25828", -errno);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
  answer_all(fd);
}

enum vr_exit vr_tools_train(const struct vr_tools_options *o) {
  char port[8];
  struct target t = {.fd = -1, .address = o->input};
  if (strcmp(o->input, "answer") == 0)
    return answer_here();
  snprintf(port, sizeof(port), "%d", PORT);
  int r = connect_to(&t, port);
  enum vr_exit e = r < 0 ? fail(o->input, r) : ask(o, &t);
  if (t.fd >= 0)
    close(t.fd);
  return e;
}
