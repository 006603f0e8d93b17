/* SPDX-License-Identifier: MIT
 *
 * Reading another process's memory without touching what it has not touched,
 * and the batches of ranges.
 */
#include "../unit.h"

#include "introspect/batch.h"
#include "introspect/gmem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB (1u << 20)
#define PAGES 64u

/* A child with PAGES pages, of which it touched every fourth: page i begins
 * with the byte i. */
static pid_t start_child(uint8_t **ret_memory) {
  int pipes[2];
  char c;
  uint8_t *p = mmap(NULL, PAGES * VR_PAGE, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  assert_true(p != MAP_FAILED);
  assert_int_equal(madvise(p, PAGES * VR_PAGE, MADV_NOHUGEPAGE), 0);
  assert_int_equal(pipe(pipes), 0);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    for (unsigned i = 0; i < PAGES; i += 4)
      p[i * VR_PAGE] = (uint8_t)i;
    if (write(pipes[1], "x", 1) != 1)
      _exit(1);
    for (;;)
      pause();
  }
  assert_int_equal(read(pipes[0], &c, 1), 1);
  close(pipes[0]);
  close(pipes[1]);
  *ret_memory = p;
  return pid;
}

static void end_child(pid_t pid) {
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
}

static struct vr_gmem gmem_of(pid_t pid, const uint8_t *memory) {
  return (struct vr_gmem){
      .pid = pid,
      .pagemap = -1,
      .size = PAGES * VR_PAGE,
      .n_regions = 1,
      .regions = {{.address = (uintptr_t)memory, .length = PAGES * VR_PAGE}}};
}

static unsigned count_present(pid_t pid, const uint8_t *memory) {
  uint64_t entries[PAGES];
  char path[64];
  unsigned n = 0;
  snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)pid);
  int fd = open(path, O_RDONLY);
  assert_int_equal(pread(fd, entries, sizeof(entries),
                         (off_t)((uintptr_t)memory / VR_PAGE * 8)),
                   sizeof(entries));
  close(fd);
  for (unsigned i = 0; i < PAGES; i++)
    n += entries[i] >> 63 != 0;
  return n;
}

static void untouched_pages_stay_untouched(void **state) {
  (void)state;
  uint8_t *memory, buffer[PAGES * VR_PAGE];
  pid_t pid = start_child(&memory);
  struct vr_gmem m = gmem_of(pid, memory);
  size_t present = 0;
  memset(buffer, 0xff, sizeof(buffer));
  assert_int_equal(vr_gmem_begin_search(&m), 0);
  assert_int_equal(vr_gmem_peek(&m, 0, buffer, sizeof(buffer), &present), 0);
  assert_int_equal(present, PAGES / 4 * VR_PAGE);
  for (unsigned i = 0; i < PAGES; i++)
    assert_int_equal(buffer[i * VR_PAGE], i % 4 ? 0 : i);
  assert_int_equal(count_present(pid, memory), PAGES / 4);

  /* Ranges that begin and end within pages; 5 MIB are beyond the RAM. */
  assert_int_equal(vr_gmem_peek(&m, 4 * VR_PAGE - 2, buffer, 4, &present), 0);
  assert_memory_equal(buffer, "\0\0\4\0", 4);
  assert_int_equal(present, 2);
  assert_int_equal(vr_gmem_peek(&m, 5 * MIB, buffer, 1, NULL), -ERANGE);
  assert_int_equal(vr_gmem_peek(&m, sizeof(buffer) - 1, buffer, 2, NULL),
                   -ERANGE);
  vr_gmem_end_search(&m);
  end_child(pid);
  munmap(memory, PAGES * VR_PAGE);
}

/* By a descriptor of the process, since no mapping is at these addresses. */
static void file_behind_a_mapping(void **state) {
  (void)state;
  struct stat st;
  int file = memfd_create("ram", MFD_CLOEXEC);
  assert_int_equal(ftruncate(file, 8 * VR_PAGE), 0);
  assert_int_equal(pwrite(file, "x", 1, 3 * VR_PAGE), 1);
  assert_int_equal(fstat(file, &st), 0);
  struct vr_backing b = {
      .inode = st.st_ino, .major = major(st.st_dev), .minor = minor(st.st_dev)};
  int fd = vr_backing_open(getpid(), 0, 0, &b);
  assert_true(fd >= 0);
  for (unsigned i = 0; i < 9; i++)
    assert_int_equal(vr_backing_has(fd, i * VR_PAGE + 8 * (i == 3)), i == 3);
  assert_int_equal(write(fd, "y", 1), -1);
  close(fd);
  b.inode++;
  assert_int_equal(vr_backing_open(getpid(), 0, 0, &b), -ENOENT);
  close(file);
}

static void process_goes(void **state) {
  (void)state;
  uint8_t *memory, c;
  pid_t pid = start_child(&memory);
  struct vr_gmem m = gmem_of(pid, memory);
  assert_int_equal(vr_gmem_read(&m, 8 * VR_PAGE, &c, 1), 0);
  assert_int_equal(c, 8);
  assert_int_equal(vr_gmem_begin_search(&m), 0);
  end_child(pid);
  assert_int_equal(vr_gmem_read(&m, 8 * VR_PAGE, &c, 1), -ESRCH);
  assert_int_equal(vr_gmem_peek(&m, 0, &c, 1, NULL), -ESRCH);
  vr_gmem_end_search(&m);
  assert_int_equal(vr_gmem_begin_search(&m), -ESRCH);
  munmap(memory, PAGES * VR_PAGE);
}

static void unmapped_memory(void **state) {
  (void)state;
  uint8_t c;
  struct vr_gmem m = gmem_of(getpid(), (const uint8_t *)16);
  assert_int_equal(vr_gmem_read(&m, 0, &c, 1), -EFAULT);
}

/* 4000 ranges in disorder, more than one call takes, some next to each other
 * and some the same; byte i of the memory is i mod 251. */
static void batch_of_many(void **state) {
  (void)state;
  static uint8_t memory[8 * MIB];
  struct vr_gmem m;
  struct vr_batch b = {0};
  enum { N = 4000 };
  static int range[N];
  for (size_t i = 0; i < sizeof(memory); i++)
    memory[i] = (uint8_t)(i % 251);
  vr_gmem_from_buffer(&m, memory, sizeof(memory));
  m.pid = getpid();
  for (unsigned i = 0; i < N; i++) {
    uint64_t at = i * 7919ull % N * 2000 + i % 3;
    range[i] = vr_batch_add(&b, &m, at, 8 + i % 5);
    assert_true(range[i] >= 0);
  }
  assert_int_equal(vr_batch_add(&b, &m, sizeof(memory) - 4, 8), -1);
  assert_int_equal(vr_batch_seal(&b, &m), 0);
  assert_int_equal(vr_batch_read(&b, &m), 0);
  for (unsigned i = 0; i < N; i++) {
    uint64_t at = i * 7919ull % N * 2000 + i % 3;
    assert_memory_equal(vr_batch_get(&b, range[i]), memory + at, 8 + i % 5);
  }
  vr_batch_free(&b);
}

static void batch_merges_neighbours(void **state) {
  (void)state;
  static uint8_t memory[4096];
  struct vr_gmem m;
  struct vr_batch b = {0};
  memory[100] = 0x21;
  memory[104] = 0x43;
  vr_gmem_from_buffer(&m, memory, sizeof(memory));
  int far = vr_batch_add(&b, &m, 4000, 8);
  int second = vr_batch_add(&b, &m, 104, 4);
  int first = vr_batch_add(&b, &m, 100, 8);
  assert_int_equal(vr_batch_seal(&b, &m), 0);
  assert_int_equal(b.n_vectors, 2);
  assert_int_equal(b.length, 16);
  assert_int_equal(vr_batch_read(&b, &m), 0);
  assert_int_equal(vr_batch_u64(&b, first, 0), 0x4300000021);
  assert_int_equal(vr_batch_u32(&b, second, 0), 0x43);
  assert_int_equal(vr_batch_u64(&b, far, 0), 0);
  /* Beyond a range, and of none, there is nothing. */
  assert_int_equal(vr_batch_u64(&b, first, 1), 0);
  assert_int_equal(vr_batch_u32(&b, -1, 0), 0);
  assert_null(vr_batch_get(&b, -1));
  vr_batch_free(&b);
}

/* Two regions that lie apart are never one range. */
static void batch_keeps_regions_apart(void **state) {
  (void)state;
  static uint8_t low[64], high[64];
  struct vr_batch b = {0};
  struct vr_gmem m = {
      .pagemap = -1,
      .size = 128,
      .n_regions = 2,
      .regions = {{(uintptr_t)low, 0, 64}, {(uintptr_t)high, 64, 64}}};
  memset(low, 1, sizeof(low));
  memset(high, 2, sizeof(high));
  int l = vr_batch_add(&b, &m, 56, 8), h = vr_batch_add(&b, &m, 64, 8);
  assert_int_equal(vr_batch_add(&b, &m, 60, 8), -1);
  assert_int_equal(vr_batch_seal(&b, &m), 0);
  assert_int_equal(b.n_vectors, 2);
  assert_int_equal(vr_batch_read(&b, &m), 0);
  assert_int_equal(vr_batch_u32(&b, l, 0), 0x01010101);
  assert_int_equal(vr_batch_u32(&b, h, 0), 0x02020202);
  vr_batch_free(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(untouched_pages_stay_untouched),
      cmocka_unit_test(file_behind_a_mapping),
      cmocka_unit_test(process_goes),
      cmocka_unit_test(unmapped_memory),
      cmocka_unit_test(batch_of_many),
      cmocka_unit_test(batch_merges_neighbours),
      cmocka_unit_test(batch_keeps_regions_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
