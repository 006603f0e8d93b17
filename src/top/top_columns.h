/* SPDX-License-Identifier: MIT
 *
 * The columns of the table of guests: one row for each in top_columns.c.
 */
#ifndef VR_TOP_TOP_COLUMNS_H
#define VR_TOP_TOP_COLUMNS_H

#include "top_guests.h"
#include "top_line.h"

enum vr_top_column {
  VR_TOP_GUEST,
  VR_TOP_HOST,
  VR_TOP_STATE,
  VR_TOP_VCPUS,
  VR_TOP_LOAD,
  VR_TOP_BRACKET,
  VR_TOP_CPU,
  VR_TOP_STEAL,
  VR_TOP_WAIT,
  VR_TOP_EXECUTION,
  VR_TOP_FAULTS,
  VR_TOP_SWITCHES,
  VR_TOP_PROCESSES,
  VR_TOP_DISK,
  VR_TOP_DISK_READ,
  VR_TOP_DISK_WRITE,
  VR_TOP_NET,
  VR_TOP_NET_TX,
  VR_TOP_NET_RX,
  VR_TOP_COLUMNS
};

struct vr_top_column_info {
  const char *name;  /* as --sort has it */
  const char *title; /* as the head has it */
  char key;          /* that sorts by it; 0: none */
  size_t width;      /* 0: what the others leave */
  size_t from, to;   /* widths of the screen that show it; to 0: any */
  bool level;        /* a text or level, not a rate: how it is written */
  enum vr_counter first, second; /* of which it is the sum; VR_COUNTERS: none */
};

const struct vr_top_column_info *vr_top_column_info(enum vr_top_column c);

/* The column of that name, or -ENOENT. */
int vr_top_column_by_name(const char *name, enum vr_top_column *ret);

/* Does a screen of WIDTH columns show it? MANY_HOSTS: guests of several are
 * there. */
bool vr_top_column_shown(enum vr_top_column c, size_t width, bool many_hosts);

/* How wide the column of names is on such a screen. */
size_t vr_top_name_width(size_t width, bool many_hosts);

/* The number that sorts by the column; NAN: unknown, or the column is text. */
double vr_top_column_number(enum vr_top_column c, const struct vr_top_guest *g);

/* The letter of a guest's state (gauge-state): R P F O S, or '-'. */
char vr_top_state_letter(double state);

/* Appends the guest's cell, with the space before it. */
void vr_top_column_cell(enum vr_top_column c, const struct vr_top_guest *g,
                        struct vr_top_line *l);

/* What a number deserves: plain, notice or alarm. */
enum vr_top_look vr_top_column_look(enum vr_top_column c,
                                    const struct vr_top_guest *g);

#endif
