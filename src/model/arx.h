/* SPDX-License-Identifier: MIT
 *
 * The linear difference equation and its free run.
 *
 *   A(q) y(t) = sum over inputs i of B_i(q) u_i(t - nk_i)
 *
 *   y(t) = - a_1 y(t-1) - ... - a_na y(t-na)
 *          + sum_i ( b_i0 u_i(t-nk_i) + ... + b_i,nb-1 u_i(t-nk_i-nb_i+1) )
 *
 * (L. Ljung, System Identification, 2nd ed., section 4.2.) In free run the
 * y(t-k) are the model's own past outputs. The trainer scores, and the target
 * publishes, with this one function, so that a replay equals the trainer.
 */
#ifndef VR_MODEL_ARX_H
#define VR_MODEL_ARX_H

#include <stddef.h>

struct vr_arx_input {
  unsigned nb; /* number of b coefficients, at least 1 */
  unsigned nk; /* delay in steps, 0 or more */
  double *b;   /* nb coefficients */
};

struct vr_arx {
  unsigned na;
  double *a; /* na + 1 coefficients, a[0] = 1; NULL when na = 0 */
  unsigned nu;
  struct vr_arx_input *inputs; /* nu of them */
};

/* Releases the coefficients of ARX, not ARX itself. */
void vr_arx_clear(struct vr_arx *arx);

/* max(na, max_i(nb_i + nk_i - 1)): how many past steps an output depends on. */
unsigned vr_arx_largest_lag(const struct vr_arx *arx);

/* Steady-state gain from input I to the output: sum(b_i) / sum(a). */
double vr_arx_dc_gain(const struct vr_arx *arx, unsigned i);

/* Largest magnitude of the model's poles, from the Schur-Cohn (step-down)
 * recursion by bisection on the radius: no root finding, no library.
 * 0 when na = 0. The model is stable when this is below 1. */
double vr_arx_spectral_radius(const struct vr_arx *arx);

/* Memory of a free run: rings of past outputs and inputs. */
struct vr_arx_state;

/* A state for models of ARX's structure; past inputs and outputs are 0.
 * NULL when out of memory. */
struct vr_arx_state *vr_arx_state_new(const struct vr_arx *arx);
void vr_arx_state_free(struct vr_arx_state *s);

/* Sets all past outputs to Y and all past values of input i to U[i] (U has nu
 * elements): the state of a system that has rested there. */
void vr_arx_state_rest(struct vr_arx_state *s, double y, const double *u);

/* Makes all past outputs, or all past values of input I, GAIN times what they
 * are, plus SHIFT. */
void vr_arx_state_rebase_output(struct vr_arx_state *s, double gain,
                                double shift);
void vr_arx_state_rebase_input(struct vr_arx_state *s, unsigned i, double gain,
                               double shift);

/* Advances the free run by one step with inputs U (nu elements) and returns
 * y(t). Allocates nothing. */
double vr_arx_step(const struct vr_arx *arx, struct vr_arx_state *s,
                   const double *u);

/* The state as numbers, oldest first: past outputs, then the past of each
 * input. There are vr_arx_state_size() of them; export writes and import reads
 * that many, so that a free run survives a restart. */
size_t vr_arx_state_size(const struct vr_arx *arx);
void vr_arx_state_export(const struct vr_arx_state *s, double *ret_values);
void vr_arx_state_import(struct vr_arx_state *s, const double *values);

#endif
