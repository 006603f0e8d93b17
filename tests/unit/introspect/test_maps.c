/* SPDX-License-Identifier: MIT
 *
 * Which mappings are guest RAM, on maps as the programs have them.
 */
#include "../unit.h"

#include "introspect/gmem.h"

#include <errno.h>
#include <stdio.h>

#define MIB (1ull << 20)

/* QEMU 7.2 -m 256, four vCPUs: below the RAM a page that touches it. */
static const char qemu[] =
    "564c0518e000-564c0624e000 rw-p 00000000 00:00 0          [heap]\n"
    "7fca74021000-7fca78000000 ---p 00000000 00:00 0 \n"
    "7fca87dff000-7fca87e00000 rw-p 00000000 00:00 0 \n"
    "7fca87e00000-7fca97e00000 rw-p 00000000 00:00 0 \n"
    "7fca97e00000-7fca97e01000 ---p 00000000 00:00 0 \n"
    "7fcaa0000000-7fcae0000000 rwxp 00000000 00:00 0 \n"
    "7fcae487d000-7fcae507d000 rw-p 00000000 00:00 0 \n";

static void qemu_anonymous(void **state) {
  (void)state;
  struct vr_gmem m;
  for (uint64_t size = 0; size <= 256 * MIB; size += 256 * MIB) {
    assert_int_equal(vr_gmem_parse_maps(&m, qemu, size, 0), 0);
    assert_int_equal(m.n_regions, 1);
    assert_int_equal(m.regions[0].address, 0x7fca87e00000);
    assert_int_equal(m.regions[0].length, 256 * MIB);
    assert_int_equal(m.size, 256 * MIB);
  }
}

/* A larger mapping of another purpose, beside a memfd of the guest's size. */
static void qemu_memfd(void **state) {
  (void)state;
  struct vr_gmem m;
  static const char maps[] =
      "7f0000000000-7f0080000000 rw-s 00000000 00:01 77 /memfd:tcg (deleted)\n"
      "7f1000000000-7f1020000000 rw-s 00000000 00:01 99 /memfd:ram (deleted)\n";
  assert_int_equal(vr_gmem_parse_maps(&m, maps, 512 * MIB, 0), 0);
  assert_int_equal(m.n_regions, 1);
  assert_int_equal(m.regions[0].address, 0x7f1000000000);
}

/* A file on hugetlbfs whose mapping the kernel split in two. */
static void split_by_flags(void **state) {
  (void)state;
  struct vr_gmem m;
  static const char maps[] =
      "7f1000000000-7f1010000000 rw-s 00000000 00:0e 99 /dev/hugepages/ram\n"
      "7f1010000000-7f1040000000 rw-s 10000000 00:0e 99 /dev/hugepages/ram\n";
  assert_int_equal(vr_gmem_parse_maps(&m, maps, 1024 * MIB, 0), 0);
  assert_int_equal(m.n_regions, 2);
  assert_int_equal(m.size, 1024 * MIB);
  assert_int_equal(m.regions[0].address, 0x7f1000000000);
  assert_int_equal(m.regions[1].offset, 256 * MIB);
}

/* Firecracker and cloud-hypervisor: one mapping below the hole, one above. */
static void two_mappings(void **state) {
  (void)state;
  struct vr_gmem m;
  static const char maps[] =
      "7f2000000000-7f2040000000 rw-p 00000000 00:00 0 \n"
      "7f3000000000-7f30d0000000 rw-p 00000000 00:00 0 \n"
      "7f4000000000-7f4004000000 rw-p 00000000 00:00 0 \n";
  uint64_t size = 0xd0000000ull + 1024 * MIB;
  for (int known = 0; known <= 1; known++) {
    assert_int_equal(vr_gmem_parse_maps(&m, maps, known ? size : 0, 0), 0);
    assert_int_equal(m.n_regions, 2);
    assert_int_equal(m.size, size);
    assert_int_equal(m.regions[0].length, 1024 * MIB);
    assert_int_equal(m.regions[1].offset, 1024 * MIB);
  }
  vr_gmem_reverse(&m);
  assert_int_equal(m.regions[0].address, 0x7f3000000000);
  assert_int_equal(m.regions[0].offset, 0);
  assert_int_equal(m.regions[1].offset, 0xd0000000);
}

static void nothing_like_ram(void **state) {
  (void)state;
  struct vr_gmem m = {.size = 42};
  static const char *const maps[] = {
      "",
      "garbage\n",
      "7f0000000000-7f0010000000 r-xp 00000000 08:01 5 /bin/x\n",
      "7f0000000000-7f0000100000 rw-p 00000000 00:00 0 \n",
      "7f0000000000-7f0010000000 rw-p 00000000 00:00 0 [heap]\n",
      "7f0000000000-7f0010000000 rw-p"};
  for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
    assert_int_equal(vr_gmem_parse_maps(&m, maps[i], 0, 0), -ENOENT);
  /* Less than the guest has. */
  assert_int_equal(vr_gmem_parse_maps(&m, qemu, 1024 * MIB, 0), -ENOENT);
  assert_int_equal(m.size, 42);
}

/* Names with a bracket in them, and one that the program gave. */
static void named(void **state) {
  (void)state;
  static const char *const maps[] = {
      "7f0000000000-7f0020000000 rw-s 00000000 fd:01 7 /vm/web[1].mem\n",
      "7f0000000000-7f0020000000 rw-p 00000000 00:00 0          [anon:ram]\n",
      "7f0000000000-7f0020000000 rw-s 00000000 fd:01 7          /a [b] c\n"};
  struct vr_gmem m;
  for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
    assert_int_equal(vr_gmem_parse_maps(&m, maps[i], 512 * MIB, 0), 0);
    assert_int_equal(m.size, 512 * MIB);
  }
}

/* Of each choice: where its mappings begin. */
static void check_choices(const char *maps, uint64_t size,
                          const uint64_t (*want)[2], unsigned n) {
  struct vr_gmem m;
  for (unsigned i = 0; i < n; i++) {
    assert_int_equal(vr_gmem_parse_maps(&m, maps, size, i), 0);
    assert_int_equal(m.n_regions, want[i][1] ? 2 : 1);
    for (size_t j = 0; j < m.n_regions; j++)
      assert_int_equal(m.regions[j].address, want[i][j]);
  }
  assert_int_equal(vr_gmem_parse_maps(&m, maps, size, n), -ENOENT);
}

/* RAM of 3 + 1 GiB beside 8 GiB that are shared with others. */
static void beside_a_larger_one(void **state) {
  (void)state;
  static const char maps[] =
      "7e0000000000-7e0200000000 rw-s 00000000 00:01 5 /dev/shm/ivshmem\n"
      "7f0000000000-7f00c0000000 rw-p 00000000 00:00 0 \n"
      "7f1000000000-7f1040000000 rw-p 00000000 00:00 0 \n";
  const uint64_t want[][2] = {{0x7f0000000000, 0x7f1000000000}};
  check_choices(maps, 4096 * MIB, want, 1);
}

static void two_of_that_size(void **state) {
  (void)state;
  static const char maps[] =
      "7e0000000000-7e0020000000 rw-s 00000000 00:01 5 /dev/shm/ivshmem\n"
      "7f0000000000-7f0020000000 rw-s 00000000 00:01 6 /memfd:ram (deleted)\n"
      "7f1000000000-7f1010000000 rw-p 00000000 00:00 0 \n"
      "7f2000000000-7f2010000000 rw-p 00000000 00:00 0 \n";
  const uint64_t want[][2] = {{0x7e0000000000, 0},
                              {0x7f0000000000, 0},
                              {0x7f1000000000, 0x7f2000000000}};
  check_choices(maps, 512 * MIB, want, 3);
}

/* Firecracker with 3 GiB, the size not known: the other mapping may be the part
 * above the hole, and is not here. */
static void guesses(void **state) {
  (void)state;
  static const char maps[] =
      "7e0000000000-7e0004000000 rw-p 00000000 00:00 0 \n"
      "7f0000000000-7f00c0000000 rw-p 00000000 00:00 0 \n";
  const uint64_t want[][2] = {{0x7e0000000000, 0x7f0000000000},
                              {0x7f0000000000, 0},
                              {0x7e0000000000, 0}};
  check_choices(maps, 0, want, 3);
}

/* As many sums as there can be, none of them right: an end all the same. */
static void sums_without_end(void **state) {
  (void)state;
  char maps[4096];
  size_t n = 0;
  struct vr_gmem m;
  for (unsigned i = 0; i < 32; i++)
    n += (size_t)snprintf(maps + n, sizeof(maps) - n,
                          "7f%02x00000000-7f%02x%08x rw-p 00000000 00:00 0 \n",
                          i, i, (64u + i % 5 * 2) << 20);
  assert_int_equal(vr_gmem_parse_maps(&m, maps, 8 * 66 * MIB + MIB, 0),
                   -ENOENT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(qemu_anonymous),
      cmocka_unit_test(qemu_memfd),
      cmocka_unit_test(split_by_flags),
      cmocka_unit_test(two_mappings),
      cmocka_unit_test(nothing_like_ram),
      cmocka_unit_test(named),
      cmocka_unit_test(beside_a_larger_one),
      cmocka_unit_test(two_of_that_size),
      cmocka_unit_test(guesses),
      cmocka_unit_test(sums_without_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
