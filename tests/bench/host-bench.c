/* SPDX-License-Identifier: MIT
 *
 * host-bench DUMMY-VM [-u UNRELATED] [N...]: CPU time that one interval costs
 * with N virtual machines (dummy processes on the real /proc) beside UNRELATED
 * other processes that sleep:
 *   reader  vr_host_read(), as the plugin calls it, the machine's own files
 *           included; "untold" the same where the kernel does not tell who
 *           executes what
 *   floor   a bare loop of one pread for each file that an interval needs, all
 *           of them open
 *   reopen  open, read and close of the same files
 *   guests  reader and floor without the machine's own files
 * "Needed" are status and stat only of threads that ran, and of files in
 * several pieces those that hold what is wanted.
 *
 * All in one run, in turns, in a process each, after a pause in which every
 * machine ran. Medians of the rounds; "means" is the ratio of the means, in
 * which what is done only now and then has its share. A busy machine starts
 * processes all the time, and each is looked at once: "calm" is the ratio of
 * the medians of those rounds before which none was started, if there were any.
 */
#include "host/host.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
  ROUNDS = 128, /* at most */
  CALM_ENOUGH = 5,
  WARM_UP = 5,
  THREADS = 6,
  FILES_MAX = 3 + 3 * THREADS,
};

/* The files of one machine: those of the process, then of its threads. */
struct files {
  pid_t pid;
  size_t n;
  int fds[FILES_MAX];
  char paths[FILES_MAX][64];
};

/* Those of the host. On a small host each comes in one piece; of vmstat only
 * the first is needed. */
static const char *const host_files[] = {"/proc/loadavg", "/proc/stat",
                                         "/proc/meminfo", "/proc/vmstat",
                                         "/proc/net/dev", "/proc/diskstats"};
enum { HOST_FILES = sizeof(host_files) / sizeof(host_files[0]) };

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

static pid_t spawn_unrelated(void) {
  pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execlp("sleep", "sleep", "3600", (char *)NULL);
    _exit(127);
  }
  return pid;
}

static void end_all(const pid_t *pids, unsigned n) {
  for (unsigned i = 0; i < n; i++)
    kill(pids[i], SIGKILL);
  for (unsigned i = 0; i < n; i++)
    waitpid(pids[i], NULL, 0);
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
}

/* What is measured: a process of its own each, which has descriptors of its
 * own, and does one round for every byte that comes in. */
struct load {
  struct files *v;
  unsigned n;
  bool with_host;
  int host_fds[HOST_FILES];
  struct vr_host *reader;
};

static void bare_read(int fd, const char *path) {
  static char text[64 * 1024];
  if (pread(fd, text, sizeof(text), 0) < 0)
    perror(path);
}

static void floor_round(const struct load *l) {
  for (int i = 0; l->with_host && i < HOST_FILES; i++)
    bare_read(l->host_fds[i], host_files[i]);
  for (unsigned i = 0; i < l->n; i++)
    for (size_t j = 0; j < l->v[i].n; j++)
      bare_read(l->v[i].fds[j], l->v[i].paths[j]);
}

static void reopen_file(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd >= 0)
    bare_read(fd, path);
  close(fd);
}

static void reopen_round(const struct load *l) {
  for (int i = 0; l->with_host && i < HOST_FILES; i++)
    reopen_file(host_files[i]);
  for (unsigned i = 0; i < l->n; i++)
    for (size_t j = 0; j < l->v[i].n; j++)
      reopen_file(l->v[i].paths[j]);
}

static void reader_round(const struct load *l) { vr_host_read(l->reader); }

static bool is_dummy(void *ctx, const struct vr_vm *vm) {
  (void)ctx;
  return strncmp(vm->name, "dummy", 5) == 0;
}

static struct vr_host *new_reader(bool with_host, bool untold) {
  struct vr_host_options options;
  struct vr_host *h;
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  vr_host_options_default(&options);
  options.report_host = with_host;
  options.qmp = false;
  options.no_execs = untold;
  options.fd_budget =
      limit.rlim_cur > 1000000 ? 1000000 : (int)limit.rlim_cur - 64;
  options.select = is_dummy;
  if (vr_host_new(&options, &h) < 0)
    exit(1);
  return h;
}

/* The six columns. */
static const struct subject {
  const char *name;
  void (*round)(const struct load *l);
  bool with_host, untold;
} subjects[] = {
    {"reader", reader_round, true, false},
    {"floor", floor_round, true, false},
    {"untold", reader_round, true, true},
    {"reopen", reopen_round, true, false},
    {"reader", reader_round, false, false},
    {"floor", floor_round, false, false},
};
enum { READER, FLOOR, UNTOLD, REOPEN, GUESTS_READER, GUESTS_FLOOR, SUBJECTS };

static void open_loops(struct load *l, const pid_t *pids) {
  l->v = calloc(l->n, sizeof(*l->v));
  for (unsigned i = 0; l->v && i < l->n; i++)
    open_files(&l->v[i], pids[i]);
  for (int i = 0; i < HOST_FILES; i++)
    l->host_fds[i] = open(host_files[i], O_RDONLY | O_CLOEXEC);
}

static void serve(const struct subject *s, const pid_t *pids, unsigned n,
                  int in, int out) {
  struct load l = {.n = n, .with_host = s->with_host};
  char byte;
  if (s->round == reader_round)
    l.reader = new_reader(s->with_host, s->untold);
  else
    open_loops(&l, pids);
  while (read(in, &byte, 1) == 1) {
    double start = cpu_us();
    s->round(&l);
    double us = cpu_us() - start;
    if (l.reader && vr_host_vmproc_count(l.reader) != n)
      fprintf(stderr, "%zu machines found\n", vr_host_vmproc_count(l.reader));
    if (write(out, &us, sizeof(us)) != sizeof(us))
      break;
  }
  vr_host_free(l.reader);
  _exit(0);
}

struct server {
  pid_t pid;
  int to, from;
};

/* Those before it are not the new one's business: it closes their ends. */
static void start_server(struct server *servers, size_t i, const pid_t *pids,
                         unsigned n) {
  int to[2], from[2];
  if (pipe(to) < 0 || pipe(from) < 0)
    exit(1);
  pid_t pid = fork();
  if (pid == 0) {
    for (size_t j = 0; j < i; j++)
      close(servers[j].to);
    close(to[1]);
    serve(&subjects[i], pids, n, to[0], from[1]);
  }
  close(to[0]);
  close(from[1]);
  servers[i] = (struct server){pid, to[1], from[0]};
}

static double round_us(const struct server *s) {
  double us = 0;
  if (write(s->to, "r", 1) != 1 || read(s->from, &us, sizeof(us)) <= 0)
    exit(1);
  return us;
}

static void stop_server(const struct server *s) {
  close(s->to);
  close(s->from);
  waitpid(s->pid, NULL, 0);
}

struct result {
  double median, mean;
  double calm; /* median of the calm rounds, or 0 */
};

struct rounds {
  int n;
  double us[ROUNDS];
  bool calm[ROUNDS];
  long newest[2]; /* process, at its last two rounds */
};

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *v, int n) {
  qsort(v, (size_t)n, sizeof(*v), ascending);
  return n > 0 ? v[n / 2] : 0;
}

static struct result result_of(struct rounds *r) {
  struct result result = {0};
  double calm[ROUNDS];
  int n = 0;
  for (int i = 0; i < r->n; i++) {
    result.mean += r->us[i] / r->n;
    if (r->calm[i])
      calm[n++] = r->us[i];
  }
  result.median = median(r->us, r->n);
  result.calm = n >= CALM_ENOUGH ? median(calm, n) : 0;
  return result;
}

static void pause_ms(int ms) { poll(NULL, 0, ms); }

static long newest_process(void) {
  long newest = 0;
  FILE *f = fopen("/proc/loadavg", "r");
  if (!f || fscanf(f, "%*s %*s %*s %*s %ld", &newest) != 1)
    exit(1);
  fclose(f);
  return newest;
}

/* The reader lists numbers once more after a change: calm are those rounds for
 * which nothing changed twice. */
static void add_round(struct rounds *r, double us, bool counts) {
  long newest = newest_process();
  if (counts) {
    r->calm[r->n] = newest == r->newest[0] && newest == r->newest[1];
    r->us[r->n++] = us;
  }
  r->newest[1] = r->newest[0];
  r->newest[0] = newest;
}

static void print_head(void) {
  printf("CPU time in us per interval, and ratios to the floor\n"
         "                |          with the machine's own files            "
         "        |          guests alone\n"
         "  VMs  unrelated|   floor  reader   ratio   means    calm  untold"
         "  reopen |   floor  reader   ratio    calm\n");
}

static void print_ratio(double a, double b) {
  if (a > 0 && b > 0)
    printf("%8.2f", a / b);
  else
    printf("%8s", "-");
}

static void print_row(unsigned n, unsigned unrelated, const struct result *r) {
  const struct result *floor = &r[FLOOR], *guests = &r[GUESTS_FLOOR];
  printf("%5u %10u|%8.1f%8.1f", n, unrelated, floor->median, r[READER].median);
  print_ratio(r[READER].median, floor->median);
  print_ratio(r[READER].mean, floor->mean);
  print_ratio(r[READER].calm, floor->calm);
  print_ratio(r[UNTOLD].median, floor->median);
  print_ratio(r[REOPEN].median, floor->median);
  printf(" |%8.1f%8.1f", guests->median, r[GUESTS_READER].median);
  print_ratio(r[GUESTS_READER].median, guests->median);
  print_ratio(r[GUESTS_READER].calm, guests->calm);
  printf("\n");
  fflush(stdout);
}

static void run_rounds(const struct server *servers, int rounds, int period,
                       struct result *ret) {
  static struct rounds all[SUBJECTS];
  memset(all, 0, sizeof(all));
  for (int i = -WARM_UP; i < rounds; i++)
    for (size_t j = 0; j < SUBJECTS; j++) {
      pause_ms(period);
      add_round(&all[j], round_us(&servers[j]), i >= 0);
    }
  for (size_t j = 0; j < SUBJECTS; j++)
    ret[j] = result_of(&all[j]);
}

/* Threads wake up every so often, and a round comes after each of them did.
 * Many machines do it less often, so as not to fill the processors. */
static const struct pace {
  unsigned up_to;
  const char *wake_ms;
  int pause_ms, rounds;
} paces[] = {
    {10, "15", 25, ROUNDS}, {100, "50", 70, 32}, {UINT_MAX, "400", 500, 12}};

static const struct pace *pace_of(unsigned n) {
  const struct pace *p = paces;
  while (p->up_to < n)
    p++;
  return p;
}

static void measure(const char *program, unsigned n, unsigned unrelated) {
  pid_t *pids = calloc(n + unrelated, sizeof(*pids));
  struct server servers[SUBJECTS];
  struct result results[SUBJECTS];
  const struct pace *pace = pace_of(n);
  setenv("DUMMY_VM_PERIOD_MS", pace->wake_ms, 1);
  for (unsigned i = 0; pids && i < n; i++)
    pids[i] = spawn(program, i);
  for (unsigned i = 0; pids && i < unrelated; i++)
    pids[n + i] = spawn_unrelated();
  pause_ms(1000 + 2 * (int)(n + unrelated));
  for (size_t j = 0; j < SUBJECTS; j++)
    start_server(servers, j, pids, n);
  run_rounds(servers, pace->rounds, pace->pause_ms, results);
  print_row(n, unrelated, results);
  for (size_t j = 0; j < SUBJECTS; j++)
    stop_server(&servers[j]);
  end_all(pids, n + unrelated);
  free(pids);
}

int main(int argc, char **argv) {
  /* With no machine at all: what is read of the host and looked for in it. */
  static const unsigned usual[] = {0, 1, 10, 100, 1000};
  unsigned unrelated = 0;
  if (argc < 2) {
    fprintf(stderr, "usage: host-bench DUMMY-VM [-u UNRELATED] [N...]\n");
    return 2;
  }
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  print_head();
  int next = 2;
  if (argc > 3 && strcmp(argv[2], "-u") == 0) {
    unrelated = (unsigned)strtoul(argv[3], NULL, 10);
    next = 4;
  }
  for (size_t i = 0; next == argc && i < sizeof(usual) / sizeof(usual[0]); i++)
    measure(argv[1], usual[i], unrelated);
  for (int i = next; i < argc; i++)
    measure(argv[1], (unsigned)strtoul(argv[i], NULL, 10), unrelated);
  return 0;
}
