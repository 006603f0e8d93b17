/* SPDX-License-Identifier: MIT
 *
 * What is known of a guest's kernel from outside. It decides which laws hold
 * inside the guest.
 */
#ifndef VR_SCHEMA_GUEST_KERNEL_H
#define VR_SCHEMA_GUEST_KERNEL_H

/* The numbers are those of the series gauge-os. */
enum vr_os {
  VR_OS_UNKNOWN = 0,
  VR_OS_LINUX = 1,
  VR_OS_OTHER = 2, /* known not to be Linux */
};

/* Whether the guest's kernel is told for how long its processors were ready but
 * did not run, and counts that time as steal. The series gauge-steal_clock is 1
 * or 0, and absent where it is not known. */
enum vr_steal_clock {
  VR_STEAL_CLOCK_UNKNOWN = 0, /* of a definition or model: it serves both */
  VR_STEAL_CLOCK_NONE = 1,
  VR_STEAL_CLOCK_PRESENT = 2,
};

/* Whether the host sees that the guest's processors are idle: their threads
 * sleep then. They do not where the guest may idle without leaving itself, or
 * where its kernel polls for a while before it sleeps. The series
 * gauge-idle_hidden is 1 or 0, and absent where it is not known. */
enum vr_idle {
  VR_IDLE_UNKNOWN = 0,
  VR_IDLE_SEEN = 1, /* as far as the host knows */
  VR_IDLE_HIDDEN = 2,
};

#endif
