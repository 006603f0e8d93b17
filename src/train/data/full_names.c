/* SPDX-License-Identifier: MIT */
#include "train/data/full_names.h"

#include "basic/log.h"
#include "basic/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Is LONGER the name SHORTER, or that with a domain? */
static bool is_name_with_domain(const char *shorter, const char *longer) {
  size_t n = strlen(shorter);
  return n > 0 && strncasecmp(shorter, longer, n) == 0 &&
         (longer[n] == '\0' || longer[n] == '.');
}

static bool may_be(const char *guest, const char *host) {
  return is_name_with_domain(guest, host) || is_name_with_domain(host, guest);
}

/* Is HOST known to be somebody else: a hypervisor host, a guest of its own, or
 * the truth of one? */
static bool is_taken(const struct vr_pairs *p, const char *host) {
  for (size_t i = 0; i < p->n; i++) {
    const struct vr_pair *q = &p->pairs[i];
    if (strcmp(q->host, host) == 0 || strcmp(q->guest, host) == 0 ||
        (q->truth && strcmp(q->truth, host) == 0))
      return true;
  }
  return false;
}

/* The next host after INDEX that may be GUEST; NULL: no more. */
static const char *next_candidate(const struct vr_pairs *p,
                                  const struct vr_archive *a, const char *guest,
                                  size_t *index) {
  while (*index < a->n_files) {
    const char *host = a->files[*index].host;
    *index = vr_archive_host_range(a, host, &(size_t){0});
    if (may_be(guest, host) && !is_taken(p, host) &&
        vr_pairs_has_own_series(a, host))
      return host;
  }
  return NULL;
}

/* Is there a guest of another name that HOST may be as well? */
static bool is_contested(const struct vr_pairs *p, const char *guest,
                         const char *host) {
  for (size_t i = 0; i < p->n; i++)
    if (!p->pairs[i].truth && strcmp(p->pairs[i].guest, guest) != 0 &&
        may_be(p->pairs[i].guest, host))
      return true;
  return false;
}

static void log_candidates(const struct vr_pairs *p, const struct vr_archive *a,
                           const struct vr_pair *pair) {
  char names[400] = "";
  struct vr_text text = {.at = names, .left = sizeof(names)};
  const char *host, *first = NULL;
  for (size_t i = 0; (host = next_candidate(p, a, pair->guest, &i));) {
    vr_text_append(&text, "%s%s", first ? ", " : "", host);
    first = first ? first : host;
  }
  vr_log_warning("guest %s on %s: its own series may be those of: %s; choose "
                 "with --pair %s/%s=%s",
                 pair->guest, pair->host, names, pair->host, pair->guest,
                 first);
}

/* What PAIR's truth is to be; the truth of others is as it was before. */
static int choose(const struct vr_pairs *p, const struct vr_archive *a,
                  const struct vr_pair *pair, char **ret) {
  size_t i = 0;
  const char *host = next_candidate(p, a, pair->guest, &i);
  if (!host)
    return 0;
  if (next_candidate(p, a, pair->guest, &i) ||
      is_contested(p, pair->guest, host)) {
    log_candidates(p, a, pair);
    return 0;
  }
  vr_log_notice("guest %s on %s: its own series are taken to be those of %s; "
                "--pair %s/%s=HOSTNAME names others",
                pair->guest, pair->host, host, pair->host, pair->guest);
  return (*ret = strdup(host)) ? 0 : -ENOMEM;
}

int vr_pairs_by_full_name(struct vr_pairs *p, const struct vr_archive *a) {
  char **chosen = calloc(p->n + 1, sizeof(*chosen));
  if (!chosen)
    return -ENOMEM;
  int r = 0;
  for (size_t i = 0; r == 0 && i < p->n; i++)
    if (!p->pairs[i].truth)
      r = choose(p, a, &p->pairs[i], &chosen[i]);
  for (size_t i = 0; i < p->n; i++)
    if (chosen[i])
      p->pairs[i].truth = chosen[i];
  free(chosen);
  return r;
}
