/* SPDX-License-Identifier: MIT
 *
 * host-bench DUMMY-VM [N...]: CPU time that one interval costs with N virtual
 * machines (dummy processes on the real /proc), against
 *   floor   a bare loop of pread on the very files that an interval reads, open
 *   reopen  open, read and close of the same files
 * All three in one run, in turns, each after a pause in which every machine
 * ran; medians of the rounds. "floor" reads what the reader reads: status and
 * stat only of threads that ran. "all" is the same loop over the files of every
 * thread.
 */
#include "host/host.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 9, WARM_UP = 5, THREADS = 6, FILES_MAX = 3 + 3 * THREADS };

/* The files of one machine: those of the process, then of its threads. */
struct files {
  pid_t pid;
  size_t n, active; /* the first ACTIVE are those read each interval */
  int fds[FILES_MAX];
  char paths[FILES_MAX][64];
};

static double cpu_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static pid_t spawn(const char *program, unsigned i) {
  char name[64];
  snprintf(name, sizeof(name), "guest=dummy%u,debug-threads=on", i);
  pid_t pid = fork();
  if (pid == 0) {
    execl(program, "qemu-system-x86_64", "-name", name, "-accel", "tcg", "-m",
          "256", "-smp", "2", (char *)NULL);
    _exit(127);
  }
  return pid;
}

/* NAME of the process, or of its thread TID. */
static void add_file(struct files *f, const char *name, pid_t tid) {
  char *path = f->paths[f->n];
  if (tid == 0)
    snprintf(path, sizeof(f->paths[0]), "/proc/%d/%s", (int)f->pid, name);
  else
    snprintf(path, sizeof(f->paths[0]), "/proc/%d/task/%d/%s", (int)f->pid,
             (int)tid, name);
  f->fds[f->n] = open(path, O_RDONLY | O_CLOEXEC);
  if (f->fds[f->n] < 0) {
    perror(path);
    exit(1);
  }
  f->n++;
}

/* Threads by their names, as busy ("CPU 0/TCG", and the first) or idle ones. */
static void open_files(struct files *f, pid_t pid) {
  pid_t busy[THREADS], idle[THREADS];
  size_t busy_count = 0, idle_count = 0;
  char path[64];
  *f = (struct files){.pid = pid};
  snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
  DIR *dir = opendir(path);
  const struct dirent *e;
  while (dir && (e = readdir(dir))) {
    pid_t tid = (pid_t)strtol(e->d_name, NULL, 10);
    if (tid <= 0 || busy_count + idle_count == THREADS)
      continue;
    char name[64], comm[32] = "";
    snprintf(name, sizeof(name), "/proc/%d/task/%d/comm", (int)pid, (int)tid);
    FILE *file = fopen(name, "r");
    if (file && fgets(comm, sizeof(comm), file) && strncmp(comm, "CPU", 3) == 0)
      busy[busy_count++] = tid;
    else if (tid != pid)
      idle[idle_count++] = tid;
    if (file)
      fclose(file);
  }
  closedir(dir);
  add_file(f, "stat", 0);
  add_file(f, "statm", 0);
  add_file(f, "io", 0);
  for (size_t i = 0; i < busy_count; i++) {
    add_file(f, "schedstat", busy[i]);
    add_file(f, "status", busy[i]);
    add_file(f, "stat", busy[i]);
  }
  add_file(f, "schedstat", pid);
  add_file(f, "status", pid);
  for (size_t i = 0; i < idle_count; i++)
    add_file(f, "schedstat", idle[i]);
  f->active = f->n;
  for (size_t i = 0; i < idle_count; i++)
    add_file(f, "status", idle[i]);
}

static double floor_us(const struct files *v, unsigned n, bool all) {
  char text[4096];
  double start = cpu_us();
  for (unsigned i = 0; i < n; i++)
    for (size_t j = 0; j < (all ? v[i].n : v[i].active); j++)
      if (pread(v[i].fds[j], text, sizeof(text), 0) < 0)
        perror(v[i].paths[j]);
  return cpu_us() - start;
}

static double reopen_us(const struct files *v, unsigned n) {
  char text[4096];
  double start = cpu_us();
  for (unsigned i = 0; i < n; i++)
    for (size_t j = 0; j < v[i].active; j++) {
      int fd = open(v[i].paths[j], O_RDONLY | O_CLOEXEC);
      if (fd < 0 || read(fd, text, sizeof(text)) < 0)
        perror(v[i].paths[j]);
      close(fd);
    }
  return cpu_us() - start;
}

static double reader_us(struct vr_host *h) {
  double start = cpu_us();
  vr_host_read(h);
  return cpu_us() - start;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *v) {
  qsort(v, ROUNDS, sizeof(*v), ascending);
  return v[ROUNDS / 2];
}

static void pause_ms(int ms) { poll(NULL, 0, ms); }

/* The bare loops run in a process of their own, which has descriptors of its
 * own: a round for every byte that comes in. */
static void serve_loops(const pid_t *pids, unsigned n, int in, int out) {
  struct files *v = calloc(n, sizeof(*v));
  char byte;
  for (unsigned i = 0; v && i < n; i++)
    open_files(&v[i], pids[i]);
  while (read(in, &byte, 1) == 1) {
    double us = byte == 'f'   ? floor_us(v, n, false)
                : byte == 'a' ? floor_us(v, n, true)
                              : reopen_us(v, n);
    if (write(out, &us, sizeof(us)) != sizeof(us))
      break;
  }
  _exit(0);
}

struct loops {
  pid_t pid;
  int to, from;
};

static struct loops start_loops(const pid_t *pids, unsigned n) {
  int to[2], from[2];
  if (pipe(to) < 0 || pipe(from) < 0)
    exit(1);
  pid_t pid = fork();
  if (pid == 0) {
    close(to[1]);
    serve_loops(pids, n, to[0], from[1]);
  }
  close(to[0]);
  close(from[1]);
  return (struct loops){pid, to[1], from[0]};
}

static double loop_us(const struct loops *l, char which) {
  double us = 0;
  if (write(l->to, &which, 1) != 1 || read(l->from, &us, sizeof(us)) < 0)
    exit(1);
  return us;
}

static void stop_loops(const struct loops *l) {
  close(l->to);
  close(l->from);
  waitpid(l->pid, NULL, 0);
}

static bool is_dummy(void *ctx, const struct vr_vm *vm) {
  (void)ctx;
  return strncmp(vm->name, "dummy", 5) == 0;
}

static struct vr_host *start_reader(int fd_budget) {
  struct vr_host_options options;
  struct vr_host *h;
  vr_host_options_default(&options);
  options.report_host = options.qmp = false;
  options.fd_budget = fd_budget;
  options.select = is_dummy;
  if (vr_host_new(&options, &h) < 0)
    exit(1);
  for (int i = 0; i < WARM_UP; i++, pause_ms(600))
    vr_host_read(h);
  return h;
}

static void measure(const char *program, unsigned n, int fd_budget) {
  pid_t *pids = calloc(n, sizeof(*pids));
  double reader[ROUNDS], bare[ROUNDS], all[ROUNDS], reopen[ROUNDS];
  for (unsigned i = 0; pids && i < n; i++)
    pids[i] = spawn(program, i);
  pause_ms(1000 + 2 * (int)n);
  struct loops loops = start_loops(pids, n);
  struct vr_host *h = start_reader(fd_budget);
  for (int i = 0; i < ROUNDS; i++) {
    reader[i] = reader_us(h);
    pause_ms(600);
    bare[i] = loop_us(&loops, 'f');
    pause_ms(600);
    all[i] = loop_us(&loops, 'a');
    pause_ms(600);
    reopen[i] = loop_us(&loops, 'r');
    pause_ms(600);
  }
  double r = median(reader) / n, b = median(bare) / n;
  printf("%6u %8.1f %8.1f %8.1f %8.1f %10.2f %8zu %8d\n", n, r, b,
         median(all) / n, median(reopen) / n, r / b, vr_host_guest_count(h),
         vr_host_fds(h));
  fflush(stdout);
  vr_host_free(h);
  stop_loops(&loops);
  for (unsigned i = 0; i < n; i++)
    kill(pids[i], SIGKILL);
  for (unsigned i = 0; i < n; i++)
    waitpid(pids[i], NULL, 0);
  free(pids);
}

int main(int argc, char **argv) {
  static const unsigned usual[] = {1, 10, 100, 1000};
  if (argc < 2) {
    fprintf(stderr, "usage: host-bench DUMMY-VM [N...]\n");
    return 2;
  }
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  int budget = limit.rlim_cur > 1000000 ? 1000000 : (int)limit.rlim_cur - 64;
  printf("CPU time in us per machine and interval\n%6s %8s %8s %8s %8s %10s "
         "%8s %8s\n",
         "VMs", "reader", "floor", "all", "reopen", "reader/fl.", "found",
         "fds");
  if (argc == 2)
    for (size_t i = 0; i < 4; i++)
      measure(argv[1], usual[i], budget);
  for (int i = 2; i < argc; i++)
    measure(argv[1], (unsigned)strtoul(argv[i], NULL, 10), budget);
  return 0;
}
