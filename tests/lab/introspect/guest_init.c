/* SPDX-License-Identifier: MIT
 *
 * The whole user space of the guest that introspection is tested against: it
 * inserts the modules in /modules, then obeys the lines that come in on the
 * second serial port. Statically linked, it is /init and runs on any kernel.
 *
 *   read            the guest's own readings: files of /proc, framed
 *   load KIND       begin a load: cpu, switch, fork, fault, block, swap,
 *                   sleepers
 *   stop            end all loads
 *   online N 0|1    unplug or plug vCPU N
 *   swap FILE       use a block device as swap space
 *   forge FILE      fill memory with copies of what FILE holds (hostile guest)
 *   touch MIB       touch that much memory and keep it
 *   reboot          reset the machine through the kernel
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static pid_t loads[64];
static int n_loads;
static FILE *console;

static void mount_all(void) {
  mkdir("/proc", 0755);
  mkdir("/sys", 0755);
  mkdir("/dev", 0755);
  mkdir("/tmp", 0755);
  mount("proc", "/proc", "proc", 0, NULL);
  mount("sysfs", "/sys", "sysfs", 0, NULL);
  mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
  mount("tmpfs", "/tmp", "tmpfs", 0, NULL);
}

/* Passes over the folder until no further module goes in: their order is not
 * known here. */
static void insert_modules(void) {
  for (int pass = 0; pass < 6; pass++) {
    DIR *dir = opendir("/modules");
    if (!dir)
      return;
    struct dirent *e;
    while ((e = readdir(dir))) {
      char path[512];
      snprintf(path, sizeof(path), "/modules/%s", e->d_name);
      int fd = open(path, O_RDONLY);
      if (fd < 0)
        continue;
      if (syscall(SYS_finit_module, fd, "", 0) == 0)
        unlink(path);
      close(fd);
    }
    closedir(dir);
  }
}

static void send_file(const char *path) {
  static char buffer[1 << 16];
  fprintf(console, "### %s\n", path);
  int fd = open(path, O_RDONLY);
  ssize_t n;
  while (fd >= 0 && (n = read(fd, buffer, sizeof(buffer))) > 0)
    fwrite(buffer, 1, (size_t)n, console);
  if (fd >= 0)
    close(fd);
}

/* The files are read first and sent afterwards: the serial port is slow, and
 * the readings shall be of one moment. */
static void send_readings(void) {
  static const char *const paths[] = {"/proc/uptime",  "/proc/loadavg",
                                      "/proc/stat",    "/proc/vmstat",
                                      "/proc/meminfo", "/proc/diskstats"};
  enum { N = sizeof(paths) / sizeof(paths[0]) };
  static char text[N][1 << 16];
  ssize_t length[N];
  for (int i = 0; i < N; i++) {
    int fd = open(paths[i], O_RDONLY);
    ssize_t got = 0, n;
    while (fd >= 0 &&
           (n = read(fd, text[i] + got, sizeof(text[i]) - (size_t)got)) > 0)
      got += n;
    length[i] = got;
    if (fd >= 0)
      close(fd);
  }
  int processes = 0;
  DIR *dir = opendir("/proc");
  for (struct dirent *e; dir && (e = readdir(dir));)
    processes += isdigit((unsigned char)e->d_name[0]) != 0;
  if (dir)
    closedir(dir);
  for (int i = 0; i < N; i++) {
    fprintf(console, "### %s\n", paths[i]);
    fwrite(text[i], 1, (size_t)length[i], console);
  }
  fprintf(console, "### processes\n%d\n", processes);
}

static void load_cpu(void) {
  for (volatile unsigned long x = 0;; x++)
    ;
}

static void load_switch(void) {
  int a[2], b[2];
  char c = 0;
  if (pipe(a) || pipe(b))
    _exit(1);
  if (fork() == 0)
    while (read(a[0], &c, 1) == 1 && write(b[1], &c, 1) == 1)
      ;
  while (write(a[1], &c, 1) == 1 && read(b[0], &c, 1) == 1)
    usleep(500);
}

static void load_fork(void) {
  for (;;) {
    pid_t pid = fork();
    if (pid == 0)
      _exit(0);
    waitpid(pid, NULL, 0);
    usleep(2000);
  }
}

static void load_fault(void) {
  const size_t size = 8 << 20;
  for (;;) {
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (size_t i = 0; i < size; i += 4096)
      p[i] = 1;
    munmap(p, size);
    usleep(20000);
  }
}

/* Fills the buffer cache (pages of the block device itself) and drops it. */
static void load_block(void) {
  static char buffer[1 << 16];
  for (;;) {
    int fd = open("/dev/vda", O_RDWR);
    if (fd < 0)
      _exit(1);
    for (int i = 0; i < 200 && read(fd, buffer, sizeof(buffer)) > 0; i++)
      usleep(5000);
    for (int i = 0; i < 16; i++)
      if (pwrite(fd, buffer, sizeof(buffer), (off_t)i << 20) < 0)
        break;
    fsync(fd);
    close(fd);
  }
}

/* Writes to more memory than there is, again and again: slowly, once it swaps.
 */
static void load_swap(void) {
  const size_t beyond = 24 << 20;
  size_t size = (size_t)sysconf(_SC_AVPHYS_PAGES) * 4096 + beyond;
  char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED)
    _exit(1);
  for (size_t i = 0;; i += 4096) {
    p[i % size]++;
    if (i >= size && i / 4096 % 1024 == 0)
      usleep(20000);
  }
}

static void load_sleepers(void) {
  for (int i = 0; i < 20; i++)
    if (fork() == 0)
      for (;;)
        pause();
  for (;;)
    pause();
}

static void start_load(const char *kind) {
  static const struct {
    const char *name;
    void (*run)(void);
  } kinds[] = {{"cpu", load_cpu},          {"switch", load_switch},
               {"fork", load_fork},        {"fault", load_fault},
               {"block", load_block},      {"swap", load_swap},
               {"sleepers", load_sleepers}};
  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
    if (strcmp(kind, kinds[i].name) == 0 && n_loads < 64) {
      pid_t pid = fork();
      if (pid == 0) {
        setpgid(0, 0);
        kinds[i].run();
        _exit(0);
      }
      setpgid(pid, pid);
      loads[n_loads++] = pid;
    }
}

static void stop_loads(void) {
  for (int i = 0; i < n_loads; i++)
    kill(-loads[i], SIGKILL);
  n_loads = 0;
}

static void set_online(int cpu, int on) {
  char path[128];
  snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online", cpu);
  int fd = open(path, O_WRONLY);
  if (fd >= 0) {
    if (write(fd, on ? "1" : "0", 1) != 1)
      perror(path);
    close(fd);
  }
}

/* Copies of FILE's content over and over, in pages as large as they come, in
 * seven tenths of the memory; a child keeps them. */
static void forge(const char *file) {
  int fd = open(file, O_RDONLY), pipes[2];
  struct stat st;
  char c;
  if (fd < 0 || fstat(fd, &st) || st.st_size == 0 || pipe(pipes))
    return;
  if (fork() == 0) {
    size_t size = (size_t)st.st_size, step = (size + 0x1fffff) & ~0x1fffffUL;
    size_t room = (size_t)sysconf(_SC_AVPHYS_PAGES) / 10 * 7 * 4096;
    char *source = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    char *p = mmap(NULL, room + step, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    p = (char *)(((uintptr_t)p + 0x1fffff) & ~0x1fffffUL);
    madvise(p, room, MADV_HUGEPAGE);
    for (size_t at = 0; at + step <= room; at += step)
      memcpy(p + at, source, size);
    if (write(pipes[1], "x", 1) == 1)
      for (;;)
        pause();
    _exit(1);
  }
  close(pipes[1]);
  if (read(pipes[0], &c, 1) != 1)
    fprintf(console, "forge failed\n");
  close(pipes[0]);
  close(fd);
}

static void touch(size_t mib) {
  for (size_t i = 0; i < mib; i++) {
    char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
      return;
    for (size_t j = 0; j < 1 << 20; j += 64)
      memcpy(p + j, &(uint64_t){i * 0x9e3779b97f4a7c15 + j}, 8);
  }
}

static void obey(char *line) {
  char *arg = strchr(line, ' ');
  if (arg)
    *arg++ = '\0';
  fprintf(console, "BEGIN %s\n", line);
  if (strcmp(line, "read") == 0)
    send_readings();
  else if (strcmp(line, "cat") == 0 && arg)
    send_file(arg);
  else if (strcmp(line, "load") == 0 && arg)
    start_load(arg);
  else if (strcmp(line, "stop") == 0)
    stop_loads();
  else if (strcmp(line, "online") == 0 && arg)
    set_online(atoi(arg), strchr(arg, ' ') && strchr(arg, ' ')[1] == '1');
  else if (strcmp(line, "swap") == 0 && arg)
    swapon(arg, 0);
  else if (strcmp(line, "forge") == 0 && arg)
    forge(arg);
  else if (strcmp(line, "touch") == 0 && arg)
    touch(strtoul(arg, NULL, 10));
  else if (strcmp(line, "reboot") == 0)
    reboot(RB_AUTOBOOT);
  fprintf(console, "END\n");
  fflush(console);
}

/* Raw: no echo, so that nothing but answers goes back. */
static int open_console(void) {
  int fd = open("/dev/ttyS1", O_RDWR | O_NOCTTY);
  if (fd < 0)
    return -1;
  struct termios t;
  tcgetattr(fd, &t);
  cfmakeraw(&t);
  t.c_lflag |= ICANON;
  tcsetattr(fd, TCSANOW, &t);
  return fd;
}

int main(void) {
  mount_all();
  insert_modules();
  signal(SIGCHLD, SIG_DFL);
  int fd = open_console();
  if (fd < 0) {
    perror("ttyS1");
    reboot(RB_POWER_OFF);
    return 1;
  }
  console = fdopen(dup(fd), "w");
  setvbuf(console, NULL, _IOFBF, 1 << 16);
  fprintf(console, "READY\n");
  fflush(console);
  static char line[512];
  for (ssize_t n; (n = read(fd, line, sizeof(line) - 1)) >= 0;) {
    while (waitpid(-1, NULL, WNOHANG) > 0)
      ;
    line[n] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    if (line[0])
      obey(line);
  }
  return 0;
}
