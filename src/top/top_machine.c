/* SPDX-License-Identifier: MIT */
#include "top_machine.h"

#include "basic/patience.h"
#include "host/emit_samples.h"
#include "host/host.h"
#include "live/model_dir.h"
#include "live/reconstructor.h"
#include "schema/plugin_names.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static const double HOUSEKEEPING_SECONDS = 5;

enum { END_MS = 2000 };

struct vr_top_machine {
  pthread_t thread;
  pthread_mutex_t lock; /* of all below that both threads use */
  pthread_cond_t wake;
  bool end, ended;
  double delay;
  struct vr_top_guests guests;
  size_t round;
  bool fresh;
  int event;
  /* The reading thread's alone. */
  struct vr_host *host;
  struct vr_live *live;
  struct vr_model_dir *models;
  char hostname[256];
  double housekept;
};

/* --- who else reads --- */

static bool is_named(const char *proc_path, const char *pid, const char *comm) {
  char path[512], name[32] = "";
  snprintf(path, sizeof(path), "%s/%s/comm", proc_path, pid);
  FILE *f = fopen(path, "re");
  if (!f)
    return false;
  if (fgets(name, sizeof(name), f))
    name[strcspn(name, "\n")] = '\0';
  fclose(f);
  return strcmp(name, comm) == 0;
}

bool vr_top_machine_runs(const char *proc_path, const char *comm) {
  DIR *dir = opendir(proc_path);
  const struct dirent *e;
  bool found = false;
  while (dir && !found && (e = readdir(dir)))
    found = isdigit((unsigned char)e->d_name[0]) &&
            is_named(proc_path, e->d_name, comm);
  if (dir)
    closedir(dir);
  return found;
}

/* --- from the engine to the guests; under the lock --- */

static struct vr_top_guest *guest_of(struct vr_top_machine *m,
                                     const char *name) {
  return vr_top_guests_get(&m->guests, m->hostname, strlen(m->hostname), name,
                           strlen(name));
}

static struct vr_top_value value_of(const struct vr_counter_answer *a) {
  return (struct vr_top_value){
      .value = a->present ? a->value : NAN,
      .fit = a->present ? a->fit : NAN,
      .lower = a->present && a->has_interval ? a->lower : NAN,
      .upper = a->present && a->has_interval ? a->upper : NAN,
      .provenance = a->present ? (unsigned char)a->provenance : 0,
  };
}

static void take_answer(void *user, const struct vr_answer *answer) {
  struct vr_top_guest *guest = guest_of(user, answer->guest);
  if (!guest)
    return;
  for (int c = 0; c < VR_COUNTERS; c++)
    guest->counters[c] = value_of(&answer->counters[c]);
  if (answer->load.present) {
    guest->counters[VR_LOAD].lower = answer->load.lower[0];
    guest->counters[VR_LOAD].upper = answer->load.upper[0];
  }
  guest->time = vr_signal_seconds_of_time(answer->time);
}

static double known(bool is_known, double value) {
  return is_known ? value : NAN;
}

static void take_size(struct vr_top_machine *m,
                      const struct vr_vmproc_sample *s) {
  struct vr_top_guest *guest = guest_of(m, s->name);
  if (!guest)
    return;
  guest->vcpus = known(s->vcpus > 0, s->vcpus);
  guest->memory = known(s->memory > 0, (double)s->memory);
  guest->state = known(s->state != VR_VMSTATE_UNKNOWN, s->state);
  guest->accelerator =
      known(s->accelerator != VR_ACCEL_UNKNOWN, s->accelerator);
  guest->series = m->round;
}

static void drop_old(struct vr_top_guests *guests, size_t round) {
  struct vr_top_guest *guest, *next;
  HASH_ITER(hh, guests->by_key, guest, next) {
    if (guest->series != round)
      vr_top_guests_remove(guests, guest);
  }
}

/* --- from /proc to the engine --- */

struct feed {
  struct vr_live *live;
  struct vr_identifier id; /* without type */
  vr_time now, interval;
};

static void feed(void *ctx, const struct vr_emitted *e) {
  const struct feed *f = ctx;
  struct vr_identifier id = f->id;
  id.type = e->type;
  id.type_instance = e->instance;
  vr_live_feed(f->live, &id,
               e->at > 0 ? vr_signal_time_of_seconds(e->at) : f->now,
               f->interval, e->values, e->n);
}

static double clock_seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void feed_all(struct vr_top_machine *m) {
  struct feed f = {
      .live = m->live,
      .id = {.host = m->hostname,
             .plugin = VR_PLUGIN_READ,
             .plugin_instance = ""},
      .now = vr_signal_time_of_seconds(clock_seconds(CLOCK_REALTIME)),
      .interval = vr_signal_time_of_seconds(m->delay),
  };
  /* Nothing is stored here, and a model of the user's may read any of them. */
  vr_emit_host(vr_host_self(m->host), VR_EVERY_GROUP, feed, &f);
  m->round++;
  for (size_t i = 0; i < vr_host_vmproc_count(m->host); i++) {
    const struct vr_vmproc_sample *s = vr_host_vmproc(m->host, i);
    f.id.plugin_instance = s->name;
    take_size(m, s);
    vr_emit_vmproc(s, VR_EVERY_GROUP, feed, &f);
  }
  drop_old(&m->guests, m->round);
}

static void ignore(void *user, const struct vr_notice *notice) {
  (void)user;
  (void)notice;
}

/* New model files, guests that are gone. */
static void keep_house(struct vr_top_machine *m) {
  struct vr_model_set *sets = NULL;
  size_t n = 0;
  double now = clock_seconds(CLOCK_MONOTONIC);
  if (m->housekept > 0 && now - m->housekept < HOUSEKEEPING_SECONDS)
    return;
  m->housekept = now;
  if (vr_live_model_dir_poll(m->models, &sets, &n) > 0 &&
      vr_live_set_models(m->live, sets, n) < 0)
    vr_live_model_dir_again(m->models);
  vr_live_sweep(m->live);
  vr_live_take_notices(m->live, ignore, NULL);
}

/* --- the thread --- */

static void wait_until(struct vr_top_machine *m, double next) {
  double left = next - clock_seconds(CLOCK_MONOTONIC), delay = m->delay;
  struct timespec t =
      vr_patience_ends_in(left > 0 ? (unsigned)(left * 1000) : 0);
  while (!m->end && m->delay == delay &&
         pthread_cond_timedwait(&m->wake, &m->lock, &t) == 0)
    ;
}

static void *read_on(void *ctx) {
  struct vr_top_machine *m = ctx;
  pthread_mutex_lock(&m->lock);
  while (!m->end) {
    double next = clock_seconds(CLOCK_MONOTONIC) + m->delay;
    pthread_mutex_unlock(&m->lock);
    vr_host_read(m->host);
    keep_house(m);
    pthread_mutex_lock(&m->lock);
    feed_all(m);
    m->fresh = true;
    eventfd_write(m->event, 1);
    wait_until(m, next);
  }
  m->ended = true;
  pthread_cond_broadcast(&m->wake);
  pthread_mutex_unlock(&m->lock);
  return NULL;
}

/* --- life --- */

static int open_parts(struct vr_top_machine *m,
                      const struct vr_top_machine_options *o) {
  struct vr_host_options host;
  struct vr_live_options live = vr_live_defaults();
  vr_host_options_default(&host);
  host.proc_path = o->proc_path;
  host.interval = o->delay;
  host.qmp = o->qmp;
  live.intervals = true;
  live.answer = take_answer;
  live.user = m;
  int r = vr_host_new(&host, &m->host);
  if (r < 0)
    return r;
  m->live = vr_live_new(&live);
  m->models = vr_live_model_dir_new(o->model_dirs, o->n_model_dirs);
  m->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (!m->live || !m->models)
    return -ENOMEM;
  return m->event < 0 ? -errno : 0;
}

static void free_parts(struct vr_top_machine *m) {
  vr_live_free(m->live);
  vr_live_model_dir_free(m->models);
  vr_host_free(m->host);
  vr_top_guests_free(&m->guests);
  if (m->event >= 0)
    close(m->event);
  pthread_cond_destroy(&m->wake);
  pthread_mutex_destroy(&m->lock);
  free(m);
}

int vr_top_machine_new(const struct vr_top_machine_options *options,
                       struct vr_top_machine **ret) {
  struct vr_top_machine *m = calloc(1, sizeof(*m));
  if (!m)
    return -ENOMEM;
  vr_patience_init(&m->wake);
  pthread_mutex_init(&m->lock, NULL);
  m->event = -1;
  m->delay = options->delay;
  if (gethostname(m->hostname, sizeof(m->hostname) - 1) < 0 ||
      m->hostname[0] == '\0')
    strcpy(m->hostname, "localhost");
  int r = open_parts(m, options);
  if (r == 0)
    r = -pthread_create(&m->thread, NULL, read_on, m);
  if (r < 0)
    free_parts(m);
  else
    *ret = m;
  return r;
}

void vr_top_machine_free(struct vr_top_machine *m) {
  if (!m)
    return;
  struct timespec t = vr_patience_ends_in(END_MS);
  pthread_mutex_lock(&m->lock);
  m->end = true;
  pthread_cond_broadcast(&m->wake);
  while (!m->ended && pthread_cond_timedwait(&m->wake, &m->lock, &t) == 0)
    ;
  bool ended = m->ended;
  pthread_mutex_unlock(&m->lock);
  if (!ended)
    return;
  pthread_join(m->thread, NULL);
  free_parts(m);
}

void vr_top_machine_delay(struct vr_top_machine *m, double delay) {
  pthread_mutex_lock(&m->lock);
  if (m->delay != delay) {
    m->delay = delay;
    pthread_cond_broadcast(&m->wake);
  }
  pthread_mutex_unlock(&m->lock);
}

struct pollfd vr_top_machine_poll(const struct vr_top_machine *m) {
  return (struct pollfd){.fd = m->event, .events = POLLIN};
}

static void copy_guest(struct vr_top_guests *guests,
                       const struct vr_top_guest *from) {
  const char *slash = strchr(from->key, '/');
  struct vr_top_guest *to =
      vr_top_guests_get(guests, from->key, (size_t)(slash - from->key),
                        slash + 1, strlen(slash + 1));
  if (!to)
    return;
  memcpy(to->counters, from->counters, sizeof(to->counters));
  to->vcpus = from->vcpus;
  to->memory = from->memory;
  to->state = from->state;
  to->accelerator = from->accelerator;
  to->time = from->time;
  to->series = from->series;
}

bool vr_top_machine_work(struct vr_top_machine *m,
                         struct vr_top_guests *guests) {
  eventfd_t count;
  if (eventfd_read(m->event, &count) < 0)
    return false;
  /* While a reading is fed to the engine the lock is held: milliseconds. */
  pthread_mutex_lock(&m->lock);
  bool fresh = m->fresh;
  m->fresh = false;
  for (const struct vr_top_guest *g = m->guests.by_key; fresh && g;
       g = g->hh.next)
    copy_guest(guests, g);
  if (fresh)
    drop_old(guests, m->round);
  pthread_mutex_unlock(&m->lock);
  return fresh;
}
