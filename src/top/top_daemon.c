/* SPDX-License-Identifier: MIT */
#include "top_daemon.h"
#include "top_link.h"
#include "top_wanted.h"

#include "basic/array.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static const double ANSWER_SECONDS = 5; /* without a byte: it hangs */
static const double RETRY_SECONDS = 1;
static const double LIST_SECONDS = 10;

/* A guest's size is asked for once in so many rounds. */
enum { CONSTANT_ROUNDS = 16 };

enum { MAX_SERIES = 2000000, TIME_SIZE = 24, LONGEST_NAME = 6 * 128 };

enum phase { REST, LIST, VALUES };

/* One series of a guest, by its whole name. */
struct series {
  char *name;
  char time[TIME_SIZE]; /* of its latest value, as LISTVAL has it */
  struct vr_top_guest *guest;
  const struct vr_top_wanted *what;
  unsigned round; /* in which it was listed last */
  UT_hash_handle hh;
};

struct vr_top_daemon {
  struct vr_top_link link;
  enum phase phase;
  double progress; /* when the last bytes moved */
  double retry;    /* when to connect again */
  struct vr_error trouble;
  char nonce[24]; /* ends a list: no name can hold it */
  unsigned round;
  double listed; /* when the latest list was asked for */
  bool nothing_due;
  struct series *series;
  struct series **asked; /* for which answers are to come, in order */
  size_t n_asked, answered, asked_capacity;
  long lines; /* of the current answer that are to come; -1: its first */
};

static void set_nonce(struct vr_top_daemon *d) {
  uint64_t random = 0;
  if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
    random = (uint64_t)(uintptr_t)d;
  snprintf(d->nonce, sizeof(d->nonce), "end-%016llx",
           (unsigned long long)random);
}

struct vr_top_daemon *vr_top_daemon_new(const char *path) {
  struct vr_top_daemon *d = calloc(1, sizeof(*d));
  if (!d)
    return NULL;
  vr_top_link_init(&d->link, path);
  set_nonce(d);
  if (vr_top_wanted_begin() == 0)
    return d;
  vr_top_daemon_free(d);
  return NULL;
}

static void free_series(struct vr_top_daemon *d, struct series *s) {
  HASH_DEL(d->series, s);
  free(s->name);
  free(s);
}

void vr_top_daemon_free(struct vr_top_daemon *d) {
  struct series *s, *next;
  if (!d)
    return;
  HASH_ITER(hh, d->series, s, next)
  free_series(d, s);
  vr_top_link_close(&d->link);
  vr_top_wanted_end();
  free(d->asked);
  free(d);
}

/* --- the connection --- */

/* Whose answer has not come is asked for again, though its time is known. */
static void forget_asked(struct vr_top_daemon *d) {
  for (size_t i = d->answered; i < d->n_asked; i++)
    d->asked[i]->time[0] = '\0';
  d->n_asked = d->answered = 0;
}

static void lose(struct vr_top_daemon *d, double now, int error,
                 const char *why) {
  forget_asked(d);
  vr_top_link_close(&d->link);
  d->phase = REST;
  d->retry = now + RETRY_SECONDS;
  vr_error_set(&d->trouble, error, "collectd %s: trying again (%s)", why,
               d->link.path);
}

int vr_top_daemon_open(struct vr_top_daemon *d, double now) {
  struct vr_error e;
  int r = vr_top_link_open(&d->link, &e);
  d->phase = REST;
  d->retry = now + RETRY_SECONDS;
  if (r < 0)
    d->trouble = e;
  return r;
}

static void send_text(struct vr_top_daemon *d, double now, const char *text) {
  int r = vr_top_link_send(&d->link, text, strlen(text));
  if (r < 0)
    lose(d, now, r, "cannot be asked: out of memory");
}

/* A list is wanted where a guest's values are due, and now and then anyway, for
 * guests that are new or gone. */
static bool is_due(const struct vr_top_daemon *d, double now,
                   const struct vr_top_guests *guests) {
  if (!guests->by_key || d->round == 0 || now - d->listed > LIST_SECONDS)
    return true;
  for (const struct vr_top_guest *g = guests->by_key; g; g = g->hh.next)
    if (vr_top_rhythm_is_due(&g->rhythm, now))
      return true;
  return false;
}

void vr_top_daemon_refresh(struct vr_top_daemon *d, double now,
                           const struct vr_top_guests *guests) {
  char text[64];
  if (d->link.fd < 0 || d->phase != REST)
    return;
  d->nothing_due = !is_due(d, now, guests);
  if (d->nothing_due)
    return;
  /* The second line is no command: the answer to it, which holds it, is the
   * list's end. Lines are not counted, since a name may hold a newline. */
  snprintf(text, sizeof(text), "LISTVAL\n%s\n", d->nonce);
  d->phase = LIST;
  d->progress = d->listed = now;
  d->round++;
  d->n_asked = d->answered = 0;
  d->lines = -1;
  send_text(d, now, text);
}

bool vr_top_daemon_is_busy(const struct vr_top_daemon *d) {
  return d->phase != REST;
}

struct pollfd vr_top_daemon_poll(const struct vr_top_daemon *d) {
  return (struct pollfd){.fd = vr_top_daemon_is_busy(d) ? -1 : d->link.fd,
                         .events = vr_top_link_events(&d->link)};
}

const char *vr_top_daemon_trouble(const struct vr_top_daemon *d) {
  return d->trouble.message;
}

/* --- LISTVAL --- */

static struct series *find(struct vr_top_daemon *d, const char *name,
                           size_t length) {
  struct series *s;
  HASH_FIND(hh, d->series, name, length, s);
  return s;
}

static struct series *add(struct vr_top_daemon *d, const char *name,
                          size_t length, const struct vr_top_parts *parts,
                          struct vr_top_guests *guests) {
  if (HASH_COUNT(d->series) >= MAX_SERIES || length >= LONGEST_NAME)
    return NULL;
  struct vr_top_guest *guest =
      vr_top_guests_get(guests, parts->host, parts->host_length, parts->guest,
                        parts->guest_length);
  struct series *s = guest ? calloc(1, sizeof(*s)) : NULL;
  if (s)
    s->name = strndup(name, length);
  if (!s || !s->name) {
    free(s);
    return NULL;
  }
  s->guest = guest;
  s->what = parts->series;
  guest->series++;
  HASH_ADD_KEYPTR(hh, d->series, s->name, length, s);
  return s;
}

/* GETVAL of the series, its name in quotes. */
static int ask(struct vr_top_daemon *d, struct series *s) {
  char text[2 * LONGEST_NAME + 16] = "GETVAL \"";
  size_t n = strlen(text);
  int r = vr_array_reserve(&d->asked, &d->asked_capacity, d->n_asked + 1);
  if (r < 0)
    return r;
  for (const char *c = s->name; *c; c++) {
    if (*c == '"' || *c == '\\')
      text[n++] = '\\';
    text[n++] = *c;
  }
  text[n++] = '"';
  text[n++] = '\n';
  d->asked[d->n_asked++] = s;
  return vr_top_link_send(&d->link, text, n);
}

/* "1700000000.123 HOST/PLUGIN-GUEST/TYPE"; anything else is passed over. */
static int list_line(struct vr_top_daemon *d, char *line, size_t length,
                     struct vr_top_guests *guests) {
  struct vr_top_parts parts;
  char *space = memchr(line, ' ', length < TIME_SIZE ? length : TIME_SIZE);
  if (!space || space == line)
    return 0;
  const char *name = space + 1;
  size_t name_length = length - (size_t)(name - line);
  *space = '\0';
  if (!vr_top_wanted_parse(name, name_length, &parts))
    return 0;
  struct series *s = find(d, name, name_length);
  if (!s)
    s = add(d, name, name_length, &parts, guests);
  if (!s || s->round == d->round)
    return 0;
  s->round = d->round;
  if (strcmp(s->time, line) == 0 ||
      (s->time[0] && vr_top_wanted_is_constant(s->what) &&
       d->round % CONSTANT_ROUNDS != 0))
    return 0;
  snprintf(s->time, sizeof(s->time), "%s", line);
  return ask(d, s);
}

/* What was not listed is gone. */
static void drop_unlisted(struct vr_top_daemon *d,
                          struct vr_top_guests *guests) {
  struct series *s, *next;
  HASH_ITER(hh, d->series, s, next) {
    if (s->round == d->round)
      continue;
    vr_top_wanted_forget(s->what, s->guest);
    if (--s->guest->series == 0)
      vr_top_guests_remove(guests, s->guest);
    free_series(d, s);
  }
}

static bool is_end_of_list(const struct vr_top_daemon *d, const char *line) {
  return strncmp(line, "-1 ", 3) == 0 && strstr(line, d->nonce);
}

/* --- GETVAL --- */

static void value_line(struct series *s, char *line) {
  char *equals = strrchr(line, '='), *end;
  if (!equals)
    return;
  *equals = '\0';
  double value = strtod(equals + 1, &end);
  vr_top_wanted_put(s->what, line, end == equals + 1 ? NAN : value, s->guest);
}

static void note_time(const struct vr_top_daemon *d, struct series *s) {
  struct vr_top_guest *g = s->guest;
  double time = strtod(s->time, NULL);
  if (!vr_top_wanted_is_regular(s->what) || !(time > g->time))
    return;
  /* The first of the round: its series have the same time. */
  if (g->time > 0 && g->heard != d->round)
    vr_top_rhythm_heard(&g->rhythm, d->listed, time - g->time);
  g->time = time;
  g->heard = d->round;
}

static void note_missed(const struct vr_top_daemon *d,
                        const struct vr_top_guests *guests) {
  for (struct vr_top_guest *g = guests->by_key; g; g = g->hh.next)
    if (g->heard != d->round)
      vr_top_rhythm_missed(&g->rhythm, d->listed);
}

/* "2 Values found", and two lines SOURCE=VALUE; or "-1 ..." alone. */
static int answer_line(struct vr_top_daemon *d, char *line) {
  struct series *s = d->asked[d->answered];
  if (d->lines < 0) {
    char *end;
    d->lines = strtol(line, &end, 10);
    if (end == line || d->lines > 64)
      return -EPROTO;
    if (d->lines < 0)
      vr_top_wanted_forget(s->what, s->guest);
    else
      note_time(d, s);
  } else {
    value_line(s, line);
    d->lines--;
  }
  if (d->lines <= 0) {
    d->answered++;
    d->lines = -1;
  }
  return 0;
}

/* --- all that comes in --- */

static int take_line(struct vr_top_daemon *d, char *line, size_t length,
                     struct vr_top_guests *guests) {
  if (d->phase == VALUES)
    return answer_line(d, line);
  if (d->phase != LIST)
    return -EPROTO; /* nobody asked */
  if (!is_end_of_list(d, line))
    return list_line(d, line, length, guests);
  drop_unlisted(d, guests);
  d->phase = VALUES;
  return 0;
}

/* The answers to GETVAL follow the list's end. Returns 1 after the last. */
static int take_lines(struct vr_top_daemon *d, struct vr_top_guests *guests) {
  char *line;
  size_t length;
  while ((line = vr_top_link_line(&d->link, &length))) {
    int r = take_line(d, line, length, guests);
    if (r < 0)
      return r;
    if (d->phase == VALUES && d->answered == d->n_asked) {
      d->phase = REST;
      d->trouble.message[0] = '\0';
      note_missed(d, guests);
      return 1;
    }
  }
  return 0;
}

static const char *why(long error) {
  return error == -EPIPE    ? "has closed the connection"
         : error == -EPROTO ? "is not what answers"
                            : strerror((int)-error);
}

bool vr_top_daemon_work(struct vr_top_daemon *d, double now,
                        struct vr_top_guests *guests) {
  if (d->link.fd < 0) {
    if (now >= d->retry && vr_top_daemon_open(d, now) == 0)
      vr_top_daemon_refresh(d, now, guests);
    return false;
  }
  if (d->nothing_due) { /* what is there is still of now */
    d->nothing_due = false;
    return true;
  }
  long moved = vr_top_link_work(&d->link);
  int r = moved < 0 ? (int)moved : take_lines(d, guests);
  if (moved > 0)
    d->progress = now;
  if (r < 0)
    lose(d, now, r, why(r));
  else if (d->phase != REST && now - d->progress > ANSWER_SECONDS)
    lose(d, now, -ETIMEDOUT, "does not answer");
  return r == 1;
}
