/* SPDX-License-Identifier: MIT */
#include "sysid/poles.h"

#include "basic/cleanup.h"
#include "sysid/sysid_errors.h"

#include <errno.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_poly.h>
#include <string.h>

/* Roots of c[0] z^n + c[1] z^(n-1) + ... + c[n], c[0] not 0. */
static int roots(unsigned n, const double *c, double complex *ret_roots) {
  unsigned zero = 0; /* roots at 0 */
  while (zero < n && c[n - zero] == 0)
    zero++;
  unsigned m = n - zero;
  for (unsigned k = m; k < n; k++)
    ret_roots[k] = 0;
  if (m == 0)
    return 0;
  vr_auto_free double *work = malloc((3 * (size_t)m + 1) * sizeof(*work));
  gsl_poly_complex_workspace *w = gsl_poly_complex_workspace_alloc(m + 1);
  if (!work || !w) {
    if (w)
      gsl_poly_complex_workspace_free(w);
    return -ENOMEM;
  }
  double *rising = work, *z = work + m + 1;
  for (unsigned k = 0; k <= m; k++)
    rising[k] = c[m - k];
  int r = gsl_poly_complex_solve(rising, m + 1, w, z);
  gsl_poly_complex_workspace_free(w);
  if (r != GSL_SUCCESS)
    return -EDOM;
  for (unsigned k = 0; k < m; k++)
    ret_roots[k] = z[2 * k] + z[2 * k + 1] * I;
  return 0;
}

int vr_poles_of_arx(const struct vr_arx *arx, double complex *ret_poles) {
  vr_sysid_quiet_gsl();
  return arx->na == 0 ? 0 : roots(arx->na, arx->a, ret_poles);
}

int vr_poles_zeros_of_arx(const struct vr_arx *arx, unsigned i,
                          double complex *ret_zeros, unsigned *ret_n) {
  vr_sysid_quiet_gsl();
  const double *b = arx->inputs[i].b;
  unsigned n = arx->inputs[i].nb;
  while (n > 0 && *b == 0) {
    b++;
    n--;
  }
  int r = n > 1 ? roots(n - 1, b, ret_zeros) : 0;
  if (r == 0)
    *ret_n = n > 0 ? n - 1 : 0;
  return r;
}

void vr_poles_polynomial(unsigned n, const double complex *roots_of,
                         double *ret_coef) {
  /* Real factors keep the coefficients real: a conjugate pair goes in as one
   * quadratic when its member with the positive imaginary part comes. */
  memset(ret_coef, 0, (n + 1) * sizeof(*ret_coef));
  ret_coef[0] = 1;
  unsigned degree = 0;
  for (unsigned k = 0; k < n; k++) {
    double re = creal(roots_of[k]), im = cimag(roots_of[k]);
    if (im < 0)
      continue;
    double c1 = im > 0 ? -2 * re : -re, c2 = im > 0 ? re * re + im * im : 0;
    degree += im > 0 ? 2 : 1;
    if (degree > n)
      return;
    for (unsigned j = degree; j > 0; j--)
      ret_coef[j] += c1 * ret_coef[j - 1] + (j > 1 ? c2 * ret_coef[j - 2] : 0);
  }
}
