/* SPDX-License-Identifier: MIT */
#include "train/cli/command_run.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "basic/text.h"
#include "train/cli/command_common.h"
#include "train/cli/commands.h"
#include "train/cli/parse_options.h"
#include "train/data/source_files.h"
#include "train/data/sources.h"
#include "train/evaluate/score.h"
#include "train/share/share.h"

#include <dirent.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>
#include <time.h>

static void forget_sources(char *unused) {
  (void)unused;
  vr_sources_reset();
}

/* Is the guest there that was asked for? Logs it if not. */
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
  vr_log_error("%s: there is no guest %s; there are:%s", o->data, o->guest,
               names);
  return false;
}

static void archive_freep(struct vr_archive **a) { vr_archive_free(*a); }

/* Adds the sources that were given. */
static enum vr_exit add_sources(const struct vr_options *o) {
  for (size_t i = 0; i < o->n_sources; i++)
    if (vr_sources_add(o->sources[i]) < 0) {
      vr_log_error("--source: \"%s\" is not of the form "
                   "%%{host}/PLUGIN-%%{guest}/TYPE:DATASOURCE",
                   o->sources[i]);
      return VR_EXIT_USAGE;
    }
  return VR_EXIT_OK;
}

static bool is_empty_directory(const char *path) {
  size_t n = 0;
  DIR *dir = opendir(path);
  while (dir && readdir(dir))
    n++;
  if (dir)
    closedir(dir);
  return dir && n <= 2; /* itself and its parent */
}

/* The same of a Prometheus. */
static void log_nothing_there(const struct vr_archive *archive) {
  if (archive->n_files == 0)
    vr_log_error("%s: no series of collectd's plugin write_prometheus in the "
                 "span (without --start its last 24 hours are asked for)",
                 archive->root);
  else
    vr_log_error(
        "%s: no guests: there are neither series collectd_vmrecon_... nor ones "
        "of collectd's virt plugin, nor what a --source or --pair names",
        archive->root);
}

/* A host on which the plugin ran, and saw no guest; NULL: it ran on none. */
static const char *host_without_guests(const struct vr_archive *archive) {
  for (size_t i = 0; i < archive->n_files; i++)
    if (strcmp(archive->files[i].plugin, "vmrecon") == 0)
      return archive->files[i].host;
  return NULL;
}

static void log_no_host_with_guests(const struct vr_archive *archive) {
  const char *host = host_without_guests(archive);
  if (host)
    vr_log_error("%s: no guests: the plugin vmrecon ran on %s and recorded no "
                 "guest; collectd's log on that host says why",
                 archive->root, host);
  else
    vr_log_error("%s: no guests: no host has recorded any; put LoadPlugin "
                 "vmrecon into collectd.conf of the hypervisor host, or name "
                 "another plugin's series by --source or --pair",
                 archive->root);
}

/* Why there is nobody in ARCHIVE. */
static void log_no_guests(const struct vr_archive *archive) {
  if (archive->server)
    log_nothing_there(archive);
  else if (is_empty_directory(archive->root))
    vr_log_error("%s is empty: collectd has recorded nothing there",
                 archive->root);
  else if (archive->n_files == 0)
    vr_log_error("%s: no series of collectd that can be read; give the "
                 "directory that has one directory for each host (DataDir of "
                 "the rrdtool or csv plugin)",
                 archive->root);
  else
    log_no_host_with_guests(archive);
}

/* Pairs guests and hosts; there is one at least then, and the one asked for. */
static enum vr_exit find_pairs(const struct vr_options *o,
                               const struct vr_archive *archive,
                               struct vr_pairs *pairs) {
  struct vr_error error;
  if (vr_pairs_find(archive, o->pairs, o->n_pairs, pairs, &error) < 0) {
    vr_log_error("%s", error.message);
    return VR_EXIT_USAGE;
  }
  if (pairs->n == 0) {
    log_no_guests(archive);
    return VR_EXIT_DATA;
  }
  if (!has_guest(o, pairs))
    return VR_EXIT_DATA;
  for (size_t i = 0; i < o->n_sources; i++)
    vr_pairs_check_source(pairs, archive, o->sources[i]);
  return VR_EXIT_OK;
}

static enum vr_exit run_command(const struct vr_options *o,
                                const struct vr_archive *archive,
                                const struct vr_pairs *pairs) {
  if (o->list)
    return vr_command_list(o, archive, pairs);
  if (o->characterise)
    return vr_command_characterise(o, archive, pairs);
  if (o->compare)
    return vr_command_compare(o, archive, pairs);
  if (o->compare_sets[0])
    return vr_command_sets(o, archive, pairs);
  if (o->score)
    return vr_command_score(o, archive, pairs);
  return o->pool ? vr_command_pool(o, archive, pairs)
                 : vr_command_train(o, archive, pairs);
}

/* Without --start the last day of what a Prometheus has. */
#define DAY 86400.0

static int open_server(const struct vr_options *o, struct vr_archive **archive,
                       struct vr_error *error) {
  const struct vr_span *span = &o->span;
  double end = isfinite(span->end) ? span->end : (double)time(NULL);
  /* A score is run in on the time before its span. */
  double begin =
      isfinite(span->begin) ? span->begin - VR_SCORE_WARM_UP : end - DAY;
  const struct vr_archive_server how = {.match = o->match,
                                        .token_file = o->token_file,
                                        .ca_file = o->ca_file,
                                        .begin = begin,
                                        .end = end};
  return vr_archive_open_server(o->data, &how, archive, error);
}

static int open_archive(const struct vr_options *o, struct vr_archive **archive,
                        struct vr_error *error) {
  if (vr_archive_is_server(o->data))
    return open_server(o, archive, error);
  int r = o->daemon ? vr_archive_use_daemon(o->daemon, error) : 0;
  return r < 0 ? r : vr_archive_open(o->data, archive, error);
}

/* Is it what several ranks do together? */
static bool is_training(const struct vr_options *o) {
  return !o->table.file && !o->rollback && !o->list && !o->characterise &&
         !o->compare && !o->compare_sets[0] && !o->score;
}

/* What O names: the archive, and who is in it. */
static enum vr_exit open_all(const struct vr_options *o,
                             struct vr_archive **ret_archive,
                             struct vr_pairs *ret_pairs) {
  struct vr_error error;
  if (open_archive(o, ret_archive, &error) < 0) {
    vr_log_error("%s", error.message);
    return VR_EXIT_DATA;
  }
  enum vr_exit e = add_sources(o);
  return e == VR_EXIT_OK ? find_pairs(o, *ret_archive, ret_pairs) : e;
}

/* E, or what another rank has met with. */
static enum vr_exit agree_on(const struct vr_options *o, enum vr_exit e) {
  enum vr_exit worst = (enum vr_exit)vr_share_worst((int)e);
  if (e == VR_EXIT_OK && worst != VR_EXIT_OK)
    vr_log_error("%s: another rank cannot read it: the archive has to be there "
                 "under this name on all machines",
                 o->data);
  return worst;
}

enum vr_exit vr_command_run(int argc, char **argv) {
  struct vr_options o;
  vr_cleanup(forget_sources) __attribute__((unused)) char sources;
  vr_cleanup(archive_freep) struct vr_archive *archive = NULL;
  vr_cleanup(vr_pairs_clear) struct vr_pairs pairs = {0};
  vr_options_parse(argc, argv, &o);
  vr_command_begin();
  gsl_set_error_handler_off();
  vr_share_use_jobs(o.jobs);
  if (!is_training(&o) && !vr_share_is_first())
    return VR_EXIT_OK;
  if (o.table.file)
    return vr_command_table(&o);
  if (o.rollback)
    return vr_command_rollback(&o);
  enum vr_exit e = open_all(&o, &archive, &pairs);
  if (is_training(&o))
    e = agree_on(&o, e);
  return e == VR_EXIT_OK ? run_command(&o, archive, &pairs) : e;
}
