/* SPDX-License-Identifier: MIT */
#include "basic/log.h"

#include "basic/text.h"

#include <stdarg.h>
#include <stdio.h>

enum { MESSAGE_MAX = 1024, LINES_A_PERIOD = 10 };

static void log_to_stderr(int priority, const char *message) {
  (void)priority;
  fprintf(stderr, "%s\n", message);
}

static _Atomic(vr_log_fn) receiver = log_to_stderr;

void vr_log_set(vr_log_fn fn) {
  atomic_store(&receiver, fn ? fn : log_to_stderr);
}

__attribute__((format(printf, 2, 0))) static void
log_va(int priority, const char *format, va_list args) {
  char message[MESSAGE_MAX], printable[MESSAGE_MAX];
  vsnprintf(message, sizeof(message), format, args);
  vr_text_printable(message, printable, sizeof(printable));
  atomic_load (&receiver)(priority, printable);
}

void vr_log(int priority, const char *format, ...) {
  va_list args;
  va_start(args, format);
  log_va(priority, format, args);
  va_end(args);
}

void vr_log_complain(struct vr_complaint *c, int priority, const char *format,
                     ...) {
  if (atomic_exchange(&c->active, true))
    return;
  va_list args;
  va_start(args, format);
  log_va(priority, format, args);
  va_end(args);
}

void vr_log_relieved(struct vr_complaint *c, const char *format, ...) {
  if (!atomic_exchange(&c->active, false))
    return;
  va_list args;
  va_start(args, format);
  log_va(LOG_NOTICE, format, args);
  va_end(args);
}

bool vr_log_limit_admits(struct vr_log_limit *limit) {
  if (limit->admitted == LINES_A_PERIOD) {
    limit->withheld++;
    return false;
  }
  limit->admitted++;
  return true;
}

unsigned vr_log_limit_renew(struct vr_log_limit *limit) {
  unsigned withheld = limit->withheld;
  *limit = (struct vr_log_limit){0};
  return withheld;
}
