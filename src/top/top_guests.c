/* SPDX-License-Identifier: MIT */
#include "top_guests.h"

#include "basic/cleanup.h"
#include "basic/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LABEL_SIZE = 4 * 128 + 1, KEY_SIZE = 2 * 256 + 2 };

/* A copy that is fit for a terminal. */
static char *label_of(const char *text, size_t length) {
  char shown[LABEL_SIZE];
  vr_auto_free char *copy = strndup(text, length);
  if (!copy)
    return NULL;
  vr_text_printable(copy, shown, sizeof(shown));
  return strdup(shown);
}

void vr_top_guest_clear(struct vr_top_guest *guest) {
  for (int c = 0; c < VR_COUNTERS; c++)
    guest->counters[c] = (struct vr_top_value){
        .value = NAN, .fit = NAN, .lower = NAN, .upper = NAN};
}

static void free_guest(struct vr_top_guest *guest) {
  if (!guest)
    return;
  free(guest->key);
  free(guest->host);
  free(guest->name);
  free(guest);
}

static struct vr_top_guest *make(const char *key, const char *host,
                                 size_t host_length, const char *name,
                                 size_t name_length) {
  struct vr_top_guest *guest = calloc(1, sizeof(*guest));
  if (!guest)
    return NULL;
  guest->key = strdup(key);
  guest->host = label_of(host, host_length);
  guest->name = label_of(name, name_length);
  guest->vcpus = guest->memory = guest->state = guest->accelerator = NAN;
  vr_top_guest_clear(guest);
  if (guest->key && guest->host && guest->name)
    return guest;
  free_guest(guest);
  return NULL;
}

struct vr_top_guest *vr_top_guests_get(struct vr_top_guests *g,
                                       const char *host, size_t host_length,
                                       const char *name, size_t name_length) {
  char key[KEY_SIZE];
  struct vr_top_guest *guest;
  int length = snprintf(key, sizeof(key), "%.*s/%.*s", (int)host_length, host,
                        (int)name_length, name);
  if (length < 0 || (size_t)length >= sizeof(key))
    return NULL;
  HASH_FIND_STR(g->by_key, key, guest);
  if (guest)
    return guest;
  guest = make(key, host, host_length, name, name_length);
  if (guest)
    HASH_ADD_KEYPTR(hh, g->by_key, guest->key, strlen(guest->key), guest);
  return guest;
}

void vr_top_guests_remove(struct vr_top_guests *g, struct vr_top_guest *guest) {
  HASH_DEL(g->by_key, guest);
  free_guest(guest);
}

void vr_top_guests_free(struct vr_top_guests *g) {
  struct vr_top_guest *guest, *next;
  HASH_ITER(hh, g->by_key, guest, next)
  vr_top_guests_remove(g, guest);
}

size_t vr_top_guests_count(const struct vr_top_guests *g) {
  return HASH_COUNT(g->by_key);
}

bool vr_top_guests_of_many_hosts(const struct vr_top_guests *g) {
  for (const struct vr_top_guest *a = g->by_key; a; a = a->hh.next)
    if (strcmp(a->host, g->by_key->host) != 0)
      return true;
  return false;
}

void vr_top_guests_remember(struct vr_top_guests *g) {
  for (struct vr_top_guest *a = g->by_key; a; a = a->hh.next) {
    if (!(a->time > a->remembered))
      continue;
    for (int c = 0; c < VR_COUNTERS; c++)
      a->past[c][a->n_past % VR_TOP_PAST] = (float)a->counters[c].value;
    a->n_past++;
    a->remembered = a->time;
  }
}

double vr_top_guest_past(const struct vr_top_guest *guest, enum vr_counter c,
                         size_t ago) {
  if (ago >= guest->n_past || ago >= VR_TOP_PAST)
    return NAN;
  return guest->past[c][(guest->n_past - 1 - ago) % VR_TOP_PAST];
}
