/* SPDX-License-Identifier: MIT */
#include "archive/unlisted.h"

#include "basic/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void vr_unlisted_clear(struct vr_unlisted *u) {
  free(u->unreadable);
  free(u->empty);
  *u = (struct vr_unlisted){0};
}

void vr_unlisted_note(struct vr_unlisted *u, const char *path, int error) {
  if (error == ENOENT || error == ENOTDIR)
    return;
  char **first = error ? &u->unreadable : &u->empty;
  size_t *n = error ? &u->n_unreadable : &u->n_empty;
  /* Directories come in any order: the message is the same each time. */
  if ((*n)++ > 0 && *first && strcmp(*first, path) <= 0)
    return;
  free(*first);
  *first = strdup(path);
  if (error)
    u->error = error;
}

const char *vr_unlisted_advice(int error) {
  return error == EACCES || error == EPERM
             ? "; run this as a user who may read it, such as collectd's or "
               "root"
             : "";
}

void vr_unlisted_log(const struct vr_unlisted *u) {
  char others[80] = "";
  if (u->n_unreadable > 1)
    snprintf(others, sizeof(others), ", and so on: %zu directories in all",
             u->n_unreadable);
  if (u->n_unreadable > 0 && u->unreadable)
    vr_log_warning("%s: %s%s; what is in there is left out%s", u->unreadable,
                   strerror(u->error), others, vr_unlisted_advice(u->error));
  others[0] = '\0';
  if (u->n_empty > 1)
    snprintf(others, sizeof(others), ", and so are %zu others", u->n_empty - 1);
  if (u->n_empty > 0 && u->empty)
    vr_log_notice("%s is empty%s: nothing was recorded there", u->empty,
                  others);
}
