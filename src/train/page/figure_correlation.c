/* SPDX-License-Identifier: MIT */
#include "train/page/figure_correlation.h"

#include "basic/cleanup.h"

#include <math.h>
#include <stdlib.h>

/* Bars Y at lags FIRST .. FIRST + N - 1 of STEP seconds, as the block NAME. */
static void put_bars(struct vr_figures *f, const char *name, long first,
                     size_t n, double step, const double *y) {
  vr_auto_free double *lag = malloc((n + 1) * sizeof(*lag));
  if (!lag) {
    f->is_out_of_memory = true;
    return;
  }
  for (size_t i = 0; i < n; i++)
    lag[i] = (double)(first + (long)i) * step;
  vr_figure_data(f, name, n, 2, (const double *const[]){lag, y});
}

/* The band from -BAND to BAND over all lags, behind what follows. */
static void put_band(struct vr_figures *f, const char *name, double first,
                     double last, double band) {
  const double x[] = {first, last}, lower[] = {-band, -band},
               upper[] = {band, band};
  vr_figure_data(f, name, 2, 3, (const double *const[]){x, lower, upper});
}

static void put_response(struct vr_figures *f, const char *input,
                         const struct vr_xcorr *x, enum vr_counter c,
                         double step) {
  const struct vr_counter_info *info = vr_counter_info(c);
  double last = x->max_lag * step;
  vr_figure_add(
      f, (int)c,
      "Impulse response of %s to %s, by prewhitened correlation; what "
      "lies in the 99 %% band may be chance.",
      info->name, input);
  put_band(f, "band", -step, last + step, x->response_band);
  put_bars(f, "bars", 0, x->max_lag + 1, step, x->response);
  vr_figure_axis(f, 'x', "time since the input's impulse", "s");
  vr_figure_axis(f, 'y', info->unit, "per unit of input");
  fprintf(f->script,
          "set xrange [%g:%g]\nplot $band using 1:2:3 with filledcurves fc rgb "
          "band title '99 %% band', $bars using 1:2 with impulses lc rgb model "
          "lw 2 title 'response'\n",
          -step, last + step);
}

/* The covariance's axis is the correlation's times SCALE, so that both curves
 * lie on both axes. */
static void put_correlation(struct vr_figures *f,
                            const struct vr_diagnosis_input *in,
                            enum vr_counter c, double step) {
  const struct vr_xcorr *x = &in->delay;
  const char *counter = vr_counter_info(c)->name;
  double last = x->max_lag * step, greatest = fmax(fabs(x->r_peak), x->band);
  size_t n = 2 * (size_t)x->max_lag + 1;
  double scale = in->covariance_scale > 0 ? in->covariance_scale : 1;
  for (size_t i = 0; i < n; i++)
    greatest = fmax(greatest, fabs(in->covariance[i]) / scale);
  greatest = fmin(1.05 * greatest, 1.05);
  vr_figure_add(f, (int)c,
                "Cross-covariance of %s and %s as they are (line, left axis), "
                "and their cross-correlation after prewhitening (bars, right "
                "axis) with its 99 %% band. Lags above 0: %s follows.",
                in->name, counter, counter);
  put_band(f, "band", -last - step, last + step, x->band);
  put_bars(f, "bars", -(long)x->max_lag, n, step, x->r);
  put_bars(f, "line", -(long)x->max_lag, n, step, in->covariance);
  vr_figure_axis(f, 'x', "lag", "s");
  vr_figure_axis(f, 'y', "covariance", "product of both units");
  fputs("set y2label 'correlation, 1' tc rgb ink\nset y2tics tc rgb ink\n"
        "set rmargin 9\n",
        f->script);
  fprintf(
      f->script,
      "set xrange [%g:%g]\nset y2range [%g:%g]\nset yrange [%g:%g]\n"
      "plot $band using 1:2:3 axes x1y2 with filledcurves fc rgb band title "
      "'99 %% band', $bars using 1:2 axes x1y2 with impulses lc rgb model "
      "lw 2 title 'prewhitened', $line using 1:2 with lines lc rgb step lw "
      "1.5 title 'covariance'\n",
      -last - step, last + step, -greatest, greatest, -greatest * scale,
      greatest * scale);
}

static void put_whiteness(struct vr_figures *f,
                          const struct vr_residual_test *t, enum vr_counter c,
                          double step) {
  vr_figure_add(
      f, (int)c,
      "Autocorrelation of the residuals of one-step prediction: %u of "
      "%u lags outside the 99 %% band; chance of white ones so: %.2g "
      "(Ljung-Box).",
      t->outside, t->max_lag, t->p_white);
  double last = (t->max_lag + 1) * step;
  put_band(f, "band", 0, last, t->band);
  put_bars(f, "bars", 1, t->max_lag, step, t->r_e + 1);
  vr_figure_axis(f, 'x', "lag", "s");
  vr_figure_axis(f, 'y', "autocorrelation", "1");
  fprintf(f->script,
          "set xrange [0:%g]\nplot $band using 1:2:3 with filledcurves fc rgb "
          "band title '99 %% band', $bars using 1:2 with impulses lc rgb model "
          "lw 2 title 'residuals'\n",
          last);
}

static void put_independence(struct vr_figures *f, const struct vr_diagnosis *x,
                             unsigned i, enum vr_counter c, double step) {
  const struct vr_residual_test *t = &x->residuals;
  double last = (t->max_lag + 1) * step;
  vr_figure_add(f, (int)c,
                "Cross-correlation of the residuals with %s, which came before "
                "them by the lag: %u of %u lags outside the 99 %% band.",
                x->inputs[i].name, t->outside_u[i], t->max_lag + 1);
  put_band(f, "band", -step, last, t->band_u[i]);
  put_bars(f, "bars", 0, t->max_lag + 1, step,
           t->r_eu + (size_t)i * (t->max_lag + 1));
  vr_figure_axis(f, 'x', "lag", "s");
  vr_figure_axis(f, 'y', "correlation", "1");
  fprintf(f->script,
          "set xrange [%g:%g]\nplot $band using 1:2:3 with filledcurves fc rgb "
          "band title '99 %% band', $bars using 1:2 with impulses lc rgb model "
          "lw 2 title 'residuals with the input'\n",
          -step, last);
}

static double put_roots(struct vr_figures *f, const char *name, unsigned n,
                        const double complex *z) {
  double greatest = 0;
  fprintf(f->script, "$%s << EOD\n", name);
  for (unsigned k = 0; k < n; k++) {
    fprintf(f->script, "%.7g %.7g\n", creal(z[k]), cimag(z[k]));
    greatest = fmax(greatest, fmax(fabs(creal(z[k])), fabs(cimag(z[k]))));
  }
  fputs("EOD\n", f->script);
  return greatest;
}

/* Poles and zeros beside the unit circle. Zeros far outside are shown as well:
 * the axes reach to them. */
static void put_map(struct vr_figures *f, const struct vr_diagnosis *x,
                    enum vr_counter c) {
  unsigned zeros = 0;
  for (unsigned i = 0; i < x->n_inputs; i++)
    zeros += x->inputs[i].n_zeros;
  vr_figure_add(
      f, (int)c,
      "Poles (\303\227: %u) and zeros (o: %u, of all inputs) in the z "
      "plane, with the unit circle: poles inside it are stable.",
      x->n_poles, zeros);
  double reach = put_roots(f, "poles", x->n_poles, x->poles);
  for (unsigned i = 0; i < x->n_inputs; i++) {
    char name[16];
    snprintf(name, sizeof(name), "zeros%u", i);
    reach = fmax(reach,
                 put_roots(f, name, x->inputs[i].n_zeros, x->inputs[i].zeros));
  }
  reach = fmax(1.15, 1.1 * reach);
  vr_figure_axis(f, 'x', "real part", "1");
  vr_figure_axis(f, 'y', "imaginary part", "1");
  fprintf(f->script,
          "set size ratio -1\nset lmargin\nset key off\nset parametric\n"
          "set trange [0:2*pi]\nset xrange [%g:%g]\nset yrange [%g:%g]\n"
          "plot cos(t), sin(t) with lines lc rgb ink lw 1",
          -reach, reach, -reach, reach);
  for (unsigned i = 0; i < x->n_inputs; i++)
    if (x->inputs[i].n_zeros > 0)
      fprintf(f->script, ", $zeros%u using 1:2:('o') with labels tc rgb step",
              i);
  if (x->n_poles > 0)
    fputs(", $poles using 1:2:('\303\227') with labels tc rgb model",
          f->script);
  fputc('\n', f->script);
}

void vr_figure_correlation(struct vr_figures *f, const struct vr_diagnosis *x,
                           enum vr_counter c, double step) {
  for (unsigned i = 0; i < x->n_inputs; i++) {
    if (!x->inputs[i].has_delay)
      continue;
    put_response(f, x->inputs[i].name, &x->inputs[i].delay, c, step);
    put_correlation(f, &x->inputs[i], c, step);
  }
  if (x->has_residuals) {
    put_whiteness(f, &x->residuals, c, step);
    for (unsigned i = 0; i < x->n_inputs; i++)
      put_independence(f, x, i, c, step);
  }
  if (x->n_poles > 0)
    put_map(f, x, c);
}
