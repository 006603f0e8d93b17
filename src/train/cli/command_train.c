/* SPDX-License-Identifier: MIT */
#include "train/cli/commands.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "train/cli/command_common.h"
#include "train/cli/command_pages.h"
#include "train/cli/former_models.h"
#include "train/cli/model_files.h"
#include "train/cli/pooling.h"
#include "train/cli/progress.h"
#include "train/data/guest_load.h"
#include "train/report/guest_report.h"
#include "train/report/operator_report.h"
#include "train/report/pool_report.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct training {
  size_t n;
  struct vr_guest_data *data; /* as results */
  struct vr_guest_result *results;
  struct vr_guest_diagnoses *diagnoses;
};

static void training_clear(struct training *t) {
  for (size_t i = 0; i < t->n; i++) {
    vr_diagnose_guest_clear(&t->diagnoses[i]);
    vr_fit_guest_result_clear(&t->results[i]);
    vr_data_guest_clear(&t->data[i]);
  }
  free(t->results);
  free(t->diagnoses);
  free(t->data);
}

/* What the threads of one training share. */
struct work {
  const struct vr_options *options;
  const struct vr_train_options *how;
  const struct vr_archive *archive;
  const struct vr_pair **pairs; /* those that were asked for */
  size_t n;
  struct vr_guest_data *data; /* as pairs */
  struct vr_guest_result *results;
  struct vr_guest_diagnoses *diagnoses;
  bool *ok;
  atomic_size_t next, finished;
  struct vr_progress *progress;
};

/* Loads and trains guest I of W. */
static int load_and_train(struct work *w, size_t i, struct vr_error *error) {
  struct vr_guest_data *data = &w->data[i];
  struct vr_guest_result *result = &w->results[i];
  int r = vr_data_guest_load(w->archive, w->pairs[i], &w->options->span, data,
                             error);
  if (r < 0)
    return r;
  r = vr_fit_guest(data, w->how, result, error);
  if (r == 0) {
    r = vr_diagnose_guest(result, &w->diagnoses[i]);
    if (r < 0) {
      vr_error_set(error, r, "guest %s: %s", data->guest, strerror(-r));
      vr_fit_guest_result_clear(result);
    }
  }
  if (r < 0)
    vr_data_guest_clear(data);
  return r;
}

static void train_one(struct work *w, size_t i) {
  struct vr_error error;
  char text[256];
  int r = load_and_train(w, i, &error);
  if (r < 0) {
    vr_progress_add(w->progress, vr_counter_count_trainable());
    vr_log_error("%s", error.message);
  }
  w->ok[i] = r == 0;
  snprintf(text, sizeof(text), "guest %s: %zu of %zu", w->pairs[i]->guest,
           atomic_fetch_add(&w->finished, 1) + 1, w->n);
  vr_progress_line(w->progress, text);
}

static void *train_some(void *data) {
  struct work *w = data;
  for (size_t i; (i = atomic_fetch_add(&w->next, 1)) < w->n;)
    train_one(w, i);
  return NULL;
}

/* Runs the work on as many threads as there are jobs, this one among them. */
static void run_jobs(struct work *w) {
  pthread_t threads[64];
  unsigned n = 0;
  while (n + 1 < w->options->jobs && n + 1 < w->n &&
         pthread_create(&threads[n], NULL, train_some, w) == 0)
    n++;
  train_some(w);
  while (n > 0)
    pthread_join(threads[--n], NULL);
}

static int train_all(const struct vr_options *o, struct vr_train_options *how,
                     const struct vr_archive *archive,
                     const struct vr_pairs *pairs, struct training *t) {
  vr_auto_free const struct vr_pair **some = calloc(pairs->n, sizeof(*some));
  vr_auto_free bool *ok = calloc(pairs->n, sizeof(*ok));
  if (!some || !ok)
    return -ENOMEM;
  struct vr_progress progress;
  const struct vr_train_progress receiver = vr_progress_of(&progress);
  how->progress = &receiver;
  struct work w = {.options = o,
                   .progress = &progress,
                   .how = how,
                   .archive = archive,
                   .pairs = some,
                   .data = t->data,
                   .results = t->results,
                   .diagnoses = t->diagnoses,
                   .ok = ok};
  for (size_t i = 0; i < pairs->n; i++)
    if (vr_command_is_wanted(o, &pairs->pairs[i]))
      some[w.n++] = &pairs->pairs[i];
  vr_progress_begin(&progress, w.n * vr_counter_count_trainable(), "counters");
  run_jobs(&w);
  how->progress = NULL;
  for (size_t i = 0; i < w.n; i++) {
    if (!ok[i])
      continue;
    if (t->n != i) {
      t->data[t->n] = t->data[i];
      t->results[t->n] = t->results[i];
      t->diagnoses[t->n] = t->diagnoses[i];
      t->results[t->n].data = &t->data[t->n];
    }
    t->n++;
  }
  return 0;
}

static void print_guests(const struct vr_options *o,
                         const struct vr_archive *archive,
                         const struct vr_pairs *pairs,
                         const struct training *t) {
  for (size_t i = 0; i < t->n; i++) {
    if (o->verbose)
      vr_report_guest(&t->results[i], &t->diagnoses[i], o->min_fit, stdout);
    else
      vr_operator_rows(&t->results[i], o->min_fit, stdout);
    vr_command_unused(archive, pairs, &t->results[i], o->verbose, stdout);
    fputc('\n', stdout);
  }
}

static int print_json(const struct vr_options *o, const struct training *t,
                      const struct vr_pool *pool) {
  vr_cleanup(vr_json_unrefp) json_t *guests = json_array();
  for (size_t i = 0; i < t->n; i++)
    json_array_append_new(
        guests,
        vr_report_guest_json(&t->results[i], &t->diagnoses[i], o->min_fit));
  vr_cleanup(vr_json_unrefp) json_t *root =
      json_pack("{s:O}", "guests", guests);
  if (root && pool->n_guests > 0)
    json_object_set_new(root, "pool", vr_report_pool_json(pool, o->min_fit));
  return vr_command_print_json(root);
}

/* Models for the guests that have no collectd of their own, where there are any
 * and two others can teach. The pool is empty where there is none. */
static enum vr_exit pool_for_silent(const struct vr_options *o,
                                    const struct vr_pairs *pairs,
                                    const struct training *t, FILE *notes,
                                    struct vr_pool *p) {
  vr_auto_free const struct vr_guest_data **data = calloc(t->n, sizeof(*data));
  if (!o->models || o->train.orders.given ||
      vr_command_count_silent(o, pairs) == 0)
    return VR_EXIT_OK;
  if (!data)
    return VR_EXIT_DATA;
  for (size_t i = 0; i < t->n; i++)
    data[i] = &t->data[i];
  return vr_cli_pool_is_possible(data, t->n)
             ? vr_cli_pool(o, data, t->n, notes, p)
             : VR_EXIT_OK;
}

/* What was made and written. */
struct made {
  bool is_written;     /* there is a file of models */
  char *notes;         /* what of the former one stays */
  struct vr_pool pool; /* empty: none */
};

static void made_clear(struct made *m) {
  free(m->notes);
  vr_pool_clear(&m->pool);
}

static int report(const struct vr_options *o, const struct vr_archive *archive,
                  const struct vr_pairs *pairs, const struct training *t,
                  const struct made *made) {
  struct vr_operator_totals totals = {0};
  bool has_pool = made->pool.n_guests > 0;
  if (o->json) {
    if (!has_pool)
      vr_command_silent_guests(o, pairs);
    return print_json(o, t, &made->pool);
  }
  print_guests(o, archive, pairs, t);
  fputs(made->notes, stdout);
  if (has_pool)
    vr_cli_pool_report(o, &made->pool, vr_command_count_silent(o, pairs));
  else
    vr_command_silent_guests(o, pairs);
  for (size_t i = 0; i < t->n; i++)
    vr_operator_count(&t->results[i], o->min_fit, &totals);
  vr_operator_sum_up(&totals, o->models,
                     made->is_written ? VR_CLI_TRAINED : NULL, stdout);
  return 0;
}

/* Trains into T, which is empty but has room for all pairs. */
static enum vr_exit train(const struct vr_options *o,
                          const struct vr_archive *archive,
                          const struct vr_pairs *pairs, struct training *t) {
  vr_cleanup(vr_model_set_clear) struct vr_model_set known = {0};
  if (o->try_known && vr_cli_models_read_known(o->known, &known) < 0)
    return VR_EXIT_DATA;
  struct vr_train_options how = o->train;
  how.known = &known;
  if (train_all(o, &how, archive, pairs, t) == 0 && t->n > 0)
    return VR_EXIT_OK;
  vr_command_silent_guests(o, pairs);
  vr_log_error("%s: no guest could be trained", o->data);
  return VR_EXIT_DATA;
}

/* The models that are to be written, all borrowed: from T, and from FORMER. */
static int choose_models(const struct vr_options *o, const struct training *t,
                         const struct vr_model_set *former,
                         struct vr_model_set *set, FILE *notes) {
  int r = 0;
  for (size_t i = 0; r == 0 && i < t->n; i++)
    r = vr_cli_former_or_new(former, &t->results[i], o->min_fit, set, notes);
  return r < 0 || set->n_models == 0
             ? r
             : vr_cli_former_others(former, o->train.format, set, notes);
}

/* Writes the models of T where that was asked for. NOTES: what of the former
 * ones stays. */
static enum vr_exit write_models(const struct vr_options *o,
                                 const struct training *t, FILE *notes) {
  vr_cleanup(vr_model_set_clear) struct vr_model_set former = {0};
  struct vr_model_set set = {0};
  if (!o->models)
    return VR_EXIT_OK;
  int r = vr_cli_former_read(o->models, VR_CLI_TRAINED, &former);
  if (r == 0)
    r = choose_models(o, t, &former, &set, notes);
  if (r < 0) {
    free(set.models);
    vr_log_error("%s", strerror(-r));
    return VR_EXIT_DATA;
  }
  return vr_command_write_models(o, VR_CLI_TRAINED, &set, false);
}

/* Writes and reports T. */
static enum vr_exit finish(const struct vr_options *o,
                           const struct vr_archive *archive,
                           const struct vr_pairs *pairs,
                           const struct training *t) {
  vr_cleanup(made_clear) struct made made = {0};
  size_t size;
  FILE *notes = open_memstream(&made.notes, &size);
  if (!notes)
    return VR_EXIT_DATA;
  enum vr_exit written = write_models(o, t, notes);
  made.is_written = o->models && written == VR_EXIT_OK;
  if (written != VR_EXIT_OUTPUT &&
      pool_for_silent(o, pairs, t, notes, &made.pool) == VR_EXIT_OUTPUT)
    written = VR_EXIT_OUTPUT;
  if (fclose(notes) != 0)
    return VR_EXIT_DATA;
  if (written == VR_EXIT_OUTPUT || report(o, archive, pairs, t, &made) < 0 ||
      vr_command_pages(o, archive, pairs, t->results, t->diagnoses, t->n) < 0)
    return VR_EXIT_OUTPUT;
  return written == VR_EXIT_OK ? vr_command_done() : written;
}

/* Can all be written that was asked for? */
static bool can_write(const struct vr_options *o, size_t guests) {
  return (!o->models ||
          vr_cli_models_try(o->models, VR_CLI_TRAINED, guests) == 0) &&
         vr_command_pages_try(o) == 0;
}

enum vr_exit vr_command_train(const struct vr_options *o,
                              const struct vr_archive *archive,
                              const struct vr_pairs *pairs) {
  vr_cleanup(training_clear) struct training t = {
      .data = calloc(pairs->n, sizeof(*t.data)),
      .results = calloc(pairs->n, sizeof(*t.results)),
      .diagnoses = calloc(pairs->n, sizeof(*t.diagnoses))};
  if (!t.data || !t.results || !t.diagnoses) {
    vr_log_error("%s", strerror(ENOMEM));
    return VR_EXIT_DATA;
  }
  if (!can_write(o, pairs->n))
    return VR_EXIT_OUTPUT;
  enum vr_exit e = train(o, archive, pairs, &t);
  return e == VR_EXIT_OK ? finish(o, archive, pairs, &t) : e;
}
