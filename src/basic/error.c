/* SPDX-License-Identifier: MIT */
#include "basic/error.h"

#include <stdarg.h>
#include <stdio.h>

int vr_error_set(struct vr_error *ret_error, int code, const char *format,
                 ...) {
  if (ret_error) {
    va_list ap;
    va_start(ap, format);
    vsnprintf(ret_error->message, sizeof(ret_error->message), format, ap);
    va_end(ap);
  }
  return code;
}
