/* SPDX-License-Identifier: MIT
 *
 * Criteria by which structures of different sizes are compared.
 */
#ifndef VR_SYSID_CRITERION_H
#define VR_SYSID_CRITERION_H

#include <stddef.h>

enum vr_criterion { VR_AIC, VR_BIC, VR_FPE, VR_CRITERIA };

/* All criteria of one structure of PARAMETERS parameters whose residual sum of
 * squares over ROWS rows is RSS: rows ln(rss/rows) + 2p, + p ln(rows), Akaike's
 * final prediction error. */
void vr_criterion_all(double rss, unsigned parameters, size_t rows,
                      double ret[VR_CRITERIA]);

#endif
