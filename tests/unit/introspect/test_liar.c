/* SPDX-License-Identifier: MIT
 *
 * A guest that lies, beside one that does not, under one watch as in the
 * daemon: it forges its counters, the addresses in its tables and lists, its
 * banner and its clock, while it is read and while it is searched. All that it
 * may reach are its own values. Seeds are fixed.
 */
#include "../unit.h"

#include "basic/log.h"
#include "fake_guest.h"
#include "introspect/introspect_watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIZE FAKE_GUEST_SIZE
#define MIB (1ull << 20)
#define ROUNDS 1000
#define TOLD_AT_MOST 20 /* lines about the liar: ten, and one a minute */

static uint64_t seed;

static uint64_t random64(void) {
  seed += 0x9e3779b97f4a7c15u; /* splitmix64 */
  uint64_t z = seed;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

struct text {
  char text[8192];
  size_t length;
};

static void note(void *ctx, const struct vr_emitted *s) {
  struct text *t = ctx;
  t->length +=
      (size_t)snprintf(t->text + t->length, sizeof(t->text) - t->length,
                       "%s-%s", s->type, s->instance);
  for (size_t i = 0; i < s->n; i++)
    t->length += (size_t)snprintf(
        t->text + t->length, sizeof(t->text) - t->length, " %.17g",
        s->values[i].kind == VR_DERIVE ? (double)s->values[i].number.derive
                                       : s->values[i].number.gauge);
  t->length +=
      (size_t)snprintf(t->text + t->length, sizeof(t->text) - t->length, "\n");
}

static unsigned lines_about_liar, lines_about_honest;

static void count_lines(int priority, const char *message) {
  (void)priority;
  lines_about_liar += strstr(message, "guest liar") != NULL;
  lines_about_honest += strstr(message, "guest honest") != NULL;
}

/* Where a lie has an effect. */
static uint64_t choose(const struct fake_kernel *f) {
  const uint64_t image = f->o.at;
  switch (random64() % 8) {
  case 0: /* variables of the image */
    return image + 4 * MIB + random64() % 0x9000;
  case 1: /* the load averages, the table of the CPUs' areas */
    return random64() % 2 ? f->avenrun + 8 * (random64() % 3)
                          : image + 4 * MIB + 0x1000 + 8 * (random64() % 2);
  case 2: /* areas of the CPUs */
    return f->area[random64() % 2] + random64() % 0x5000;
  case 3: /* lists */
    return (random64() % 2 ? f->tasks[random64() % FAKE_TASKS] + 2200
                           : f->inode[random64() % 3] + 272);
  case 4:
    return f->banner + random64() % 64;
  case 5:
    return f->btf + random64() % f->btf_size;
  case 6:
    return random64() % 2 ? f->names + random64() % 4096
                          : f->tokens + random64() % 2048;
  default: /* the superblock, the node, the firmware's map */
    return image + 10 * MIB + random64() % 0x50000;
  }
}

/* Numbers that bite: huge ones, addresses into the guest, beyond it, and into
 * this process. */
static uint64_t lie(const struct fake_kernel *f) {
  switch (random64() % 6) {
  case 0:
    return UINT64_MAX - random64() % 16;
  case 1:
    return fake_direct(f, random64() % (2 * SIZE));
  case 2:
    return f->o.at + f->delta + random64() % (16 * MIB);
  case 3:
    return (uint64_t)(uintptr_t)f;
  case 4:
    return random64() % 5000;
  default:
    return random64();
  }
}

/* Lies that leave the kernel what it is: levels, and lists of processes and
 * inodes. */
static void tell_tales(struct fake_kernel *f) {
  const uint64_t data = f->o.at + 4 * MIB;
  const uint64_t at[] = {f->avenrun,          data + 0x100, /* nr_threads */
                         data + 0x400,                      /* totalram_pages */
                         data + 0x7000,                     /* free pages */
                         data + 0x7100 + 48,                /* file pages */
                         f->area[0] + 0x200,                /* processes */
                         f->area[1] + 0x1000,               /* running */
                         f->area[0] + 0x10c8, /* uninterruptible */
                         f->pages[1],         /* of a block device */
                         f->inode[1] + 272,   /* list of inodes */
                         f->tasks[2] + 2200,  /* list of processes */
                         f->tasks[0] + 24};   /* state of a process */
  uint64_t value = lie(f);
  memcpy(f->ram + at[random64() % (sizeof(at) / sizeof(at[0]))], &value, 8);
}

/* Does not lie all the time, so that it is found again and again. */
static void forge(struct fake_guest *g, const uint8_t *sound, unsigned round) {
  if (round % 200 == 0) {
    memcpy(g->f->ram, sound, SIZE);
    fake_guest_tick(g);
  }
  if (round % 200 < 150) {
    if (round >= 50)
      tell_tales(g->f);
    return;
  }
  for (unsigned n = 1 + (unsigned)(random64() % 4); n > 0; n--) {
    uint64_t at = choose(g->f), value = lie(g->f);
    memcpy(g->f->ram + at, &value, 1 + random64() % 8);
  }
}

static int read_guest(struct vr_watch *w, struct fake_guest *g,
                      const char *name, struct text *ret) {
  ret->length = 0;
  ret->text[0] = '\0';
  return vr_introspect_watch_guest(
      w, &(struct vr_introspect_process){.pid = g->pid, .memory = SIZE}, name,
      note, ret);
}

struct pair {
  struct vr_watch *w;
  struct fake_guest honest, liar;
  struct text truth, text;
};

static void begin(struct pair *p) {
  struct text liars;
  int r = -EAGAIN, s = -EAGAIN;
  fake_guest_start(&p->honest);
  fake_guest_start(&p->liar);
  assert_int_equal(vr_introspect_watch_new(NULL, &p->w), 0);
  for (unsigned i = 0; i < 3000 && (r < 0 || s < 0); i++) {
    fake_guest_tick(&p->honest);
    fake_guest_tick(&p->liar);
    s = read_guest(p->w, &p->liar, "liar", &liars);
    r = read_guest(p->w, &p->honest, "honest", &p->truth);
    vr_introspect_watch_end_round(p->w);
    usleep(10000);
  }
  assert_int_equal(r, 0);
  assert_int_equal(s, 0);
  assert_string_equal(p->truth.text, liars.text);
  assert_non_null(strstr(p->truth.text, "load- 1.25 0.5 0.0009765625\n"));
}

static void only_its_own_values(void **state) {
  (void)state;
  struct pair *p = calloc(1, sizeof(*p));
  uint8_t *sound = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  unsigned lies = 0, given = 0, found_again = 0;
  bool was_given = true;
  seed = 4;
  vr_log_set(count_lines);
  begin(p);
  memcpy(sound, p->liar.f->ram, SIZE);
  lines_about_liar = lines_about_honest = 0;
  for (unsigned round = 0; round < ROUNDS; round++) {
    forge(&p->liar, sound, round);
    fake_guest_tick(&p->liar);
    fake_guest_tick(&p->honest);
    bool is_given = read_guest(p->w, &p->liar, "liar", &p->text) == 0;
    given += is_given;
    lies += is_given && strcmp(p->text.text, p->truth.text) != 0;
    found_again += is_given && !was_given;
    was_given = is_given;
    assert_int_equal(read_guest(p->w, &p->honest, "honest", &p->text), 0);
    assert_string_equal(p->text.text, p->truth.text);
    vr_introspect_watch_end_round(p->w);
    usleep(1000);
  }
  print_message("# of %d readings of the liar %u were given, %u of them lies; "
                "found again %u times, %u lines\n",
                ROUNDS, given, lies, found_again, lines_about_liar);
  assert_true(lies > 0);
  assert_true(lines_about_liar > 0 && lines_about_liar <= TOLD_AT_MOST);
  assert_int_equal(lines_about_honest, 0);
  vr_introspect_watch_free(p->w);
  fake_guest_end(&p->honest);
  fake_guest_end(&p->liar);
  munmap(sound, SIZE);
  free(p);
  vr_log_set(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_its_own_values),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
