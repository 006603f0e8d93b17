/* SPDX-License-Identifier: MIT */
#include "live/absent.h"

#include "basic/cleanup.h"
#include "basic/sort.h"
#include "basic/text.h"

#include <stdlib.h>
#include <string.h>

/* How many names the line has at most. */
enum { NAMED = 5 };

/* The guests that models name and that are not known yet, sorted. */
struct names {
  size_t n;
  const char **all; /* borrowed from the catalog */
};

static int by_name(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Each name that a model has for one guest alone, once. */
static void collect(const struct vr_catalog *c, struct names *ret) {
  size_t n = 0;
  for (size_t i = 0; i < c->n_models; i++)
    if (c->models[i].specificity == 2)
      ret->all[n++] = c->models[i].model->guest;
  vr_sort(ret->all, n, sizeof(*ret->all), by_name);
  for (size_t i = 0; i < n; i++)
    if (ret->n == 0 || strcmp(ret->all[i], ret->all[ret->n - 1]) != 0)
      ret->all[ret->n++] = ret->all[i];
}

/* Takes the name of G out of the names in USER. */
static int cross_out(void *user, struct vr_live_guest *g) {
  struct names *names = user;
  const char *name = g->name;
  const char **found =
      vr_sort_find(&name, names->all, names->n, sizeof(*names->all), by_name);
  if (!found)
    return 0;
  size_t after = names->n - (size_t)(found - names->all) - 1;
  memmove(found, found + 1, after * sizeof(*found));
  names->n--;
  return 0;
}

void vr_live_absent_report(const struct vr_catalog *c,
                           struct vr_guest_table *t) {
  vr_auto_free const char **all = calloc(c->n_models + 1, sizeof(*all));
  struct names names = {.all = all};
  char text[400] = "";
  struct vr_text to = {.at = text, .left = sizeof(text)};
  if (!all)
    return;
  collect(c, &names);
  for (int i = 0; i < VR_SHARDS; i++)
    vr_live_shard_each(&t->shards[i], cross_out, &names);
  for (size_t i = 0; i < names.n && i < NAMED; i++)
    vr_text_append(&to, "%s%s", i ? ", " : "", names.all[i]);
  if (names.n > 0)
    vr_log_notice(
        "there are models for %zu guest%s of which nothing was "
        "received in the first minute: %s%s; they wait for a guest of "
        "this name. If it goes by another one here, train it under "
        "that (vmrecon-train --pair)",
        names.n, names.n == 1 ? "" : "s", text, names.n > NAMED ? ", ..." : "");
}
