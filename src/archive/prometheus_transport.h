/* SPDX-License-Identifier: MIT
 *
 * HTTP and HTTPS by libcurl: one address, one connection, one request at a
 * time. What answers is not trusted: an answer has a largest size and a
 * deadline, and no other address is followed.
 */
#ifndef VR_ARCHIVE_PROMETHEUS_TRANSPORT_H
#define VR_ARCHIVE_PROMETHEUS_TRANSPORT_H

#include "basic/error.h"

#include <stddef.h>

struct vr_prometheus_transport;

/* For requests below URL. TOKEN_FILE, which holds a bearer token, and CA_FILE,
 * which holds certificates to trust, may be NULL. Returns 0; -ENOSYS in a
 * program without libcurl; -EINVAL or what reading a file gave; *ret_error
 * filled. */
int vr_prometheus_transport_new(const char *url, const char *token_file,
                                const char *ca_file,
                                struct vr_prometheus_transport **ret,
                                struct vr_error *ret_error);
void vr_prometheus_transport_free(struct vr_prometheus_transport *t);

/* The address for messages: without user and password. */
const char *
vr_prometheus_transport_name(const struct vr_prometheus_transport *t);

struct vr_prometheus_answer {
  long status; /* of HTTP */
  char *body;  /* with a NUL behind it */
  size_t length;
};

/* Gets URL/PATH_AND_QUERY, which is encoded. Not to be called by two threads
 * at once. Returns 0 whatever the status; -EFBIG where the answer is longer
 * than is taken; -EIO where there is none; *ret_error filled. */
int vr_prometheus_transport_get(struct vr_prometheus_transport *t,
                                const char *path_and_query,
                                struct vr_prometheus_answer *ret_answer,
                                struct vr_error *ret_error);

#endif
