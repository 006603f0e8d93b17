/* SPDX-License-Identifier: MIT
 *
 * vmrecon-train: recorded history in, models and a report out.
 */
#include "basic/cleanup.h"
#include "basic/log.h"
#include "model/text.h"
#include "train/characterise.h"
#include "train/compare.h"
#include "train/list.h"
#include "train/models.h"
#include "train/options.h"
#include "train/pool.h"
#include "train/report.h"
#include "train/score.h"
#include "train/truth.h"

#include <errno.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "vmrecon-config.h"

/* Something was reported; what could be done is done all the same. */
static atomic_bool something_failed;

static void log_to_stderr(int priority, const char *message) {
  fprintf(stderr, "vmrecon-train: %s\n", message);
  if (priority <= LOG_WARNING)
    something_failed = true;
}

static void json_unrefp(json_t **o) { json_decref(*o); }

static enum vr_exit done(void) {
  return something_failed ? VR_EXIT_PART : VR_EXIT_OK;
}

static int print_json(json_t *o) {
  if (!o || json_dumpf(o, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) < 0)
    return -ENOMEM;
  fputc('\n', stdout);
  return 0;
}

/* Is PAIR one that was asked for and that has truth? Says why not. */
static bool wanted(const struct vr_options *o, const struct vr_pair *pair) {
  if (o->guest && strcmp(o->guest, pair->guest) != 0)
    return false;
  if (!pair->truth)
    vr_warning("guest %s on %s: the archive has no series of the guest's own "
               "collectd (host %s); pass --pair if it goes by another name",
               pair->guest, pair->host, pair->guest);
  return pair->truth != NULL;
}

/* A set to be written: models borrowed from results, so only the array is
 * ours. */
static int collect(struct vr_model_set *set, const struct vr_guest_result *r) {
  int e = 0;
  for (int c = 0; e == 0 && c < VR_TALK_COUNTERS; c++) {
    const struct vr_counter_result *k = &r->counters[c];
    /* The first that can run is published. */
    const struct vr_trained *all[] = {&k->definition, &k->assisted,
                                      &k->inferred};
    for (size_t i = 0; i < 3 && e == 0; i++)
      if (all[i]->is_there)
        e = vr_models_add(set, &all[i]->model);
  }
  return e;
}

/* Writes SET, whose models are borrowed, and releases its array. */
static enum vr_exit write_models(const struct vr_options *o, const char *name,
                                 struct vr_model_set *set, bool generic) {
  int r = set->n_models > 0 ? vr_models_write(o->models, name, set, generic)
                            : -ENODATA;
  if (r == -ENODATA)
    vr_error("%s: no counter could be estimated; nothing is written", o->data);
  free(set->models);
  return r == 0 ? VR_EXIT_OK : r == -ENODATA ? VR_EXIT_DATA : VR_EXIT_OUTPUT;
}

struct training {
  size_t n;
  struct vr_guest_data *data; /* as results */
  struct vr_guest_result *results;
};

static void training_clear(struct training *t) {
  for (size_t i = 0; i < t->n; i++) {
    vr_guest_result_clear(&t->results[i]);
    vr_guest_data_clear(&t->data[i]);
  }
  free(t->results);
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
  bool *ok;
  atomic_size_t next, finished;
  struct vr_progress *progress;
};

/* Trains guest I of W. */
static void train_one(struct work *w, size_t i) {
  struct vr_archive_error error;
  const struct vr_pair *pair = w->pairs[i];
  int r = vr_guest_data_load(w->archive, pair, &w->options->span, &w->data[i],
                             &error);
  if (r == 0) {
    r = vr_train_guest(&w->data[i], w->how, &w->results[i], &error);
    if (r < 0)
      vr_guest_data_clear(&w->data[i]);
  }
  if (r < 0) {
    vr_progress_add(w->progress, VR_TALK_COUNTERS);
    vr_error("%s", error.message);
  }
  w->ok[i] = r == 0;
  vr_progress_line(w->progress, "guest %s: %zu of %zu", pair->guest,
                   atomic_fetch_add(&w->finished, 1) + 1, w->n);
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
  how->progress = &progress;
  struct work w = {.options = o,
                   .progress = &progress,
                   .how = how,
                   .archive = archive,
                   .pairs = some,
                   .data = t->data,
                   .results = t->results,
                   .ok = ok};
  for (size_t i = 0; i < pairs->n; i++)
    if (wanted(o, &pairs->pairs[i]))
      some[w.n++] = &pairs->pairs[i];
  vr_progress_begin(&progress, w.n * VR_TALK_COUNTERS, "counters");
  run_jobs(&w);
  how->progress = NULL;
  for (size_t i = 0; i < w.n; i++) {
    if (!ok[i])
      continue;
    if (t->n != i) {
      t->data[t->n] = t->data[i];
      t->results[t->n] = t->results[i];
      t->results[t->n].data = &t->data[t->n];
    }
    t->n++;
  }
  return 0;
}

static int report(const struct vr_options *o, const struct training *t) {
  if (!o->json) {
    for (size_t i = 0; i < t->n; i++)
      vr_report_guest(&t->results[i], o->min_fit, o->verbose, stdout);
    return 0;
  }
  vr_cleanup(json_unrefp) json_t *guests = json_array();
  for (size_t i = 0; i < t->n; i++)
    json_array_append_new(guests,
                          vr_report_guest_json(&t->results[i], o->min_fit));
  vr_cleanup(json_unrefp) json_t *root = json_pack("{s:O}", "guests", guests);
  return print_json(root);
}

static enum vr_exit train(const struct vr_options *o,
                          const struct vr_archive *archive,
                          const struct vr_pairs *pairs) {
  vr_cleanup(training_clear) struct training t = {
      .data = calloc(pairs->n, sizeof(*t.data)),
      .results = calloc(pairs->n, sizeof(*t.results))};
  if (!t.data || !t.results) {
    vr_error("%s", strerror(ENOMEM));
    return VR_EXIT_DATA;
  }
  vr_cleanup(vr_model_set_clear) struct vr_model_set known = {0};
  if (o->try_known && vr_models_read_known(o->known, &known) < 0)
    return VR_EXIT_DATA;
  struct vr_train_options how = o->train;
  how.known = &known;
  if (train_all(o, &how, archive, pairs, &t) < 0 || t.n == 0) {
    vr_error("%s: no guest could be trained", o->data);
    return VR_EXIT_DATA;
  }
  struct vr_model_set set = {0};
  int r = 0;
  for (size_t i = 0; r == 0 && i < t.n; i++)
    r = collect(&set, &t.results[i]);
  if (r < 0) {
    free(set.models);
    vr_error("%s", strerror(-r));
    return VR_EXIT_DATA;
  }
  enum vr_exit written = write_models(o, "trained.json", &set, false);
  if (written == VR_EXIT_OUTPUT || report(o, &t) < 0)
    return VR_EXIT_OUTPUT;
  if (written != VR_EXIT_OK)
    return written;
  if (!o->json)
    printf("models: %s/trained.json\n", o->models);
  return done();
}

/* Loads the data of all guests that were asked for; how many are in t->n. */
static void load_all(const struct vr_options *o,
                     const struct vr_archive *archive,
                     const struct vr_pairs *pairs, struct training *t) {
  for (size_t i = 0; i < pairs->n; i++) {
    struct vr_archive_error error;
    if (!wanted(o, &pairs->pairs[i]))
      continue;
    if (vr_guest_data_load(archive, &pairs->pairs[i], &o->span, &t->data[t->n],
                           &error) < 0)
      vr_error("%s", error.message);
    else
      t->n++;
  }
}

static enum vr_exit write_pool(const struct vr_options *o,
                               const struct vr_pool *p) {
  struct vr_model_set set = {0};
  int r = 0;
  for (int c = 0; r == 0 && c < VR_TALK_COUNTERS; c++)
    if (p->counters[c].has_model)
      r = vr_models_add(&set, &p->counters[c].model);
  if (r == 0)
    return write_models(o, "pooled.json", &set, true);
  free(set.models);
  vr_error("%s", strerror(-r));
  return VR_EXIT_DATA;
}

/* The report, for people or machines. */
static int report_pool(const struct vr_options *o, const struct vr_pool *p) {
  if (!o->json) {
    vr_pool_print(p, o->min_fit, stdout);
    return 0;
  }
  vr_cleanup(json_unrefp) json_t *root = vr_pool_json(p, o->min_fit);
  return print_json(root);
}

static enum vr_exit pool(const struct vr_options *o,
                         const struct vr_archive *archive,
                         const struct vr_pairs *pairs) {
  vr_cleanup(training_clear) struct training t = {
      .data = calloc(pairs->n, sizeof(*t.data)),
      .results = calloc(pairs->n, sizeof(*t.results))};
  vr_auto_free const struct vr_guest_data **data =
      calloc(pairs->n, sizeof(*data));
  vr_cleanup(vr_pool_clear) struct vr_pool p = {0};
  struct vr_archive_error error;
  if (!t.data || !t.results || !data) {
    vr_error("%s", strerror(ENOMEM));
    return VR_EXIT_DATA;
  }
  load_all(o, archive, pairs, &t);
  for (size_t i = 0; i < t.n; i++)
    data[i] = &t.data[i];
  struct vr_progress progress;
  struct vr_train_options how = o->train;
  how.progress = &progress;
  vr_progress_begin(&progress, vr_pool_steps(t.n), "steps");
  if (vr_pool_train(data, t.n, &how, &p, &error) < 0) {
    vr_error("%s", error.message);
    return VR_EXIT_DATA;
  }
  enum vr_exit written = write_pool(o, &p);
  if (written == VR_EXIT_OUTPUT || report_pool(o, &p) < 0)
    return VR_EXIT_OUTPUT;
  if (written != VR_EXIT_OK)
    return written;
  if (!o->json)
    printf("models: %s/pooled.json\n", o->models);
  return done();
}

/* Scores one guest; VR_EXIT_OK, or what went wrong after a message. */
static enum vr_exit score_pair(const struct vr_options *o,
                               const struct vr_archive *archive,
                               const struct vr_pair *pair,
                               const struct vr_model_set *set,
                               struct vr_guest_score *ret_score) {
  vr_cleanup(vr_guest_data_clear) struct vr_guest_data data = {0};
  struct vr_archive_error error;
  struct vr_span span = o->span;
  span.warm_up = VR_SCORE_WARM_UP;
  enum vr_exit e = VR_EXIT_OK;
  if (vr_guest_data_load(archive, pair, &span, &data, &error) < 0)
    e = VR_EXIT_DATA;
  else {
    int r = vr_score_guest(&data, o->span.begin, set, o->export_to, ret_score,
                           &error);
    if (r < 0)
      e = r == -ENODATA ? VR_EXIT_DATA : VR_EXIT_OUTPUT;
  }
  if (e != VR_EXIT_OK)
    vr_error("%s", error.message);
  return e;
}

static enum vr_exit score(const struct vr_options *o,
                          const struct vr_archive *archive,
                          const struct vr_pairs *pairs) {
  vr_cleanup(vr_model_set_clear) struct vr_model_set set = {0};
  if (vr_models_read_all(o->score, &set) < 0)
    return VR_EXIT_DATA;
  if (o->export_to && mkdir(o->export_to, 0755) < 0 && errno != EEXIST) {
    vr_error("%s: %s", o->export_to, strerror(errno));
    return VR_EXIT_OUTPUT;
  }
  vr_cleanup(json_unrefp) json_t *guests = json_array();
  size_t n = 0;
  for (size_t i = 0; i < pairs->n; i++) {
    vr_cleanup(vr_guest_score_clear) struct vr_guest_score s = {0};
    if (!wanted(o, &pairs->pairs[i]))
      continue;
    enum vr_exit e = score_pair(o, archive, &pairs->pairs[i], &set, &s);
    if (e == VR_EXIT_OUTPUT)
      return e;
    if (e != VR_EXIT_OK)
      continue;
    n++;
    if (o->json)
      json_array_append_new(guests, vr_score_json(&s));
    else
      vr_score_print(&s, stdout);
  }
  if (n == 0) {
    vr_error("%s: no guest could be scored", o->data);
    return VR_EXIT_DATA;
  }
  vr_cleanup(json_unrefp) json_t *root = json_pack("{s:O}", "guests", guests);
  if (o->json && print_json(root) < 0)
    return VR_EXIT_OUTPUT;
  return done();
}

static enum vr_exit list(const struct vr_options *o,
                         const struct vr_archive *archive,
                         const struct vr_pairs *pairs) {
  vr_cleanup(json_unrefp) json_t *guests = json_array();
  size_t n = 0;
  for (size_t i = 0; i < pairs->n; i++) {
    vr_cleanup(vr_guest_data_clear) struct vr_guest_data data = {0};
    struct vr_archive_error error;
    if (!wanted(o, &pairs->pairs[i]))
      continue;
    if (vr_guest_data_load(archive, &pairs->pairs[i], &o->span, &data, &error) <
        0) {
      vr_error("%s", error.message);
      continue;
    }
    n++;
    if (o->json)
      json_array_append_new(guests, vr_list_json(&data));
    else
      vr_list_print(&data, stdout);
  }
  if (n == 0) {
    vr_error("%s: no guest could be trained", o->data);
    return VR_EXIT_DATA;
  }
  vr_cleanup(json_unrefp) json_t *root = json_pack("{s:O}", "guests", guests);
  if (o->json && print_json(root) < 0)
    return VR_EXIT_OUTPUT;
  return done();
}

/* Pair I, whose data is D, and its host before the first of its guests. */
static void characterise_pair(const struct vr_options *o,
                              const struct vr_pairs *pairs, size_t i,
                              const struct vr_guest_data *d, const char **host,
                              json_t *hosts, json_t *guests) {
  const struct vr_pair *pair = &pairs->pairs[i];
  bool first = !*host || strcmp(*host, pair->host) != 0;
  *host = pair->host;
  if (!o->json) {
    if (first)
      vr_characterise_host(d, pair, pairs, stdout);
    vr_characterise_guest(d, pair, stdout);
    return;
  }
  json_t *of_host = first ? vr_characterise_host_json(d, pair, pairs) : NULL;
  if (json_is_object(of_host))
    json_array_append(hosts, of_host);
  json_decref(of_host);
  json_array_append_new(guests, vr_characterise_guest_json(d, pair));
}

/* Guests that have nothing to be trained on are described all the same. */
static enum vr_exit characterise(const struct vr_options *o,
                                 const struct vr_archive *archive,
                                 const struct vr_pairs *pairs) {
  vr_cleanup(json_unrefp) json_t *hosts = json_array();
  vr_cleanup(json_unrefp) json_t *guests = json_array();
  const char *host = NULL;
  size_t n = 0;
  for (size_t i = 0; i < pairs->n; i++) {
    vr_cleanup(vr_guest_data_clear) struct vr_guest_data data = {0};
    struct vr_archive_error error;
    if (o->guest && strcmp(o->guest, pairs->pairs[i].guest) != 0)
      continue;
    if (vr_guest_data_load(archive, &pairs->pairs[i], &o->span, &data, &error) <
        0) {
      vr_error("%s", error.message);
      continue;
    }
    n++;
    characterise_pair(o, pairs, i, &data, &host, hosts, guests);
  }
  if (n == 0) {
    vr_error("%s: no guest could be described", o->data);
    return VR_EXIT_DATA;
  }
  vr_cleanup(json_unrefp) json_t *root =
      json_pack("{s:O, s:O}", "hosts", hosts, "guests", guests);
  if (o->json && print_json(root) < 0)
    return VR_EXIT_OUTPUT;
  return done();
}

struct comparing {
  size_t n;
  struct vr_two_truths *guests;
};

static void comparing_clear(struct comparing *c) {
  for (size_t i = 0; i < c->n; i++) {
    vr_guest_data_clear(&c->guests[i].own);
    vr_guest_data_clear(&c->guests[i].introspected);
  }
  free(c->guests);
}

/* Loads both truths of PAIR. Returns 0, -ENOENT if it has only one of them, or
 * another negative errno, after a message. */
static int load_both(const struct vr_options *o,
                     const struct vr_archive *archive,
                     const struct vr_pair *pair,
                     struct vr_two_truths *ret_both) {
  vr_auto_free char *introspected = NULL;
  struct vr_archive_error error;
  struct vr_two_truths both = {0};
  if (vr_truth_is_introspected(pair->truth) ||
      vr_pair_introspected(pair, archive, &introspected) < 0) {
    vr_notice("guest %s on %s: only one truth was recorded", pair->guest,
              pair->host);
    return -ENOENT;
  }
  struct vr_pair other = *pair;
  other.truth = introspected;
  int r = vr_guest_data_load(archive, pair, &o->span, &both.own, &error);
  if (r == 0)
    r = vr_guest_data_load(archive, &other, &o->span, &both.introspected,
                           &error);
  if (r < 0) {
    vr_error("%s", error.message);
    vr_guest_data_clear(&both.own);
    return r;
  }
  *ret_both = both;
  return 0;
}

static enum vr_exit compare(const struct vr_options *o,
                            const struct vr_archive *archive,
                            const struct vr_pairs *pairs) {
  vr_cleanup(comparing_clear) struct comparing c = {
      .guests = calloc(pairs->n, sizeof(*c.guests))};
  vr_cleanup(vr_compare_clear) struct vr_compare result = {0};
  struct vr_archive_error error;
  if (!c.guests) {
    vr_error("%s", strerror(ENOMEM));
    return VR_EXIT_DATA;
  }
  for (size_t i = 0; i < pairs->n; i++)
    if (wanted(o, &pairs->pairs[i]) &&
        load_both(o, archive, &pairs->pairs[i], &c.guests[c.n]) == 0)
      c.n++;
  if (vr_compare_truths(c.guests, c.n, &o->train, &result, &error) < 0) {
    vr_error("%s", error.message);
    return VR_EXIT_DATA;
  }
  if (!o->json) {
    vr_compare_print(&result, stdout);
    return done();
  }
  vr_cleanup(json_unrefp) json_t *root = vr_compare_json(&result);
  return print_json(root) < 0 ? VR_EXIT_OUTPUT : done();
}

/* A search that is over in a moment shows nothing. */
static void show_search(size_t done_now, size_t n) {
  static bool shown;
  shown = shown || (done_now < n && clock() > CLOCKS_PER_SEC / 2);
  if (shown)
    fprintf(stderr, "\r%zu of %zu structures%s", done_now, n,
            done_now == n ? "\n" : "");
}

static enum vr_exit fit_table(const struct vr_options *o) {
  vr_cleanup(vr_table_fit_clear) struct vr_table_fit fit = {0};
  struct vr_archive_error error;
  struct vr_table_options table = o->table;
  table.progress = isatty(STDERR_FILENO) ? show_search : NULL;
  if (vr_table_fit(&table, &o->train.orders, &fit, &error) < 0) {
    vr_error("%s", error.message);
    return VR_EXIT_DATA;
  }
  if (!o->json) {
    vr_table_fit_print(&fit, stdout);
    return VR_EXIT_OK;
  }
  vr_cleanup(json_unrefp) json_t *root = vr_table_fit_json(&fit);
  return print_json(root) < 0 ? VR_EXIT_OUTPUT : VR_EXIT_OK;
}

static void forget_sources(char *unused) {
  (void)unused;
  vr_sources_reset();
}

/* Is the guest there that was asked for? Says so if not. */
static bool has_guest(const struct vr_options *o,
                      const struct vr_pairs *pairs) {
  char names[256];
  struct vr_text text = {.at = names, .left = sizeof(names)};
  names[0] = '\0';
  for (size_t i = 0; i < pairs->n; i++) {
    if (!o->guest || strcmp(o->guest, pairs->pairs[i].guest) == 0)
      return true;
    vr_text_append(&text, " %s", pairs->pairs[i].guest);
  }
  vr_error("%s: there is no guest %s; there are:%s", o->data, o->guest, names);
  return false;
}

static void archive_freep(struct vr_archive **a) { vr_archive_free(*a); }

static enum vr_exit run(int argc, char **argv) {
  struct vr_options o;
  struct vr_archive_error error;
  vr_cleanup(forget_sources) __attribute__((unused)) char sources;
  vr_cleanup(archive_freep) struct vr_archive *archive = NULL;
  vr_cleanup(vr_pairs_clear) struct vr_pairs pairs = {0};
  vr_options_parse(argc, argv, &o);
  vr_log_set(log_to_stderr);
  gsl_set_error_handler_off();
  if (o.table.file)
    return fit_table(&o);
  if (o.daemon && vr_archive_use_daemon(o.daemon, &error) < 0) {
    vr_error("%s", error.message);
    return VR_EXIT_DATA;
  }
  if (vr_archive_open(o.data, &archive, &error) < 0) {
    vr_error("%s", error.message);
    return VR_EXIT_DATA;
  }
  for (size_t i = 0; i < o.n_sources; i++)
    if (vr_source_add(o.sources[i]) < 0) {
      vr_error("--source: \"%s\" is not of the form "
               "%%{host}/PLUGIN-%%{guest}/TYPE:DATASOURCE",
               o.sources[i]);
      return VR_EXIT_USAGE;
    }
  if (vr_pairs_find(archive, o.pairs, o.n_pairs, &pairs, &error) < 0) {
    vr_error("%s", error.message);
    return VR_EXIT_USAGE;
  }
  if (pairs.n == 0) {
    vr_error("%s: no guests: there is neither a HOST/vmrecon-GUEST directory "
             "nor one of collectd's virt plugin, nor what a --source or --pair "
             "names",
             o.data);
    return VR_EXIT_DATA;
  }
  if (!has_guest(&o, &pairs))
    return VR_EXIT_DATA;
  for (size_t i = 0; i < o.n_sources; i++)
    vr_pairs_check_source(&pairs, archive, o.sources[i]);
  if (o.list)
    return list(&o, archive, &pairs);
  if (o.characterise)
    return characterise(&o, archive, &pairs);
  if (o.compare)
    return compare(&o, archive, &pairs);
  if (o.score)
    return score(&o, archive, &pairs);
  return o.pool ? pool(&o, archive, &pairs) : train(&o, archive, &pairs);
}

int main(int argc, char **argv) {
  enum vr_exit e = run(argc, argv);
  /* What was printed is known to have arrived only now. */
  bool failed = ferror(stdout) != 0;
  if (fclose(stdout) != 0 || failed) {
    vr_error("standard output: %s", strerror(errno));
    e = VR_EXIT_OUTPUT;
  }
  return e;
}
