/* SPDX-License-Identifier: MIT
 *
 * The two things of a domain's description (XML) that libvirt tells nowhere
 * else: which system its owner says that it runs (libosinfo's metadata), and
 * how often its balloon's driver is asked to report.
 */
#ifndef VR_HOST_QMP_LIBVIRT_XML_H
#define VR_HOST_QMP_LIBVIRT_XML_H

#include "schema/guest_kernel.h"

/* By the id of libosinfo, "http://debian.org/debian/12" for one; unknown for
 * one that is in no list. */
enum vr_os vr_libvirt_xml_os_by_id(const char *id);

/* Reads the description XML, as libvirt writes it. *RET_PERIOD is in seconds,
 * 0 where nobody has set it. */
void vr_libvirt_xml_parse(const char *xml, enum vr_os *ret_os,
                          unsigned *ret_period);

#endif
