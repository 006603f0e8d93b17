/* SPDX-License-Identifier: MIT */
#include "tools/vmrecon-introspect-guest.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "host/host.h"
#include "host/vmm/vm_names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* How many guests a message names at most, and in how many bytes. */
enum { CANDIDATES = 10, CANDIDATES_SIZE = 400 };

/* How well a guest answers to what was asked for: by the name under which it is
 * reported, or its uuid, which one guest alone has; or by the name that its VMM
 * was given, which several may have. */
enum match { MATCH_NONE, MATCH_GIVEN, MATCH_REPORTED };

static enum match match(const struct vr_vmproc_sample *s, const char *name) {
  char plain[VR_NAME_MAX];
  if (strcmp(s->name, name) == 0 ||
      (s->uuid[0] != '\0' && strcasecmp(s->uuid, name) == 0))
    return MATCH_REPORTED;
  vr_vm_name_sanitise(s->vm->name, plain);
  return strcmp(s->vm->name, name) == 0 || strcmp(plain, name) == 0
             ? MATCH_GIVEN
             : MATCH_NONE;
}

/* "web-1a2b3c4d (process 4711), db (process 4712) and 3 more": those that match
 * at least as well as LEAST. Returns how many there are. */
static size_t candidates(const struct vr_host *h, const char *name,
                         enum match least, char ret[CANDIDATES_SIZE]) {
  size_t n = 0, shown = 0, at = 0;
  ret[0] = '\0';
  for (size_t i = 0; i < vr_host_vmproc_count(h); i++) {
    const struct vr_vmproc_sample *s = vr_host_vmproc(h, i);
    char one[VR_NAME_MAX + 32];
    if (match(s, name) < least)
      continue;
    n++;
    int k = snprintf(one, sizeof(one), "%s%s (process %d)", shown ? ", " : "",
                     s->name, (int)s->pid);
    if (shown == CANDIDATES || at + (size_t)k + 24 > CANDIDATES_SIZE)
      continue;
    memcpy(ret + at, one, (size_t)k + 1);
    at += (size_t)k;
    shown++;
  }
  if (shown < n)
    snprintf(ret + at, CANDIDATES_SIZE - at, " and %zu more", n - shown);
  return n;
}

static int unknown(const struct vr_host *h, const char *name,
                   struct vr_error *ret_error) {
  char list[CANDIDATES_SIZE];
  if (candidates(h, name, MATCH_NONE, list) == 0)
    return vr_error_set(ret_error, -ENOENT,
                        "guest %s: no guest runs on this host under a user "
                        "that is trusted (--trust); a process's number works "
                        "for any",
                        name);
  return vr_error_set(ret_error, -ENOENT,
                      "guest %s: not on this host. Guests here: %s", name,
                      list);
}

static int search(const struct vr_host *h, const char *name, pid_t *ret_pid,
                  struct vr_error *ret_error) {
  pid_t given = 0;
  char list[CANDIDATES_SIZE];
  for (size_t i = 0; i < vr_host_vmproc_count(h); i++) {
    const struct vr_vmproc_sample *s = vr_host_vmproc(h, i);
    enum match m = match(s, name);
    if (m == MATCH_NONE)
      continue;
    given = s->pid;
    if (m == MATCH_REPORTED) {
      *ret_pid = s->pid;
      return 0;
    }
  }
  size_t n = candidates(h, name, MATCH_GIVEN, list);
  if (n == 0)
    return unknown(h, name, ret_error);
  if (n > 1)
    return vr_error_set(ret_error, -EEXIST,
                        "guest %s: %zu guests have this name. Give one of: %s",
                        name, n, list);
  *ret_pid = given;
  return 0;
}

/* What the list of guests has to say is said by the plugin. */
static void say_nothing(int priority, const char *message) {
  (void)priority;
  (void)message;
}

static void host_freep(struct vr_host **h) { vr_host_free(*h); }

int vr_tools_guest_find(const struct vr_tools_guest_options *options,
                        pid_t *ret_pid, struct vr_error *ret_error) {
  vr_cleanup(host_freep) struct vr_host *h = NULL;
  struct vr_host_options o;
  vr_host_options_default(&o);
  o.proc_path = options->proc_path;
  o.trusted = options->trusted;
  o.names_file = options->names_file;
  o.names_read_only = true;
  o.report_host = o.qmp = o.libvirt = false;
  o.no_execs = true;
  vr_log_set(say_nothing);
  int r = vr_host_new(&o, &h);
  if (r < 0)
    return vr_error_set(ret_error, r, "%s: %s", o.proc_path, strerror(-r));
  vr_host_read(h);
  r = search(h, options->name, ret_pid, ret_error);
  vr_log_set(NULL);
  return r;
}
