/* SPDX-License-Identifier: MIT */
#include "overlay/overlay_plan.h"

#include "basic/sort.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One address may be at several ports, of one bridge for a moment and of
 * several for good. A flooding list has many entries under one address: there
 * the destination is part of what is compared. */
static int compare(const void *x, const void *y) {
  static const struct vr_mac zero;
  const struct vr_overlay_entry *a = x, *b = y;
  int c = (int)a->of_vxlan - (int)b->of_vxlan;
  if (c == 0)
    c = memcmp(a->mac.byte, b->mac.byte, sizeof(a->mac.byte));
  if (c == 0)
    c = (a->port > b->port) - (a->port < b->port);
  if (c == 0 && a->of_vxlan && vr_mac_is_same(&a->mac, &zero))
    c = memcmp(&a->to, &b->to, sizeof(a->to));
  return c;
}

static bool is_same(const struct vr_overlay_entry *a,
                    const struct vr_overlay_entry *b) {
  return compare(a, b) == 0 && a->sticky == b->sticky &&
         (!a->of_vxlan || vr_address_is_same(&a->to, &b->to));
}

static bool has(const struct vr_overlay_entry *sorted, size_t n,
                const struct vr_overlay_entry *e) {
  const struct vr_overlay_entry *found =
      vr_sort_find(e, sorted, n, sizeof(*sorted), compare);
  return found && is_same(found, e);
}

/* Whether setting what is wanted replaces E as well. */
static bool is_replaced(const struct vr_overlay_entry *sorted, size_t n,
                        const struct vr_overlay_entry *e) {
  return vr_sort_find(e, sorted, n, sizeof(*sorted), compare);
}

static struct vr_overlay_entry *sorted_copy(const struct vr_overlay_entry *v,
                                            size_t n) {
  struct vr_overlay_entry *copy = calloc(n + 1, sizeof(*copy));
  if (copy && n) {
    memcpy(copy, v, n * sizeof(*copy));
    vr_sort(copy, n, sizeof(*copy), compare);
  }
  return copy;
}

static int worse(int so_far, int now) { return so_far < 0 ? so_far : now; }

int vr_overlay_plan_run(const struct vr_overlay_plan *plan,
                        const struct vr_overlay_entry *wanted, size_t n_wanted,
                        const struct vr_overlay_entry *present,
                        size_t n_present) {
  struct vr_overlay_entry *w = sorted_copy(wanted, n_wanted);
  struct vr_overlay_entry *p = sorted_copy(present, n_present);
  int r = w && p ? 0 : -ENOMEM;
  for (size_t i = 0; r != -ENOMEM && i < n_wanted; i++)
    if (!has(p, n_present, &w[i]))
      r = worse(r, plan->set(plan->ctx, &w[i]));
  for (size_t i = 0; r != -ENOMEM && i < n_present; i++)
    if (!is_replaced(w, n_wanted, &p[i]))
      r = worse(r, plan->remove(plan->ctx, &p[i]));
  free(w);
  free(p);
  return r;
}
