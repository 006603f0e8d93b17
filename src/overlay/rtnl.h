/* SPDX-License-Identifier: MIT
 *
 * Interfaces and forwarding databases of the kernel, by rtnetlink: what is
 * there, and changes of it. All errors are negative errnos; -EPERM: without
 * CAP_NET_ADMIN.
 *
 * Of the network namespace in which it was opened. One thread at a time.
 */
#ifndef VR_OVERLAY_RTNL_H
#define VR_OVERLAY_RTNL_H

#include "basic/mac.h"
#include "overlay/address.h"

#include <libmnl/libmnl.h>

enum { VR_RTNL_NAME = 16, VR_RTNL_ALIAS = 64 };

/* The alias of what this plugin has made: by it, and by nothing else, it is
 * known again. */
#define VR_RTNL_OURS "vmrecon_overlay"

struct vr_rtnl;

int vr_rtnl_open(struct vr_rtnl **ret);
void vr_rtnl_close(struct vr_rtnl *r);

/* A message of TYPE with the caller's header of SIZE bytes; FLAGS besides
 * NLM_F_REQUEST. Returns where that header is. */
void *vr_rtnl_begin(struct vr_rtnl *r, int type, int flags, size_t size);
struct nlmsghdr *vr_rtnl_message(struct vr_rtnl *r);

/* Sends it, and waits for the kernel's word. */
int vr_rtnl_change(struct vr_rtnl *r);

/* Sends it as a question; FN sees each part of the answer, and ends it by a
 * negative errno. */
typedef int (*vr_rtnl_fn)(const struct nlmsghdr *part, void *ctx);
int vr_rtnl_ask(struct vr_rtnl *r, vr_rtnl_fn fn, void *ctx);

/* The attributes that stand behind SIZE bytes of header: RET[type], or NULL;
 * types up to MOST. */
void vr_rtnl_attributes(const struct nlmsghdr *part, size_t size,
                        const struct nlattr **ret, int most);
void vr_rtnl_nested(const struct nlattr *nest, const struct nlattr **ret,
                    int most);

#endif
