/* SPDX-License-Identifier: MIT
 *
 * The things of a domain's description (XML) that libvirt tells nowhere
 * else: which system its owner says that it runs (libosinfo's metadata), and
 * how often its balloon's driver is asked to report; and what it is called.
 */
#ifndef VR_HOST_QMP_LIBVIRT_XML_H
#define VR_HOST_QMP_LIBVIRT_XML_H

#include "schema/guest_kernel.h"
#include "schema/labels.h"

/* By the id of libosinfo, "http://debian.org/debian/12" for one; unknown for
 * one that is in no list. */
enum vr_os vr_libvirt_xml_os_by_id(const char *id);

/* Reads the description XML, as libvirt writes it. *RET_PERIOD is in seconds,
 * 0 where nobody has set it. */
void vr_libvirt_xml_parse(const char *xml, enum vr_os *ret_os,
                          unsigned *ret_period);

/* The domain's title, else the name that OpenStack gave it, and the project or
 * tenant in its metadata. */
void vr_libvirt_xml_labels(const char *xml, struct vr_labels *ret);

#endif
