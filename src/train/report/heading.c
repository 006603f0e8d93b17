/* SPDX-License-Identifier: MIT */
#include "train/report/heading.h"

#include "train/data/truth.h"

#include <math.h>
#include <time.h>

void vr_report_print_time(double seconds, FILE *f) {
  time_t t = (time_t)seconds;
  struct tm tm;
  char text[32];
  gmtime_r(&t, &tm);
  strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
  fputs(text, f);
}

void vr_report_length(double seconds, char *ret, size_t size) {
  double minutes = round(seconds / 60);
  if (minutes < 100)
    snprintf(ret, size, "%.0f minute%s", fmax(minutes, 1),
             minutes > 1 ? "s" : "");
  else if (minutes < 48 * 60)
    snprintf(ret, size, "%.1f hours", minutes / 60);
  else
    snprintf(ret, size, "%.1f days", minutes / 1440);
}

void vr_report_heading(const struct vr_guest_data *d, FILE *f) {
  char length[40];
  vr_report_length((double)d->grid.rows * d->grid.step, length, sizeof(length));
  fprintf(f, "guest %s on %s: %zu rows of %g s (%s), ", d->guest, d->host,
          d->grid.rows, d->grid.step, length);
  vr_report_print_time(d->grid.begin, f);
  fputs(" to ", f);
  vr_report_print_time(
      d->grid.begin + (double)(d->grid.rows - 1) * d->grid.step, f);
  fputs(" UTC\n", f);
  if (vr_truth_is_introspected(d->truth))
    fprintf(f, "  truth: introspected, read from its kernel (%s)\n", d->truth);
}

void vr_report_guest_size(const struct vr_guest_data *d, FILE *f) {
  fputs("  ", f);
  if (isfinite(d->vcpus))
    fprintf(f, "%g vCPU, ", d->vcpus);
  if (isfinite(d->gib))
    fprintf(f, "%.3g GiB, ", d->gib);
  fprintf(f, "accelerator %s; ",
          d->accelerator == VR_ACCEL_ANY ? "unknown"
                                         : vr_accelerator_name(d->accelerator));
  if (d->clock.pairs > 0)
    fprintf(f,
            "the guest's clock %s the host's by %.3f s (standard error %.3f)\n",
            d->clock.seconds >= 0 ? "leads" : "lags", fabs(d->clock.seconds),
            d->clock.standard_error);
  else
    fprintf(f, "clock offset unknown: no counter is measured on both sides\n");
  if (d->idle_hidden)
    fputs("  its idle time is hidden from the host (gauge-idle_hidden): how "
          "long its vCPUs ran, and how often they slept, is not used\n",
          f);
}
