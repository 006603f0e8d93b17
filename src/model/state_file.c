/* SPDX-License-Identifier: MIT
 *
 * The memory of all runs, kept over a restart. The file is one JSON object a
 * line, so that neither writing nor reading holds more than one guest: first a
 * line that says what it is, then one for each guest.
 */
#include "basic/cleanup.h"
#include "model/reconstructor_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FORMAT "vmrecon-state"
enum { VERSION = 2 };

/* --- writing --- */

static json_t *totals_array(const struct vr_total *totals) {
  json_t *array = json_array();
  for (int c = 0; c < VR_COUNTERS; c++) {
    json_array_append_new(array, json_integer(totals[c].total));
    json_array_append_new(array, json_real(totals[c].fraction));
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

/* Fills RET_RUN, whose values are the caller's. Returns 0 or -ENOMEM. */
static int save_run(const struct vr_lane *lane, const struct vr_active *a,
                    struct vr_saved_run *ret_run) {
  size_t n = vr_run_state_size(a->run);
  double *values = calloc(n, sizeof(*values));
  if (!values)
    return -ENOMEM;
  vr_run_export(a->run, values);
  *ret_run = (struct vr_saved_run){
      a->model->fingerprint, lane->next - 1 - vr_run_lost(a->run), n, values};
  return 0;
}

static json_t *active_object(const struct vr_lane *lane,
                             const struct vr_active *a) {
  struct vr_saved_run run;
  if (save_run(lane, a, &run) < 0)
    return NULL;
  json_t *object = run_object(&run);
  free(run.values);
  return object;
}

/* Is there anything to remember? */
static bool is_worth_saving(const struct vr_active *a) {
  return a->spoke && !vr_structure_is_static(a->model->model->structure);
}

static size_t count_active(const struct vr_guest *g) {
  size_t n = 0;
  for (size_t l = 0; l < g->n_lanes; l++)
    n += g->lanes[l].n_active;
  return n;
}

struct vr_saved_guest *vr_guest_save_runs(const struct vr_guest *g) {
  struct vr_saved_guest *saved = calloc(1, sizeof(*saved));
  size_t n = count_active(g);
  if (!saved || !(saved->runs = calloc(n ? n : 1, sizeof(*saved->runs)))) {
    free(saved);
    return NULL;
  }
  for (size_t l = 0; l < g->n_lanes; l++)
    for (unsigned i = 0; i < g->lanes[l].n_active; i++) {
      const struct vr_active *a = &g->lanes[l].active[i];
      if (is_worth_saving(a) &&
          save_run(&g->lanes[l], a, &saved->runs[saved->n_runs]) == 0)
        saved->n_runs++;
    }
  return saved;
}

static json_t *line_object(const char *host, const char *guest,
                           const struct vr_total *totals,
                           const struct vr_total *model_totals,
                           bool range_alarm, json_t *runs) {
  return json_pack("{s:s, s:s, s:o, s:o, s:b, s:o}", "host", host, "guest",
                   guest, "totals", totals_array(totals), "model_totals",
                   totals_array(model_totals), "range_alarm", range_alarm,
                   "runs", runs);
}

static json_t *guest_object(const struct vr_guest *g) {
  json_t *runs = json_array();
  for (size_t l = 0; l < g->n_lanes; l++)
    for (unsigned i = 0; i < g->lanes[l].n_active; i++) {
      const struct vr_active *a = &g->lanes[l].active[i];
      if (is_worth_saving(a))
        json_array_append_new(runs, active_object(&g->lanes[l], a));
    }
  return line_object(g->host, g->name, g->totals, g->model_totals,
                     g->range_alarm.raised, runs);
}

static int write_line(FILE *f, json_t *object) {
  if (!object)
    return -ENOMEM;
  int r = json_dumpf(object, f, JSON_COMPACT | JSON_REAL_PRECISION(17));
  json_decref(object);
  return r < 0 || fputc('\n', f) == EOF ? -EIO : 0;
}

/* Each guest is locked only while its line is made. */
static int write_shard(struct vr_shard *shard, FILE *f) {
  int r = 0;
  pthread_rwlock_rdlock(&shard->lock);
  for (struct vr_guest *g = shard->guests; g && r == 0; g = g->hh.next) {
    pthread_mutex_lock(&g->lock);
    json_t *object = g->n_lanes > 0 ? guest_object(g) : NULL;
    bool worth_it = g->n_lanes > 0;
    pthread_mutex_unlock(&g->lock);
    if (worth_it)
      r = write_line(f, object);
  }
  pthread_rwlock_unlock(&shard->lock);
  return r;
}

/* What was read at the start and whose guest has not appeared yet stays. */
static int write_saved(struct vr_reconstructor *r, FILE *f) {
  int s = 0;
  pthread_mutex_lock(&r->saved_lock);
  for (struct vr_saved_guest *g = r->saved; g && s == 0; g = g->hh.next) {
    json_t *runs = json_array();
    for (size_t i = 0; i < g->n_runs; i++)
      json_array_append_new(runs, run_object(&g->runs[i]));
    s = write_line(f,
                   line_object(g->key, g->key + strlen(g->key) + 1, g->totals,
                               g->model_totals, g->range_alarm, runs));
  }
  pthread_mutex_unlock(&r->saved_lock);
  return s;
}

static int write_all(struct vr_reconstructor *r, FILE *f) {
  int s = write_line(
      f, json_pack("{s:s, s:i}", "format", FORMAT, "version", VERSION));
  for (int i = 0; i < VR_SHARDS && s == 0; i++)
    s = write_shard(&r->shards[i], f);
  if (s == 0)
    s = write_saved(r, f);
  if (s == 0 && (fflush(f) != 0 || fsync(fileno(f)) != 0))
    s = -errno;
  return s;
}

int vr_reconstructor_save(struct vr_reconstructor *r, const char *path) {
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
    vr_complain(&r->cannot_save, LOG_WARNING, "%s: cannot save state: %s", path,
                strerror(-s));
  else
    vr_relieved(&r->cannot_save, "%s: state is saved again", path);
  return s;
}

/* --- reading --- */

static bool read_totals(const json_t *array, struct vr_total *totals) {
  if (json_array_size(array) != 2 * VR_COUNTERS)
    return false;
  for (size_t c = 0; c < VR_COUNTERS; c++) {
    totals[c].total = json_integer_value(json_array_get(array, 2 * c));
    double fraction = json_number_value(json_array_get(array, 2 * c + 1));
    totals[c].fraction = fraction >= 0 && fraction < 1 ? fraction : 0;
  }
  return true;
}

static bool read_run(const json_t *o, struct vr_saved_run *run) {
  const char *model = json_string_value(json_object_get(o, "model"));
  const json_t *state = json_object_get(o, "state");
  size_t n = json_array_size(state);
  if (!model || n == 0 || sscanf(model, "%" SCNx64, &run->fingerprint) != 1)
    return false;
  run->tick = json_integer_value(json_object_get(o, "tick"));
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

static struct vr_saved_guest *read_guest(const json_t *o, size_t *ret_length) {
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
  if (!read_totals(json_object_get(o, "totals"), saved->totals) ||
      !read_totals(json_object_get(o, "model_totals"), saved->model_totals) ||
      !read_runs(json_object_get(o, "runs"), saved))
    goto broken;
  saved->range_alarm = json_is_true(json_object_get(o, "range_alarm"));
  *ret_length = h + g;
  return saved;
broken:
  vr_saved_guest_free(saved);
  return NULL;
}

static bool is_state(const json_t *head) {
  const char *format = json_string_value(json_object_get(head, "format"));
  return format && strcmp(format, FORMAT) == 0 &&
         json_integer_value(json_object_get(head, "version")) == VERSION;
}

/* Reads lines until the end. Returns how many guests, or -EINVAL. */
static ssize_t read_lines(struct vr_reconstructor *r, FILE *f) {
  vr_auto_free char *line = NULL;
  size_t size = 0;
  ssize_t n_guests = -1; /* the head comes first */
  while (getline(&line, &size, f) >= 0) {
    json_auto_t *o = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    size_t length = 0;
    struct vr_saved_guest *saved = NULL, *other = NULL;
    if (n_guests < 0 ? !is_state(o) : !(saved = read_guest(o, &length)))
      return -EINVAL;
    n_guests++;
    if (!saved)
      continue;
    HASH_FIND(hh, r->saved, saved->key, length, other);
    if (other)
      vr_saved_guest_free(saved);
    else
      HASH_ADD_KEYPTR(hh, r->saved, saved->key, length, saved);
  }
  return n_guests < 0 ? -EINVAL : n_guests;
}

int vr_reconstructor_restore(struct vr_reconstructor *r, const char *path) {
  vr_auto_fclose FILE *f = fopen(path, "re");
  if (!f && errno == ENOENT)
    return 0;
  if (!f) {
    int s = -errno;
    vr_warning("%s: cannot read the saved state: %s", path, strerror(errno));
    return s;
  }
  pthread_mutex_lock(&r->saved_lock);
  ssize_t n = read_lines(r, f);
  if (n < 0)
    vr_saved_guests_free(r);
  pthread_mutex_unlock(&r->saved_lock);
  if (n < 0) {
    vr_warning("%s: not a whole state file of version %d, ignored", path,
               VERSION);
    return (int)n;
  }
  vr_info("%s: state of %zd guests", path, n);
  return 0;
}
