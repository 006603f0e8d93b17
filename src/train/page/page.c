/* SPDX-License-Identifier: MIT */
#include "train/page/page.h"

#include "basic/cleanup.h"
#include "basic/file.h"
#include "basic/log.h"
#include "train/page/html.h"
#include "train/page/page_guest.h"
#include "train/page/page_index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int vr_page_try(const char *directory, struct vr_error *ret_error) {
  struct stat st;
  if (mkdir(directory, 0755) < 0 && errno != EEXIST)
    return vr_error_set(ret_error, -errno, "--report: %s cannot be made: %s",
                        directory, strerror(errno));
  if (stat(directory, &st) < 0)
    return vr_error_set(ret_error, -errno, "--report: %s: %s", directory,
                        strerror(errno));
  if (!S_ISDIR(st.st_mode))
    return vr_error_set(ret_error, -ENOTDIR,
                        "--report: %s is not a directory; give one", directory);
  if (access(directory, W_OK | X_OK) < 0)
    return vr_error_set(ret_error, -errno,
                        "--report: %s cannot be written to: %s", directory,
                        strerror(errno));
  return 0;
}

/* One page: what WRITE gives for DATA, as the file NAME in DIRECTORY. */
static int write_page(const char *directory, const char *name,
                      vr_file_writer write, void *data,
                      struct vr_error *ret_error) {
  vr_auto_free char *path = NULL;
  if (asprintf(&path, "%s/%s", directory, name) < 0) {
    path = NULL;
    return vr_error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
  }
  int r = vr_file_replace(path, write, data);
  return r < 0 ? vr_error_set(ret_error, r, "--report: %s: %s", path,
                              strerror(-r))
               : 0;
}

/* A guest's page with its figures, where they can be drawn. */
static int write_guest(const char *directory, const struct vr_page_set *set,
                       size_t i, const char **no_figures,
                       struct vr_error *ret_error) {
  const struct vr_guest_data *d = set->guests[i].result->data;
  vr_cleanup(vr_figure_clear) struct vr_figures figures = {0};
  struct vr_page_of_guest page = {
      .guest = &set->guests[i], .min_fit = set->min_fit, .figures = &figures};
  struct vr_error error;
  char name[VR_HTML_NAME_SIZE];
  int r = vr_page_guest_figures(&page);
  if (r < 0)
    return vr_error_set(ret_error, r, "guest %s: %s", d->guest, strerror(-r));
  r = *no_figures ? -ENOENT : vr_figure_draw(&figures, &error);
  if (r < 0 && !*no_figures) {
    vr_log_warning("--report: %s", error.message);
    *no_figures = r == -ENOENT ? "gnuplot is not installed" : NULL;
  }
  page.no_figures = r == -ENOENT ? "gnuplot is not installed where this page "
                                   "was made (Debian: gnuplot-nox)"
                    : r < 0      ? "gnuplot failed where this page was made"
                                 : NULL;
  vr_html_file_name(d->host, d->guest, name);
  return write_page(directory, name, vr_page_guest_write, &page, ret_error);
}

int vr_page_write(const char *directory, const struct vr_page_set *set,
                  struct vr_error *ret_error) {
  const char *no_figures = NULL;
  int r = vr_page_try(directory, ret_error);
  for (size_t i = 0; r == 0 && i < set->n_guests; i++)
    r = write_guest(directory, set, i, &no_figures, ret_error);
  return r < 0 ? r
               : write_page(directory, "index.html", vr_page_index_write,
                            (void *)set, ret_error);
}
