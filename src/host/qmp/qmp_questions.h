/* SPDX-License-Identifier: MIT
 *
 * What QEMU is asked through its QMP socket, and which of it is not answered
 * yet.
 */
#ifndef VR_HOST_QMP_QMP_QUESTIONS_H
#define VR_HOST_QMP_QMP_QUESTIONS_H

#include "host/qmp/qmp_client.h"

#include <jansson.h>

/* What QEMU must answer before it takes any other question. */
void vr_qmp_ask_capabilities(struct vr_qmp *q);

/* All that is due in this interval. */
void vr_qmp_ask_due(struct vr_qmp *q);

/* The balloon's statistics alone. */
void vr_qmp_ask_balloon(struct vr_qmp *q);

/* How often the balloon's driver reports; that it does so as often as the
 * options say. */
void vr_qmp_ask_period(struct vr_qmp *q);
void vr_qmp_ask_for_period(struct vr_qmp *q);

/* Takes the question with this ID from those that are not answered. Returns
 * false if there is none. */
bool vr_qmp_take_pending(struct vr_qmp *q, json_int_t id,
                         struct vr_qmp_pending *ret);

#endif
