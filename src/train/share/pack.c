/* SPDX-License-Identifier: MIT */
#include "train/share/pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void vr_pack_clear(struct vr_pack *p) {
  free(p->bytes);
  *p = (struct vr_pack){0};
}

int vr_pack_reserve(struct vr_pack *p, size_t n) {
  if (n <= p->capacity)
    return 0;
  size_t capacity = n > 2 * p->capacity ? n : 2 * p->capacity;
  unsigned char *bytes = realloc(p->bytes, capacity);
  if (!bytes)
    return p->error = -ENOMEM;
  p->bytes = bytes;
  p->capacity = capacity;
  return 0;
}

static void put(struct vr_pack *p, const void *x, size_t n) {
  if (p->error == 0 && n > 0 && vr_pack_reserve(p, p->size + n) == 0) {
    memcpy(p->bytes + p->size, x, n);
    p->size += n;
  }
}

static void get(struct vr_pack *p, void *x, size_t n) {
  if (p->error == 0 && n > p->size - p->at)
    p->error = -EBADMSG;
  if (n == 0)
    return;
  if (p->error < 0) {
    memset(x, 0, n);
    return;
  }
  memcpy(x, p->bytes + p->at, n);
  p->at += n;
}

void vr_pack_bytes(struct vr_pack *p, void *x, size_t n) {
  if (p->reading)
    get(p, x, n);
  else
    put(p, x, n);
}

void vr_pack_array(struct vr_pack *p, void **x, size_t n, size_t size) {
  unsigned char is_there = !p->reading && *x;
  vr_pack_bytes(p, &is_there, 1);
  if (!p->reading) {
    if (is_there)
      put(p, *x, n * size);
    return;
  }
  *x = NULL;
  if (!is_there || p->error < 0)
    return;
  if (size > 0 && n > (p->size - p->at) / size)
    p->error = -EBADMSG;
  else if (!(*x = calloc(n + 1, size)))
    p->error = -ENOMEM;
  else
    get(p, *x, n * size);
}

void vr_pack_text(struct vr_pack *p, char **text) {
  size_t n = !p->reading && *text ? strlen(*text) : 0;
  vr_pack_bytes(p, &n, sizeof(n));
  vr_pack_array(p, (void **)text, n, 1);
}
