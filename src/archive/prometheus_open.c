/* SPDX-License-Identifier: MIT
 *
 * What a Prometheus has of collectd's series, as an archive.
 */
#include "archive/archive.h"

#include "archive/prometheus.h"
#include "archive/prometheus_names.h"
#include "basic/array.h"
#include "basic/cleanup.h"
#include "basic/log.h"
#include "basic/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ALL_OF_COLLECTD "{__name__=~\"collectd_.+\"}"

bool vr_archive_is_server(const char *root) {
  return strncmp(root, "http://", 7) == 0 || strncmp(root, "https://", 8) == 0;
}

/* Series that are passed over. */
struct passed {
  size_t other, odd; /* not collectd's; with names that none of its may have */
  char first[256];   /* of the odd ones */
};

/* Is NAME a label's as PromQL has them? */
static bool is_label(const char *name) {
  if (!*name || isdigit((unsigned char)*name))
    return false;
  for (; *name; name++)
    if (!isalnum((unsigned char)*name) && *name != '_')
      return false;
  return true;
}

/* Do the LABELS make a selector? */
static bool can_select(const json_t *labels) {
  const char *key;
  json_t *value;
  if (!json_is_object(labels))
    return false;
  json_object_foreach((json_t *)labels, key, value) {
    if (!is_label(key) || !json_is_string(value))
      return false;
  }
  return true;
}

/* The series NAME, whose SELECTOR is taken over whatever is returned. */
static int add(struct vr_archive *a, size_t *capacity,
               const struct vr_prometheus_name *name, char *selector,
               size_t n_labels) {
  struct vr_archive_file f = {.host = strdup(name->host),
                              .plugin = strdup(name->plugin),
                              .type = strdup(name->type),
                              .kind = VR_ARCHIVE_PROMETHEUS,
                              .n_paths = 1,
                              .paths = calloc(1, sizeof(*f.paths)),
                              .columns = calloc(1, sizeof(*f.columns)),
                              .server = a->server};
  char *ds = strdup(name->ds);
  if (!f.host || !f.plugin || !f.type || !f.paths || !f.columns || !ds ||
      vr_array_reserve(&a->files, capacity, a->n_files + 1) < 0) {
    free(f.host);
    free(f.plugin);
    free(f.type);
    free(f.paths);
    free(f.columns);
    free(ds);
    free(selector);
    return -ENOMEM;
  }
  f.paths[0] = selector;
  f.columns[0] = (struct vr_archive_column){ds, name->is_counter, n_labels};
  a->files[a->n_files++] = f;
  return 0;
}

static int consider(struct vr_archive *a, size_t *capacity,
                    const json_t *labels, struct passed *passed) {
  struct vr_prometheus_name name;
  int r = can_select(labels) ? vr_prometheus_name(labels, &name) : -EINVAL;
  if (r == -ENOENT) {
    passed->other++;
    return 0;
  }
  if (r < 0) {
    vr_auto_free char *text =
        json_dumps(labels, JSON_COMPACT | JSON_ENCODE_ANY);
    if (passed->odd++ == 0)
      vr_text_printable(text ? text : "?", passed->first,
                        sizeof(passed->first));
    return 0;
  }
  char *selector = vr_prometheus_selector(labels);
  return selector ? add(a, capacity, &name, selector, json_object_size(labels))
                  : -ENOMEM;
}

static void log_passed(const struct vr_archive *a, const struct passed *p) {
  if (p->odd > 0)
    vr_log_notice("%s: %zu series with names that collectd does not give are "
                  "left out, the first is %s",
                  a->root, p->odd, p->first);
  if (p->other > 0)
    vr_log_notice("%s: %zu series that are not of collectd's plugin "
                  "write_prometheus are left out",
                  a->root, p->other);
}

/* Asks for the names of all series that HOW wants. */
static int list(struct vr_archive *a, const struct vr_archive_server *how,
                struct vr_error *ret_error) {
  char begin[40], end[40];
  json_auto_t *data = NULL;
  struct passed passed = {0};
  size_t capacity = 0, i;
  json_t *labels;
  snprintf(begin, sizeof(begin), "%.3f", how->begin);
  snprintf(end, sizeof(end), "%.3f", how->end);
  const struct vr_prometheus_parameter parameters[] = {
      {"match[]", how->match ? how->match : ALL_OF_COLLECTD},
      {"start", begin},
      {"end", end},
      {NULL, NULL}};
  int r = vr_prometheus_query(vr_prometheus_queries(a->server), "series",
                              parameters, &data, ret_error);
  if (r == -E2BIG) {
    struct vr_error why = *ret_error;
    return vr_error_set(ret_error, r,
                        "%.500s; ask for fewer series, such as with --match "
                        "'{instance=~\"web.*|host1\"}'",
                        why.message);
  }
  if (r == 0 && !json_is_array(data))
    return vr_error_set(ret_error, -EINVAL, "%.200s: answers no list of series",
                        a->root);
  json_array_foreach(data, i, labels) {
    if (r == 0)
      r = consider(a, &capacity, labels, &passed);
  }
  if (r == 0)
    log_passed(a, &passed);
  return r == -ENOMEM ? vr_error_set(ret_error, r, "%s", strerror(ENOMEM)) : r;
}

/* A token that others on the network can read. */
static void warn_of_token(const char *url, const char *name,
                          const struct vr_archive_server *how) {
  static const char *const own[] = {"http://localhost", "http://127.",
                                    "http://[::1]"};
  bool is_own = strncmp(url, "https:", 6) == 0;
  for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
    is_own = is_own || strncmp(name, own[i], strlen(own[i])) == 0;
  if (how->token_file && !is_own)
    vr_log_notice("%s: the token goes over the network as it is; https:// "
                  "would encrypt it",
                  name);
}

/* Opens the archive of TRANSPORT, which is taken over. */
static int open_by(struct vr_prometheus_transport *transport,
                   const struct vr_archive_server *how,
                   struct vr_archive **ret_archive,
                   struct vr_error *ret_error) {
  vr_cleanup(vr_archive_freep) struct vr_archive *a = calloc(1, sizeof(*a));
  struct vr_prometheus *server =
      vr_prometheus_new(transport, how->begin, how->end);
  if (!server)
    vr_prometheus_transport_free(transport);
  if (!a || !server) {
    vr_prometheus_free(server);
    return vr_error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
  }
  a->server = server;
  a->release = vr_prometheus_free;
  a->root = strdup(vr_prometheus_transport_name(transport));
  int r = a->root ? list(a, how, ret_error) : -ENOMEM;
  if (r == 0)
    r = vr_archive_sort(a);
  if (r == -ENOMEM)
    return vr_error_set(ret_error, r, "%s", strerror(ENOMEM));
  if (r == 0)
    *ret_archive = vr_steal(&a);
  return r;
}

int vr_archive_open_server(const char *url, const struct vr_archive_server *how,
                           struct vr_archive **ret_archive,
                           struct vr_error *ret_error) {
  struct vr_prometheus_transport *transport;
  int r = vr_prometheus_transport_new(url, how->token_file, how->ca_file,
                                      &transport, ret_error);
  if (r < 0)
    return r;
  warn_of_token(url, vr_prometheus_transport_name(transport), how);
  return open_by(transport, how, ret_archive, ret_error);
}
