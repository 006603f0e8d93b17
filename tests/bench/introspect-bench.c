/* SPDX-License-Identifier: MIT
 *
 * What introspection of one live guest costs, beside what nothing can beat:
 *
 *   one read       beside an empty process_vm_readv and beside the reading of
 *                  the VM process's /proc files (kept open) in the same loop
 *   the search     beside a plain scan of the same memory
 *
 *   introspect-bench PID [MEMORY_MIB]
 */
#include "introspect/budget.h"
#include "introspect/gmem.h"
#include "introspect/introspect.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define ROUNDS 2000
#define MAX_FILES 256
#define CHUNK (1u << 20)

static uint64_t cpu_ns(void) { return vr_clock_ns(CLOCK_THREAD_CPUTIME_ID); }

static void report(const char *what, uint64_t ns, unsigned n) {
  printf("%-44s %9.2f us CPU\n", what, (double)ns / 1e3 / n);
}

static void bench_empty(pid_t pid) {
  uint64_t begin = cpu_ns();
  for (unsigned i = 0; i < ROUNDS; i++)
    if (process_vm_readv(pid, NULL, 0, NULL, 0, 0) != 0)
      exit(1);
  report("empty process_vm_readv", cpu_ns() - begin, ROUNDS);
}

static void bench_read(struct vr_introspect *i) {
  static struct vr_introspect_values v;
  unsigned good = 0;
  uint64_t begin = cpu_ns();
  for (unsigned n = 0; n < ROUNDS; n++)
    good += vr_introspect_read(i, &v) == 0;
  report("vr_introspect_read, all counters", cpu_ns() - begin, ROUNDS);
  printf("  %u of %u reads gave values, %u CPUs\n", good, ROUNDS, v.n_cpus);
}

/* The files that tell of the VM process: schedstat of each thread, statm, io.
 */
static unsigned open_files(pid_t pid, int *fds) {
  char path[300];
  unsigned n = 0;
  snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
  DIR *dir = opendir(path);
  for (struct dirent *e; dir && n < MAX_FILES - 2 && (e = readdir(dir));) {
    snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat", (int)pid,
             e->d_name);
    int fd = e->d_name[0] == '.' ? -1 : open(path, O_RDONLY);
    if (fd >= 0)
      fds[n++] = fd;
  }
  if (dir)
    closedir(dir);
  snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
  fds[n++] = open(path, O_RDONLY);
  snprintf(path, sizeof(path), "/proc/%d/io", (int)pid);
  fds[n++] = open(path, O_RDONLY);
  return n;
}

static void bench_proc(pid_t pid) {
  int fds[MAX_FILES];
  char text[1024];
  unsigned n = open_files(pid, fds);
  uint64_t begin = cpu_ns();
  for (unsigned i = 0; i < ROUNDS; i++)
    for (unsigned f = 0; f < n; f++)
      if (pread(fds[f], text, sizeof(text), 0) < 0)
        exit(1);
  report("its /proc files, kept open", cpu_ns() - begin, ROUNDS);
  printf("  %u files\n", n);
  for (unsigned f = 0; f < n; f++)
    close(fds[f]);
}

/* Everything that is present, searched for a text that is not there. */
static void bench_scan(pid_t pid, uint64_t size) {
  struct vr_gmem m;
  uint8_t *chunk = malloc(CHUNK);
  uint64_t bytes = 0, begin = cpu_ns();
  if (!chunk || vr_gmem_from_process(&m, pid, size, 0) < 0 ||
      vr_gmem_begin_search(&m) < 0)
    exit(1);
  for (uint64_t at = 0; at + CHUNK <= m.size; at += CHUNK) {
    size_t present = 0;
    if (vr_gmem_peek(&m, at, chunk, CHUNK, &present) < 0)
      exit(1);
    bytes += present;
    if (present && memmem(chunk, CHUNK, "no guest has this text", 22))
      puts("found");
  }
  printf("plain scan of what is present: %.1f ms CPU, %.1f MiB\n",
         (double)(cpu_ns() - begin) / 1e6, (double)bytes / 1048576.0);
  vr_gmem_end_search(&m);
  free(chunk);
}

int main(int argc, char **argv) {
  struct vr_introspect *i;
  struct vr_introspect_search_stats s;
  if (argc < 2) {
    fprintf(stderr, "usage: introspect-bench PID [MEMORY_MIB]\n");
    return 2;
  }
  pid_t pid = atoi(argv[1]);
  uint64_t size = argc > 2 ? strtoull(argv[2], NULL, 10) << 20 : 0;
  if (vr_introspect_open(
          &(struct vr_introspect_process){.pid = pid, .memory = size}, NULL,
          &i) < 0)
    return 1;
  int r = vr_introspect_search(i, &s);
  printf("search: %.1f ms CPU, %.1f MiB read%s%s\n", (double)s.cpu_ns / 1e6,
         (double)s.bytes_read / 1048576.0, r < 0 ? ": " : "",
         r < 0 ? vr_introspect_why(r) : "");
  bench_scan(pid, size);
  bench_empty(pid);
  bench_proc(pid);
  if (r == 0)
    bench_read(i);
  vr_introspect_close(i);
  return r < 0;
}
