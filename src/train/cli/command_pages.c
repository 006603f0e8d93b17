/* SPDX-License-Identifier: MIT */
#include "train/cli/command_pages.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "train/cli/command_common.h"
#include "train/page/page.h"
#include "train/report/unused.h"

#include <errno.h>
#include <string.h>

void vr_command_unused(const struct vr_archive *archive,
                       const struct vr_pairs *pairs,
                       const struct vr_guest_result *r, bool names, FILE *f) {
  vr_cleanup(vr_span_consolidations_clear) struct vr_consolidations c = {0};
  struct vr_error error;
  for (size_t i = 0; i < pairs->n; i++) {
    const struct vr_pair *pair = &pairs->pairs[i];
    if (strcmp(pair->host, r->data->host) != 0 ||
        strcmp(pair->guest, r->data->guest) != 0)
      continue;
    if (vr_span_consolidations(archive, pair, &c, &error) < 0)
      vr_log_error("%s", error.message);
    vr_unused_print(r, pair, &c, names, f);
    return;
  }
}

/* The same as a text; NULL when out of memory. */
static char *unused_text(const struct vr_archive *archive,
                         const struct vr_pairs *pairs,
                         const struct vr_guest_result *r) {
  char *text = NULL;
  size_t size;
  FILE *f = open_memstream(&text, &size);
  if (!f)
    return NULL;
  vr_command_unused(archive, pairs, r, true, f);
  fclose(f);
  return text;
}

int vr_command_pages_try(const struct vr_options *o) {
  struct vr_error error;
  int r = o->report ? vr_page_try(o->report, &error) : 0;
  if (r < 0)
    vr_log_error("%s; nothing was trained", error.message);
  return r;
}

static bool has_page(const struct vr_pair *pair,
                     const struct vr_guest_result *results, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(results[i].data->guest, pair->guest) == 0 &&
        strcmp(results[i].data->host, pair->host) == 0)
      return true;
  return false;
}

/* Guests that were asked for and have no page, to RET, which has room for all
 * pairs. */
static size_t find_absent(const struct vr_options *o,
                          const struct vr_pairs *pairs,
                          const struct vr_guest_result *results, size_t n,
                          struct vr_page_absent *ret) {
  size_t absent = 0;
  for (size_t i = 0; i < pairs->n; i++) {
    const struct vr_pair *pair = &pairs->pairs[i];
    if ((o->guest && strcmp(o->guest, pair->guest) != 0) ||
        has_page(pair, results, n))
      continue;
    ret[absent++] = (struct vr_page_absent){
        .host = pair->host,
        .guest = pair->guest,
        .why = pair->truth ? "it could not be trained; the program's messages "
                             "say why"
                           : "it has no collectd of its own in this archive"};
  }
  return absent;
}

int vr_command_pages(const struct vr_options *o,
                     const struct vr_archive *archive,
                     const struct vr_pairs *pairs,
                     const struct vr_guest_result *results,
                     const struct vr_guest_diagnoses *diagnoses, size_t n) {
  struct vr_error error = {""};
  vr_auto_free struct vr_page_guest *guests = calloc(n + 1, sizeof(*guests));
  vr_auto_free struct vr_page_absent *absent =
      calloc(pairs->n + 1, sizeof(*absent));
  if (!o->report)
    return 0;
  if (!guests || !absent) {
    vr_log_error("--report: %s", strerror(ENOMEM));
    return -ENOMEM;
  }
  for (size_t i = 0; i < n; i++)
    guests[i] = (struct vr_page_guest){
        .result = &results[i],
        .diagnoses = &diagnoses[i],
        .unused = unused_text(archive, pairs, &results[i])};
  const struct vr_page_set set = {.n_guests = n,
                                  .guests = guests,
                                  .n_absent =
                                      find_absent(o, pairs, results, n, absent),
                                  .absent = absent,
                                  .min_fit = o->min_fit};
  int r = vr_page_write(o->report, &set, &error);
  for (size_t i = 0; i < n; i++)
    free(guests[i].unused);
  if (r < 0)
    vr_log_error("%s", error.message);
  else if (!o->json)
    printf("report written: %s/index.html\n", o->report);
  return r;
}
