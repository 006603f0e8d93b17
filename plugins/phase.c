/* SPDX-License-Identifier: MIT */
#include "phase.h"

#include <errno.h>
#include <pthread.h>

/* How far a call may be from its instant, and how many intervals it may then
 * stay there: it is the machine that is late, and so it would be again. */
#define TOLERANCE MS_TO_CDTIME_T(50)
enum { PATIENCE = 3, LEAST_PARTS = 20 };

static struct {
  const char *name;
  int (*read)(void);
  cdtime_t interval;
  pthread_t thread;
  bool running;
  pthread_mutex_t reading, lock; /* LOCK: of what follows */
  pthread_cond_t change;
  unsigned late; /* in a row */
  bool wanted, stop;
} phase = {.reading = PTHREAD_MUTEX_INITIALIZER,
           .lock = PTHREAD_MUTEX_INITIALIZER,
           .change = PTHREAD_COND_INITIALIZER};

static cdtime_t tolerance(void) {
  cdtime_t part = phase.interval / LEAST_PARTS;
  return part < TOLERANCE ? part : TOLERANCE;
}

static void note(cdtime_t at) {
  pthread_mutex_lock(&phase.lock);
  phase.late = at % phase.interval > tolerance() ? phase.late + 1 : 0;
  if (phase.running && phase.late >= PATIENCE) {
    phase.wanted = true;
    phase.late = 0;
    pthread_cond_signal(&phase.change);
  }
  pthread_mutex_unlock(&phase.lock);
}

static int call(user_data_t *unused) {
  (void)unused;
  note(cdtime());
  /* While it is registered again, the former one may still be running. */
  pthread_mutex_lock(&phase.reading);
  int r = phase.read();
  pthread_mutex_unlock(&phase.reading);
  return r;
}

static int add(void) {
  return plugin_register_complex_read(NULL, phase.name, call, phase.interval,
                                      NULL);
}

/* With the lock. Waits for the next multiple; false: the daemon ends. */
static bool wait_for_instant(void) {
  cdtime_t due = (cdtime() / phase.interval + 1) * phase.interval;
  struct timespec at = CDTIME_T_TO_TIMESPEC(due);
  while (!phase.stop &&
         pthread_cond_timedwait(&phase.change, &phase.lock, &at) != ETIMEDOUT)
    ;
  return !phase.stop;
}

static void *run(void *unused) {
  pthread_mutex_lock(&phase.lock);
  while (!phase.stop) {
    if (!phase.wanted) {
      pthread_cond_wait(&phase.change, &phase.lock);
      continue;
    }
    phase.wanted = false;
    if (!wait_for_instant())
      break;
    pthread_mutex_unlock(&phase.lock);
    plugin_unregister_read(phase.name);
    int r = add();
    if (r != 0)
      ERROR("%s: collectd does not take its read function again (out of "
            "memory?): nothing is read until the next attempt, in %.0f s",
            phase.name, CDTIME_T_TO_DOUBLE(phase.interval));
    pthread_mutex_lock(&phase.lock);
    phase.wanted = phase.wanted || r != 0;
  }
  pthread_mutex_unlock(&phase.lock);
  return unused;
}

int vr_phase_register(const char *name, int (*read)(void), cdtime_t interval) {
  phase.name = name;
  phase.read = read;
  phase.interval = interval ? interval : plugin_get_interval();
  phase.stop = false;
  phase.wanted = true;
  phase.running =
      plugin_thread_create(&phase.thread, run, NULL, "vmrecon phase") == 0;
  return add();
}

void vr_phase_end(void) {
  if (!phase.running)
    return;
  pthread_mutex_lock(&phase.lock);
  phase.stop = true;
  pthread_cond_signal(&phase.change);
  pthread_mutex_unlock(&phase.lock);
  pthread_join(phase.thread, NULL);
  phase.running = false;
}
