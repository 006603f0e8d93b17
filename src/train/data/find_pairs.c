/* SPDX-License-Identifier: MIT */
#include "train/data/find_pairs.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "basic/text.h"
#include "schema/plugin_names.h"
#include "signal/identifier.h"
#include "train/data/full_names.h"
#include "train/data/source_files.h"
#include "train/data/sources.h"
#include "train/data/truth.h"
#include "train/data/twice.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OURS VR_PLUGIN_READ "-"

/* Guests of which FILE is a series of our own plugin. */
static int pair_ours(struct vr_pairs *p, const struct vr_archive *a,
                     const struct vr_archive_file *f) {
  const size_t n = sizeof(OURS) - 1;
  if (strncmp(f->plugin, OURS, n) != 0 ||
      vr_pairs_is_paired(p, f->host, f->plugin + n))
    return 0;
  return vr_pairs_add(p, a, f->host, f->plugin + n, f);
}

/* Guests of which FILE is a series of the plugin VIRT, and that series; those
 * that are paired among the first N_BEFORE are passed over. */
static int pair_virt(struct vr_pairs *p, const struct vr_archive *a,
                     const struct vr_archive_file *f, const char *virt,
                     size_t n_before) {
  const struct vr_pairs before = {.n = n_before, .pairs = p->pairs};
  const size_t n = strlen(virt);
  if (strncmp(f->plugin, virt, n) != 0 || (f->plugin[n] && f->plugin[n] != '-'))
    return 0;
  bool by_host = f->plugin[n] == '-';
  const char *guest = by_host ? f->plugin + n + 1 : f->host;
  if (vr_pairs_is_paired(&before, NULL, guest))
    return 0;
  if (!vr_pairs_is_paired(p, f->host, guest)) {
    int r = vr_pairs_add(p, a, f->host, guest, f);
    if (r < 0)
      return r;
  }
  char pattern[64];
  snprintf(pattern, sizeof(pattern),
           by_host ? "%%{host}/%s-%%{guest}" : "%%{guest}/%s", virt);
  return vr_sources_add_types(pattern, f->type);
}

static int pair_all_virt(struct vr_pairs *p, const struct vr_archive *a) {
  int r = 0;
  const size_t n_ours = p->n;
  for (size_t i = 0; r == 0 && i < a->n_files; i++)
    r = pair_virt(p, a, &a->files[i], VR_PLUGIN_VIRT, n_ours);
  const size_t n_virt = p->n;
  for (size_t i = 0; r == 0 && i < a->n_files; i++)
    r = pair_virt(p, a, &a->files[i], VR_PLUGIN_LIBVIRT, n_virt);
  if (p->n > n_virt)
    vr_log_notice(
        "%s: guest %s and perhaps others were recorded by the plugin libvirt "
        "of collectd before 5.5, which is called virt since; rename their "
        "directories libvirt to virt, so that the models fit what is sent now",
        a->root, p->pairs[n_virt].guest);
  return r;
}

/* Guests that FILE names when its own name matches PATTERN. Another host's
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
  if ((host && strcmp(host, guest) == 0) ||
      vr_pairs_is_paired(p, NULL, guest) || !vr_pairs_has_own_series(a, guest))
    return 0;
  return vr_pairs_add(p, a, host ? host : f->host, guest, f);
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

/* The first file that a source names for GUEST of HOST. */
static const struct vr_archive_file *file_of_sources(const struct vr_archive *a,
                                                     const char *host,
                                                     const char *guest) {
  const struct vr_archive_file *f = NULL;
  for (size_t s = 0; !f && s < vr_sources_count; s++) {
    struct vr_pattern pattern;
    if (vr_signal_pattern_parse(vr_sources[s].signals[0], &pattern) == 0 &&
        strcmp(pattern.name.id.plugin, VR_PLUGIN_READ) != 0)
      f = vr_pairs_file_of_pattern(a, &pattern, host, guest);
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
        vr_pairs_is_from_outside(host, f->plugin))
      continue;
    snprintf(plugin, sizeof(plugin), "%%{host}/%.*s-%%{guest}",
             (int)(dash - f->plugin), f->plugin);
    int r = vr_sources_add_types(plugin, f->type);
    if (r < 0)
      return r;
  }
  return 0;
}

/* Pairs a host and a guest that nothing in the archive connects. */
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
  return vr_pairs_add(p, a, host, guest, f);
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
  if (!vr_pairs_has_truth(a, truth))
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

/* Leaves out guests with names that no report could hold. */
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
    vr_pairs_clear_one(pair);
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
  if (r == 0)
    r = pair_all_virt(&p, a);
  for (size_t s = 0; r == 0 && s < n_given; s++)
    r = pair_by_source(&p, a, &vr_sources[s]);
  for (size_t i = 0; r == 0 && i < n; i++)
    r = override(&p, a, overrides[i], ret_error);
  if (r == 0)
    r = vr_pairs_by_full_name(&p, a);
  if (r == -ENOMEM)
    snprintf(ret_error->message, sizeof(ret_error->message), "%s",
             strerror(ENOMEM));
  if (r < 0) {
    vr_pairs_clear(&p);
    return r;
  }
  drop_unnameable(&p);
  vr_twice_drop(&p, a);
  *ret_pairs = p;
  return 0;
}
