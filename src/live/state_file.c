/* SPDX-License-Identifier: MIT
 *
 * The memory of all runs, kept over a restart. The file is one JSON object a
 * line, so that neither writing nor reading holds more than one guest: first a
 * line that says what it is, then one for each guest.
 */
#include "basic/cleanup.h"
#include "live/reconstructor_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FORMAT "vmrecon-state"
/* The one that is written, and the earliest that is read: version 2 does not
 * say when a total was last added to. */
enum { VERSION = 3, EARLIEST_VERSION = 2 };

/* --- what there is to save --- */

/* Is there anything to remember? */
static bool is_worth_saving(const struct vr_active *a) {
  return (a->spoke || a->restored) &&
         !vr_model_structure_is_static(a->model->model->structure);
}

static size_t count_runs(const struct vr_live_guest *g) {
  size_t n = g->saved ? g->saved->n_runs : 0;
  for (size_t l = 0; l < g->n_lanes; l++)
    n += g->lanes[l].n_active;
  return n;
}

static void save_run(struct vr_saved_guest *saved,
                     const struct vr_rate_group *lane,
                     const struct vr_active *a) {
  size_t n = vr_run_state_size(a->run);
  double *values = calloc(n, sizeof(*values));
  if (!values)
    return;
  vr_run_export(a->run, values);
  saved->runs[saved->n_runs++] = (struct vr_saved_run){
      .fingerprint = a->model->fingerprint,
      .tick = lane->next - 1 - vr_run_lost(a->run),
      .n = n,
      .values = values,
  };
}

static bool has_run(const struct vr_saved_guest *saved, uint64_t fingerprint) {
  for (size_t i = 0; i < saved->n_runs; i++)
    if (saved->runs[i].fingerprint == fingerprint)
      return true;
  return false;
}

/* What was saved before and waits for its model's inputs waits on. */
static void keep_run(struct vr_saved_guest *saved,
                     const struct vr_saved_run *run) {
  if (run->done || has_run(saved, run->fingerprint))
    return;
  double *values = malloc(run->n * sizeof(*values));
  if (!values)
    return;
  memcpy(values, run->values, run->n * sizeof(*values));
  struct vr_saved_run *copy = &saved->runs[saved->n_runs++];
  *copy = *run;
  copy->values = values;
}

struct vr_saved_guest *vr_live_guest_save_runs(const struct vr_live_guest *g) {
  struct vr_saved_guest *saved = calloc(1, sizeof(*saved));
  size_t n = count_runs(g);
  if (!saved || !(saved->runs = calloc(n ? n : 1, sizeof(*saved->runs)))) {
    free(saved);
    return NULL;
  }
  for (size_t l = 0; l < g->n_lanes; l++)
    for (unsigned i = 0; i < g->lanes[l].n_active; i++)
      if (is_worth_saving(&g->lanes[l].active[i]))
        save_run(saved, &g->lanes[l], &g->lanes[l].active[i]);
  for (size_t i = 0; g->saved && i < g->saved->n_runs; i++)
    keep_run(saved, &g->saved->runs[i]);
  return saved;
}

/* All that is to be known of the guest when it is met again. */
static struct vr_saved_guest *save_guest(const struct vr_live_guest *g) {
  struct vr_saved_guest *saved = vr_live_guest_save_runs(g);
  if (!saved)
    return NULL;
  bool waiting = g->saved && !g->saved->totals_taken;
  memcpy(saved->totals, waiting ? g->saved->totals : g->totals,
         sizeof(saved->totals));
  memcpy(saved->model_totals,
         waiting ? g->saved->model_totals : g->model_totals,
         sizeof(saved->model_totals));
  saved->range_alarm = waiting ? g->saved->range_alarm : g->range_alarm.raised;
  return saved;
}

/* --- writing --- */

static json_t *totals_array(const struct vr_total *totals) {
  json_t *array = json_array();
  for (int c = 0; c < VR_COUNTERS; c++) {
    json_array_append_new(array, json_integer(totals[c].total));
    json_array_append_new(array, json_real(totals[c].fraction));
    json_array_append_new(array, json_integer(totals[c].last));
  }
  return array;
}

static json_t *run_object(const struct vr_saved_run *run) {
  json_t *state = json_array();
  for (size_t i = 0; i < run->n; i++)
    json_array_append_new(state, json_real(run->values[i]));
  char model[17];
  snprintf(model, sizeof(model), "%016" PRIx64, run->fingerprint);
  return json_pack("{s:s, s:I, s:o}", "model", model, "tick",
                   (json_int_t)run->tick, "state", state);
}

static json_t *line_object(const char *host, const char *guest,
                           const struct vr_saved_guest *saved) {
  json_auto_t *host_name = json_string(host), *guest_name = json_string(guest);
  if (!host_name || !guest_name)
    return NULL;
  json_t *runs = json_array();
  for (size_t i = 0; i < saved->n_runs; i++)
    if (!saved->runs[i].done)
      json_array_append_new(runs, run_object(&saved->runs[i]));
  return json_pack("{s:O, s:O, s:o, s:o, s:b, s:o}", "host", host_name, "guest",
                   guest_name, "totals", totals_array(saved->totals),
                   "model_totals", totals_array(saved->model_totals),
                   "range_alarm", saved->range_alarm, "runs", runs);
}

static int write_line(FILE *f, const json_t *object) {
  int r = json_dumpf(object, f, JSON_COMPACT | JSON_REAL_PRECISION(17));
  return r < 0 || fputc('\n', f) == EOF ? -EIO : 0;
}

/* One guest's line. A name that the file cannot hold costs that guest its
 * state, and no other. */
static int write_guest(struct vr_live *r, FILE *f, const char *host,
                       const char *guest, const struct vr_saved_guest *saved) {
  json_auto_t *object = saved ? line_object(host, guest, saved) : NULL;
  if (object)
    return write_line(f, object);
  vr_log_complain(&r->cannot_name, LOG_WARNING,
                  "guest %s on %s: its state cannot be saved: %s", guest, host,
                  saved ? "its name is not UTF-8" : "out of memory");
  return 0;
}

/* Each guest is locked only while its state is copied. */
static int append_shard(struct vr_live *r, struct vr_shard *shard,
                        FILE *memory) {
  int s = 0;
  pthread_rwlock_rdlock(&shard->lock);
  for (struct vr_live_guest *g = shard->guests; g && s == 0; g = g->hh.next) {
    pthread_mutex_lock(&g->lock);
    struct vr_saved_guest *saved = save_guest(g);
    pthread_mutex_unlock(&g->lock);
    s = write_guest(r, memory, g->host, g->name, saved);
    vr_live_saved_guest_free(saved);
  }
  pthread_rwlock_unlock(&shard->lock);
  return s;
}

/* What was read at the start and whose guest has not appeared yet stays. */
static int append_saved(struct vr_live *r, FILE *memory) {
  int s = 0;
  pthread_mutex_lock(&r->saved_lock);
  for (struct vr_saved_guest *g = r->saved; g && s == 0; g = g->hh.next)
    s = write_guest(r, memory, g->key, g->key + strlen(g->key) + 1, g);
  pthread_mutex_unlock(&r->saved_lock);
  return s;
}

/* The guests of a shard, or (NULL) those that have not appeared. Their lines
 * are made in memory while they are locked, and written when nothing is: a disk
 * may be slow. */
static int write_part(struct vr_live *r, struct vr_shard *shard, FILE *f) {
  vr_auto_free char *text = NULL;
  size_t size = 0;
  FILE *memory = open_memstream(&text, &size);
  if (!memory)
    return -ENOMEM;
  int s = shard ? append_shard(r, shard, memory) : append_saved(r, memory);
  if (fclose(memory) != 0 || s < 0)
    return -ENOMEM;
  return fwrite(text, 1, size, f) == size ? 0 : -EIO;
}

static int write_all(struct vr_live *r, FILE *f) {
  json_auto_t *head =
      json_pack("{s:s, s:i}", "format", FORMAT, "version", VERSION);
  int s = head ? write_line(f, head) : -ENOMEM;
  for (int i = 0; i < VR_SHARDS && s == 0; i++)
    s = write_part(r, &r->shards[i], f);
  if (s == 0)
    s = write_part(r, NULL, f);
  if (s == 0 && (fflush(f) != 0 || fsync(fileno(f)) != 0))
    s = -errno;
  return s;
}

int vr_live_save(struct vr_live *r, const char *path) {
  vr_auto_free char *beside = NULL;
  if (asprintf(&beside, "%s.new", path) < 0) {
    beside = NULL;
    return -ENOMEM;
  }
  int s = 0;
  FILE *f = fopen(beside, "we");
  if (!f)
    s = -errno;
  if (f) {
    s = write_all(r, f);
    if (fclose(f) != 0 && s == 0)
      s = -errno;
    if (s == 0 && rename(beside, path) < 0)
      s = -errno;
    if (s < 0)
      unlink(beside);
  }
  if (s < 0)
    vr_log_complain(&r->cannot_save, LOG_WARNING, "%s: cannot save state: %s",
                    path, strerror(-s));
  else
    vr_log_relieved(&r->cannot_save, "%s: state is saved again", path);
  return s;
}

/* --- reading --- */

static bool read_totals(const json_t *array, json_int_t version,
                        struct vr_total *totals) {
  size_t numbers = version >= 3 ? 3 : 2;
  if (json_array_size(array) != numbers * VR_COUNTERS)
    return false;
  for (size_t c = 0; c < VR_COUNTERS; c++) {
    totals[c].total = json_integer_value(json_array_get(array, numbers * c));
    double fraction = json_number_value(json_array_get(array, numbers * c + 1));
    totals[c].fraction = fraction >= 0 && fraction < 1 ? fraction : 0;
    if (numbers == 3)
      totals[c].last =
          json_integer_value(json_array_get(array, numbers * c + 2));
  }
  return true;
}

/* Beyond these no value list has a time: nothing can go on from there. */
static bool is_possible(json_int_t tick) {
  return tick >= 0 && tick < INT64_MAX / VR_SHORTEST_INTERVAL;
}

static bool read_run(const json_t *o, struct vr_saved_run *run) {
  const char *model = json_string_value(json_object_get(o, "model"));
  const json_t *state = json_object_get(o, "state");
  size_t n = json_array_size(state);
  if (!model || n == 0 || sscanf(model, "%" SCNx64, &run->fingerprint) != 1)
    return false;
  run->tick = json_integer_value(json_object_get(o, "tick"));
  run->done = !is_possible(run->tick);
  run->values = calloc(n, sizeof(*run->values));
  if (!run->values)
    return false;
  run->n = n;
  for (size_t i = 0; i < n; i++) {
    const json_t *v = json_array_get(state, i);
    run->values[i] = json_is_number(v) ? json_number_value(v) : NAN;
  }
  return true;
}

static bool read_runs(const json_t *array, struct vr_saved_guest *saved) {
  size_t n = json_array_size(array);
  saved->runs = calloc(n ? n : 1, sizeof(*saved->runs));
  if (!saved->runs || !json_is_array(array))
    return false;
  for (size_t i = 0; i < n; i++) {
    saved->n_runs++;
    if (!read_run(json_array_get(array, i), &saved->runs[i]))
      return false;
  }
  return true;
}

static struct vr_saved_guest *read_guest(const json_t *o, json_int_t version,
                                         size_t *ret_length) {
  const char *host = json_string_value(json_object_get(o, "host"));
  const char *guest = json_string_value(json_object_get(o, "guest"));
  struct vr_saved_guest *saved = calloc(1, sizeof(*saved));
  if (!saved || !host || !guest)
    goto broken;
  size_t h = strlen(host) + 1, g = strlen(guest) + 1;
  saved->key = malloc(h + g);
  if (!saved->key)
    goto broken;
  memcpy(saved->key, host, h);
  memcpy(saved->key + h, guest, g);
  if (!read_totals(json_object_get(o, "totals"), version, saved->totals) ||
      !read_totals(json_object_get(o, "model_totals"), version,
                   saved->model_totals) ||
      !read_runs(json_object_get(o, "runs"), saved))
    goto broken;
  saved->range_alarm = json_is_true(json_object_get(o, "range_alarm"));
  *ret_length = h + g;
  return saved;
broken:
  vr_live_saved_guest_free(saved);
  return NULL;
}

/* The version that the first line tells; 0 if it is that of no state file. */
static json_int_t version_of(const json_t *head) {
  const char *format = json_string_value(json_object_get(head, "format"));
  json_int_t version = json_integer_value(json_object_get(head, "version"));
  bool known = format && strcmp(format, FORMAT) == 0 &&
               version >= EARLIEST_VERSION && version <= VERSION;
  return known ? version : 0;
}

static int read_line(struct vr_live *r, const char *line, json_int_t version) {
  json_auto_t *o = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
  size_t length = 0;
  struct vr_saved_guest *saved = read_guest(o, version, &length), *other = NULL;
  if (!saved)
    return -EINVAL;
  HASH_FIND(hh, r->saved, saved->key, length, other);
  if (other)
    vr_live_saved_guest_free(saved);
  else
    HASH_ADD_KEYPTR(hh, r->saved, saved->key, length, saved);
  return 0;
}

/* Reads lines until the end. Returns how many guests, or -EINVAL. */
static ssize_t read_lines(struct vr_live *r, FILE *f) {
  vr_auto_free char *line = NULL;
  size_t size = 0;
  ssize_t n_guests = 0;
  if (getline(&line, &size, f) < 0) /* the head comes first */
    return -EINVAL;
  json_auto_t *head = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
  json_int_t version = version_of(head);
  if (version == 0)
    return -EINVAL;
  for (; getline(&line, &size, f) >= 0; n_guests++)
    if (read_line(r, line, version) < 0)
      return -EINVAL;
  return n_guests;
}

static int compare_fingerprints(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

/* How many of the runs that were read are of models that are not there. */
static size_t count_changed(struct vr_live *r) {
  const struct vr_catalog *c = r->catalog;
  vr_auto_free uint64_t *known = calloc(c->n_models + 1, sizeof(*known));
  size_t n = 0;
  if (!known)
    return 0;
  for (size_t i = 0; i < c->n_models; i++)
    known[i] = c->models[i].fingerprint;
  qsort(known, c->n_models, sizeof(*known), compare_fingerprints);
  for (struct vr_saved_guest *g = r->saved; g; g = g->hh.next)
    for (size_t i = 0; i < g->n_runs; i++)
      n += !bsearch(&g->runs[i].fingerprint, known, c->n_models, sizeof(*known),
                    compare_fingerprints);
  return n;
}

int vr_live_restore(struct vr_live *r, const char *path) {
  vr_auto_fclose FILE *f = fopen(path, "re");
  if (!f && errno == ENOENT)
    return 0;
  if (!f) {
    int s = -errno;
    vr_log_warning("%s: cannot read the saved state: %s", path,
                   strerror(errno));
    return s;
  }
  pthread_rwlock_rdlock(&r->catalog_lock);
  pthread_mutex_lock(&r->saved_lock);
  ssize_t n = read_lines(r, f);
  if (n < 0)
    vr_live_saved_guests_free(r);
  atomic_store(&r->saved_changed, count_changed(r));
  pthread_mutex_unlock(&r->saved_lock);
  pthread_rwlock_unlock(&r->catalog_lock);
  if (n < 0) {
    vr_log_warning("%s: not a whole state file of version %d or %d, ignored",
                   path, EARLIEST_VERSION, VERSION);
    return (int)n;
  }
  vr_log_info("%s: state of %zd guests", path, n);
  return 0;
}
