/* SPDX-License-Identifier: MIT */
#include "model/load_filter.h"

#include <math.h>

double vr_load_filter_decay(enum vr_load_average which, double step) {
  static const double per_5_seconds[] = {1884. / 2048, 2014. / 2048,
                                         2037. / 2048};
  return pow(per_5_seconds[which], step / 5);
}
