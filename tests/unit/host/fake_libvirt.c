/* SPDX-License-Identifier: MIT
 *
 * Its numbers are what "virsh domstats --balloon --block" said of a guest of
 * libvirt 9.0 and QEMU 7.2, kept in the types in which libvirt gives them.
 */
#include "fake_libvirt.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct _virConnect {
  int unused;
};
struct _virDomain {
  const char *name, *uuid;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct fake_libvirt fake;
static unsigned releases;

static struct _virDomain domains[] = {
    {"exp1", "00316832-1fc8-41bf-95f0-3e82ec888244"},
    {"two", "fe316832-1fc8-41bf-95f0-3e82ec888244"},
    {"virty", "c480f677-d5ac-44f1-b585-bfa84ecfd130"},
};
enum { DOMAINS = sizeof(domains) / sizeof(domains[0]) };

static const struct {
  const char *field;
  int type;
  unsigned long long value;
} numbers[] = {
    {"state.state", VIR_TYPED_PARAM_INT, 3},
    {"state.reason", VIR_TYPED_PARAM_INT, 5},
    {"balloon.current", VIR_TYPED_PARAM_ULLONG, 262144},
    {"balloon.maximum", VIR_TYPED_PARAM_ULLONG, 262144},
    {"balloon.swap_in", VIR_TYPED_PARAM_ULLONG, 3},
    {"balloon.swap_out", VIR_TYPED_PARAM_ULLONG, 5},
    {"balloon.major_fault", VIR_TYPED_PARAM_ULLONG, 2},
    {"balloon.minor_fault", VIR_TYPED_PARAM_ULLONG, 7202},
    {"balloon.unused", VIR_TYPED_PARAM_ULLONG, 153072},
    {"balloon.available", VIR_TYPED_PARAM_ULLONG, 222604},
    {"balloon.usable", VIR_TYPED_PARAM_ULLONG, 156756},
    {"balloon.last-update", VIR_TYPED_PARAM_ULLONG, 0},
    {"balloon.disk_caches", VIR_TYPED_PARAM_ULLONG, 39536},
    {"balloon.rss", VIR_TYPED_PARAM_ULLONG, 297224},
    {"block.count", VIR_TYPED_PARAM_UINT, 2},
    {"block.0.rd.reqs", VIR_TYPED_PARAM_ULLONG, 277},
    {"block.0.rd.bytes", VIR_TYPED_PARAM_ULLONG, 4295168},
    {"block.0.rd.times", VIR_TYPED_PARAM_ULLONG, 354373094},
    {"block.0.wr.reqs", VIR_TYPED_PARAM_ULLONG, 1},
    {"block.0.wr.bytes", VIR_TYPED_PARAM_ULLONG, 1024},
    {"block.0.wr.times", VIR_TYPED_PARAM_ULLONG, 1219233},
    {"block.0.fl.reqs", VIR_TYPED_PARAM_ULLONG, 1},
    {"block.0.fl.times", VIR_TYPED_PARAM_ULLONG, 2107581},
    {"block.0.capacity", VIR_TYPED_PARAM_ULLONG, 201326592},
    {"block.1.rd.reqs", VIR_TYPED_PARAM_ULLONG, 10},
    {"block.1.rd.bytes", VIR_TYPED_PARAM_ULLONG, 40960},
    {"block.1.rd.times", VIR_TYPED_PARAM_ULLONG, 5000000},
    {"block.1.wr.reqs", VIR_TYPED_PARAM_ULLONG, 20},
    {"block.1.wr.bytes", VIR_TYPED_PARAM_ULLONG, 81920},
};
enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

void fake_with(void (*fn)(struct fake_libvirt *, void *), void *ctx);
void fake_with(void (*fn)(struct fake_libvirt *, void *), void *ctx) {
  pthread_mutex_lock(&lock);
  fn(&fake, ctx);
  pthread_mutex_unlock(&lock);
}

void fake_release(void);
void fake_release(void) {
  pthread_mutex_lock(&lock);
  releases++;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

static virConnectPtr open_connection(void) {
  pthread_mutex_lock(&lock);
  virConnectPtr c = fake.refuse ? NULL : calloc(1, sizeof(*c));
  if (c) {
    fake.connections++;
    fake.opened++;
  }
  pthread_mutex_unlock(&lock);
  return c;
}

virConnectPtr virConnectOpen(const char *uri) {
  return strcmp(uri, "test:///") == 0 ? open_connection() : NULL;
}

virConnectPtr virConnectOpenReadOnly(const char *uri) {
  return strcmp(uri, "test:///") == 0 ? open_connection() : NULL;
}

int virConnectClose(virConnectPtr c) {
  pthread_mutex_lock(&lock);
  fake.connections--;
  pthread_mutex_unlock(&lock);
  free(c);
  return 0;
}

static virDomainStatsRecordPtr make_record(struct _virDomain *d) {
  virDomainStatsRecordPtr r = calloc(1, sizeof(*r));
  r->dom = d;
  r->params = calloc(NUMBERS, sizeof(*r->params));
  r->nparams = NUMBERS;
  for (int i = 0; i < NUMBERS; i++) {
    virTypedParameterPtr p = &r->params[i];
    strcpy(p->field, numbers[i].field);
    p->type = numbers[i].type;
    if (p->type == VIR_TYPED_PARAM_UINT)
      p->value.ui = (unsigned)numbers[i].value;
    else if (p->type == VIR_TYPED_PARAM_INT)
      p->value.i = (int)numbers[i].value;
    else
      p->value.ul = strcmp(p->field, "balloon.last-update") == 0
                        ? (unsigned long long)fake.updated
                        : numbers[i].value;
  }
  return r;
}

int virConnectGetAllDomainStats(virConnectPtr c, unsigned stats,
                                virDomainStatsRecordPtr **ret, unsigned flags) {
  (void)c;
  (void)stats;
  pthread_mutex_lock(&lock);
  unsigned now = releases;
  fake.calls++;
  fake.flags = flags;
  if (fake.hold > 0) {
    fake.hold--;
    fake.held++;
    while (now == releases)
      pthread_cond_wait(&changed, &lock);
    fake.held--;
  }
  int n = fake.fail ? -1 : DOMAINS;
  if (n > 0) {
    *ret = calloc(DOMAINS + 1, sizeof(**ret));
    for (int i = 0; i < n; i++)
      (*ret)[i] = make_record(&domains[i]);
  }
  pthread_mutex_unlock(&lock);
  return n;
}

void virDomainStatsRecordListFree(virDomainStatsRecordPtr *records) {
  for (int i = 0; records[i]; i++) {
    free(records[i]->params);
    free(records[i]);
  }
  free(records);
}

int virDomainGetUUIDString(virDomainPtr d, char *ret) {
  strcpy(ret, d->uuid);
  return 0;
}

const char *virDomainGetName(virDomainPtr d) { return d->name; }

char *virDomainGetXMLDesc(virDomainPtr d, unsigned flags) {
  (void)d;
  (void)flags;
  pthread_mutex_lock(&lock);
  fake.described++;
  char *xml = fake.xml ? strdup(fake.xml) : NULL;
  pthread_mutex_unlock(&lock);
  return xml;
}

int virDomainSetMemoryStatsPeriod(virDomainPtr d, int period, unsigned flags) {
  (void)d;
  (void)flags;
  pthread_mutex_lock(&lock);
  fake.periods++;
  fake.last_period = period;
  pthread_mutex_unlock(&lock);
  return 0;
}

void virSetErrorFunc(void *ctx, virErrorFunc fn) {
  (void)ctx;
  (void)fn;
}

const char *virGetLastErrorMessage(void) { return "refused"; }
