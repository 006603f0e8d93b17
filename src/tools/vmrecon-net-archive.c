/* SPDX-License-Identifier: MIT
 *
 * Traffic from recorded history: pairs by name as the topology plugin wrote
 * them, or what the hosts counted, with the addresses of guests.
 */
#include "tools/vmrecon-net-archive.h"

#include "archive/archive.h"
#include "basic/cleanup.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BY_NAME "vmrecon_traffic-"
#define BY_MAC "vmrecon_net-"
#define MACHINE "vmrecon"
#define OCTETS "if_octets-"
#define MAC "gauge-mac_"

static const char *after(const char *text, const char *prefix) {
  size_t n = strlen(prefix);
  return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

/* --- who has which address --- */

/* The newest value of a gauge, and when; false if there is none. */
static bool newest_gauge(const struct vr_archive_file *f, double *ret_value,
                         double *ret_time) {
  struct vr_extent extent;
  struct vr_error error;
  vr_cleanup(vr_history_clear) struct vr_history h = {0};
  if (vr_archive_extent(f, -INFINITY, &extent, &error) < 0)
    return false;
  const struct vr_timeline grid = {
      .begin = extent.end - 9 * extent.step, .step = extent.step, .rows = 10};
  if (vr_archive_fetch(f, &grid, &h, &error) < 0 || h.n_ds == 0)
    return false;
  for (size_t i = h.rows; i-- > 0;)
    if (isfinite(h.values[i])) {
      *ret_value = h.values[i];
      *ret_time = grid.begin + (double)i * grid.step;
      return true;
    }
  return false;
}

struct owner {
  const char *mac, *host, *guest; /* of the archive */
  double time;
  bool is_peer;
};

struct owners {
  size_t n;
  struct owner *list;
};

static void owners_clear(struct owners *o) { free(o->list); }

static int find_owners(const struct vr_archive *a, struct owners *ret) {
  ret->list = calloc(a->n_files + 1, sizeof(*ret->list));
  if (!ret->list)
    return -ENOMEM;
  for (size_t i = 0; i < a->n_files; i++) {
    const struct vr_archive_file *f = &a->files[i];
    const char *guest = after(f->plugin, BY_MAC), *mac = after(f->type, MAC);
    double value, time;
    if (guest && mac && newest_gauge(f, &value, &time))
      ret->list[ret->n++] =
          (struct owner){mac, f->host, guest, time, value > 1.5};
  }
  return 0;
}

/* Who had the address last. */
static const struct owner *owner_of(const struct owners *o, const char *mac) {
  const struct owner *best = NULL;
  for (size_t i = 0; i < o->n; i++)
    if (strcmp(o->list[i].mac, mac) == 0 &&
        (!best || o->list[i].time > best->time))
      best = &o->list[i];
  return best;
}

int vr_tools_archive_macs(const char *root, vr_tools_mac_fn fn, void *ctx,
                          struct vr_error *ret_error) {
  vr_cleanup(vr_archive_freep) struct vr_archive *a = NULL;
  vr_cleanup(owners_clear) struct owners owners = {0};
  int r = vr_archive_open(root, &a, ret_error);
  if (r < 0)
    return r;
  if (find_owners(a, &owners) < 0)
    return vr_error_set(ret_error, -ENOMEM, "%s: %s", root, strerror(ENOMEM));
  for (size_t i = 0; r == 0 && i < owners.n; i++) {
    const struct owner *o = &owners.list[i];
    if (!o->is_peer && owner_of(&owners, o->mac) == o)
      r = fn(ctx, o->mac, o->host, o->guest);
  }
  return r < 0 ? vr_error_set(ret_error, r, "%s: %s", root, strerror(-r)) : 0;
}

/* --- traffic --- */

/* The windows: the end and the step of the files that go furthest. */
static int find_timeline(const struct vr_tools_options *o,
                         const struct vr_archive *a, const char *prefix,
                         struct vr_timeline *ret) {
  double end = 0, step = 0;
  for (size_t i = 0; i < a->n_files; i++) {
    struct vr_extent extent;
    struct vr_error error;
    if (!after(a->files[i].plugin, prefix) || !after(a->files[i].type, OCTETS))
      continue;
    if (vr_archive_extent(&a->files[i], -INFINITY, &extent, &error) < 0)
      continue;
    end = fmax(end, extent.end);
    step = fmax(step, extent.step);
  }
  if (!(step > 0))
    return -ENODATA;
  ret->step = o->step > 0 ? o->step : step;
  ret->rows = VR_WINDOWS;
  end = o->at > 0 ? o->at : end;
  ret->begin =
      floor(end / ret->step) * ret->step - (double)(ret->rows - 1) * ret->step;
  return 0;
}

/* One file's rates in the windows, and the names of its ends. */
struct flow {
  const char *guest, *peer;
  struct vr_history history;
};

struct flows {
  size_t n;
  struct flow *list;
};

static void flows_clear(struct flows *f) {
  for (size_t i = 0; i < f->n; i++)
    vr_history_clear(&f->list[i].history);
  free(f->list);
}

/* The other guest's name; NULL where it is none. */
static const char *peer_of(const struct owners *owners, bool by_name,
                           const char *peer) {
  static const char *const sums[] = {"broadcast", "multicast", "others",
                                     "spoofed", "outside"};
  for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
    if (strcmp(peer, sums[i]) == 0)
      return NULL;
  if (by_name)
    return peer;
  const struct owner *o = owner_of(owners, peer);
  return o && !o->is_peer ? o->guest : NULL;
}

static int read_flows(const struct vr_archive *a, const struct owners *owners,
                      bool by_name, const struct vr_timeline *grid,
                      struct flows *ret) {
  ret->list = calloc(a->n_files + 1, sizeof(*ret->list));
  if (!ret->list)
    return -ENOMEM;
  for (size_t i = 0; i < a->n_files; i++) {
    const struct vr_archive_file *f = &a->files[i];
    const char *guest = after(f->plugin, by_name ? BY_NAME : BY_MAC);
    const char *peer = after(f->type, OCTETS);
    struct flow flow = {.guest = guest};
    struct vr_error error;
    if (!guest || !peer || !(flow.peer = peer_of(owners, by_name, peer)))
      continue;
    if (vr_archive_fetch(f, grid, &flow.history, &error) == 0)
      ret->list[ret->n++] = flow;
    else /* one bad file is a gap */
      fprintf(stderr, "vmrecon-net: %s\n", error.message);
  }
  return 0;
}

/* Rows by name of machines that are no guests would be guests here: a guest is
 * who has rows of its own. */
static bool has_rows(const struct flows *f, const char *name) {
  for (size_t i = 0; i < f->n; i++)
    if (strcmp(f->list[i].guest, name) == 0)
      return true;
  return false;
}

static int fill_windows(const struct flows *f, size_t rows,
                        struct vr_windows *w) {
  for (size_t row = 0; row < rows; row++) {
    for (size_t i = 0; i < f->n; i++) {
      struct flow *flow = &f->list[i];
      const double *rx = vr_history_column(&flow->history, "rx");
      const double *tx = vr_history_column(&flow->history, "tx");
      if (!rx || !tx || !has_rows(f, flow->peer))
        continue;
      int r = vr_windows_add(w, flow->guest, flow->peer, VR_WINDOWS_SENDER,
                             rx[row]);
      if (r == 0)
        r = vr_windows_add(w, flow->peer, flow->guest, VR_WINDOWS_RECEIVER,
                           tx[row]);
      if (r < 0)
        return r;
    }
    vr_windows_close(w);
  }
  return 0;
}

/* --- machines --- */

static bool is_machine(const struct vr_archive_file *f) {
  const char *rest = after(f->plugin, MACHINE);
  return rest && (*rest == '\0' || *rest == '-') &&
         (after(f->type, "count-") || after(f->type, "memory-"));
}

static int take_machine(struct vr_survey *s, const struct vr_archive_file *f) {
  const char *instance = strchr(f->plugin, '-'), *dash = strchr(f->type, '-');
  char type[VR_FIELD_SIZE];
  double value, time;
  if (!newest_gauge(f, &value, &time))
    return 0;
  snprintf(type, sizeof(type), "%.*s", (int)(dash - f->type), f->type);
  const struct vr_identifier id = {.host = f->host,
                                   .plugin = MACHINE,
                                   .plugin_instance =
                                       instance ? instance + 1 : "",
                                   .type = type,
                                   .type_instance = dash + 1};
  return vr_survey_take(s, &id, value);
}

static int survey(const struct vr_archive *a, const struct owners *owners,
                  struct vr_survey *s) {
  int r = 0;
  for (size_t i = 0; r == 0 && i < a->n_files; i++)
    if (is_machine(&a->files[i]))
      r = take_machine(s, &a->files[i]);
  for (size_t i = 0; r == 0 && i < owners->n; i++) {
    const struct owner *o = &owners->list[i];
    if (!o->is_peer && owner_of(owners, o->mac) == o)
      r = vr_survey_place(s, o->guest, o->host);
  }
  return r;
}

int vr_tools_archive_read(const struct vr_tools_options *o,
                          struct vr_windows *w, struct vr_survey *s,
                          struct vr_error *ret_error) {
  vr_cleanup(vr_archive_freep) struct vr_archive *a = NULL;
  vr_cleanup(owners_clear) struct owners owners = {0};
  vr_cleanup(flows_clear) struct flows flows = {0};
  struct vr_timeline grid;
  int r = vr_archive_open(o->input, &a, ret_error);
  if (r < 0)
    return r;
  bool by_name = find_timeline(o, a, BY_NAME, &grid) == 0;
  if (!by_name && find_timeline(o, a, BY_MAC, &grid) < 0)
    return vr_error_set(ret_error, -ENODATA,
                        "%s: neither vmrecon_traffic-GUEST/if_octets-PEER nor "
                        "vmrecon_net-GUEST/if_octets-PEER below a host: was "
                        "LoadPlugin vmrecon_net in the configuration of the "
                        "hosts when this was recorded?",
                        o->input);
  r = find_owners(a, &owners);
  if (r == 0)
    r = read_flows(a, &owners, by_name, &grid, &flows);
  if (r == 0)
    r = fill_windows(&flows, grid.rows, w);
  if (r == 0)
    r = survey(a, &owners, s);
  return r < 0 ? vr_error_set(ret_error, r, "%s: %s", o->input,
                              r == -ENOSPC ? "too many guests or pairs"
                                           : strerror(-r))
               : 0;
}
