/* SPDX-License-Identifier: MIT
 *
 * The replies of QEMU (QMP) that hold numbers. Each function takes the
 * value of "return" and leaves its result untouched when that is not as
 * documented (QEMU's QMP reference): -EBADMSG.
 */
#ifndef VR_HOST_QMP_QMP_REPLIES_H
#define VR_HOST_QMP_QMP_REPLIES_H

#include "host/qmp/qmp_report.h"

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

/* One line that QEMU sent. A balloon whose driver has not reported yet
 * answers with 2^64 - 1, which jansson's integers cannot hold: numbers of such
 * a line come as reals. NULL when it is not JSON. The caller's to release. */
json_t *vr_qmp_parse_message(const char *line, size_t length);

/* Whether taking the line apart costs little: how much memory and time it takes
 * is up to the number of its parts. *NODES counts lists and objects over
 * several lines. */
bool vr_qmp_is_modest(const char *line, size_t length, size_t *nodes);

/* A number that is not negative, as an integer or as a whole real. */
bool vr_qmp_number(const json_t *v, uint64_t *ret);

/* Whether a name that QEMU reports can be put into a question as it is:
 * letters, digits, "-_.[]" and those of MORE. */
bool vr_qmp_is_plain(const char *name, const char *more);

/* The id of a reply; -1 when it has none. */
json_int_t vr_qmp_message_id(const json_t *message);

/* query-blockstats: the disks that devices of the guest use, without the
 * firmware's flash. -ENODEV when there is none. */
int vr_qmp_parse_blockstats(const json_t *value, struct vr_disk_list *ret);

/* qom-get guest-stats of a balloon. *RET_UPDATED is when the guest reported, in
 * seconds since 1970; 0: never. */
int vr_qmp_parse_balloon(const json_t *value, struct vr_balloon *ret,
                         time_t *ret_updated);

/* query-stats of the vCPUs, provider kvm: summed. -ENODATA when none of the
 * counters is there. */
int vr_qmp_parse_kvm(const json_t *value, struct vr_kvm_sample *ret);

/* query-cpus-fast: copies at most N thread numbers, returns how many. */
size_t vr_qmp_parse_cpus(const json_t *value, pid_t *tids, size_t n);

/* query-memory-size-summary: what the machine has from the start and what was
 * plugged in, bytes. */
int vr_qmp_parse_memory(const json_t *value, uint64_t *ret);

/* query-status: whether the guest runs. */
int vr_qmp_parse_status(const json_t *value, enum vr_vmstate *ret);

/* qom-list: the name of a balloon device among the children, or NULL. */
const char *vr_qmp_find_balloon(const json_t *value);

#endif
