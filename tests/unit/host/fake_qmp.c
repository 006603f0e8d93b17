/* SPDX-License-Identifier: MIT */
#include "fake_qmp.h"

#include "guests.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GREETING                                                               \
  "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, "          \
  "\"major\": 7}}, \"capabilities\": [\"oob\"]}}\r\n"

/* Whoever calls listen() is the socket's process for its clients. */
static pid_t listen_in_child(int server) {
  int ready[2];
  char c;
  if (pipe(ready) < 0)
    exit(99);
  pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (listen(server, 4) < 0 || write(ready[1], "", 1) != 1)
      _exit(1);
    for (;;)
      pause();
  }
  close(ready[1]);
  if (pid < 0 || read(ready[0], &c, 1) != 1)
    exit(99);
  close(ready[0]);
  return pid;
}

void fake_qmp_start(struct fake_qmp *f, const struct tree *t,
                    const char *name) {
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  char path[64], args[256];
  *f = (struct fake_qmp){.client = -1};
  f->server = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  /* Bound before it has a number to be found by. */
  snprintf(a.sun_path, sizeof(a.sun_path), "%.60s/%.30s.sock", t->path, name);
  if (bind(f->server, (const struct sockaddr *)&a, sizeof(a)) < 0)
    exit(99);
  f->pid = listen_in_child(f->server);
  guest_start(t, f->pid, name, 5);
  snprintf(path, sizeof(path), "%d/root", (int)f->pid);
  tree_link(t, path, "..");
  snprintf(path, sizeof(path), "%d/cmdline", (int)f->pid);
  snprintf(args, sizeof(args),
           "qemu-system-x86_64\n-name\n%s\n-accel\ntcg\n-smp\n2\n-qmp\n"
           "unix:/%s.sock,server=on,wait=off\n",
           name, name);
  tree_args(t, path, args);
}

static void say(const struct fake_qmp *f, const char *text) {
  /* Whoever does not listen misses it. */
  send(f->client, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void balloon_stats(const struct fake_qmp *f, char *text, size_t size) {
  snprintf(text, size,
           "{\"stats\": {\"stat-minor-faults\": %llu, "
           "\"stat-major-faults\": %llu}, \"last-update\": %lld}",
           f->faults, f->faults / 10,
           f->updated ? f->updated : (long long)time(NULL) + f->ahead);
}

static void answer(struct fake_qmp *f, const char *question) {
  char text[1024], value[768] = "{}";
  const char *id = strstr(question, "\"id\":");
  if (strstr(question, "query-blockstats"))
    snprintf(value, sizeof(value),
             "[{\"device\": \"d0\", \"stats\": {\"rd_bytes\": %llu, "
             "\"wr_bytes\": 1, \"rd_operations\": 2, \"wr_operations\": 3}}%s]",
             f->read_bytes, f->more_disks ? f->more_disks : "");
  else if (strstr(question, "query-status"))
    snprintf(value, sizeof(value), "{\"status\": \"%s\", \"running\": true}",
             f->status ? f->status : "running");
  else if (strstr(question, "query-cpus-fast"))
    snprintf(value, sizeof(value), "[%s]", f->cpus);
  else if (strstr(question, "peripheral-anon\"") && f->faults > 0)
    snprintf(value, sizeof(value),
             "[{\"name\": \"b0\", \"type\": \"child<virtio-balloon-pci>\"}]");
  else if (strstr(question, "qom-list"))
    snprintf(value, sizeof(value), "[]");
  else if (strstr(question, "polling-interval"))
    snprintf(value, sizeof(value), "%u", f->period ? f->period : 1);
  else if (strstr(question, "guest-stats"))
    balloon_stats(f, value, sizeof(value));
  snprintf(text, sizeof(text), "{\"return\": %s, \"id\": %d}\r\n", value,
           id ? atoi(id + 5) : 0);
  say(f, text);
}

static void accept_client(struct fake_qmp *f) {
  int fd = accept4(f->server, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0)
    return;
  if (f->client >= 0)
    close(f->client);
  f->client = fd;
  say(f, GREETING);
}

void fake_qmp_serve(struct fake_qmp *f) {
  char text[8192], *rest = text, *line;
  accept_client(f);
  ssize_t n = recv(f->client, text, sizeof(text) - 1, MSG_DONTWAIT);
  text[n > 0 ? n : 0] = '\0';
  while ((line = strsep(&rest, "\n")))
    if (*line != '\0')
      answer(f, line);
  for (unsigned i = 0; i < f->flood && f->client >= 0; i++)
    say(f, "{}\n");
}

void fake_qmp_hang_up(struct fake_qmp *f) {
  if (f->client >= 0)
    close(f->client);
  f->client = -1;
}

void fake_qmp_end(struct fake_qmp *f) {
  kill(f->pid, SIGKILL);
  waitpid(f->pid, NULL, 0);
  fake_qmp_hang_up(f);
  close(f->server);
}
