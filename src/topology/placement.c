/* SPDX-License-Identifier: MIT */
#include "topology/placement.h"

#include "basic/array.h"
#include "basic/cleanup.h"

#include <errno.h>
#include <string.h>

void vr_placement_clear(struct vr_placement *p) {
  for (size_t i = 0; i < p->n_hosts; i++)
    free(p->hosts[i].name);
  for (size_t i = 0; i < p->n_guests; i++)
    free(p->guests[i].name);
  for (size_t i = 0; i < p->n_apart; i++)
    free(p->apart[i].guests);
  free(p->hosts);
  free(p->guests);
  free(p->demands);
  free(p->apart);
  *p = (struct vr_placement){0};
}

long vr_placement_add_host(struct vr_placement *p, const char *name, double cpu,
                           double memory, double nic) {
  vr_auto_free char *copy = strdup(name);
  if (!copy || vr_array_one_more(&p->hosts, p->n_hosts, sizeof(*p->hosts)) < 0)
    return -ENOMEM;
  p->hosts[p->n_hosts] = (struct vr_placement_host){
      .name = vr_steal(&copy), .cpu = cpu, .memory = memory, .nic = nic};
  return (long)p->n_hosts++;
}

long vr_placement_add_guest(struct vr_placement *p, const char *name,
                            double cpu, double memory, size_t host) {
  vr_auto_free char *copy = strdup(name);
  if (!copy ||
      vr_array_one_more(&p->guests, p->n_guests, sizeof(*p->guests)) < 0)
    return -ENOMEM;
  p->guests[p->n_guests] = (struct vr_placement_guest){
      .name = vr_steal(&copy), .cpu = cpu, .memory = memory, .host = host};
  return (long)p->n_guests++;
}

int vr_placement_add_demand(struct vr_placement *p, size_t from, size_t to,
                            double bytes) {
  if (vr_array_one_more(&p->demands, p->n_demands, sizeof(*p->demands)) < 0)
    return -ENOMEM;
  p->demands[p->n_demands++] = (struct vr_placement_demand){.from = from,
                                                            .to = to,
                                                            .bytes = bytes,
                                                            .arrived = bytes,
                                                            .latest = bytes,
                                                            .sent = bytes};
  return 0;
}

int vr_placement_add_apart(struct vr_placement *p) {
  if (vr_array_one_more(&p->apart, p->n_apart, sizeof(*p->apart)) < 0)
    return -ENOMEM;
  p->apart[p->n_apart++] = (struct vr_placement_apart){0};
  return 0;
}

int vr_placement_join_apart(struct vr_placement *p, size_t guest) {
  struct vr_placement_apart *a = &p->apart[p->n_apart - 1];
  if (vr_array_one_more(&a->guests, a->n, sizeof(*a->guests)) < 0)
    return -ENOMEM;
  a->guests[a->n++] = guest;
  return 0;
}

long vr_placement_host_index(const struct vr_placement *p, const char *name) {
  for (size_t i = 0; i < p->n_hosts; i++)
    if (strcmp(p->hosts[i].name, name) == 0)
      return (long)i;
  return -ENOENT;
}

long vr_placement_guest_index(const struct vr_placement *p, const char *name) {
  for (size_t i = 0; i < p->n_guests; i++)
    if (strcmp(p->guests[i].name, name) == 0)
      return (long)i;
  return -ENOENT;
}

double vr_placement_total(const struct vr_placement *p) {
  double sum = 0;
  for (size_t i = 0; i < p->n_demands; i++)
    sum += p->demands[i].bytes;
  return sum;
}

double vr_placement_crossing(const struct vr_placement *p, const size_t *host) {
  double sum = 0;
  for (size_t i = 0; i < p->n_demands; i++)
    if (host[p->demands[i].from] != host[p->demands[i].to])
      sum += p->demands[i].bytes;
  return sum;
}

static bool host_is_allowed(const struct vr_placement *p, const size_t *host,
                            size_t h) {
  double cpu = 0, memory = 0, nic = 0;
  for (size_t g = 0; g < p->n_guests; g++)
    if (host[g] == h) {
      cpu += p->guests[g].cpu;
      memory += p->guests[g].memory;
    }
  for (size_t i = 0; i < p->n_demands; i++) {
    const struct vr_placement_demand *d = &p->demands[i];
    if (host[d->from] != host[d->to] &&
        (host[d->from] == h || host[d->to] == h))
      nic += d->bytes;
  }
  return cpu <= p->hosts[h].cpu && memory <= p->hosts[h].memory &&
         nic <= p->hosts[h].nic;
}

bool vr_placement_is_allowed(const struct vr_placement *p, const size_t *host) {
  for (size_t h = 0; h < p->n_hosts; h++)
    if (!host_is_allowed(p, host, h))
      return false;
  for (size_t a = 0; a < p->n_apart; a++)
    for (size_t i = 0; i < p->apart[a].n; i++)
      for (size_t j = 0; j < i; j++)
        if (host[p->apart[a].guests[i]] == host[p->apart[a].guests[j]])
          return false;
  return true;
}
