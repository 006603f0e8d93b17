/* SPDX-License-Identifier: MIT
 *
 * Which of collectd's series vmrecon-top shows, and where their values go.
 */
#ifndef VR_TOP_TOP_WANTED_H
#define VR_TOP_TOP_WANTED_H

#include "top_guests.h"

/* One series of a guest. */
struct vr_top_wanted;

/* The parts of HOST/PLUGIN-GUEST/TYPE, borrowed from the text. */
struct vr_top_parts {
  const char *host, *guest;
  size_t host_length, guest_length;
  const struct vr_top_wanted *series;
};

/* To be called before the rest, and as often ended. Returns 0 or -ENOMEM. */
int vr_top_wanted_begin(void);
void vr_top_wanted_end(void);

/* Takes a series' name of LENGTH bytes apart. False: it is not shown. */
bool vr_top_wanted_parse(const char *text, size_t length,
                         struct vr_top_parts *ret);

/* Puts the value of one data source where it is shown; NAN: unknown. */
void vr_top_wanted_put(const struct vr_top_wanted *series, const char *source,
                       double value, struct vr_top_guest *guest);

/* Everything that the series has said of the guest is unknown from now on. */
void vr_top_wanted_forget(const struct vr_top_wanted *series,
                          struct vr_top_guest *guest);

/* Does it come with every interval, so that its time is the guest's? */
bool vr_top_wanted_is_regular(const struct vr_top_wanted *series);

/* Does it hardly ever change: the guest's size? */
bool vr_top_wanted_is_constant(const struct vr_top_wanted *series);

#endif
