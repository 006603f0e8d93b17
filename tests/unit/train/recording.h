/* SPDX-License-Identifier: MIT
 *
 * Archives that tests write themselves: collectd's csv files of series whose
 * law is known, one second apart, from the epoch 1700000001 on.
 */
#ifndef VR_TESTS_TRAIN_RECORDING_H
#define VR_TESTS_TRAIN_RECORDING_H

#include "../unit.h"
#include "train/data/guest_data.h"

#include <math.h>

#define RECORDING_BEGIN 1700000001.0

#define assert_near(x, wanted, tolerance)                                      \
  do {                                                                         \
    double x_ = (x), wanted_ = (wanted);                                       \
    if (!(fabs(x_ - wanted_) <= (tolerance)))                                  \
      fail_msg("%s is %.10g, not %.10g", #x, x_, wanted_);                     \
  } while (0)

struct recording {
  char root[64];
  size_t rows;
};

/* An empty tree for series of ROWS values. */
void recording_new(struct recording *r, size_t rows);
void recording_remove(struct recording *r);

/* Writes the series HOST/PLUGIN/TYPE with the data sources NAMES ("value",
 * "rx,tx"), whose values are X and, where there are two, Z. */
void recording_put(const struct recording *r, const char *host,
                   const char *plugin, const char *type, const char *names,
                   const double *x, const double *z);

/* The same every STEP seconds, PHASE after the first second. */
void recording_put_every(const struct recording *r, double step, double phase,
                         const char *host, const char *plugin, const char *type,
                         const char *names, size_t rows, const double *x,
                         const double *z);

/* The same with a constant. */
void recording_put_constant(const struct recording *r, const char *host,
                            const char *plugin, const char *type, double value);

/* Opens the tree and loads the only guest, or the one called GUEST. */
void recording_load(const struct recording *r, const char *guest,
                    struct vr_archive **ret_archive,
                    struct vr_guest_data *ret_data);

/* The same of the N guests "a", "b", and so on. */
void recording_load_all(const struct recording *r, int n,
                        struct vr_archive **ret_archives,
                        struct vr_guest_data *ret_data);

/* Ends what that gave, and the tree. */
void recording_end_all(struct recording *r, int n, struct vr_archive **archives,
                       struct vr_guest_data *data);

/* Uniform in -0.5 .. 0.5, the same on every machine: x = 1664525 x + 1013904223
 * mod 2^32, the upper 24 bits of it. */
double recording_noise(unsigned *seed);

/* On or off for stretches of 20 to 60 seconds, by the same generator. */
void recording_on_off(unsigned seed, size_t rows, double *ret);

/* ROWS values in memory for a guest "g" without an archive: the column of the
 * source called NAME, and the truth of counter C. All are NAN-free zeros. */
struct vr_guest_data *recording_in_memory(size_t rows, double vcpus);
double *recording_source(struct vr_guest_data *d, const char *name);
double *recording_truth(struct vr_guest_data *d, enum vr_counter c);
void recording_free(struct vr_guest_data *d);

#endif
