/* SPDX-License-Identifier: MIT
 *
 * Traces: one value for each instant of a regular grid. From text files, from
 * collectd's RRD files, or a number that stands for a trace that never ends.
 */
#ifndef VR_TOOLS_VMRECON_PLAY_TRACE_H
#define VR_TOOLS_VMRECON_PLAY_TRACE_H

#include "basic/error.h"

#include <stdbool.h>
#include <stddef.h>

struct vr_tools_trace {
  double *value;
  size_t count;
  double step;      /* seconds between two values */
  bool is_constant; /* one value, for as long as anybody likes */
};

/* SOURCE is a number that is no file's name, "-" for standard input, or a file:
 *   one value a line, one for each second;
 *   "TIME VALUE ...", blanks, commas or a colon between them, as collectd's csv
 *   files and "rrdtool fetch" have it: the first value counts, the step is the
 *   median one, and what is missing (also "nan") is as it was before;
 *   an RRD file, whose finest rows "rrdtool fetch" prints.
 * Lines that begin with "#", empty ones, and lines before the first number are
 * passed over. Values below zero, and lines that are none later on, are errors.
 * Returns 0 or a negative errno. */
int vr_tools_trace_read(const char *source, struct vr_tools_trace *ret,
                        struct vr_error *ret_error);
void vr_tools_trace_free(struct vr_tools_trace *t);

/* The value at SECONDS after the trace's beginning: between two values the
 * earlier one. Beyond the end the last one, or from its beginning again. */
double vr_tools_trace_at(const struct vr_tools_trace *t, double seconds,
                         bool loop);

/* Seconds from its first value to the end of its last one. */
double vr_tools_trace_length(const struct vr_tools_trace *t);

#endif
