/* SPDX-License-Identifier: MIT
 *
 * What one process knows as bytes for another of the same program on the same
 * kind of machine. One function for each struct goes both ways: it copies the
 * struct as it is, then what its pointers lead to. What was written last cannot
 * be read first; numbers arrive bit by bit as they were.
 */
#ifndef VR_TRAIN_SHARE_PACK_H
#define VR_TRAIN_SHARE_PACK_H

#include <stdbool.h>
#include <stddef.h>

struct vr_pack {
  bool reading;
  unsigned char *bytes; /* owned */
  size_t size, capacity;
  size_t at; /* where is read */
  int error; /* 0; -ENOMEM; -EBADMSG: there is less than is read */
};

void vr_pack_clear(struct vr_pack *p);

/* N bytes at X; zeros are read after an error. */
void vr_pack_bytes(struct vr_pack *p, void *x, size_t n);

/* *X, N elements of SIZE bytes in memory of their own, or NULL. Reading
 * allocates it, and one element more; NULL is read after an error. */
void vr_pack_array(struct vr_pack *p, void **x, size_t n, size_t size);

/* *TEXT, owned, or NULL. */
void vr_pack_text(struct vr_pack *p, char **text);

/* Room for at least N bytes. Returns 0 or -ENOMEM. */
int vr_pack_reserve(struct vr_pack *p, size_t n);

#endif
