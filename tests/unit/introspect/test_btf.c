/* SPDX-License-Identifier: MIT
 *
 * Members of structures by the kernel's type information, and type information
 * that is wrong on purpose.
 */
#include "../unit.h"

#include "vmrecon-config.h"

#include "fake_kernel.h"
#include "introspect/btf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MIB (1u << 20)

static struct fake_kernel *fake;
static const uint8_t *btf;
static size_t length;

static int set_up(void **state) {
  (void)state;
  fake = fake_new(&(struct fake_options){
      .layout = FAKE_6_12, .size = 64 * MIB, .at = 16 * MIB, .cpus = 1});
  btf = fake->ram + fake->btf;
  length = fake->btf_size;
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  fake_free(fake);
  return 0;
}

enum { N = 6 };
static const struct vr_btf_member wanted[N] = {
    {"rq", "nr_switches", 0, 0},    {"inode", "i_mapping", 0, 0},
    {"inode", "i_data", 0, 0},      {"zone", "watermark_boost", 0, 0},
    {"rq", "no_such_member", 0, 0}, {"no_such_structure", "x", 0, 0},
};

static int find(const void *data, size_t size, struct vr_btf_member *m) {
  memcpy(m, wanted, sizeof(wanted));
  return vr_btf_find(data, size, m, N);
}

#ifdef HAVE_LIBBPF

static void members(void **state) {
  (void)state;
  struct vr_btf_member m[N];
  assert_int_equal(find(btf, length, m), 0);
  assert_int_equal(m[0].bits, 112 * 8);
  assert_int_equal(m[0].size, 512);
  assert_int_equal(m[1].bits, 48 * 8); /* within an unnamed union */
  assert_int_equal(m[1].size, 624);
  assert_int_equal(m[2].bits, 368 * 8);
  assert_int_equal(m[3].bits, 32 * 8);
  assert_int_equal(m[4].bits, -1);
  assert_int_equal(m[5].bits, -1);
}

/* Whatever is found in damaged data lies within its structure. */
static void check_sound(const struct vr_btf_member *m) {
  for (int i = 0; i < N; i++)
    assert_true(m[i].bits == -1 ||
                (m[i].bits >= 0 && m[i].bits / 8 < m[i].size));
}

static uint32_t random_of(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(*state >> 33);
}

/* An exact copy on the heap, so that the sanitizer sees every step beyond. */
static void flipped_bytes(void **state) {
  (void)state;
  struct vr_btf_member m[N];
  uint64_t seed = 1;
  unsigned refused = 0, taken = 0;
  for (unsigned round = 0; round < 4000; round++) {
    uint8_t *copy = malloc(length);
    memcpy(copy, btf, length);
    unsigned flips = 1 + random_of(&seed) % 8;
    /* Every other round in the header, where it matters most. */
    size_t range = round % 2 ? 24 : length;
    for (unsigned i = 0; i < flips; i++)
      copy[random_of(&seed) % range] = (uint8_t)random_of(&seed);
    int r = find(copy, length, m);
    assert_true(r == 0 || r == -EINVAL);
    refused += r != 0;
    taken += r == 0;
    check_sound(m);
    free(copy);
  }
  assert_true(refused > 100 && taken > 100);
}

static void every_length(void **state) {
  (void)state;
  struct vr_btf_member m[N];
  for (size_t size = 0; size < length; size++) {
    uint8_t *copy = malloc(size + 1);
    memcpy(copy, btf, size);
    assert_int_equal(find(copy, size, m), -EINVAL);
    free(copy);
  }
}

/* Unnamed structures that hold each other: 65535 members each, five levels:
 * the walk must end by its own limit. */
static void structures_in_circles(void **state) {
  (void)state;
  enum { TYPES = 3, VLEN = 65535 };
  const char strings[] = "\0inode\0x";
  size_t types = TYPES * (12 + 12ul * VLEN);
  size_t size = 24 + types + sizeof(strings);
  uint8_t *data = calloc(1, size), *p = data + 24;
  uint32_t header[6] = {0x0001eb9f,     24, 0, (uint32_t)types, (uint32_t)types,
                        sizeof(strings)};
  memcpy(data, header, sizeof(header));
  for (uint32_t t = 1; t <= TYPES; t++) {
    uint32_t type[3] = {t == 1, 4u << 24 | VLEN, 1u << 20};
    memcpy(p, type, sizeof(type));
    p += sizeof(type);
    for (uint32_t i = 0; i < VLEN; i++) {
      uint32_t member[3] = {0, i % TYPES + 1, 0};
      memcpy(p, member, sizeof(member));
      p += sizeof(member);
    }
  }
  memcpy(p, strings, sizeof(strings));
  struct vr_btf_member m[N];
  assert_int_equal(find(data, size, m), 0);
  check_sound(m);
  free(data);
}

#else

static void members(void **state) {
  (void)state;
  struct vr_btf_member m[N];
  assert_int_equal(find(btf, length, m), -ENOTSUP);
  assert_int_equal(m[0].bits, -1);
}

#endif

static void too_large(void **state) {
  (void)state;
#ifdef HAVE_LIBBPF
  struct vr_btf_member m[N];
  uint8_t *data = calloc(1, VR_BTF_MAX_SIZE + 1);
  assert_int_equal(find(data, VR_BTF_MAX_SIZE + 1, m), -E2BIG);
  free(data);
#endif
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(members),
#ifdef HAVE_LIBBPF
      cmocka_unit_test(flipped_bytes),
      cmocka_unit_test(every_length),
      cmocka_unit_test(structures_in_circles),
#endif
      cmocka_unit_test(too_large),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
