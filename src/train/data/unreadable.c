/* SPDX-License-Identifier: MIT */
#include "train/data/unreadable.h"

#include "basic/log.h"
#include "train/share/share.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* So many are named at once. */
enum { NAMED = 20 };

struct file {
  char *path;
  const char *reason; /* within path's memory */
  UT_hash_handle hh;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct file *files;

static void clear(void) {
  struct file *f, *next;
  HASH_ITER(hh, files, f, next) {
    HASH_DEL(files, f);
    free(f->path);
    free(f);
  }
}

/* What MESSAGE says but for the name of the file. */
static const char *reason_of(const char *path, const char *message) {
  size_t n = strlen(path);
  return strncmp(message, path, n) == 0 && strncmp(message + n, ": ", 2) == 0
             ? message + n + 2
             : message;
}

/* False: it was there, or there is no memory. */
static bool add(const char *path, const char *reason) {
  struct file *f;
  HASH_FIND_STR(files, path, f);
  if (f || !(f = calloc(1, sizeof(*f))))
    return false;
  size_t n = strlen(path) + 1, m = strlen(reason) + 1;
  f->path = malloc(n + m);
  if (!f->path) {
    free(f);
    return false;
  }
  memcpy(f->path, path, n);
  f->reason = memcpy(f->path + n, reason, m);
  HASH_ADD_KEYPTR(hh, files, f->path, n - 1, f);
  return true;
}

static void note(const char *path, const char *reason) {
  pthread_mutex_lock(&lock);
  bool is_new = add(path, reason);
  unsigned n = HASH_COUNT(files);
  pthread_mutex_unlock(&lock);
  if (is_new && n <= NAMED)
    vr_log_warning("%s: %s; going on without it", path, reason);
}

/* TEXT: the path, a newline, the reason. */
static void hear(void *unused, enum vr_share_kind kind, long n,
                 const char *text) {
  char path[1000];
  const char *end = strchr(text, '\n');
  (void)unused;
  (void)kind;
  (void)n;
  if (!end || (size_t)(end - text) >= sizeof(path))
    return;
  snprintf(path, sizeof(path), "%.*s", (int)(end - text), text);
  note(path, end + 1);
}

void vr_unreadable_begin(void) {
  clear();
  vr_share_listen(VR_SHARE_UNREADABLE, hear, NULL);
}

void vr_unreadable_note(const char *path, const char *message) {
  const char *reason = reason_of(path, message);
  char text[1000];
  snprintf(text, sizeof(text), "%s\n%s", path, reason);
  if (!vr_share_tell(VR_SHARE_UNREADABLE, 0, text))
    note(path, reason);
}

/* How many files there are with the reason of F; 0: one before it has been
 * counted with it. */
static size_t count_like(const struct file *f) {
  size_t n = 0;
  for (const struct file *g = files; g; g = g->hh.next)
    if (strcmp(g->reason, f->reason) == 0) {
      if (n == 0 && g != f)
        return 0;
      n++;
    }
  return n;
}

void vr_unreadable_sum_up(void) {
  if (HASH_COUNT(files) <= NAMED)
    return;
  vr_log_warning("%u files could not be read; %d of them are named above",
                 HASH_COUNT(files), NAMED);
  for (const struct file *f = files; f; f = f->hh.next) {
    size_t n = count_like(f);
    if (n > 0)
      vr_log_warning("%zu of them: %s (%s%s)", n, f->reason, f->path,
                     n > 1 ? ", ..." : "");
  }
}
