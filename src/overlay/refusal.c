/* SPDX-License-Identifier: MIT */
#include "overlay/refusal.h"

#include <stdlib.h>

#define SECOND INT64_C(1000000)

static const struct {
  const char *name, *advice;
} kinds[VR_REFUSAL_KINDS] = {
    [VR_REFUSAL_NONE] = {"none", ""},
    [VR_REFUSAL_UNSIGNED] = {"unsigned",
                             "nobody has signed it: set SecurityLevel Sign or "
                             "Encrypt where collectd listens and where it "
                             "sends"},
    [VR_REFUSAL_MALFORMED] = {"malformed", "it is no announcement"},
    [VR_REFUSAL_HOST] = {"host", "there is no <Host> block for that host"},
    [VR_REFUSAL_USER] = {"user",
                         "its user is neither that host's User nor a Central"},
    [VR_REFUSAL_CLOCK] = {"clock",
                          "its time is more than 30 s away from ours: let NTP "
                          "set the clocks of both hosts"},
    [VR_REFUSAL_LAN] = {"lan", "there is no <Lan> block here with that Vni and "
                               "that host"},
    [VR_REFUSAL_FOREIGN] = {"foreign",
                            "the address belongs to an interface of this "
                            "host"},
    [VR_REFUSAL_REPLAYED] = {"replayed", "the same, or a newer one, was here "
                                         "before"},
    [VR_REFUSAL_OLDER] = {"older", "a newer generation is known"},
    [VR_REFUSAL_FULL] = {"full", "there are more addresses than this plugin "
                                 "keeps"},
};

const char *vr_refusal_name(enum vr_refusal r) { return kinds[r].name; }

const char *vr_refusal_advice(enum vr_refusal r) { return kinds[r].advice; }

/* A generation is a time or a little more: one far in the future could never
 * be outdone. */
static bool is_in_window(const struct vr_announcement *a, int64_t now) {
  const int64_t window = VR_REFUSAL_WINDOW_S * SECOND;
  return llabs(a->sent - now) <= window &&
         a->generation <= (uint64_t)now / 1000 + VR_REFUSAL_AHEAD_MS;
}

enum vr_refusal vr_refusal_judge(const struct vr_members *m, const char *user,
                                 const struct vr_announcement *a, int64_t now) {
  const struct vr_member *host = vr_members_find(m, a->host);
  if (!user || !*user)
    return VR_REFUSAL_UNSIGNED;
  if (!host)
    return VR_REFUSAL_HOST;
  if (!vr_members_may_say(m, user, host))
    return VR_REFUSAL_USER;
  return is_in_window(a, now) ? VR_REFUSAL_NONE : VR_REFUSAL_CLOCK;
}
