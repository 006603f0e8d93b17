/* SPDX-License-Identifier: MIT */
#include "live/candidates.h"

#include "basic/sort.h"

#include <stdlib.h>
#include <string.h>

/* --- preference --- */

/* A measurement, an estimate that was validated here, a law, and last an
 * estimate that was validated elsewhere. One to which the measurement gives way
 * is tried with those. */
static int order_of(const struct vr_model *m) {
  if (m->preferred)
    return VR_DIRECT;
  /* What the balloon driver reported is some seconds old. */
  if (m->provenance == VR_INTROSPECTED)
    return VR_COOPERATIVE;
  if (m->provenance == VR_COOPERATIVE)
    return VR_INTROSPECTED;
  return m->provenance == VR_INFERRED && m->generic ? VR_PROVENANCES + 1
                                                    : (int)m->provenance;
}

/* Which of two is to be tried first: by how it came about, then a model of this
 * guest before one of many, a validated one before the generic one. */
static int compare_worth(const struct vr_catalog_model *a,
                         const struct vr_catalog_model *b) {
  if (order_of(a->model) != order_of(b->model))
    return order_of(a->model) < order_of(b->model) ? -1 : 1;
  if (a->specificity != b->specificity)
    return a->specificity > b->specificity ? -1 : 1;
  if (a->model->preferred != b->model->preferred)
    return a->model->preferred ? -1 : 1;
  if (a->model->generic != b->model->generic)
    return b->model->generic ? -1 : 1;
  /* What older programs cannot read says it better. */
  int x = vr_model_structure_version(a->model->structure);
  int y = vr_model_structure_version(b->model->structure);
  if (x != y)
    return x > y ? -1 : 1;
  return 0;
}

bool vr_live_candidates_differ_in_step(const struct vr_catalog_model *a,
                                       const struct vr_catalog_model *b) {
  return a->step > 0 && b->step > 0 && compare_worth(a, b) == 0;
}

static int compare_models(const struct vr_catalog_model *a,
                          const struct vr_catalog_model *b) {
  int worth = compare_worth(a, b);
  return worth ? worth : a->order < b->order ? -1 : a->order > b->order;
}

static int compare_indices(const void *a, const void *b, void *models) {
  const struct vr_catalog_model *m = models;
  return compare_models(&m[*(const uint32_t *)a], &m[*(const uint32_t *)b]);
}

/* Ranks the models of counter K, and keeps those that name no guest. */
static void rank_counter(struct vr_candidate_lists *l,
                         struct vr_catalog_model *models, int k) {
  size_t n = l->n_common[k], kept = 0;
  vr_sort_with(l->common[k], n, sizeof(uint32_t), compare_indices, models);
  for (size_t i = 0; i < n; i++) {
    struct vr_catalog_model *m = &models[l->common[k][i]];
    m->rank = (unsigned)i;
    if (m->specificity < 2)
      l->common[k][kept++] = l->common[k][i];
  }
  l->n_common[k] = kept;
}

static bool rank(struct vr_candidate_lists *l, struct vr_catalog_model *models,
                 size_t n_models) {
  size_t at[VR_COUNTERS] = {0};
  for (size_t i = 0; i < n_models; i++)
    l->n_common[l->models[i].model->counter]++;
  for (int k = 0; k < VR_COUNTERS; k++) {
    l->common[k] =
        calloc(l->n_common[k] ? l->n_common[k] : 1, sizeof(uint32_t));
    if (!l->common[k])
      return false;
  }
  for (size_t i = 0; i < n_models; i++) {
    int k = (int)l->models[i].model->counter;
    l->common[k][at[k]++] = (uint32_t)i;
  }
  for (int k = 0; k < VR_COUNTERS; k++)
    rank_counter(l, models, k);
  return true;
}

/* --- of one guest --- */

static int compare_named(const void *a, const void *b, void *models) {
  const struct vr_catalog_model *x =
      (struct vr_catalog_model *)models + *(const uint32_t *)a;
  const struct vr_catalog_model *y =
      (struct vr_catalog_model *)models + *(const uint32_t *)b;
  int r = strcmp(x->model->guest, y->model->guest);
  if (r != 0)
    return r;
  if (x->model->counter != y->model->counter)
    return x->model->counter < y->model->counter ? -1 : 1;
  return x->rank < y->rank ? -1 : x->rank > y->rank;
}

/* Adds the slice that begins at FIRST of N named models. */
static void add_named(struct vr_candidate_lists *l,
                      struct vr_catalog_named *named, size_t first, size_t n) {
  const uint32_t *at = l->named_models;
  const char *guest = l->models[at[first]].model->guest;
  named->first = first;
  while (first + named->n < n &&
         strcmp(l->models[at[first + named->n]].model->guest, guest) == 0)
    named->n++;
  HASH_ADD_KEYPTR(hh, l->by_name, guest, strlen(guest), named);
}

static bool list_named(struct vr_candidate_lists *l,
                       struct vr_catalog_model *models, size_t n_models) {
  size_t n = 0, names = 0;
  l->named_models = calloc(n_models + 1, sizeof(uint32_t));
  l->named = calloc(n_models + 1, sizeof(*l->named));
  if (!l->named_models || !l->named)
    return false;
  for (size_t i = 0; i < n_models; i++)
    if (l->models[i].specificity == 2)
      l->named_models[n++] = (uint32_t)i;
  vr_sort_with(l->named_models, n, sizeof(uint32_t), compare_named, models);
  for (size_t i = 0; i < n; i += l->named[names++].n)
    add_named(l, &l->named[names], i, n);
  return true;
}

struct vr_candidates vr_live_candidates_of(const struct vr_candidate_lists *l,
                                           const char *guest, int counter) {
  struct vr_candidates found = {.models = l->models,
                                .common = l->common[counter],
                                .common_end =
                                    l->common[counter] + l->n_common[counter]};
  struct vr_catalog_named *named = NULL;
  HASH_FIND_STR(l->by_name, guest, named);
  for (size_t i = 0; named && i < named->n; i++) {
    const uint32_t *at = &l->named_models[named->first + i];
    if ((int)l->models[*at].model->counter != counter)
      continue;
    found.own = found.own ? found.own : at;
    found.own_end = at + 1;
  }
  return found;
}

const struct vr_catalog_model *
vr_live_candidates_next(struct vr_candidates *i) {
  const struct vr_catalog_model *models = i->models;
  bool own = i->own < i->own_end, common = i->common < i->common_end;
  if (own && (!common || models[*i->own].rank < models[*i->common].rank))
    return &models[*i->own++];
  return common ? &models[*i->common++] : NULL;
}

/* --- the whole --- */

bool vr_live_candidates_list(struct vr_candidate_lists *ret,
                             struct vr_catalog_model *models, size_t n) {
  *ret = (struct vr_candidate_lists){.models = models};
  return rank(ret, models, n) && list_named(ret, models, n);
}

void vr_live_candidates_clear(struct vr_candidate_lists *l) {
  HASH_CLEAR(hh, l->by_name);
  free(l->named);
  free(l->named_models);
  for (int k = 0; k < VR_COUNTERS; k++)
    free(l->common[k]);
}
