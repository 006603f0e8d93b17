/* SPDX-License-Identifier: MIT */
#include "host/vmm/custom.h"

#include "basic/array.h"
#include "host/vmm/pidfile.h"

#include <errno.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Seconds by which clocks may disagree on when a pid file was written. */
enum { LINE_MAX_SEEN = 4096, SLACK = 10 };

struct rule {
  char *name;
  struct vr_pidfile *pidfile; /* NULL: the expression holds */
  struct vr_pidfile_entry process;
  regex_t expression;
};

struct vr_custom {
  size_t count, capacity;
  struct rule *v;
};

int vr_custom_new(struct vr_custom **ret) {
  struct vr_custom *c = calloc(1, sizeof(*c));
  if (!c)
    return -ENOMEM;
  *ret = c;
  return 0;
}

void vr_custom_free(struct vr_custom *c) {
  if (!c)
    return;
  for (size_t i = 0; i < c->count; i++) {
    struct rule *r = &c->v[i];
    if (!r->pidfile)
      regfree(&r->expression);
    vr_pidfile_free(r->pidfile);
    free(r->name);
  }
  free(c->v);
  free(c);
}

static struct rule *add(struct vr_custom *c, const char *name) {
  if (vr_array_reserve(&c->v, &c->capacity, c->count + 1) < 0)
    return NULL;
  struct rule *r = &c->v[c->count];
  *r = (struct rule){.name = strdup(name)};
  return r->name ? r : NULL;
}

int vr_custom_add_pidfile(struct vr_custom *c, const char *name,
                          const char *path) {
  struct rule *r = add(c, name);
  if (!r)
    return -ENOMEM;
  int e = vr_pidfile_new(path, &r->pidfile);
  if (e < 0) {
    free(r->name);
    return e;
  }
  c->count++;
  return 0;
}

int vr_custom_add_match(struct vr_custom *c, const char *name,
                        const char *expression, char *message, size_t size) {
  size_t n = strlen(expression);
  bool slashes = n >= 2 && expression[0] == '/' && expression[n - 1] == '/';
  char *inside = slashes ? strndup(expression + 1, n - 2) : strdup(expression);
  struct rule *r = inside ? add(c, name) : NULL;
  if (!r) {
    free(inside);
    return -ENOMEM;
  }
  int e = regcomp(&r->expression, inside, REG_EXTENDED | REG_NOSUB);
  free(inside);
  if (e != 0) {
    regerror(e, &r->expression, message, size);
    free(r->name);
    return -EINVAL;
  }
  c->count++;
  return 0;
}

bool vr_custom_matches(const struct vr_custom *c) {
  for (size_t i = 0; c && i < c->count; i++)
    if (!c->v[i].pidfile)
      return true;
  return false;
}

void vr_custom_refresh(struct vr_custom *c, vr_custom_fn fn, void *ctx) {
  for (size_t i = 0; c && i < c->count; i++) {
    struct rule *r = &c->v[i];
    if (!r->pidfile)
      continue;
    struct vr_pidfile_entry e = {0};
    vr_pidfile_read(r->pidfile, &e);
    if (e.pid > 0 && e.pid != r->process.pid)
      fn(ctx, e.pid);
    r->process = e;
  }
}

static time_t started(uint64_t start_ticks) {
  struct timespec now, up;
  clock_gettime(CLOCK_REALTIME, &now);
  clock_gettime(CLOCK_BOOTTIME, &up);
  return now.tv_sec - up.tv_sec +
         (time_t)(start_ticks / (uint64_t)sysconf(_SC_CLK_TCK));
}

static bool is_process_of(const struct vr_pidfile_entry *e, pid_t pid,
                          uid_t user, uint64_t start_ticks) {
  return e->pid == pid && (e->anyone || e->owner == user) &&
         (start_ticks == 0 || started(start_ticks) <= e->written + SLACK);
}

const char *vr_custom_find(const struct vr_custom *c, pid_t pid, uid_t user,
                           uint64_t start_ticks, const char *text,
                           size_t length) {
  char line[LINE_MAX_SEEN];
  if (!c || c->count == 0)
    return NULL;
  if (length >= sizeof(line))
    length = sizeof(line) - 1;
  for (size_t i = 0; i < length; i++)
    line[i] = text[i] == '\0' ? ' ' : text[i];
  line[length] = '\0';
  for (size_t i = 0; i < c->count; i++) {
    const struct rule *r = &c->v[i];
    if (r->pidfile ? is_process_of(&r->process, pid, user, start_ticks)
                   : regexec(&r->expression, line, 0, NULL, 0) == 0)
      return r->name;
  }
  return NULL;
}
