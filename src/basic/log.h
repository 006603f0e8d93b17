/* SPDX-License-Identifier: MIT
 *
 * Where messages go. The parts below plugins/ and train/ use neither collectd's
 * log nor a terminal: they log through one process-wide function, which the
 * plugin or program sets before it starts any thread.
 */
#ifndef VR_BASIC_LOG_H
#define VR_BASIC_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <syslog.h> /* LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG */

/* Receives one whole message, without a newline: control characters of names
 * that others chose are shown as \xNN. May be called from any
 * thread. PRIORITY is one of syslog's LOG_*. */
typedef void (*vr_log_fn)(int priority, const char *message);

/* Sets the receiver; NULL brings back the default (standard error). */
void vr_log_set(vr_log_fn fn);

void vr_log(int priority, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define vr_log_error(...) vr_log(LOG_ERR, __VA_ARGS__)
#define vr_log_warning(...) vr_log(LOG_WARNING, __VA_ARGS__)
#define vr_log_notice(...) vr_log(LOG_NOTICE, __VA_ARGS__)
#define vr_log_info(...) vr_log(LOG_INFO, __VA_ARGS__)

/* A condition that may last: it is reported when it begins and when it ends,
 * not every interval between. Zero-initialised means "not complaining". */
struct vr_complaint {
  atomic_bool active;
};

/* Logs at PRIORITY if the condition was not yet known. */
void vr_log_complain(struct vr_complaint *c, int priority, const char *format,
                     ...) __attribute__((format(printf, 3, 4)));

/* Logs at LOG_NOTICE if the condition was complained about, and forgets it. */
void vr_log_relieved(struct vr_complaint *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A rate limit for lines of one kind that many guests may cause at once: ten
 * are logged in one period, the rest is counted. All zero: a period begins. */
struct vr_log_limit {
  unsigned admitted, withheld;
};

/* Whether one more line may be logged in this period; counts it if not. */
bool vr_log_limit_admits(struct vr_log_limit *limit);

/* Begins a new period. Returns how many lines were withheld in the last. */
unsigned vr_log_limit_renew(struct vr_log_limit *limit);

#endif
