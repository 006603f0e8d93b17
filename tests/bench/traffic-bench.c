/* SPDX-License-Identifier: MIT
 *
 * What it costs to count who talks to whom: per frame, beside an nftables set
 * and a clsact filter that do the same, and per reading. tests/bench/traffic
 * runs it in a network namespace of its own.
 *
 *   traffic-bench frames ROUNDS   traffic-bench read
 *
 * Every kind has its turn in every round, in another order: others use this
 * machine, too. Time is that of the thread that writes into a tap, which does
 * all of the kernel's work with a frame.
 */
#include "traffic/bpf_call.h"
#include "traffic/counting_program.h"
#include "traffic/counts.h"
#include "traffic/frame_counter.h"
#include "traffic/peers.h"

#include "../tools/tap_frames.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
  FRAMES = 20000,
  BURST = 400, /* fits into a tap's queue */
  PEERS = 16,
  ROUNDS_MAX = 200,
  READ_TAPS = 200,
};

#define PIN "/sys/fs/bpf/vmrecon-bench"

static const struct vr_mac guest = {{0x52, 0x54, 0, 0xaa, 0, 1}};
static const struct vr_mac receiver = {{0x52, 0x54, 0, 0xaa, 0, 2}};
static int sender_tap, receiver_tap, lone_tap;

static struct vr_mac peer_of(unsigned n) {
  return (struct vr_mac){{0x52, 0x54, 0, 0xbb, 0, (uint8_t)(n % PEERS)}};
}

static double cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void run(const char *format, ...) {
  char command[512];
  va_list args;
  va_start(args, format);
  vsnprintf(command, sizeof(command), format, args);
  va_end(args);
  if (system(command) != 0) {
    fprintf(stderr, "failed: %s\n", command);
    exit(1);
  }
}

/* --- the network: a guest whose frames end in the bridge, another whose tap is
 * emptied --- */

static void build(void) {
  if (tap_bridge("br0") < 0)
    die("br0");
  sender_tap = tap_open("bench0");
  receiver_tap = tap_open("bench1");
  lone_tap = tap_open("bench2");
  if (sender_tap < 0 || receiver_tap < 0 || lone_tap < 0)
    die("tap");
  if (tap_on_bridge("bench0", "br0") < 0 || tap_on_bridge("bench1", "br0") < 0)
    die("bridge");
  for (unsigned i = 0; i < PEERS; i++)
    run("bridge fdb add 52:54:00:bb:00:%02x dev br0 self permanent", i);
  run("bridge fdb add 52:54:00:aa:00:02 dev bench1 master static");
}

/* --- kinds of counting --- */

/* FLOOD: sent, each frame to another destination, by a tap that is on no
 * bridge, whose own tables would count as well. */
enum direction { SENT, RECEIVED, FLOOD };

static const char *interface_of(enum direction d) {
  return d == SENT ? "bench0" : d == RECEIVED ? "bench1" : "bench2";
}

static struct vr_frame_counter *counter;

static void ours_on(enum direction d) {
  const struct vr_frame_counter_options o = {
      .name = interface_of(d),
      .network = -1,
      .received = d == RECEIVED,
      .macs = d == RECEIVED ? &receiver : &guest,
      .macs_count = 1,
  };
  int r = vr_frame_counter_new(&o, &counter);
  if (r < 0) {
    errno = -r;
    die("counter");
  }
}

static void ours_off(enum direction d) {
  (void)d;
  vr_frame_counter_free(counter);
}

static void nft_on(enum direction d) {
  run("nft 'add table bridge bench; add set bridge bench pairs { type "
      "ether_addr . ether_addr; flags dynamic; size 4096; counter; }; add "
      "chain bridge bench c { type filter hook %s priority %s; }; add rule "
      "bridge bench c %s %s update @pairs { ether saddr . ether daddr }'",
      d == SENT ? "prerouting" : "postrouting", d == SENT ? "-400" : "400",
      d == SENT ? "iifname" : "oifname", interface_of(d));
}

static void nft_off(enum direction d) {
  (void)d;
  run("nft delete table bridge bench");
}

static int map, program;

static int bpf(int command, union bpf_attr *attr) {
  return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* Our own program, hung up where tc has its filters. */
static void load_classifier(enum direction d) {
  static const struct vr_bpf_map shape = {sizeof(struct vr_peer),
                                          sizeof(struct vr_peer_counts), 256};
  static struct vr_assembler a;
  union bpf_attr attr;
  map = vr_bpf_map_new("bench", &shape);
  const struct vr_counting_options o = {
      .map = map,
      .macs = d == SENT ? &guest : &receiver,
      .macs_count = 1,
      .received = d == RECEIVED,
      .segments = true,
  };
  memset(&a, 0, sizeof(a));
  if (vr_counting_program_build(&o, &a) < 0)
    die("program");
  memset(&attr, 0, sizeof(attr));
  attr.prog_type = BPF_PROG_TYPE_SCHED_CLS;
  attr.insns = (uint64_t)(uintptr_t)a.insns;
  attr.insn_cnt = (uint32_t)a.count;
  attr.license = (uint64_t)(uintptr_t) "MIT";
  if ((program = bpf(BPF_PROG_LOAD, &attr)) < 0)
    die("classifier");
  memset(&attr, 0, sizeof(attr));
  attr.pathname = (uint64_t)(uintptr_t)PIN;
  attr.bpf_fd = (uint32_t)program;
  if (bpf(BPF_OBJ_PIN, &attr) < 0)
    die(PIN);
}

static void clsact_on(enum direction d) {
  load_classifier(d);
  run("tc qdisc add dev %s clsact; tc filter add dev %s %s bpf da "
      "object-pinned " PIN,
      interface_of(d), interface_of(d), d == SENT ? "ingress" : "egress");
}

static void clsact_off(enum direction d) {
  run("tc qdisc del dev %s clsact", interface_of(d));
  unlink(PIN);
  close(program);
  close(map);
}

static void nothing(enum direction d) { (void)d; }

enum { KINDS = 4 };
static const struct kind {
  const char *name;
  void (*on)(enum direction), (*off)(enum direction);
} kinds[KINDS] = {
    {"none", nothing, nothing},
    {"vmrecon_net", ours_on, ours_off},
    {"nftables set", nft_on, nft_off},
    {"clsact", clsact_on, clsact_off},
};

/* --- frames --- */

static struct tap_frame frame_of(enum direction d, unsigned n) {
  struct tap_frame f = {.raw = 1400};
  f.source = d == RECEIVED ? peer_of(n) : guest;
  f.destination = d == RECEIVED ? receiver : peer_of(n);
  if (d == FLOOD) {
    f.destination.byte[3] = (uint8_t)(n >> 8);
    f.destination.byte[5] = (uint8_t)n;
  }
  return f;
}

/* Nanoseconds of one frame. */
static double time_frames(enum direction d) {
  double seconds = 0;
  for (unsigned n = 0; n < FRAMES; n += BURST) {
    double begin = cpu_seconds();
    for (unsigned i = 0; i < BURST; i++) {
      const struct tap_frame f = frame_of(d, n + i);
      if (tap_send(d == FLOOD ? lone_tap : sender_tap, &f) < 0)
        die("send");
    }
    seconds += cpu_seconds() - begin;
    tap_drain(receiver_tap);
  }
  return 1e9 * seconds / FRAMES;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *v, size_t n) {
  qsort(v, n, sizeof(*v), by_value);
  return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static double results[KINDS][ROUNDS_MAX];

/* What a kind adds: the median over rounds of what it takes more than none in
 * the same round. */
static double added(int kind, int rounds) {
  double v[ROUNDS_MAX];
  for (int r = 0; r < rounds; r++)
    v[r] = results[kind][r] - results[0][r];
  return median(v, (size_t)rounds);
}

static void bench_flood(int rounds) {
  for (int r = 0; r < rounds; r++)
    for (int k = 0; k < 2; k++) {
      kinds[k].on(FLOOD);
      results[k][r] = time_frames(FLOOD);
      kinds[k].off(FLOOD);
    }
  printf("flood of %d destinations from a guest, the table full: %.0f ns "
         "added\n",
         FRAMES, added(1, rounds));
}

static void print_direction(const char *name, int rounds) {
  double v[KINDS], none[ROUNDS_MAX];
  for (int k = 0; k < KINDS; k++)
    v[k] = added(k, rounds);
  memcpy(none, results[0], sizeof(none));
  printf("%s: a frame takes %.0f ns; added:\n", name,
         median(none, (size_t)rounds));
  for (int k = 1; k < KINDS; k++)
    printf("  %-12s %4.0f ns  %4.1f %% of a core at 100000 frames/s, "
           "%.2f of nftables\n",
           kinds[k].name, v[k], v[k] / 1e9 * 1e5 * 100, v[k] / v[2]);
  fflush(stdout);
}

static void bench_direction(enum direction d, const char *name, int rounds) {
  time_frames(d);
  for (int r = 0; r < rounds; r++)
    for (int i = 0; i < KINDS; i++) {
      int k = (i + r) % KINDS;
      kinds[k].on(d);
      results[k][r] = time_frames(d);
      kinds[k].off(d);
    }
  print_direction(name, rounds);
}

/* --- readings --- */

static void take(void *ctx, const struct vr_peer *peer,
                 const struct vr_peer_counts *growth) {
  vr_peers_add(ctx, peer, growth);
}

struct counted {
  int tap;
  struct vr_frame_counter *counter;
  struct vr_peers *peers;
};

static struct counted count_tap(unsigned n) {
  const struct vr_peers_options peers = {.top = PEERS};
  char name[16];
  struct counted c;
  snprintf(name, sizeof(name), "read%u", n);
  c.tap = tap_open(name);
  const struct vr_frame_counter_options o = {.name = name,
                                             .network = -1,
                                             .received = true,
                                             .macs = &guest,
                                             .macs_count = 1};
  int r = c.tap < 0 ? -errno : vr_frame_counter_new(&o, &c.counter);
  if (r == 0)
    r = vr_peers_new(&peers, &c.peers);
  if (r < 0) {
    errno = -r;
    die(name);
  }
  return c;
}

static void bench_read(void) {
  static struct counted v[READ_TAPS];
  double times[50];
  for (unsigned i = 0; i < READ_TAPS; i++)
    v[i] = count_tap(i);
  for (int round = 0; round < 50; round++) {
    for (unsigned i = 0; i < READ_TAPS; i++)
      for (unsigned n = 0; n < PEERS; n++) {
        const struct tap_frame f = frame_of(SENT, n);
        tap_send(v[i].tap, &f);
      }
    double begin = cpu_seconds();
    for (unsigned i = 0; i < READ_TAPS; i++) {
      if (vr_frame_counter_read(v[i].counter, take, v[i].peers) < 0)
        die("read");
      vr_frame_counter_is_there(v[i].counter);
      vr_peers_end(v[i].peers, 10);
    }
    times[round] = cpu_seconds() - begin;
  }
  printf("%d taps with %d peers are read in %.2f ms\n", READ_TAPS, PEERS,
         1e3 * median(times, 50));
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "frames") == 0) {
    int rounds = atoi(argv[2]);
    rounds = rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
    build();
    bench_direction(SENT, "guest to host", rounds);
    bench_direction(RECEIVED, "host to guest", rounds);
    bench_flood(rounds);
    return 0;
  }
  if (argc == 2 && strcmp(argv[1], "read") == 0) {
    bench_read();
    return 0;
  }
  fprintf(stderr, "Usage: traffic-bench frames ROUNDS | read\n");
  return 2;
}
