/* SPDX-License-Identifier: MIT
 *
 * Values of options, read from their texts. A text that makes no sense ends the
 * program by argp_error().
 */
#ifndef VR_TRAIN_CLI_OPTION_VALUES_H
#define VR_TRAIN_CLI_OPTION_VALUES_H

#include "train/data/span.h"
#include "train/table/table_options.h"

#include <argp.h>

/* A number from MIN to MAX; whole. */
double vr_option_number(const char *text, double min, double max,
                        const char *option, struct argp_state *state);
unsigned vr_option_whole(const char *text, unsigned min, unsigned max,
                         const char *option, struct argp_state *state);

/* "3" or "3,1,2": at most VR_MAX_ORDER_LIST. Returns how many. */
size_t vr_option_numbers(char *text, unsigned min, unsigned max,
                         const char *option, unsigned *ret,
                         struct argp_state *state);

/* The texts of --start and --end in rrdtool's time syntax; NULL: not given. */
void vr_option_span(const char *start_text, const char *end_text,
                    struct vr_span *span, struct argp_state *state);

/* The inputs of a table, "a,b"; they stay in TEXT. */
void vr_option_names(char *text, struct vr_table_options *t,
                     struct argp_state *state);

/* "FROM:TO"; without FROM from the first, without TO to the last. */
void vr_option_samples(char *text, const char *option, struct vr_samples *s,
                       struct argp_state *state);

/* "na=0:20,nb=1:17,nk=0:50"; what is left out keeps its range. */
void vr_option_search(char *text, struct vr_table_options *t,
                      struct argp_state *state);

void vr_option_detrend(const char *text, struct vr_table_options *t,
                       struct argp_state *state);

#endif
