/* SPDX-License-Identifier: MIT
 *
 * What the command line of vmrecon-train asked for.
 */
#ifndef VR_TRAIN_CLI_OPTIONS_H
#define VR_TRAIN_CLI_OPTIONS_H

#include "basic/exit_status.h"
#include "train/data/span.h"
#include "train/fit/train_options.h"
#include "train/table/table_options.h"

enum { VR_MAX_PAIR_OPTIONS = 64 };

struct vr_options {
  const char *data;       /* DATADIR */
  const char *models;     /* -o MODELDIR */
  const char *report;     /* --report DIR */
  const char *score;      /* --score MODELDIR */
  const char *export_to;  /* --export DIR */
  const char *daemon;     /* --daemon ADDRESS of an rrdcached */
  const char *match;      /* --match SELECTOR: series of a Prometheus */
  const char *token_file; /* --token-file FILE: the right to ask it */
  const char *ca_file;    /* --ca-file FILE: whom to trust over https */
  const char *guest;      /* --guest NAME: only this one */
  const char *pairs[VR_MAX_PAIR_OPTIONS];
  size_t n_pairs;
  const char *sources[VR_MAX_PAIR_OPTIONS]; /* --source PATTERN */
  size_t n_sources;
  struct vr_span span;
  bool json;
  bool verbose;      /* -v: what correlation analysis shows, too */
  bool try_known;    /* try generic models beside those estimated here */
  const char *known; /* --known FILE; NULL: the shipped file, if there */
  bool list;         /* --list: what could be trained */
  bool characterise; /* --characterise: what the series are like */
  const char *compare_sets[2]; /* --compare DIR1 DIR2 */
  const char *rollback;        /* --rollback MODELDIR */
  bool compare;   /* --compare-truth: own series against introspected ones */
  unsigned jobs;  /* --jobs: guests trained at a time */
  bool pool;      /* --pool: models for guests that were never seen */
  double min_fit; /* of the target, for the verdict in the report */
  struct vr_train_options train;
  struct vr_table_options table; /* --table FILE, or table.file is NULL */
};

#endif
