/* SPDX-License-Identifier: MIT */
#include "host/vmm/mentioned.h"

#include "basic/array.h"
#include "basic/log.h"
#include "basic/text.h"
#include "host/vmm/selection.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* How many guests a line names at most. */
enum { NAMED = 5 };
#define REPORT_AFTER 60.0 /* seconds */

struct mention {
  char *name;
  struct vr_select *matches;
  bool seen;
};

struct vr_mentioned {
  size_t n, capacity;
  struct mention *all;
  double seconds;
  bool has_read, reported;
  size_t n_found;
  char found[256];
  struct vr_text text; /* into found */
};

int vr_mentioned_new(struct vr_mentioned **ret) {
  struct vr_mentioned *m = calloc(1, sizeof(*m));
  if (!m)
    return -ENOMEM;
  m->text = (struct vr_text){.at = m->found, .left = sizeof(m->found)};
  *ret = m;
  return 0;
}

static void mention_clear(struct mention *x) {
  free(x->name);
  vr_vmm_select_free(x->matches);
}

void vr_mentioned_free(struct vr_mentioned *m) {
  for (size_t i = 0; m && i < m->n; i++)
    mention_clear(&m->all[i]);
  if (m)
    free(m->all);
  free(m);
}

int vr_mentioned_add(struct vr_mentioned *m, const char *name) {
  char message[256];
  for (size_t i = 0; i < m->n; i++)
    if (strcmp(m->all[i].name, name) == 0)
      return 0;
  if (vr_array_reserve(&m->all, &m->capacity, m->n + 1) < 0)
    return -ENOMEM;
  struct mention x = {.name = strdup(name)};
  int r = x.name ? vr_vmm_select_new(&x.matches) : -ENOMEM;
  if (r == 0)
    r = vr_vmm_select_add(x.matches, name, message, sizeof(message));
  if (r == 0)
    m->all[m->n++] = x;
  else
    mention_clear(&x);
  return r == -ENOMEM ? r : 0;
}

void vr_mentioned_see(struct vr_mentioned *m, const struct vr_vm *vm) {
  if (m->reported)
    return;
  for (size_t i = 0; i < m->n; i++)
    if (vr_vmm_select_vm(m->all[i].matches, vm))
      m->all[i].seen = true;
  if (m->n_found < NAMED)
    vr_text_append(&m->text, "%s%s", m->n_found > 0 ? ", " : "", vm->name);
  else if (m->n_found == NAMED)
    vr_text_append(&m->text, ", ...");
  m->n_found++;
}

static void report(const struct vr_mentioned *m) {
  struct vr_log_limit limit = {0};
  if (m->n_found == 0)
    vr_log_notice("no virtual machine was found in the first minute: none is "
                  "running, or its user is not in TrustedUser, or its VMM is "
                  "not known (then name it: <VM \"name\"> with PidFile or "
                  "Match)");
  for (size_t i = 0; m->n_found > 0 && i < m->n; i++)
    if (!m->all[i].seen && vr_log_limit_admits(&limit))
      vr_log_notice(
          "VM \"%s\" matched no guest in the first minute; there are: "
          "%s. Write the name or UUID as it is, or "
          "\"/a regular expression/\"; a guest that starts later "
          "is matched then",
          m->all[i].name, m->found);
  if (limit.withheld > 0)
    vr_log_notice("%u more VM entries matched no guest", limit.withheld);
}

void vr_mentioned_end_reading(struct vr_mentioned *m, double seconds) {
  if (m->reported)
    return;
  m->seconds += m->has_read ? seconds : 0;
  m->has_read = true;
  if (m->seconds < REPORT_AFTER)
    return;
  m->reported = true;
  report(m);
}
