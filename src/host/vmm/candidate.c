/* SPDX-License-Identifier: MIT */
#include "host/vmm/candidate.h"

#include "basic/cleanup.h"
#include "host/proc/procfile.h"
#include "host/vmm/recognise.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL_FILE = 4096, CMDLINE_MAX = 128 * 1024 };

/* Whose process it is, by the file STATUS of it. *TEXT receives the file. */
static int check_user(int dirfd, const char *status,
                      const struct vr_users *trusted, char text[SMALL_FILE],
                      struct vr_candidate *c) {
  uid_t real, effective;
  ssize_t n = vr_procfile_read_once(dirfd, status, text, SMALL_FILE);
  if (n < 0)
    return (int)n;
  int r = vr_proc_uids_parse(text, &real, &effective);
  if (r < 0)
    return r;
  c->user = real;
  vr_proc_ppid_parse(text, &c->parent);
  return vr_users_trust(trusted, real, effective) ? 0 : -EPERM;
}

/* Reads the rest of a long command line. */
static int recognise_whole(int dirfd, struct vr_cmdline *line,
                           struct vr_candidate *c) {
  vr_auto_free char *text = malloc(CMDLINE_MAX);
  if (!text)
    return -ENOMEM;
  ssize_t n = vr_procfile_read_once(dirfd, "cmdline", text, CMDLINE_MAX);
  if (n <= 0)
    return n < 0 ? (int)n : -ENOENT;
  char exe[VR_EXE_MAX];
  vr_cmdline_split(text, (size_t)n, line);
  vr_recognise_exe(dirfd, "exe", exe);
  c->recogniser = vr_recognise_program(line, exe);
  if (!c->recogniser)
    return -ENOENT;
  c->vm.accelerator = c->recogniser->accelerator;
  return c->recogniser->parse(line, dirfd, &c->vm);
}

/* Whom the configuration or the command line names. */
static int recognise(int dirfd, const struct vr_custom *custom,
                     struct vr_candidate *c) {
  char start[4096];
  ssize_t n = vr_procfile_read_once(dirfd, "cmdline", start, sizeof(start));
  if (n <= 0)
    return n < 0 ? (int)n : -ENOENT;
  const char *name = vr_custom_find(custom, c->pid, c->user,
                                    c->stat.start_ticks, start, (size_t)n);
  if (name) {
    snprintf(c->vm.name, sizeof(c->vm.name), "%s", name);
    c->recogniser = &vr_recognise_custom;
    return 0;
  }
  vr_auto_free struct vr_cmdline *line = malloc(sizeof(*line));
  return line ? recognise_whole(dirfd, line, c) : -ENOMEM;
}

/* systemd-machined's scope of a libvirt guest:
 * machine-qemu\x2dID\x2dNAME.scope, everything but letters, digits, ":", "-",
 * "_", "." escaped. */
static bool name_of_scope(int dirfd, char *name, size_t size) {
  char text[SMALL_FILE];
  size_t n = 0;
  if (vr_procfile_read_once(dirfd, "cgroup", text, sizeof(text)) < 0)
    return false;
  const char *p = strstr(text, "machine-qemu\\x2d");
  const char *end = p ? strstr(p, ".scope") : NULL;
  p = p ? strstr(p + strlen("machine-qemu\\x2d"), "\\x2d") : NULL;
  if (!p || !end || p >= end)
    return false;
  for (p += strlen("\\x2d"); p < end && n + 1 < size; n++) {
    unsigned c;
    if (sscanf(p, "\\x%2x", &c) == 1) {
      name[n] = (char)c;
      p += 4;
    } else {
      name[n] = *p++;
    }
  }
  name[n] = '\0';
  return n > 0;
}

static void name_unnamed(int dirfd, struct vr_candidate *c) {
  struct vr_vm *vm = &c->vm;
  if (vm->name[0] != '\0' || name_of_scope(dirfd, vm->name, sizeof(vm->name)))
    return;
  if (vm->uuid[0] != '\0')
    snprintf(vm->name, sizeof(vm->name), "%s", vm->uuid);
  else
    snprintf(vm->name, sizeof(vm->name), "%s-%d", c->recogniser->vmm,
             (int)c->pid);
}

static int probe(int dirfd, const struct vr_candidate_rules *rules,
                 struct vr_candidate *c) {
  char text[SMALL_FILE];
  ssize_t n = vr_procfile_read_once(dirfd, "stat", text, sizeof(text));
  if (n < 0)
    return (int)n;
  if (vr_proc_pidstat_parse(text, &c->stat) < 0 || vr_proc_has_ended(&c->stat))
    return -ENOENT;
  vr_proc_comm_parse(text, c->comm);
  char status[SMALL_FILE];
  int r = check_user(dirfd, "status", rules->trusted, status, c);
  if (r == 0)
    r = recognise(dirfd, rules->custom, c);
  /* A process may have executed another user's program meanwhile. */
  if (r == 0)
    r = check_user(dirfd, "status", rules->trusted, status, c);
  if (r < 0)
    return r;
  name_unnamed(dirfd, c);
  return 0;
}

/* Whether it is a thread of the kernel, which has no command line. A process
 * may have cleared its own, or be about to get one. */
static bool is_kernel_thread(int procfd, pid_t pid) {
  char path[32], text[SMALL_FILE];
  snprintf(path, sizeof(path), "%d/stat", (int)pid);
  ssize_t n = vr_procfile_read_once(procfd, path, text, sizeof(text));
  return n > 0 && vr_proc_is_kernel_thread(text);
}

/* Whether the program, or the START of the command line, is a VMM's. */
static bool is_vmm(int procfd, pid_t pid, const char *start, size_t n) {
  char path[32], exe[VR_EXE_MAX];
  struct vr_cmdline line;
  snprintf(path, sizeof(path), "%d/exe", (int)pid);
  vr_recognise_exe(procfd, path, exe);
  vr_cmdline_split(start, n, &line);
  return vr_recognise_program(&line, exe);
}

/* Most processes are distinguished by the start of their command line. */
static int may_be_guest(int procfd, const struct vr_custom *custom,
                        const struct vr_candidate *c) {
  char path[32], start[4096];
  snprintf(path, sizeof(path), "%d/cmdline", (int)c->pid);
  ssize_t n = vr_procfile_read_once(procfd, path, start, sizeof(start));
  if (n == -ENOENT || n == -ESRCH)
    return -ESRCH;
  if (n < 0)
    return (int)n;
  if (n == 0)
    return is_kernel_thread(procfd, c->pid) ? -ENXIO : -ENOENT;
  return is_vmm(procfd, c->pid, start, (size_t)n) ||
                 vr_custom_find(custom, c->pid, c->user, 0, start, (size_t)n)
             ? 0
             : -ENOENT;
}

/* Of a user who is not trusted nothing is read that he can write: the kernel's
 * name of the process is all that a message about it goes by. */
static int refuse(int procfd, const struct vr_custom *custom,
                  const char *status, const struct vr_candidate *c) {
  char name[64] = "";
  if (c->user == 0 && is_kernel_thread(procfd, c->pid))
    return -ENXIO;
  sscanf(status, "Name:\t%63[^\n]", name);
  return vr_recognise_is_process_name(name) ||
                 vr_custom_find(custom, c->pid, c->user, 0, name, strlen(name))
             ? -EPERM
             : -ENOENT;
}

/* The user is decided first. */
static int preselect(int procfd, const struct vr_candidate_rules *rules,
                     struct vr_candidate *c) {
  char path[32], status[SMALL_FILE];
  snprintf(path, sizeof(path), "%d/status", (int)c->pid);
  int r = check_user(procfd, path, rules->trusted, status, c);
  if (r == -EPERM)
    return refuse(procfd, rules->custom, status, c);
  if (r == -ENOENT)
    return -ESRCH;
  return r < 0 ? r : may_be_guest(procfd, rules->custom, c);
}

int vr_candidate_probe(int procfd, pid_t pid,
                       const struct vr_candidate_rules *rules,
                       struct vr_candidate *ret) {
  char path[16];
  *ret = (struct vr_candidate){.pid = pid};
  int r = preselect(procfd, rules, ret);
  if (r < 0)
    return r;
  snprintf(path, sizeof(path), "%d", (int)pid);
  vr_auto_close int fd =
      openat(procfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return fd < 0 ? -errno : probe(fd, rules, ret);
}
