/* SPDX-License-Identifier: MIT */
#include "sysid/sysid_internal.h"

#include <gsl/gsl_errno.h>
#include <pthread.h>

static void off(void) { gsl_set_error_handler_off(); }

void vr_sysid_quiet_gsl(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, off);
}
