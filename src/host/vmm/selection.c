/* SPDX-License-Identifier: MIT */
#include "host/vmm/selection.h"

#include "basic/array.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
  char *exact; /* NULL: the expression holds */
  regex_t expression;
};

struct vr_select {
  bool ignore;
  size_t count, capacity;
  struct entry *v;
};

int vr_vmm_select_new(struct vr_select **ret) {
  struct vr_select *s = calloc(1, sizeof(*s));
  if (!s)
    return -ENOMEM;
  *ret = s;
  return 0;
}

void vr_vmm_select_free(struct vr_select *s) {
  if (!s)
    return;
  for (size_t i = 0; i < s->count; i++)
    if (s->v[i].exact)
      free(s->v[i].exact);
    else
      regfree(&s->v[i].expression);
  free(s->v);
  free(s);
}

static int compile(const char *text, size_t length, regex_t *ret, char *message,
                   size_t size) {
  char *inside = strndup(text, length);
  if (!inside)
    return -ENOMEM;
  int r = regcomp(ret, inside, REG_EXTENDED | REG_NOSUB);
  if (r != 0)
    regerror(r, ret, message, size);
  free(inside);
  return r == 0 ? 0 : -EINVAL;
}

int vr_vmm_select_add(struct vr_select *s, const char *entry, char *message,
                      size_t size) {
  snprintf(message, size, "out of memory");
  if (vr_array_reserve(&s->v, &s->capacity, s->count + 1) < 0)
    return -ENOMEM;
  struct entry e = {0};
  size_t n = strlen(entry);
  int r = 0;
  if (n > 2 && entry[0] == '/' && entry[n - 1] == '/')
    r = compile(entry + 1, n - 2, &e.expression, message, size);
  else if (!(e.exact = strdup(entry)))
    r = -ENOMEM;
  if (r < 0)
    return r;
  s->v[s->count++] = e;
  return 0;
}

void vr_vmm_select_invert(struct vr_select *s, bool ignore) {
  s->ignore = ignore;
}

static bool listed(const struct vr_select *s, const char *name) {
  for (size_t i = 0; i < s->count; i++)
    if (s->v[i].exact ? strcmp(s->v[i].exact, name) == 0
                      : regexec(&s->v[i].expression, name, 0, NULL, 0) == 0)
      return true;
  return false;
}

bool vr_vmm_select_wants(const struct vr_select *s, const char *name) {
  return s->count == 0 || listed(s, name) != s->ignore;
}

bool vr_vmm_select_vm(void *ctx, const struct vr_vm *vm) {
  const struct vr_select *s = ctx;
  if (s->count == 0)
    return true;
  bool found =
      listed(s, vm->name) || (vm->uuid[0] != '\0' && listed(s, vm->uuid));
  return found != s->ignore;
}
