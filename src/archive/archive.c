/* SPDX-License-Identifier: MIT */
#include "archive/archive.h"

#include "archive/directories.h"
#include "basic/array.h"
#include "basic/cleanup.h"
#include "basic/log.h"
#include "basic/safe_open.h"
#include "basic/sort.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void closedirp(DIR **d) {
  if (*d)
    closedir(*d);
}

static int compare_names(const struct vr_archive_file *f, const char *host,
                         const char *plugin, const char *type) {
  int c = strcmp(f->host, host);
  if (c == 0 && plugin)
    c = strcmp(f->plugin, plugin);
  if (c == 0 && type)
    c = strcmp(f->type, type);
  return c;
}

/* By name, RRD before CSV, older files before newer ones. */
static int compare_files(const void *a, const void *b) {
  const struct vr_archive_file *f = a, *g = b;
  int c = compare_names(f, g->host, g->plugin, g->type);
  if (c == 0)
    c = (f->kind > g->kind) - (f->kind < g->kind);
  return c ? c : strcmp(f->paths[0], g->paths[0]);
}

static void file_clear(struct vr_archive_file *f) {
  free(f->host);
  free(f->plugin);
  free(f->type);
  for (size_t i = 0; i < f->n_paths; i++) {
    free(f->paths[i]);
    if (f->columns)
      free(f->columns[i].ds);
  }
  free(f->paths);
  free(f->columns);
}

void vr_archive_free(struct vr_archive *a) {
  if (!a)
    return;
  for (size_t i = 0; i < a->n_files; i++)
    file_clear(&a->files[i]);
  free(a->files);
  for (size_t i = 0; i < a->n_aliases; i++) {
    free(a->aliases[i].name);
    free(a->aliases[i].host);
  }
  free(a->aliases);
  vr_unlisted_clear(&a->unlisted);
  free(a->twice);
  if (a->server)
    a->release(a->server);
  free(a->root);
  free(a);
}

void vr_archive_freep(struct vr_archive **a) { vr_archive_free(*a); }

static int add_file(struct vr_archive *a, size_t *capacity, const char *host,
                    const char *plugin, const char *name, size_t type_length,
                    enum vr_archive_kind kind) {
  if (vr_array_reserve(&a->files, capacity, a->n_files + 1) < 0)
    return -ENOMEM;
  struct vr_archive_file f = {.host = strdup(host),
                              .plugin = strdup(plugin),
                              .type = strndup(name, type_length),
                              .kind = kind,
                              .n_paths = 1,
                              .paths = calloc(1, sizeof(*f.paths))};
  if (!f.paths ||
      asprintf(&f.paths[0], "%s/%s/%s/%s", a->root, host, plugin, name) < 0)
    f.n_paths = 0;
  if (!f.host || !f.plugin || !f.type || f.n_paths == 0) {
    file_clear(&f);
    return -ENOMEM;
  }
  a->files[a->n_files++] = f;
  return 0;
}

/* Does NAME end in "-YYYY-MM-DD"? Then the length before that. */
static bool is_daily(const char *name, size_t length, size_t *ret_length) {
  static const char shape[] = "-dddd-dd-dd";
  const size_t n = sizeof(shape) - 1;
  if (length <= n)
    return false;
  const char *tail = name + length - n;
  for (size_t i = 0; i < n; i++)
    if (shape[i] == 'd' ? !isdigit((unsigned char)tail[i])
                        : tail[i] != shape[i])
      return false;
  *ret_length = length - n;
  return true;
}

/* What editors, and who moves files, keep beside one: it is the same again. */
static bool is_copy(const char *name, size_t length) {
  static const char *const ends[] = {"~",    ".bak", ".old", ".orig",
                                     ".tmp", ".swp", ".save"};
  size_t before;
  for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
    size_t n = strlen(ends[i]);
    if (length > n && strcmp(name + length - n, ends[i]) == 0)
      return true;
  }
  /* A day, and something behind it. */
  for (size_t n = length; n > 0; n--)
    if (n < length && is_daily(name, n, &before))
      return true;
  return false;
}

/* Does the file NAME in the directory DIR begin as one of the csv plugin's? */
static bool is_csv(DIR *dir, const char *name) {
  static const char head[] = "epoch,";
  char begin[sizeof(head) - 1];
  vr_auto_close int fd = vr_safe_open(dirfd(dir), name);
  return fd >= 0 && read(fd, begin, sizeof(begin)) == sizeof(begin) &&
         memcmp(begin, head, sizeof(begin)) == 0;
}

/* Adds the file NAME of the directory DIR if it is one of collectd's. */
static int consider(struct vr_archive *a, size_t *capacity, const char *host,
                    const char *plugin, DIR *dir, const char *name) {
  size_t length = strlen(name);
  if (!vr_directories_is_name(name))
    return 0;
  if (length > 4 && strcmp(name + length - 4, ".rrd") == 0)
    return add_file(a, capacity, host, plugin, name, length - 4,
                    VR_ARCHIVE_RRD);
  if (is_daily(name, length, &length) ||
      (!is_copy(name, length) && is_csv(dir, name)))
    return add_file(a, capacity, host, plugin, name, length, VR_ARCHIVE_CSV);
  return 0;
}

/* Lists what is in the directory ROOT/HOST/PLUGIN; a file in a directory's
 * place is nothing of collectd's and is passed over. */
static int list_plugin(struct vr_archive *a, size_t *capacity, const char *host,
                       const char *plugin) {
  vr_auto_free char *path = NULL;
  if (asprintf(&path, "%s/%s/%s", a->root, host, plugin) < 0)
    return -ENOMEM;
  vr_cleanup(closedirp) DIR *dir = opendir(path);
  if (!dir) {
    vr_unlisted_note(&a->unlisted, path, errno);
    return errno == ENOMEM ? -ENOMEM : 0;
  }
  size_t n = 0;
  for (struct dirent *e; (e = readdir(dir)); n++) {
    int r = consider(a, capacity, host, plugin, dir, e->d_name);
    if (r < 0)
      return r;
  }
  if (n <= 2) /* itself and its parent */
    vr_unlisted_note(&a->unlisted, path, 0);
  return 0;
}

static int add_alias(struct vr_archive *a, const struct vr_directory *d) {
  struct vr_archive_alias *all =
      reallocarray(a->aliases, a->n_aliases + 1, sizeof(*all));
  if (!all)
    return -ENOMEM;
  a->aliases = all;
  struct vr_archive_alias alias = {strdup(d->name), strdup(d->same_as)};
  all[a->n_aliases++] = alias;
  if (!alias.name || !alias.host)
    return -ENOMEM;
  vr_log_notice("%s/%s is the same directory as %s; its series count once, as "
                "those of %s",
                a->root, alias.name, alias.host, alias.host);
  return 0;
}

/* Appends the N elements of SIZE at FROM to the TO_N in *TO; NULL: none. */
static int append(void *to, size_t to_n, const void *from, size_t n,
                  size_t size) {
  char *all = from ? reallocarray(*(void **)to, to_n + n, size) : NULL;
  if (!all)
    return from ? -ENOMEM : 0;
  memcpy(all + to_n * size, from, n * size);
  *(void **)to = all;
  return 0;
}

/* Adds the paths of FROM, a further day or data source of TO, and releases the
 * rest of it. */
static int merge(struct vr_archive_file *to, struct vr_archive_file *from) {
  if (to->kind != VR_ARCHIVE_RRD && from->kind == to->kind) {
    if (append(&to->paths, to->n_paths, from->paths, from->n_paths,
               sizeof(*to->paths)) < 0 ||
        append(&to->columns, to->n_paths, from->columns, from->n_paths,
               sizeof(*to->columns)) < 0)
      return -ENOMEM;
    to->n_paths += from->n_paths;
    from->n_paths = 0;
  }
  file_clear(from);
  return 0;
}

/* Is FROM what TO has already? */
static bool is_there_again(const struct vr_archive_file *to,
                           const struct vr_archive_file *from) {
  if (!from->columns)
    return to->kind != from->kind;
  for (size_t i = 0; i < to->n_paths; i++)
    if (strcmp(to->columns[i].ds, from->columns[0].ds) == 0)
      return true;
  return false;
}

static void note_twice(struct vr_archive *a, const struct vr_archive_file *f) {
  if (a->n_twice++ == 0 &&
      asprintf(&a->twice, "%s/%s/%s", f->host, f->plugin, f->type) < 0)
    a->twice = NULL;
}

int vr_archive_sort(struct vr_archive *a) {
  if (a->n_files == 0)
    return 0;
  vr_sort(a->files, a->n_files, sizeof(*a->files), compare_files);
  size_t n = 1, i = 1, noted = 0; /* that is the Nth series */
  int r = 0;
  for (; r == 0 && i < a->n_files; i++) {
    struct vr_archive_file *last = &a->files[n - 1], *f = &a->files[i];
    if (compare_names(last, f->host, f->plugin, f->type) != 0) {
      a->files[n++] = *f;
      continue;
    }
    if (noted != n && is_there_again(last, f)) {
      note_twice(a, f);
      noted = n;
    }
    r = merge(last, f);
  }
  if (r < 0)
    for (i--; i < a->n_files; i++)
      a->files[n++] = a->files[i];
  a->n_files = n;
  return r;
}

/* The directories of the plugins of each host. */
struct plugin_lists {
  size_t n;
  struct vr_directories *of_host;
};

static void plugin_lists_clear(struct plugin_lists *l) {
  for (size_t i = 0; l->of_host && i < l->n; i++)
    vr_directories_clear(&l->of_host[i]);
  free(l->of_host);
}

/* Is the link D one to a plugin that is itself in the tree? */
static bool is_elsewhere(const struct plugin_lists *l,
                         const struct vr_directory *d) {
  for (size_t i = 0; d->is_link && i < l->n; i++)
    for (size_t k = 0; k < l->of_host[i].n; k++) {
      const struct vr_directory *e = &l->of_host[i].all[k];
      if (!e->is_link && e->device == d->device && e->inode == d->inode)
        return true;
    }
  return false;
}

/* Lists what the plugins of HOST have. A plugin that is there under two names
 * is there once: it would be added up twice. */
static int list_host(struct vr_archive *a, size_t *capacity, const char *host,
                     const struct plugin_lists *l,
                     const struct vr_directories *plugins) {
  int r = 0;
  for (size_t i = 0; r == 0 && i < plugins->n; i++)
    if (!plugins->all[i].same_as && !is_elsewhere(l, &plugins->all[i]))
      r = list_plugin(a, capacity, host, plugins->all[i].name);
  return r;
}

static int list_plugins(struct vr_archive *a, const char *host,
                        struct vr_directories *ret) {
  vr_auto_free char *path = NULL;
  if (asprintf(&path, "%s/%s", a->root, host) < 0)
    return -ENOMEM;
  int r = vr_directories_list(path, ret);
  if (r < 0 && r != -ENOMEM)
    vr_unlisted_note(&a->unlisted, path, -r);
  return r == -ENOMEM ? r : 0;
}

static int list_hosts(struct vr_archive *a,
                      const struct vr_directories *hosts) {
  vr_cleanup(plugin_lists_clear) struct plugin_lists l = {
      .n = hosts->n, .of_host = calloc(hosts->n + 1, sizeof(*l.of_host))};
  size_t capacity = 0;
  int r = l.of_host ? 0 : -ENOMEM;
  for (size_t i = 0; r == 0 && i < hosts->n; i++)
    r = hosts->all[i].same_as
            ? add_alias(a, &hosts->all[i])
            : list_plugins(a, hosts->all[i].name, &l.of_host[i]);
  for (size_t i = 0; r == 0 && i < hosts->n; i++)
    r = list_host(a, &capacity, hosts->all[i].name, &l, &l.of_host[i]);
  return r < 0 ? r : vr_archive_sort(a);
}

int vr_archive_open(const char *root, struct vr_archive **ret_archive,
                    struct vr_error *ret_error) {
  vr_cleanup(vr_directories_clear) struct vr_directories hosts = {0};
  int r = vr_directories_list(root, &hosts);
  if (r < 0)
    return vr_error_set(ret_error, r, "%s: %s%s", root, strerror(-r),
                        vr_unlisted_advice(-r));
  vr_cleanup(vr_archive_freep) struct vr_archive *a = calloc(1, sizeof(*a));
  r = a && (a->root = strdup(root)) ? list_hosts(a, &hosts) : -ENOMEM;
  if (r < 0)
    return vr_error_set(ret_error, r, "%s: %s", root, strerror(-r));
  vr_unlisted_log(&a->unlisted);
  *ret_archive = vr_steal(&a);
  return 0;
}

/* The name under which the series of HOST are. */
static const char *listed_name(const struct vr_archive *a, const char *host) {
  for (size_t i = 0; i < a->n_aliases; i++)
    if (strcmp(a->aliases[i].name, host) == 0)
      return a->aliases[i].host;
  return host;
}

/* First index whose names are not below HOST (and PLUGIN and TYPE). */
static size_t lower_bound(const struct vr_archive *a, const char *host,
                          const char *plugin, const char *type) {
  size_t low = 0, high = a->n_files;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (compare_names(&a->files[middle], host, plugin, type) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

const struct vr_archive_file *vr_archive_find(const struct vr_archive *a,
                                              const char *host,
                                              const char *plugin,
                                              const char *type) {
  host = listed_name(a, host);
  size_t i = lower_bound(a, host, plugin, type);
  if (i < a->n_files && compare_names(&a->files[i], host, plugin, type) == 0)
    return &a->files[i];
  return NULL;
}

size_t vr_archive_host_range(const struct vr_archive *a, const char *host,
                             size_t *ret_first) {
  host = listed_name(a, host);
  size_t i = lower_bound(a, host, NULL, NULL);
  *ret_first = i;
  while (i < a->n_files && strcmp(a->files[i].host, host) == 0)
    i++;
  return i;
}
