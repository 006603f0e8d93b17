/* SPDX-License-Identifier: MIT */
#include "train/report/standing_advice.h"

#include "train/data/truth.h"

/* The series that gives each counter without a model, or nearly so, and what to
 * do where the host did not record it. */
static const struct {
  enum vr_counter counter;
  struct vr_signal_value signal;
  const char *action;
} inputs[] = {
    {VR_PAGE_FAULTS,
     {VR_SIGNAL_BALLOON_FAULTS, 0},
     "no balloon statistics: give the guest a virtio balloon device, and a QMP "
     "socket or libvirt"},
    {VR_BUFFERS,
     {VR_SIGNAL_BALLOON_CACHES, 0},
     "no balloon statistics: give the guest a virtio balloon device, and a QMP "
     "socket or libvirt"},
    {VR_DISK_READ,
     {VR_SIGNAL_BLOCK_OCTETS, 0},
     "no block statistics: give the guest a QMP socket (-qmp) or libvirt"},
    {VR_DISK_WRITE,
     {VR_SIGNAL_BLOCK_OCTETS, 1},
     "no block statistics: give the guest a QMP socket (-qmp) or libvirt"},
    {VR_NET_TX,
     {VR_SIGNAL_TAP_OCTETS, 0},
     "no tap was recorded: only a tap or macvtap shows a guest's network"},
    {VR_NET_RX,
     {VR_SIGNAL_TAP_OCTETS, 1},
     "no tap was recorded: only a tap or macvtap shows a guest's network"},
    {VR_CPU,
     {VR_SIGNAL_VCPU_RUN, 0},
     "the time of its vCPUs was not recorded: LoadPlugin vmrecon on its host"},
};

/* What follows from how long the vCPUs ran, for the most part. */
#define BY_RUN_TIME (VR_COUNTER_SET(VR_CPU) | VR_COUNTER_SET(VR_LOAD))

static const char *missing_input(const struct vr_guest_data *d,
                                 enum vr_counter c) {
  for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
    char pattern[VR_SIGNAL_PATTERN_SIZE];
    if (inputs[i].counter != c)
      continue;
    vr_schema_signal_pattern(inputs[i].signal, pattern);
    if (!d->reader || !vr_reader_signal(d->reader, pattern, d->host, d->guest))
      return inputs[i].action;
  }
  return NULL;
}

static void print_no_truth(const struct vr_guest_data *d, enum vr_counter c,
                           FILE *f) {
  const struct vr_counter_info *info = vr_counter_info(c);
  if (vr_data_guest_known(d, c) > 0)
    fputs(": its values are unknown in nearly all rows; an RRD file that was "
          "made for another interval records unknown values",
          f);
  else if (d->truth && vr_truth_is_introspected(d->truth))
    fputs(": not among what is read from a guest's kernel", f);
  else
    fprintf(f,
            ": the guest's own series are not recorded; LoadPlugin %s in its "
            "collectd",
            info->native_plugin);
}

/* What the host measures goes before what is read from the guest's kernel, so
 * that introspection would change nothing. */
static bool stays_measured(const struct vr_standing *s) {
  return s->published && s->by == VR_DIRECT;
}

void vr_standing_advise(const struct vr_guest_result *r, enum vr_counter c,
                        const struct vr_standing *s, FILE *f) {
  const struct vr_guest_data *d = r->data;
  const char *input =
      d->idle_hidden && vr_counter_in(BY_RUN_TIME, c)
          ? "its idle time is hidden from the host (-overcommit cpu-pm=on, or "
            "it polls): its run time says nothing"
          : missing_input(d, c);
  if (s->kind == VR_STANDING_NO_TRUTH)
    print_no_truth(d, c, f);
  else if (s->kind == VR_STANDING_CONSTANT)
    fputs(": record it while it moves", f);
  else if (s->kind == VR_STANDING_GOOD)
    ;
  else if (input)
    fprintf(f, ": %s", input);
  else if (s->kind == VR_STANDING_NOT_BETTER && s->published)
    fputs(", published all the same: see that the right guest is paired "
          "(--pair)",
          f);
  else if (!vr_standing_wants_history(s) && !stays_measured(s) &&
           vr_counter_info(c)->introspected.data_source)
    fputs(": introspection would tell (Introspect publish)", f);
}
