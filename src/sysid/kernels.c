/* SPDX-License-Identifier: MIT */
#include "sysid/kernels.h"

#include <string.h>

/* Not with sanitizers, whose calls cannot be made before relocation, and not by
 * clang, whose clones (14) other files cannot call. */
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__) &&    \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CLONES __attribute__((target_clones("avx512f", "fma", "default")))
#else
#define CLONES
#endif

/* Four doubles, at any address. */
typedef double v4 __attribute__((vector_size(32), aligned(8), may_alias));

enum {
  LANES = 4,
  LAG_GROUP = 8,
  EXACT_GROUP = 4,
  /* Samples gone through for all lags before the next: both signals' pieces
   * stay in the first-level cache, and partial sums stay short. */
  PIECE = 1024
};

CLONES double vr_dot(size_t n, const double *x, const double *z) {
  v4 s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
  size_t t = 0;
  for (; t + 4 * LANES <= n; t += 4 * LANES) {
    s0 += *(const v4 *)(x + t) * *(const v4 *)(z + t);
    s1 += *(const v4 *)(x + t + LANES) * *(const v4 *)(z + t + LANES);
    s2 += *(const v4 *)(x + t + 2 * LANES) * *(const v4 *)(z + t + 2 * LANES);
    s3 += *(const v4 *)(x + t + 3 * LANES) * *(const v4 *)(z + t + 3 * LANES);
  }
  s0 = (s0 + s1) + (s2 + s3);
  double sum = (s0[0] + s0[1]) + (s0[2] + s0[3]);
  for (; t < n; t++)
    sum += x[t] * z[t];
  return sum;
}

CLONES void vr_axpy(size_t n, double alpha, const double *x, double *y) {
  const v4 a = {alpha, alpha, alpha, alpha};
  size_t t = 0;
  for (; t + LANES <= n; t += LANES)
    *(v4 *)(y + t) += a * *(const v4 *)(x + t);
  for (; t < n; t++)
    y[t] += alpha * x[t];
}

/* LAG_GROUP lags, each with its own accumulators: one load of z for each
 * multiplication, x is loaded once for all. */
CLONES static void eight_lags(size_t n, const double *x, const double *z,
                              double *c) {
  v4 s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0}, s4 = {0}, s5 = {0}, s6 = {0},
     s7 = {0};
  size_t t = 0;
  for (; t + LANES <= n; t += LANES) {
    const v4 now = *(const v4 *)(x + t);
    const double *past = z + t;
    s0 += now * *(const v4 *)past;
    s1 += now * *(const v4 *)(past - 1);
    s2 += now * *(const v4 *)(past - 2);
    s3 += now * *(const v4 *)(past - 3);
    s4 += now * *(const v4 *)(past - 4);
    s5 += now * *(const v4 *)(past - 5);
    s6 += now * *(const v4 *)(past - 6);
    s7 += now * *(const v4 *)(past - 7);
  }
  const v4 s[LAG_GROUP] = {s0, s1, s2, s3, s4, s5, s6, s7};
  for (int k = 0; k < LAG_GROUP; k++) {
    double sum = (s[k][0] + s[k][1]) + (s[k][2] + s[k][3]);
    for (size_t rest = t; rest < n; rest++)
      sum += x[rest] * z[(ptrdiff_t)rest - k];
    c[k] += sum;
  }
}

void vr_sysid_lag_products(size_t n, const double *x, const double *z,
                           unsigned lags, double *ret_c) {
  memset(ret_c, 0, lags * sizeof(*ret_c));
  for (size_t t = 0; t < n; t += PIECE) {
    size_t m = n - t < PIECE ? n - t : PIECE;
    unsigned k = 0;
    for (; k + LAG_GROUP <= lags; k += LAG_GROUP)
      eight_lags(m, x + t, z + t - k, ret_c + k);
    for (; k < lags; k++)
      ret_c[k] += vr_dot(m, x + t, z + t - k);
  }
}

/* Bits, for taking some off. */
typedef long long v4i __attribute__((vector_size(32)));

/* Vectors are handed over by address: by value they would need the instruction
 * set that only the clones have. */
#define INLINE static inline __attribute__((always_inline))

/* The upper 26 bits (products of two such are exact), and the rest. */
struct halves {
  v4 upper, lower;
};

INLINE void split(const v4 *x, struct halves *ret) {
  const long long bits = ~0x7ffffffLL;
  const v4i mask = {bits, bits, bits, bits};
  ret->upper = (v4)((v4i)*x & mask);
  ret->lower = *x - ret->upper;
}

/* An unevaluated sum of two, in each lane. */
struct pairs {
  v4 high, low;
};

/* s += x * z: the product of the upper halves with its rounding error (D.
 * Knuth, The Art of Computer Programming 2, 4.2.2), the rest, which is 2^-26 of
 * it, as it comes. A fused multiply-add changes nothing here. */
INLINE void add_product(struct pairs *s, const struct halves *x, const v4 *z) {
  struct halves y;
  split(z, &y);
  v4 product = x->upper * y.upper, sum = s->high + product;
  v4 back = sum - s->high;
  s->low += ((s->high - (sum - back)) + (product - back)) +
            (x->upper * y.lower + x->lower * *z);
  s->high = sum;
}

static void reduce(const struct pairs *s, double *high, double *low) {
  for (int i = 0; i < LANES; i++) {
    double x = s->high[i], sum = *high + x, back = sum - *high;
    *low += ((*high - (sum - back)) + (x - back)) + s->low[i];
    *high = sum;
  }
}

/* LAGS is a constant where this is inlined: the sums stay in registers. */
INLINE void exact_lags(size_t n, const double *x, const double *z,
                       unsigned lags, double *high, double *low) {
  struct pairs s[EXACT_GROUP] = {0};
  size_t t = 0;
  for (; t + LANES <= n; t += LANES) {
    struct halves now;
    split((const v4 *)(x + t), &now);
    for (unsigned k = 0; k < lags; k++)
      add_product(&s[k], &now, (const v4 *)(z + t - k));
  }
  for (; t < n; t++) {
    const v4 one = {x[t]};
    struct halves now;
    split(&one, &now);
    for (unsigned k = 0; k < lags; k++)
      add_product(&s[k], &now, &(const v4){z[(ptrdiff_t)t - k]});
  }
  for (unsigned k = 0; k < lags; k++)
    reduce(&s[k], high + k, low + k);
}

CLONES static void exact_group(size_t n, const double *x, const double *z,
                               double *high, double *low) {
  exact_lags(n, x, z, EXACT_GROUP, high, low);
}

CLONES static void exact_lag(size_t n, const double *x, const double *z,
                             double *high, double *low) {
  exact_lags(n, x, z, 1, high, low);
}

void vr_sysid_lag_products_exact(size_t n, const double *x, const double *z,
                                 unsigned lags, double *ret_high,
                                 double *ret_low) {
  unsigned k = 0;
  memset(ret_high, 0, lags * sizeof(*ret_high));
  memset(ret_low, 0, lags * sizeof(*ret_low));
  for (; k + EXACT_GROUP <= lags; k += EXACT_GROUP)
    exact_group(n, x, z - k, ret_high + k, ret_low + k);
  for (; k < lags; k++)
    exact_lag(n, x, z - k, ret_high + k, ret_low + k);
}

/* Four taps in one pass over out. */
CLONES static void four_taps(size_t n, const double *c, const double *z,
                             double *out) {
  const v4 c0 = {c[0], c[0], c[0], c[0]}, c1 = {c[1], c[1], c[1], c[1]},
           c2 = {c[2], c[2], c[2], c[2]}, c3 = {c[3], c[3], c[3], c[3]};
  size_t t = 0;
  for (; t + LANES <= n; t += LANES) {
    const double *past = z + t;
    *(v4 *)(out + t) +=
        (c0 * *(const v4 *)past + c1 * *(const v4 *)(past - 1)) +
        (c2 * *(const v4 *)(past - 2) + c3 * *(const v4 *)(past - 3));
  }
  for (; t < n; t++) {
    const double *past = z + t;
    out[t] += (c[0] * past[0] + c[1] * past[-1]) +
              (c[2] * past[-2] + c[3] * past[-3]);
  }
}

void vr_sysid_fir_add(size_t n, const double *c, unsigned taps, const double *z,
                      double *out) {
  for (size_t t = 0; t < n; t += PIECE) {
    size_t m = n - t < PIECE ? n - t : PIECE;
    unsigned k = 0;
    for (; k + 4 <= taps; k += 4)
      four_taps(m, c + k, z + t - k, out + t);
    for (; k < taps; k++)
      vr_axpy(m, c[k], z + t - k, out + t);
  }
}

/* Four partial sums, the newest value last: the recursion waits for nothing
 * but that one. */
void vr_sysid_ar_filter(unsigned na, const double *a, size_t first, size_t n,
                        double *x) {
  for (size_t t = first; na > 0 && t < n; t++) {
    unsigned most = t < na ? (unsigned)t : na, k = 2;
    const double *now = x + t;
    double s0 = *now, s1 = 0, s2 = 0, s3 = 0;
    for (; k + 4 <= most + 1; k += 4) {
      s0 -= a[k] * now[-(ptrdiff_t)k];
      s1 -= a[k + 1] * now[-(ptrdiff_t)k - 1];
      s2 -= a[k + 2] * now[-(ptrdiff_t)k - 2];
      s3 -= a[k + 3] * now[-(ptrdiff_t)k - 3];
    }
    for (; k <= most; k++)
      s1 -= a[k] * now[-(ptrdiff_t)k];
    s0 = (s0 + s1) + (s2 + s3);
    x[t] = most > 0 ? s0 - a[1] * now[-1] : s0;
  }
}
