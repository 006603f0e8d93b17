/* SPDX-License-Identifier: MIT
 *
 * From features to a model of one counter: choice of inputs and coefficients,
 * put into the units of the recorded series.
 */
#ifndef VR_TRAIN_FIT_INFER_H
#define VR_TRAIN_FIT_INFER_H

#include "sysid/given_orders.h"
#include "train/fit/choice.h"

/* Rows, begin and end of the data that counter C is learned from. */
void vr_infer_span(const struct vr_features *f, size_t c,
                   struct vr_model_fit *fit);

/* The model of counter C (index in features), chosen and estimated on FOLDS;
 * its guest and accelerator are those of the first recording. When the chosen
 * cannot be estimated on all of FOLDS together, what is left is the mean. With
 * ORDERS given, their structure on the chosen inputs, or the chosen one when
 * FOLDS hold too little for it. The caller releases the model. Returns 0, 1
 * when it is not of the given orders, or a negative errno. */
int vr_infer(const struct vr_features *f, size_t c,
             const struct vr_given_orders *orders, unsigned folds,
             struct vr_choice *ret_choice, struct vr_model *ret_model);

/* Warns that WHO has too little data to estimate the given orders for COUNTERS
 * (a set), if that is anyone. */
void vr_infer_warn(const char *who, vr_counter_set counters);

/* The model of given orders on the inputs of CHOICE; -ENODATA when FOLDS hold
 * too little for them. */
int vr_infer_ordered(const struct vr_features *f, size_t c,
                     const struct vr_choice *choice,
                     const struct vr_given_orders *orders, unsigned folds,
                     struct vr_model *ret_model);

/* Known physics with nothing estimated: the load average is the kernel's filter
 * over the number of active tasks, and of these at least as many are active as
 * vCPUs are busy (running, or waiting for the host to let them). -ENOENT for
 * other counters than load, and where the vCPUs' time was not recorded. */
int vr_infer_physics(const struct vr_features *f, size_t c,
                     struct vr_model *ret_model);

/* The baseline "static gain on one of F's sources", estimated on FOLDS, as a
 * model; -ENOENT when there is no such series. */
int vr_infer_gain(const struct vr_features *f, size_t c, unsigned folds,
                  struct vr_choice *ret_choice, struct vr_model *ret_model);

/* Both baselines, estimated on everything, in the unit of the features times
 * PER, without their fits. The caller releases the input. Returns 0 or
 * -ENOMEM. */
int vr_infer_baseline(const struct vr_features *f, size_t c, double per,
                      struct vr_model_baseline *ret);

/* Names of the inputs, separated by spaces. */
void vr_fit_describe_choice(const struct vr_features *f,
                            const struct vr_choice *choice, char *text,
                            size_t size);

#endif
