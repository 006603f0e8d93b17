/* SPDX-License-Identifier: MIT */
#include "train/cli/leftover.h"

#include "basic/text.h"
#include "train/report/line_parts.h"

#include <stdbool.h>
#include <string.h>

/* How many hosts the line names at most. */
enum { NAMED = 4 };

static void print_series(struct vr_report_parts *p,
                         const struct vr_archive *a) {
  if (a->n_twice == 0)
    return;
  vr_report_begin_part(p);
  fprintf(p->f, "%zu series that %s there twice (%s%s): %s", a->n_twice,
          a->n_twice == 1 ? "is" : "are", a->twice ? a->twice : "?",
          a->n_twice > 1 ? ", ..." : "",
          a->server ? "of each time the one counts that began first"
                    : "the RRD files count, not the csv files");
}

static void print_guests(struct vr_report_parts *p,
                         const struct vr_pairs *pairs) {
  if (pairs->n_twice == 0)
    return;
  vr_report_begin_part(p);
  fprintf(p->f, "%zu guest%s recorded again under another host", pairs->n_twice,
          pairs->n_twice == 1 ? "" : "s");
}

/* Is HOST a hypervisor, a guest, or the truth of one? */
static bool is_somebody(const struct vr_pairs *p, const char *host) {
  for (size_t i = 0; i < p->n; i++) {
    const struct vr_pair *q = &p->pairs[i];
    if (strcmp(q->host, host) == 0 || strcmp(q->guest, host) == 0 ||
        strcmp(q->where, host) == 0 ||
        (q->truth && strcmp(q->truth, host) == 0))
      return true;
  }
  return false;
}

static void print_hosts(struct vr_report_parts *p, const struct vr_archive *a,
                        const struct vr_pairs *pairs) {
  char names[300] = "";
  struct vr_text text = {.at = names, .left = sizeof(names)};
  size_t n = 0, first;
  for (size_t i = 0; i < a->n_files;) {
    const char *host = a->files[i].host;
    i = vr_archive_host_range(a, host, &first);
    if (is_somebody(pairs, host) || !vr_pairs_has_own_series(a, host))
      continue;
    if (n < NAMED)
      vr_text_append(&text, "%s%s", n ? ", " : "", host);
    n++;
  }
  if (n == 0)
    return;
  vr_report_begin_part(p);
  fprintf(p->f, "%zu host%s with series of %s own that %s no guest's (%s%s)", n,
          n == 1 ? "" : "s", n == 1 ? "its" : "their", n == 1 ? "is" : "are",
          names, n > NAMED ? ", ..." : "");
}

void vr_leftover_print(const struct vr_archive *a, const struct vr_pairs *pairs,
                       FILE *f) {
  struct vr_report_parts p = {f, "left unused: "};
  print_series(&p, a);
  print_guests(&p, pairs);
  print_hosts(&p, a, pairs);
  if (strcmp(p.before, "; ") == 0)
    fputc('\n', f);
}
