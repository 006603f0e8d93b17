/* SPDX-License-Identifier: MIT */
#include "live/state_file.h"

#include "basic/cleanup.h"
#include "basic/file.h"
#include "basic/safe_open.h"
#include "basic/sort.h"
#include "live/state_line.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FORMAT "vmrecon-state"

/* The name of the file of this version; NULL when out of memory. */
static char *current_path(const char *path) {
  char *current = NULL;
  return asprintf(&current, "%s.v%d", path, VR_STATE_VERSION) < 0 ? NULL
                                                                  : current;
}

/* --- writing --- */

struct writing {
  struct vr_state_file *state;
  struct vr_guest_table *guests;
  FILE *f;
};

static int write_guest(const struct writing *w, const char *host,
                       const char *guest, const struct vr_saved_guest *saved) {
  int r = saved ? vr_live_state_line_write(w->f, host, guest, saved) : -ENOMEM;
  if (r != -EILSEQ && r != -ENOMEM)
    return r;
  vr_log_complain(&w->state->cannot_name, LOG_WARNING,
                  "guest %s on %s: its state cannot be saved: %s", guest, host,
                  r == -EILSEQ ? "its name is not UTF-8" : "out of memory");
  return 0;
}

static int write_known(void *user, struct vr_live_guest *g) {
  struct vr_saved_guest *saved = vr_live_memory_of_guest(g);
  int r = write_guest(user, g->host, g->name, saved);
  vr_live_saved_guest_free(saved);
  return r;
}

/* What was read at the start and whose guest has not appeared yet stays. */
static int write_waiting(const struct writing *w) {
  struct vr_waiting *waiting = &w->guests->waiting;
  int r = 0;
  pthread_mutex_lock(&waiting->lock);
  for (struct vr_saved_guest *g = waiting->guests; g && r == 0; g = g->hh.next)
    r = write_guest(w, g->key, g->key + strlen(g->key) + 1, g);
  pthread_mutex_unlock(&waiting->lock);
  return r;
}

/* The guests of a shard, or (NULL) those that have not appeared. Their lines
 * are made in memory while they are locked, and written when nothing is: a disk
 * may be slow. */
static int write_part(const struct writing *w, struct vr_shard *shard) {
  vr_auto_free char *text = NULL;
  size_t size = 0;
  FILE *memory = open_memstream(&text, &size);
  if (!memory)
    return -ENOMEM;
  struct writing to_memory = {w->state, w->guests, memory};
  int r = shard ? vr_live_shard_each(shard, write_known, &to_memory)
                : write_waiting(&to_memory);
  if (fclose(memory) != 0 || r < 0)
    return -ENOMEM;
  atomic_fetch_add(&w->state->progress, 1);
  errno = EIO; /* where fwrite() does not set it; a full disk is called so */
  return fwrite(text, 1, size, w->f) == size ? 0 : -errno;
}

static int write_all(void *user, FILE *f) {
  struct writing *w = user;
  w->f = f;
  errno = EIO;
  int r = fprintf(f, "{\"format\":\"" FORMAT "\",\"version\":%d}\n",
                  VR_STATE_VERSION) < 0
              ? -errno
              : 0;
  for (int i = 0; i < VR_SHARDS && r == 0; i++)
    r = write_part(w, &w->guests->shards[i]);
  return r == 0 ? write_part(w, NULL) : r;
}

int vr_live_state_write(struct vr_state_file *s, struct vr_guest_table *guests,
                        const char *path) {
  vr_auto_free char *current = current_path(path);
  struct writing w = {s, guests, NULL};
  int r = current ? vr_file_replace(current, write_all, &w) : -ENOMEM;
  if (r < 0)
    vr_log_complain(&s->cannot_save, LOG_WARNING,
                    "%s: cannot save the state of the models: %s",
                    current ? current : path, strerror(-r));
  else
    vr_log_relieved(&s->cannot_save, "%s: state is saved again", current);
  return r;
}

/* --- reading --- */

struct reading {
  struct vr_state_file *state;
  const char *path;
  int version;
  size_t line, guests;
  struct vr_log_limit broken;
  struct vr_waiting *waiting;
};

/* The version in the first line; 0 if it is that of no state file. */
static int version_of(const char *line) {
  json_auto_t *head = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
  const char *format = json_string_value(json_object_get(head, "format"));
  json_int_t version = json_integer_value(json_object_get(head, "version"));
  bool known = format && strcmp(format, FORMAT) == 0 &&
               version >= VR_STATE_OLDEST && version <= VR_STATE_VERSION;
  return known ? (int)version : 0;
}

static void read_line(struct reading *in, const char *line) {
  struct vr_saved_guest *saved;
  struct vr_error e;
  atomic_fetch_add(&in->state->progress, 1);
  if (vr_live_state_line_read(line, in->version, &saved, &e) == 0) {
    vr_live_waiting_add(in->waiting, saved);
    in->guests++;
    return;
  }
  if (vr_log_limit_admits(&in->broken))
    vr_log_warning("%s, line %zu: %s: the saved state of this guest is "
                   "ignored, its models start anew",
                   in->path, in->line, e.message);
}

/* Reads lines until the end. Returns 0, or -EINVAL if it is no state file. */
static int read_lines(struct reading *in, FILE *f) {
  vr_auto_free char *line = NULL;
  size_t size = 0;
  if (getline(&line, &size, f) < 0)
    return -EINVAL;
  in->version = version_of(line);
  if (in->version == 0)
    return -EINVAL;
  for (in->line = 2; getline(&line, &size, f) >= 0; in->line++)
    read_line(in, line);
  return 0;
}

/* Which of the two files was written last? A downgrade writes the older. */
static bool is_older_newer(const char *older, const char *current) {
  struct stat o, c;
  if (stat(older, &o) < 0)
    return false;
  if (stat(current, &c) < 0)
    return true;
  return o.st_mtim.tv_sec > c.st_mtim.tv_sec ||
         (o.st_mtim.tv_sec == c.st_mtim.tv_sec &&
          o.st_mtim.tv_nsec > c.st_mtim.tv_nsec);
}

/* --- what of it is of use --- */

static int compare_numbers(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

/* The fingerprints of the catalog's models, of both kinds, sorted. NULL when
 * out of memory. */
static uint64_t *known_fingerprints(const struct vr_catalog *c, size_t n) {
  uint64_t *known = calloc(n + 1, sizeof(*known));
  if (!known)
    return NULL;
  for (size_t i = 0; i < c->n_models; i++) {
    known[2 * i] = c->models[i].fingerprint;
    known[2 * i + 1] = c->models[i].fingerprint_v3;
  }
  vr_sort(known, n, sizeof(*known), compare_numbers);
  return known;
}

size_t vr_live_state_count_changed(struct vr_waiting *waiting,
                                   const struct vr_catalog *c) {
  size_t changed = 0, n = 2 * c->n_models;
  vr_auto_free uint64_t *known = known_fingerprints(c, n);
  if (!known)
    return 0;
  pthread_mutex_lock(&waiting->lock);
  for (struct vr_saved_guest *g = waiting->guests; g; g = g->hh.next)
    for (size_t i = 0; i < g->n_runs; i++)
      changed += !vr_sort_find(&g->runs[i].fingerprint, known, n,
                               sizeof(*known), compare_numbers);
  pthread_mutex_unlock(&waiting->lock);
  return changed;
}

/* --- the whole --- */

static void report(struct reading *in) {
  unsigned more = vr_log_limit_renew(&in->broken);
  if (more > 0)
    vr_log_warning("%s: %u more lines are broken; the saved state of these "
                   "guests is ignored",
                   in->path, more);
  vr_log_info("%s: read the state of %zu guests", in->path, in->guests);
}

int vr_live_state_read(struct vr_state_file *s, struct vr_waiting *waiting,
                       const char *path) {
  vr_auto_free char *current = current_path(path);
  if (!current)
    return -ENOMEM;
  struct reading in = {.state = s, .waiting = waiting};
  in.path = is_older_newer(path, current) ? path : current;
  int fd = vr_safe_open(AT_FDCWD, in.path);
  vr_auto_fclose FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
  int r = fd < 0 ? fd : f ? 0 : -errno;
  if (r == -ENOENT)
    return 0;
  if (r < 0) {
    vr_log_warning("%s: cannot read the saved state: %s: all models start anew",
                   in.path, vr_safe_why(r));
    return r;
  }
  r = read_lines(&in, f);
  if (r < 0) {
    vr_log_warning("%s: no state file of version %d to %d, ignored: all models "
                   "start anew",
                   in.path, VR_STATE_OLDEST, VR_STATE_VERSION);
    return r;
  }
  report(&in);
  return 0;
}
