/* SPDX-License-Identifier: MIT
 *
 * How the programs end. Each status means the same in all of them; the manuals
 * (EXIT STATUS) and HACKING.md have this table, and a test compares them.
 */
#ifndef VR_BASIC_EXIT_STATUS_H
#define VR_BASIC_EXIT_STATUS_H

/* Name, number, meaning. */
#define VR_EXIT_STATUSES(X)                                                    \
  X(OK, 0, "done, and nothing failed")                                         \
  X(FOUND, 1, "done, and the answer is a finding or a difference")             \
  X(USAGE, 2, "the command line is wrong")                                     \
  X(DATA, 3, "no usable data, guest or right: nothing was done")               \
  X(OUTPUT, 4, "the result cannot be written")                                 \
  X(PART, 5, "some of it failed, with a message; the rest is done")

#define VR_EXIT_MEMBER(name, number, meaning) VR_EXIT_##name = (number),
enum vr_exit { VR_EXIT_STATUSES(VR_EXIT_MEMBER) };
#undef VR_EXIT_MEMBER

/* For the end of a program's --help. */
#define VR_EXIT_LINE(name, number, meaning) "\n  " #number "  " meaning
#define VR_EXIT_HELP "Exit status:" VR_EXIT_STATUSES(VR_EXIT_LINE)

#endif
