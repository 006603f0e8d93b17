/* SPDX-License-Identifier: MIT
 *
 * Reference series: what a guest's own collectd sends, and how a counter
 * follows from it. The trainer learns from them; the target compares what it
 * publishes with them. Every form that collectd's plugins document has a row.
 * The trainer takes a counter's rows in this order, at each time the first one
 * that is known then; the target compares with every row whose series it
 * receives.
 */
#ifndef VR_SCHEMA_REFERENCES_H
#define VR_SCHEMA_REFERENCES_H

#include "schema/counters.h"

enum vr_reference_form {
  VR_REFERENCE_SUM,          /* of all instances */
  VR_REFERENCE_COMPLEMENT,   /* 100 less the sum */
  VR_REFERENCE_PERCENT,      /* of PART in all instances */
  VR_REFERENCE_PERCENT_REST, /* of all but PART in all instances */
  VR_REFERENCE_MEAN,         /* over the devices, of the sum */
  VR_REFERENCE_MEAN_REST,    /* 100 less that */
  VR_REFERENCE_PER_CPU       /* the sum, which is per CPU of the guest */
};

/* Which instances of the plugin count, where it has one for each device. */
enum vr_reference_devices {
  VR_NO_DEVICES,
  VR_EVERY_CPU,
  /* no virtual devices, and partitions only where their disk is missing */
  VR_WHOLE_DISKS,
  VR_INTERFACES,         /* neither the loopback nor virtual devices */
  VR_VIRTUAL_INTERFACES, /* those, where the guest sends no others */
};

enum { VR_REFERENCE_INSTANCES = 8, VR_REFERENCE_AGAIN = 2 };

struct vr_reference {
  enum vr_counter counter;
  enum vr_reference_form form;
  const char *plugin;
  enum vr_reference_devices devices;
  const char *type, *data_source;
  /* The instances of TYPE, the first N_PART of which are PART; {""}: it has
   * none. The target waits for all of them; it takes no row with devices, since
   * no pattern names those of a guest. */
  const char *instances[VR_REFERENCE_INSTANCES];
  unsigned n_part;
  bool any_instance; /* whatever else an archive has belongs to the whole */
  /* But for these, which hold again what others do; the one that is BESIDE
   * another (NULL: any), only where that is there. */
  struct {
    const char *instance, *beside;
  } again[VR_REFERENCE_AGAIN];
  /* The devices are the instances of TYPE, as collectd 4 had it. */
  bool type_devices;
};

extern const struct vr_reference vr_schema_references[];
extern const size_t vr_schema_references_count;

#endif
