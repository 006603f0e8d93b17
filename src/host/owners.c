/* SPDX-License-Identifier: MIT */
#include "host/owners.h"

#include "basic/array.h"
#include "basic/cleanup.h"
#include "basic/safe_open.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER "vmrecon names 1"

enum { FILE_MAX = 1024 * 1024, OWNERS_MAX = 4096 };

static struct vr_owner *find(const struct vr_owners *o, const char *name) {
  for (size_t i = 0; i < o->count; i++)
    if (strcmp(o->v[i].name, name) == 0)
      return &o->v[i];
  return NULL;
}

const struct vr_owner *vr_owners_find(const struct vr_owners *o,
                                      const char *name) {
  return find(o, name);
}

/* The eldest gives way to the newest. */
static struct vr_owner *add(struct vr_owners *o, const char *name) {
  if (o->count == OWNERS_MAX)
    memmove(o->v, o->v + 1, --o->count * sizeof(*o->v));
  if (vr_array_reserve(&o->v, &o->capacity, o->count + 1) < 0)
    return NULL;
  struct vr_owner *e = &o->v[o->count++];
  *e = (struct vr_owner){0};
  snprintf(e->name, sizeof(e->name), "%s", name);
  return e;
}

void vr_owners_take(struct vr_owners *o, const char *name, const char *id) {
  struct vr_owner *e = find(o, name);
  if (!e)
    e = add(o, name);
  if (!e || strcmp(e->id, id) == 0)
    return;
  snprintf(e->id, sizeof(e->id), "%s", id);
  o->changed = true;
}

void vr_owners_share(struct vr_owners *o, const char *name, const char *owner) {
  struct vr_owner *e = find(o, name);
  if (!e)
    e = add(o, name);
  if (!e || e->shared)
    return;
  e->shared = true;
  if (e->id[0] == '\0')
    snprintf(e->id, sizeof(e->id), "%s", owner);
  o->changed = true;
}

/* A process's number says nothing to the next daemon. */
static bool is_kept(const struct vr_owner *e) {
  return strncmp(e->id, "pid:", 4) != 0;
}

void vr_owners_forget(struct vr_owners *o, vr_owners_held_fn is_held,
                      void *ctx) {
  size_t left = 0;
  for (size_t i = 0; i < o->count; i++) {
    const struct vr_owner *e = &o->v[i];
    if ((!e->shared || !is_kept(e)) && !is_held(ctx, e->name)) {
      o->changed |= is_kept(e);
      continue;
    }
    o->v[left++] = *e;
  }
  o->count = left;
}

/* STATE ID NAME, one line each; names have no control characters. */
static int write_all(const struct vr_owners *o, FILE *f) {
  fprintf(f, HEADER "\n");
  for (size_t i = 0; i < o->count; i++)
    if (is_kept(&o->v[i]))
      fprintf(f, "%s %s %s\n", o->v[i].shared ? "shared" : "single",
              o->v[i].id[0] ? o->v[i].id : "-", o->v[i].name);
  return ferror(f) ? -EIO : 0;
}

/* Without any there is nothing to be missed after a restart. */
static bool any_shared(const struct vr_owners *o) {
  for (size_t i = 0; i < o->count; i++)
    if (o->v[i].shared)
      return true;
  return false;
}

static int write_file(struct vr_owners *o) {
  vr_auto_free char *text = NULL;
  size_t length = 0;
  FILE *memory = open_memstream(&text, &length);
  if (!memory)
    return -ENOMEM;
  int r = write_all(o, memory);
  if (fclose(memory) != 0 || r < 0)
    return -ENOMEM;
  return vr_remote_write(&o->file, o->path, text, length);
}

void vr_owners_save(struct vr_owners *o) {
  if (!o->changed)
    return;
  int r = o->path ? write_file(o) : 0;
  /* Where nobody answers it is tried again. */
  o->changed = r == -EBUSY || r == -ETIMEDOUT;
  /* Slow is no fault yet. */
  if (r < 0 && r != -ETIMEDOUT && any_shared(o))
    vr_log_complain(&o->trouble, LOG_WARNING,
                    "%s: %s: who owns a name that several guests have is "
                    "forgotten when collectd restarts; make the file writable",
                    o->path, vr_safe_why(r));
}

static void read_line(struct vr_owners *o, const char *line) {
  char state[8], id[VR_OWNERS_ID_MAX], name[VR_NAME_MAX];
  if (sscanf(line, "%7s %63s %127[^\n]", state, id, name) != 3 || find(o, name))
    return;
  struct vr_owner *e = add(o, name);
  if (!e)
    return;
  e->shared = strcmp(state, "shared") == 0;
  if (strcmp(id, "-") != 0)
    snprintf(e->id, sizeof(e->id), "%s", id);
}

void vr_owners_load(struct vr_owners *o, const char *path) {
  vr_auto_free char *text = NULL;
  *o = (struct vr_owners){.path = path};
  if (!path)
    return;
  int r = vr_remote_read(path, FILE_MAX, &text, NULL);
  if (r < 0 && r != -ENOENT)
    vr_log_warning("%s: %s: names that several guests had are not known", path,
                   vr_safe_why(r));
  /* It is not written over by what is known without it. */
  if (r == -ETIMEDOUT || r == -EBUSY)
    o->path = NULL;
  if (r < 0 || strncmp(text, HEADER "\n", sizeof(HEADER)) != 0)
    return;
  char *rest = text, *line;
  while ((line = strsep(&rest, "\n")))
    read_line(o, line);
}

void vr_owners_free(struct vr_owners *o) {
  vr_remote_leave(&o->file);
  free(o->v);
  o->v = NULL;
  o->count = o->capacity = 0;
}
