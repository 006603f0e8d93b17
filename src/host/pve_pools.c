/* SPDX-License-Identifier: MIT */
#include "host/pve_pools.h"

#include "basic/cleanup.h"
#include "basic/deadline.h"
#include "basic/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 1024 * 1024, LONGEST_MS = 200 };

/* One reading: it shares nothing with anybody, so that a thread which does not
 * come back may have it. */
struct reading {
  char path[256];
  char *text;
};

struct vr_pve_pools {
  char path[256];
  char *text; /* as last read; NULL: never */
  struct vr_deadline_call *call;
  struct reading *reading; /* one that has not returned */
};

static void reading_free(void *ctx) {
  struct reading *r = ctx;
  if (r)
    free(r->text);
  free(r);
}

static int read_file(void *ctx) {
  struct reading *r = ctx;
  return vr_file_read(r->path, FILE_MAX, &r->text, NULL);
}

struct vr_pve_pools *vr_pve_pools_new(const char *path) {
  struct vr_pve_pools *p = calloc(1, sizeof(*p));
  if (p)
    snprintf(p->path, sizeof(p->path), "%s", path);
  return p;
}

void vr_pve_pools_free(struct vr_pve_pools *p) {
  if (!p)
    return;
  vr_deadline_leave(&p->call, reading_free, p->reading);
  free(p->text);
  free(p);
}

void vr_pve_pools_read(struct vr_pve_pools *p) {
  int result = -1;
  if (vr_deadline_hangs(&p->call))
    return;
  reading_free(p->reading);
  p->reading = calloc(1, sizeof(*p->reading));
  if (!p->reading)
    return;
  memcpy(p->reading->path, p->path, sizeof(p->path));
  if (vr_deadline_run(&p->call, read_file, p->reading, LONGEST_MS, &result) < 0)
    return;
  if (result == 0) {
    free(p->text);
    p->text = vr_steal(&p->reading->text);
  }
  reading_free(vr_steal(&p->reading));
}

/* Is VMID among the N characters at LIST, "100,101"? */
static bool is_listed(const char *list, size_t n, const char *vmid) {
  size_t length = strlen(vmid);
  for (const char *p = list, *end = list + n; p < end;) {
    size_t word = strcspn(p, ",:\n");
    if (word == length && strncmp(p, vmid, length) == 0)
      return true;
    p += word + 1;
  }
  return false;
}

bool vr_pve_pools_find_in(const char *text, const char *vmid, char *ret,
                          size_t size) {
  static const char start[] = "pool:";
  for (const char *line = text; line && *line;) {
    const char *next = strchr(line, '\n');
    const char *name = line + sizeof(start) - 1;
    if (strncmp(line, start, sizeof(start) - 1) == 0) {
      const char *comment = name + strcspn(name, ":\n");
      const char *list =
          *comment == ':' ? comment + 1 + strcspn(comment + 1, ":\n") : comment;
      if (*list == ':' && is_listed(list + 1, strcspn(list + 1, ":\n"), vmid)) {
        snprintf(ret, size, "%.*s", (int)(comment - name), name);
        return true;
      }
    }
    line = next ? next + 1 : NULL;
  }
  return false;
}

bool vr_pve_pools_find(const struct vr_pve_pools *p, const char *vmid,
                       char *ret, size_t size) {
  return p->text && vmid[0] != '\0' &&
         vr_pve_pools_find_in(p->text, vmid, ret, size);
}
