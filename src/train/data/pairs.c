/* SPDX-License-Identifier: MIT */
#include "train/data/pairs.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "basic/text.h"
#include "schema/plugin_names.h"
#include "signal/identifier.h"
#include "train/data/sources.h"
#include "train/data/truth.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OURS VR_PLUGIN_READ "-"
#define VIRT "virt-"

static void pair_clear(struct vr_pair *p) {
  free(p->host);
  free(p->guest);
  free(p->where);
  free(p->plugin);
  free(p->truth);
}

void vr_pairs_clear(struct vr_pairs *p) {
  for (size_t i = 0; i < p->n; i++)
    pair_clear(&p->pairs[i]);
  free(p->pairs);
  *p = (struct vr_pairs){0};
}

/* Is PLUGIN what somebody outside says of a guest, or our own output? */
static bool is_from_outside(const char *host, const char *plugin) {
  return vr_truth_is_own_output(host, plugin) || strcmp(plugin, "virt") == 0 ||
         strncmp(plugin, VIRT, sizeof(VIRT) - 1) == 0 ||
         strncmp(plugin, VR_PLUGIN_READ, strlen(VR_PLUGIN_READ)) == 0;
}

/* Does HOST have series of its own? */
static bool has_own_series(const struct vr_archive *a, const char *host) {
  size_t first, end = vr_archive_host_range(a, host, &first);
  for (size_t i = first; i < end; i++)
    if (!is_from_outside(host, a->files[i].plugin))
      return true;
  return false;
}

static bool has_plugin(const struct vr_archive *a, const char *host,
                       const char *plugin) {
  size_t first, end = vr_archive_host_range(a, host, &first);
  for (size_t i = first; i < end; i++)
    if (strcmp(a->files[i].plugin, plugin) == 0)
      return true;
  return false;
}

/* Is there truth under the name TRUTH: a host name, or introspected? */
static bool has_truth(const struct vr_archive *a, const char *truth) {
  char host[256];
  const char *plugin;
  if (vr_truth_split(truth, host, sizeof(host), &plugin) < 0)
    return false;
  if (!plugin)
    return has_own_series(a, host);
  return strncmp(plugin, VR_INTROSPECTED_PLUGIN,
                 sizeof(VR_INTROSPECTED_PLUGIN) - 1) == 0 &&
         has_plugin(a, host, plugin);
}

int vr_pairs_introspected(const struct vr_pair *pair,
                          const struct vr_archive *archive, char **ret_truth) {
  char *truth;
  if (asprintf(&truth, "%s/" VR_INTROSPECTED_PLUGIN "%s", pair->host,
               pair->guest) < 0)
    return -ENOMEM;
  if (!has_truth(archive, truth)) {
    free(truth);
    return -ENOENT;
  }
  *ret_truth = truth;
  return 0;
}

/* What the guest itself recorded, else what was read from its kernel. */
static int find_truth(struct vr_pair *pair, const struct vr_archive *a) {
  if (has_own_series(a, pair->guest))
    return (pair->truth = strdup(pair->guest)) ? 0 : -ENOMEM;
  int r = vr_pairs_introspected(pair, a, &pair->truth);
  return r == -ENOENT ? 0 : r;
}

/* Pairs GUEST of HOST, by what is in FILE's plugin. */
static int add_pair(struct vr_pairs *p, const struct vr_archive *a,
                    const char *host, const char *guest,
                    const struct vr_archive_file *file) {
  struct vr_pair *pairs = reallocarray(p->pairs, p->n + 1, sizeof(*pairs));
  if (!pairs)
    return -ENOMEM;
  p->pairs = pairs;
  struct vr_pair *pair = &pairs[p->n];
  *pair = (struct vr_pair){.host = strdup(host),
                           .guest = strdup(guest),
                           .where = strdup(file->host),
                           .plugin = strdup(file->plugin)};
  p->n++;
  if (!pair->host || !pair->guest || !pair->where || !pair->plugin)
    return -ENOMEM;
  return find_truth(pair, a);
}

/* Is the guest paired already, on HOST (NULL: anywhere)? */
static bool is_paired(const struct vr_pairs *p, const char *host,
                      const char *guest) {
  for (size_t i = 0; i < p->n; i++)
    if (strcmp(p->pairs[i].guest, guest) == 0 &&
        (!host || strcmp(p->pairs[i].host, host) == 0))
      return true;
  return false;
}

/* Guests of which FILE is a series of our own plugin. */
static int pair_ours(struct vr_pairs *p, const struct vr_archive *a,
                     const struct vr_archive_file *f) {
  const size_t n = sizeof(OURS) - 1;
  if (strncmp(f->plugin, OURS, n) != 0 || is_paired(p, f->host, f->plugin + n))
    return 0;
  return add_pair(p, a, f->host, f->plugin + n, f);
}

/* Guests of which FILE is a series of the virt plugin, and that series. */
static int pair_virt(struct vr_pairs *p, const struct vr_archive *a,
                     const struct vr_archive_file *f, size_t n_ours) {
  const struct vr_pairs ours = {.n = n_ours, .pairs = p->pairs};
  const size_t n = sizeof(VIRT) - 1;
  bool by_host = strncmp(f->plugin, VIRT, n) == 0;
  if (!by_host && strcmp(f->plugin, "virt") != 0)
    return 0;
  const char *guest = by_host ? f->plugin + n : f->host;
  if (is_paired(&ours, NULL, guest))
    return 0;
  if (!is_paired(p, f->host, guest)) {
    int r = add_pair(p, a, f->host, guest, f);
    if (r < 0)
      return r;
  }
  return vr_sources_add_types(
      by_host ? "%{host}/virt-%{guest}" : "%{guest}/virt", f->type);
}

/* Guests that FILE tells of when its name is what PATTERN says. Another host's
 * processes may go by any name, so only a guest that sent series counts. */
static int pair_by_pattern(struct vr_pairs *p, const struct vr_archive *a,
                           const struct vr_archive_file *f,
                           const struct vr_pattern *pattern) {
  char text[VR_NAME_SIZE];
  struct vr_name name;
  const char *host, *guest;
  snprintf(text, sizeof(text), "%s/%s/%s", f->host, f->plugin, f->type);
  if (vr_truth_is_own_output(f->host, f->plugin) ||
      vr_identifier_parse(text, &name) < 0 ||
      !vr_signal_pattern_match(pattern, &name.id, &host, &guest) || !guest)
    return 0;
  if ((host && strcmp(host, guest) == 0) || is_paired(p, NULL, guest) ||
      !has_own_series(a, guest))
    return 0;
  return add_pair(p, a, host ? host : f->host, guest, f);
}

static int pair_by_source(struct vr_pairs *p, const struct vr_archive *a,
                          const struct vr_source *source) {
  struct vr_pattern pattern;
  if (vr_signal_pattern_parse(source->signals[0], &pattern) < 0 ||
      strcmp(pattern.name.id.plugin, VR_PLUGIN_READ) == 0)
    return 0;
  int r = 0;
  for (size_t i = 0; r == 0 && i < a->n_files; i++)
    r = pair_by_pattern(p, a, &a->files[i], &pattern);
  return r;
}

/* The file that PATTERN names for GUEST of HOST. */
static const struct vr_archive_file *
file_of_pattern(const struct vr_archive *a, const struct vr_pattern *pattern,
                const char *host, const char *guest) {
  char text[VR_NAME_SIZE];
  if (vr_signal_pattern_format(pattern, host, guest, false, text,
                               sizeof(text)) < 0)
    return NULL;
  char *plugin = strchr(text, '/'), *type = strchr(plugin + 1, '/');
  *plugin++ = *type++ = '\0';
  return vr_archive_find(a, text, plugin, type);
}

/* The first file that a source names for GUEST of HOST. */
static const struct vr_archive_file *file_of_sources(const struct vr_archive *a,
                                                     const char *host,
                                                     const char *guest) {
  const struct vr_archive_file *f = NULL;
  for (size_t s = 0; !f && s < vr_sources_count; s++) {
    struct vr_pattern pattern;
    if (vr_signal_pattern_parse(vr_sources[s].signals[0], &pattern) == 0 &&
        strcmp(pattern.name.id.plugin, VR_PLUGIN_READ) != 0)
      f = file_of_pattern(a, &pattern, host, guest);
  }
  return f;
}

/* Makes sources of what HOST's plugins have under the instance GUEST. */
static int add_instances(const struct vr_archive *a, const char *host,
                         const char *guest) {
  size_t first, end = vr_archive_host_range(a, host, &first);
  for (size_t i = first; i < end; i++) {
    const struct vr_archive_file *f = &a->files[i];
    const char *dash = strchr(f->plugin, '-');
    char plugin[VR_NAME_SIZE];
    if (!dash || strcmp(dash + 1, guest) != 0 ||
        is_from_outside(host, f->plugin))
      continue;
    snprintf(plugin, sizeof(plugin), "%%{host}/%.*s-%%{guest}",
             (int)(dash - f->plugin), f->plugin);
    int r = vr_sources_add_types(plugin, f->type);
    if (r < 0)
      return r;
  }
  return 0;
}

/* Pairs what nothing in the archive says is one. */
static int introduce(struct vr_pairs *p, const struct vr_archive *a,
                     const char *host, const char *guest, const char *text,
                     struct vr_error *ret_error) {
  const struct vr_archive_file *f = file_of_sources(a, host, guest);
  if (!f) {
    int r = add_instances(a, host, guest);
    if (r < 0)
      return r;
    f = file_of_sources(a, host, guest);
  }
  if (!f)
    return vr_error_set(
        ret_error, -EINVAL,
        "pair \"%s\": the archive has no such hypervisor host and guest, and "
        "no --source names a series of theirs",
        text);
  return add_pair(p, a, host, guest, f);
}

static struct vr_pair *find_pair(const struct vr_pairs *p, const char *host,
                                 const char *guest) {
  for (size_t i = 0; i < p->n; i++)
    if (strcmp(p->pairs[i].host, host) == 0 &&
        strcmp(p->pairs[i].guest, guest) == 0)
      return &p->pairs[i];
  return NULL;
}

/* Applies "HOST/GUEST=HOSTNAME". */
static int override(struct vr_pairs *p, const struct vr_archive *a,
                    const char *text, struct vr_error *ret_error) {
  vr_auto_free char *copy = strdup(text);
  if (!copy)
    return -ENOMEM;
  char *guest = copy, *host = strsep(&guest, "/"), *truth = guest;
  if (guest)
    guest = strsep(&truth, "=");
  if (!truth || !*truth || !*host || !*guest)
    return vr_error_set(
        ret_error, -EINVAL,
        "pair \"%s\" is not of the form HYPERVISOR/GUEST=HOSTNAME", text);
  if (!has_truth(a, truth))
    return vr_error_set(ret_error, -EINVAL,
                        "pair \"%s\": the archive has no series of %s %s", text,
                        strchr(truth, '/') ? "plugin" : "host", truth);
  if (!find_pair(p, host, guest)) {
    int r = introduce(p, a, host, guest, text, ret_error);
    if (r < 0)
      return r;
  }
  struct vr_pair *pair = find_pair(p, host, guest);
  free(pair->truth);
  pair->truth = strdup(truth);
  return pair->truth ? 0 : -ENOMEM;
}

/* TEXT with every byte that is not ASCII as \xNN. */
static void escape(const char *text, char *ret, size_t size) {
  struct vr_text to = {.at = ret, .left = size};
  *ret = '\0';
  for (; *text; text++)
    vr_text_append(&to, (unsigned char)*text < 128 ? "%c" : "\\x%02x",
                   (unsigned char)*text);
}

/* Leaves out guests with names that nothing could be said of. */
static void drop_unnameable(struct vr_pairs *p) {
  size_t n = 0;
  for (size_t i = 0; i < p->n; i++) {
    struct vr_pair *pair = &p->pairs[i];
    char host[256], guest[256];
    if (vr_sources_is_utf8(pair->host) && vr_sources_is_utf8(pair->guest) &&
        (!pair->truth || vr_sources_is_utf8(pair->truth)) &&
        vr_sources_is_utf8(pair->where)) {
      p->pairs[n++] = *pair;
      continue;
    }
    escape(pair->host, host, sizeof(host));
    escape(pair->guest, guest, sizeof(guest));
    vr_log_warning("guest %s on %s: names must be UTF-8 text; left out", guest,
                   host);
    pair_clear(pair);
  }
  p->n = n;
}

int vr_pairs_find(const struct vr_archive *a, const char *const *overrides,
                  size_t n, struct vr_pairs *ret_pairs,
                  struct vr_error *ret_error) {
  struct vr_pairs p = {0};
  size_t n_given = vr_sources_count;
  int r = 0;
  for (size_t i = 0; r == 0 && i < a->n_files; i++)
    r = pair_ours(&p, a, &a->files[i]);
  size_t n_ours = p.n;
  for (size_t i = 0; r == 0 && i < a->n_files; i++)
    r = pair_virt(&p, a, &a->files[i], n_ours);
  for (size_t s = 0; r == 0 && s < n_given; s++)
    r = pair_by_source(&p, a, &vr_sources[s]);
  for (size_t i = 0; r == 0 && i < n; i++)
    r = override(&p, a, overrides[i], ret_error);
  if (r == -ENOMEM)
    snprintf(ret_error->message, sizeof(ret_error->message), "%s",
             strerror(ENOMEM));
  if (r < 0) {
    vr_pairs_clear(&p);
    return r;
  }
  drop_unnameable(&p);
  *ret_pairs = p;
  return 0;
}

/* Has FILE the data source DS? What cannot be read at all is
 * reported where it is wanted. */
static bool has_data_source(const struct vr_archive_file *f, const char *ds) {
  struct vr_error error;
  struct vr_extent e;
  if (vr_archive_extent(f, -INFINITY, &e, &error) < 0)
    return true;
  const struct vr_timeline last = {.begin = e.end, .step = e.step, .rows = 1};
  vr_cleanup(vr_history_clear) struct vr_history h = {0};
  return vr_archive_fetch(f, &last, &h, &error) < 0 ||
         vr_history_column(&h, ds) != NULL;
}

void vr_pairs_check_source(const struct vr_pairs *p, const struct vr_archive *a,
                           const char *pattern) {
  struct vr_pattern parsed;
  bool found = false;
  if (vr_signal_pattern_parse(pattern, &parsed) < 0)
    return;
  for (size_t i = 0; i < p->n; i++) {
    const struct vr_archive_file *f =
        file_of_pattern(a, &parsed, p->pairs[i].host, p->pairs[i].guest);
    if (f && has_data_source(f, parsed.name.data_source))
      return;
    found = found || f;
  }
  if (found)
    vr_log_warning("--source: \"%s\": the series has no data source %s",
                   pattern, parsed.name.data_source);
  else
    vr_log_warning(
        "--source: \"%s\": the archive has no such series of any guest",
        pattern);
}
