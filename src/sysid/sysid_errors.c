/* SPDX-License-Identifier: MIT */
#include "sysid/sysid_errors.h"

#include <errno.h>
#include <gsl/gsl_errno.h>
#include <pthread.h>

int vr_sysid_no_memory(struct vr_error *error) {
  return vr_error_set(error, -ENOMEM, "out of memory");
}

static void off(void) { gsl_set_error_handler_off(); }

void vr_sysid_quiet_gsl(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, off);
}
