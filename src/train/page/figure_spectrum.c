/* SPDX-License-Identifier: MIT */
#include "train/page/figure_spectrum.h"

#include "basic/cleanup.h"
#include "train/evaluate/statistics.h"

#include <errno.h>
#include <stdlib.h>

/* What of a host is to all its guests what the counter is to one. */
static const char *const of_host[VR_COUNTERS] = {
    [VR_LOAD] = "load:shortterm",
    [VR_PROCESSES] = "ps_state-running:value",
    [VR_CPU] = "cpu-idle:value",
    [VR_CONTEXTSWITCH] = "contextswitch:value",
    [VR_PAGE_FAULTS] = "vmpage_faults:minflt",
    [VR_BUFFERS] = "memory-buffered:value",
    [VR_DISK_READ] = "disk_octets:read",
    [VR_DISK_WRITE] = "disk_octets:write",
};

/* One of two series that are compared, and how it is drawn. */
struct side {
  const char *block, *title, *look;
  struct vr_series_statistics of;
};

static bool has_spectrum(const struct side *s) {
  return s->of.n_density > 2 && s->of.sd > 0;
}

/* The density over the variance, so that series of any unit can be compared;
 * without the frequency 0, which a logarithmic axis does not have. */
static int put_density(struct vr_figures *f, const struct side *s) {
  size_t n = s->of.n_density - 1;
  vr_auto_free double *x = malloc(2 * n * sizeof(*x));
  if (!x)
    return -ENOMEM;
  for (size_t k = 0; k < n; k++) {
    x[k] = (double)(k + 1) * s->of.frequency;
    x[n + k] = s->of.density[k + 1] / (s->of.sd * s->of.sd);
  }
  vr_figure_data(f, s->block, n, 2, (const double *const[]){x, x + n});
  return 0;
}

static int put_autocorrelation(struct vr_figures *f, const struct side *s,
                               double step) {
  size_t n = s->of.lags + 1;
  vr_auto_free double *lag = malloc(n * sizeof(*lag));
  if (!lag)
    return -ENOMEM;
  for (size_t k = 0; k < n; k++)
    lag[k] = (double)k * step;
  vr_figure_data(f, s->block, n, 2, (const double *const[]){lag, s->of.r});
  return 0;
}

static void put_plot(struct vr_figures *f, const struct side *sides,
                     const bool shown[2], const char *before) {
  for (int i = 0; i < 2; i++)
    if (shown[i]) {
      fprintf(f->script, "%s$%s using 1:2 with lines %s title '%s'", before,
              sides[i].block, sides[i].look, sides[i].title);
      before = ", ";
    }
  fputc('\n', f->script);
}

static int put_spectra(struct vr_figures *f, const struct side *s,
                       enum vr_counter c, const char *host) {
  const bool shown[] = {has_spectrum(&s[0]), has_spectrum(&s[1])};
  if (!shown[0] && !shown[1])
    return 0;
  vr_figure_add(f, (int)c,
                "Power spectrum of the guest's %s and of %s (Welch, each over "
                "its variance).",
                vr_counter_info(c)->name, host);
  for (int i = 0; i < 2; i++)
    if (shown[i] && put_density(f, &s[i]) < 0)
      return -ENOMEM;
  vr_figure_axis(f, 'x', "frequency", "Hz");
  vr_figure_axis(f, 'y', "density over variance", "1/Hz");
  fputs("set logscale xy\nset format xy '10^{%L}'\nset format y '%.0e'\n"
        "set format x '%g'\n",
        f->script);
  put_plot(f, s, shown, "plot ");
  return 0;
}

static int put_memories(struct vr_figures *f, const struct side *s,
                        enum vr_counter c, const char *host, double step) {
  const bool shown[] = {s[0].of.lags > 0, s[1].of.lags > 0};
  if (!shown[0] && !shown[1])
    return 0;
  const struct vr_series_statistics *one = shown[0] ? &s[0].of : &s[1].of;
  double last = one->lags * step;
  vr_figure_add(
      f, (int)c,
      "Autocorrelation of the guest's %s and of %s; white noise stays "
      "in the band with 99 %%.",
      vr_counter_info(c)->name, host);
  const double x[] = {0, last}, lower[] = {-one->band, -one->band},
               upper[] = {one->band, one->band};
  vr_figure_data(f, "band", 2, 3, (const double *const[]){x, lower, upper});
  for (int i = 0; i < 2; i++)
    if (shown[i] && put_autocorrelation(f, &s[i], step) < 0)
      return -ENOMEM;
  vr_figure_axis(f, 'x', "lag", "s");
  vr_figure_axis(f, 'y', "autocorrelation", "1");
  fputs("plot $band using 1:2:3 with filledcurves fc rgb band title '99 % "
        "band'",
        f->script);
  put_plot(f, s, shown, ", ");
  return 0;
}

/* The column of the host, or NULL. */
static const double *host_column(const struct vr_guest_data *d,
                                 enum vr_counter c) {
  char pattern[128];
  if (!of_host[c] || !d->reader)
    return NULL;
  snprintf(pattern, sizeof(pattern), "%%{host}/vmrecon/%s", of_host[c]);
  return vr_reader_signal(d->reader, pattern, d->host, d->guest);
}

int vr_figure_spectrum(struct vr_figures *f, const struct vr_guest_data *d,
                       enum vr_counter c) {
  struct side sides[2] = {
      {.block = "host", .title = "host", .look = "lc rgb step lw 1.5 dt 2"},
      {.block = "guest", .title = "guest", .look = "lc rgb model lw 1.5"}};
  const double *host = host_column(d, c);
  char name[128] = "its host, of which no such series is recorded";
  int r = 0;
  if (host) {
    snprintf(name, sizeof(name), "the whole host (%s)", of_host[c]);
    r = vr_statistics_of(d->grid.rows, host, d->grid.step, &sides[0].of);
  }
  if (r == 0)
    r = vr_statistics_of(d->grid.rows, d->y[c], d->grid.step, &sides[1].of);
  if (r == 0)
    r = put_spectra(f, sides, c, name);
  if (r == 0)
    r = put_memories(f, sides, c, name, d->grid.step);
  for (int i = 0; i < 2; i++)
    vr_statistics_clear(&sides[i].of);
  return r;
}
