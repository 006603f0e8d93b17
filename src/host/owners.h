/* SPDX-License-Identifier: MIT
 *
 * Who owns a name that several guests have had at a time. A guest is its uuid,
 * or its number in the manager that started it (VMID); a name is only what
 * people call it. The guest that had a name alone before another came owns it:
 * nobody else goes on under it, so histories never cross. Kept in a file, so
 * that this holds when the daemon starts anew.
 */
#ifndef VR_HOST_OWNERS_H
#define VR_HOST_OWNERS_H

#include "basic/log.h"
#include "basic/remote_file.h"
#include "host/vmm/vm.h"

#include <stdbool.h>
#include <stddef.h>

/* "uuid:...", "vmid:..." or, of a guest that has neither, "pid:PID:START". */
enum { VR_OWNERS_ID_MAX = 64 };

struct vr_owner {
  char name[VR_NAME_MAX];
  char id[VR_OWNERS_ID_MAX]; /* "": nobody */
  bool shared;               /* several guests had the name at a time */
};

/* All zero: empty, kept in memory only. */
struct vr_owners {
  const char *path; /* the file, or NULL */
  struct vr_owner *v;
  size_t count, capacity;
  bool changed;
  struct vr_remote_file file;
  struct vr_complaint trouble;
};

/* Reads the file PATH (NULL: none), which must outlive O; one that is missing
 * or not as it was written is as an empty one. Of one that does not answer the
 * same holds, and it is not written either until collectd restarts. */
void vr_owners_load(struct vr_owners *o, const char *path);

/* What is known of NAME, or NULL; valid until the next change. */
const struct vr_owner *vr_owners_find(const struct vr_owners *o,
                                      const char *name);

/* The guest ID has NAME alone. Nothing happens without memory. */
void vr_owners_take(struct vr_owners *o, const char *name, const char *id);

/* Several guests have NAME; OWNER had it alone before ("": none) unless
 * somebody is known to own it. */
void vr_owners_share(struct vr_owners *o, const char *name, const char *owner);

/* Forgets the names that no guest has now (IS_HELD says who does) and that are
 * nobody's in particular: those that nobody shared, or whose owner was known by
 * his process. */
typedef bool (*vr_owners_held_fn)(void *ctx, const char *name);
void vr_owners_forget(struct vr_owners *o, vr_owners_held_fn is_held,
                      void *ctx);

/* Writes the file if anything that is kept has changed. */
void vr_owners_save(struct vr_owners *o);

void vr_owners_free(struct vr_owners *o);

#endif
