/* SPDX-License-Identifier: MIT */
#include "train/pairs.h"

#include "basic/cleanup.h"
#include "train/sources.h"
#include "train/truth.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OURS "vmrecon-"
#define VIRT "virt-"

static void pair_clear(struct vr_pair *p) {
  free(p->host);
  free(p->guest);
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
  return vr_is_own_output(host, plugin) || strcmp(plugin, "virt") == 0 ||
         strncmp(plugin, VIRT, sizeof(VIRT) - 1) == 0 ||
         strncmp(plugin, "vmrecon", 7) == 0;
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

int vr_pair_introspected(const struct vr_pair *pair,
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
  int r = vr_pair_introspected(pair, a, &pair->truth);
  return r == -ENOENT ? 0 : r;
}

static int add_pair(struct vr_pairs *p, const struct vr_archive *a,
                    const char *host, const char *guest, const char *plugin) {
  struct vr_pair *pairs = reallocarray(p->pairs, p->n + 1, sizeof(*pairs));
  if (!pairs)
    return -ENOMEM;
  p->pairs = pairs;
  struct vr_pair *pair = &pairs[p->n];
  *pair = (struct vr_pair){
      .host = strdup(host), .guest = strdup(guest), .plugin = strdup(plugin)};
  p->n++;
  if (!pair->host || !pair->guest || !pair->plugin)
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
  return add_pair(p, a, f->host, f->plugin + n, f->plugin);
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
    int r = add_pair(p, a, f->host, guest, f->plugin);
    if (r < 0)
      return r;
  }
  return vr_source_add_virt(by_host ? "%{host}/virt-%{guest}" : "%{guest}/virt",
                            f->type);
}

/* Applies "HOST/GUEST=HOSTNAME". */
static int override(struct vr_pairs *p, const struct vr_archive *a,
                    const char *text, struct vr_archive_error *ret_error) {
  const char *slash = strchr(text, '/');
  const char *equals = slash ? strchr(slash, '=') : NULL;
  if (!equals || equals[1] == '\0')
    return vr_archive_fail(
        ret_error, -EINVAL,
        "pair \"%s\" is not of the form HYPERVISOR/GUEST=HOSTNAME", text);
  for (size_t i = 0; i < p->n; i++) {
    struct vr_pair *pair = &p->pairs[i];
    if (strlen(pair->host) != (size_t)(slash - text) ||
        strncmp(pair->host, text, (size_t)(slash - text)) != 0 ||
        strlen(pair->guest) != (size_t)(equals - slash - 1) ||
        strncmp(pair->guest, slash + 1, (size_t)(equals - slash - 1)) != 0)
      continue;
    if (!has_truth(a, equals + 1))
      return vr_archive_fail(
          ret_error, -EINVAL, "pair \"%s\": the archive has no series of %s %s",
          text, strchr(equals + 1, '/') ? "plugin" : "host", equals + 1);
    char *truth = strdup(equals + 1);
    if (!truth)
      return -ENOMEM;
    free(pair->truth);
    pair->truth = truth;
    return 0;
  }
  return vr_archive_fail(
      ret_error, -EINVAL,
      "pair \"%s\": the archive has no such hypervisor host and guest", text);
}

int vr_pairs_find(const struct vr_archive *a, const char *const *overrides,
                  size_t n, struct vr_pairs *ret_pairs,
                  struct vr_archive_error *ret_error) {
  struct vr_pairs p = {0};
  int r = 0;
  for (size_t i = 0; r == 0 && i < a->n_files; i++)
    r = pair_ours(&p, a, &a->files[i]);
  size_t n_ours = p.n;
  for (size_t i = 0; r == 0 && i < a->n_files; i++)
    r = pair_virt(&p, a, &a->files[i], n_ours);
  for (size_t i = 0; r == 0 && i < n; i++)
    r = override(&p, a, overrides[i], ret_error);
  if (r == -ENOMEM)
    snprintf(ret_error->message, sizeof(ret_error->message), "%s",
             strerror(ENOMEM));
  if (r < 0)
    vr_pairs_clear(&p);
  else
    *ret_pairs = p;
  return r;
}
