/* SPDX-License-Identifier: MIT */
#include "train/cli/commands.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "train/cli/command_common.h"
#include "train/cli/command_pages.h"
#include "train/cli/former_models.h"
#include "train/cli/leftover.h"
#include "train/cli/model_files.h"
#include "train/cli/pooling.h"
#include "train/cli/progress.h"
#include "train/data/guest_load.h"
#include "train/data/pack_guest.h"
#include "train/fit/pack_result.h"
#include "train/report/guest_report.h"
#include "train/report/operator_report.h"
#include "train/report/pool_report.h"
#include "train/share/share.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct training {
  size_t n;
  struct vr_guest_data *data; /* as results */
  struct vr_guest_result *results;
  struct vr_guest_diagnoses *diagnoses;         /* where they are shown */
  struct vr_replacement (*judged)[VR_COUNTERS]; /* of former models */
  struct vr_model_set former;
};

static void training_clear(struct training *t) {
  for (size_t i = 0; i < t->n; i++) {
    vr_diagnose_guest_clear(&t->diagnoses[i]);
    vr_fit_guest_result_clear(&t->results[i]);
    vr_data_guest_clear(&t->data[i]);
  }
  vr_model_set_clear(&t->former);
  free(t->results);
  free(t->diagnoses);
  free(t->data);
  free(t->judged);
}

/* What the threads and ranks of one training share. */
struct work {
  const struct vr_options *options;
  const struct vr_train_options *how;
  const struct vr_archive *archive;
  const struct vr_pair **pairs; /* those that were asked for */
  size_t n;
  struct training *training; /* as pairs */
  bool *ok;
  bool keeps_columns; /* they are needed when all are trained */
  struct vr_progress *progress;
};

/* Loads and trains guest I of W. */
static int load_and_train(struct work *w, size_t i, struct vr_error *error) {
  struct training *t = w->training;
  struct vr_guest_data *data = &t->data[i];
  struct vr_guest_result *result = &t->results[i];
  int r = vr_data_guest_load(w->archive, w->pairs[i], &w->options->span, data,
                             error);
  if (r < 0)
    return r;
  r = vr_fit_guest(data, w->how, result, error);
  if (r == 0) {
    r = vr_cli_former_judge(&t->former, result, w->options->min_fit,
                            t->judged[i]);
    if (r == 0 && !w->keeps_columns) {
      r = vr_data_guest_let_go(data);
      vr_fit_guest_result_let_go(result);
    }
    if (r < 0) {
      vr_error_set(error, r, "guest %s: %s", data->guest, strerror(-r));
      vr_fit_guest_result_clear(result);
    }
  }
  if (r < 0)
    vr_data_guest_clear(data);
  return r;
}

static int train_one(void *user, size_t i, struct vr_error *unused) {
  struct work *w = user;
  struct vr_error error;
  char text[256];
  (void)unused;
  int r = load_and_train(w, i, &error);
  if (r < 0) {
    vr_progress_add(w->progress, vr_counter_count_trainable());
    vr_log_error("%s", error.message);
  }
  w->ok[i] = r == 0;
  snprintf(text, sizeof(text), "guest %s", w->pairs[i]->guest);
  vr_progress_line(w->progress, text);
  return 0;
}

static void pack_one(void *user, size_t i, struct vr_pack *p) {
  struct work *w = user;
  struct training *t = w->training;
  vr_pack_bytes(p, &w->ok[i], sizeof(w->ok[i]));
  if (!w->ok[i])
    return;
  vr_pack_guest(p, w->archive, &t->data[i]);
  vr_pack_result(p, &t->data[i], &t->results[i]);
  vr_pack_bytes(p, t->judged[i], sizeof(t->judged[i]));
}

/* Guests that were trained, without those that were not. */
static void close_up(const struct work *w, struct training *t) {
  for (size_t i = 0; i < w->n; i++) {
    if (!w->ok[i])
      continue;
    if (t->n != i) {
      t->data[t->n] = t->data[i];
      t->results[t->n] = t->results[i];
      memcpy(t->judged[t->n], t->judged[i], sizeof(t->judged[i]));
    }
    t->results[t->n].data = &t->data[t->n];
    t->n++;
  }
}

/* May models be pooled, for guests that have no collectd of their own? */
static bool may_pool(const struct vr_options *o, const struct vr_pairs *pairs) {
  return o->models && !o->train.orders.given &&
         vr_command_count_silent(o, pairs) > 0;
}

/* Are diagnoses shown? */
static bool shows_diagnoses(const struct vr_options *o) {
  return o->verbose || o->json || o->report;
}

static int train_all(const struct vr_options *o, struct vr_train_options *how,
                     const struct vr_archive *archive,
                     const struct vr_pairs *pairs, struct training *t) {
  vr_auto_free const struct vr_pair **some = calloc(pairs->n, sizeof(*some));
  vr_auto_free bool *ok = calloc(pairs->n, sizeof(*ok));
  if (!some || !ok)
    return -ENOMEM;
  struct vr_progress progress;
  struct vr_error error;
  const struct vr_train_progress receiver = vr_progress_of(&progress);
  how->progress = &receiver;
  struct work w = {.options = o,
                   .progress = &progress,
                   .how = how,
                   .archive = archive,
                   .pairs = some,
                   .training = t,
                   .ok = ok,
                   .keeps_columns = shows_diagnoses(o) || may_pool(o, pairs)};
  for (size_t i = 0; i < pairs->n; i++)
    if (vr_command_is_wanted(o, &pairs->pairs[i]))
      some[w.n++] = &pairs->pairs[i];
  const struct vr_share_loop loop = {.n = w.n,
                                     .run = train_one,
                                     .pack = pack_one,
                                     .to_all = may_pool(o, pairs),
                                     .user = &w};
  vr_progress_begin(&progress, w.n * vr_counter_count_trainable(), "counters",
                    w.n);
  int r = vr_share_run(&loop, &error);
  vr_progress_end(&progress);
  how->progress = NULL;
  close_up(&w, t);
  return r;
}

static int diagnose_one(void *user, size_t i, struct vr_error *error) {
  struct training *t = user;
  int r = vr_diagnose_guest(&t->results[i], &t->diagnoses[i]);
  return r < 0 ? vr_error_set(error, r, "guest %s: %s", t->data[i].guest,
                              strerror(-r))
               : 0;
}

/* What correlation analysis shows of all models. */
static int diagnose_all(struct training *t) {
  struct vr_error error;
  const struct vr_share_loop loop = {
      .n = t->n, .run = diagnose_one, .is_here = true, .user = t};
  int r = vr_share_run(&loop, &error);
  if (r < 0)
    vr_log_error("%s", error.message);
  return r;
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
  if (!may_pool(o, pairs))
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
  vr_leftover_print(archive, pairs, stdout);
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
  if (o->models &&
      vr_cli_former_read(o->models, VR_CLI_TRAINED, &t->former) < 0)
    return VR_EXIT_DATA;
  int n = train_all(o, &how, archive, pairs, t) == 0 ? (int)t->n : 0;
  /* The ranks behind the first do not know all. */
  if (vr_share_agree(n) > 0)
    return VR_EXIT_OK;
  vr_command_silent_guests(o, pairs);
  vr_log_error("%s: no guest could be trained", o->data);
  return VR_EXIT_DATA;
}

/* The models that are to be written, all borrowed from T. */
static int choose_models(const struct vr_options *o, const struct training *t,
                         struct vr_model_set *set, FILE *notes) {
  int r = 0;
  for (size_t i = 0; r == 0 && i < t->n; i++)
    r = vr_cli_former_or_new(&t->former, &t->results[i], t->judged[i], set,
                             notes);
  return r < 0 || set->n_models == 0
             ? r
             : vr_cli_former_others(&t->former, o->train.format, set, notes);
}

/* Writes the models of T where that was asked for. NOTES: what of the former
 * ones stays. */
static enum vr_exit write_models(const struct vr_options *o,
                                 const struct training *t, FILE *notes) {
  struct vr_model_set set = {0};
  if (!o->models || !vr_share_is_first())
    return VR_EXIT_OK;
  int r = choose_models(o, t, &set, notes);
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
                           const struct vr_pairs *pairs, struct training *t) {
  vr_cleanup(made_clear) struct made made = {0};
  size_t size;
  FILE *notes = open_memstream(&made.notes, &size);
  if (!notes)
    return VR_EXIT_DATA;
  enum vr_exit written =
      (enum vr_exit)vr_share_agree(write_models(o, t, notes));
  made.is_written = o->models && written == VR_EXIT_OK;
  if (written != VR_EXIT_OUTPUT &&
      pool_for_silent(o, pairs, t, notes, &made.pool) == VR_EXIT_OUTPUT)
    written = VR_EXIT_OUTPUT;
  if (fclose(notes) != 0)
    return VR_EXIT_DATA;
  if (!vr_share_is_first())
    return VR_EXIT_OK;
  if (shows_diagnoses(o) && diagnose_all(t) < 0)
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
      .judged = calloc(pairs->n, sizeof(*t.judged)),
      .diagnoses = calloc(pairs->n, sizeof(*t.diagnoses))};
  if (!t.data || !t.results || !t.judged || !t.diagnoses) {
    vr_log_error("%s", strerror(ENOMEM));
    return VR_EXIT_DATA;
  }
  if (!vr_share_agree(!vr_share_is_first() || can_write(o, pairs->n)))
    return VR_EXIT_OUTPUT;
  enum vr_exit e = train(o, archive, pairs, &t);
  return e == VR_EXIT_OK ? finish(o, archive, pairs, &t) : e;
}
