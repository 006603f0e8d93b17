/* SPDX-License-Identifier: MIT
 *
 * The names under which our series stand, each once.
 */
#ifndef VR_SCHEMA_PLUGIN_NAMES_H
#define VR_SCHEMA_PLUGIN_NAMES_H

/* HOST/vmrecon/... is the hypervisor host itself, HOST/vmrecon-GUEST/... what
 * it measures of a guest. */
#define VR_PLUGIN_READ "vmrecon"

/* HOST/vmrecon_net-GUEST/...: whom the guest exchanges frames with. */
#define VR_PLUGIN_NET "vmrecon_net"

/* CENTRAL/vmrecon_topology-APP/...: patterns of applications. */
#define VR_PLUGIN_TOPOLOGY "vmrecon_topology"

/* HOST/vmrecon_overlay-GUEST/gauge-mac_ADDRESS_VNI: between hosts only, and
 * never stored. The target of that name takes it. */
#define VR_PLUGIN_OVERLAY "vmrecon_overlay"

/* HOST/vmrecon_underlay-INTERFACE/...: by what a host reaches the others;
 * CENTRAL/vmrecon_underlay-FROM/...-TO: what is seen between two of them. */
#define VR_PLUGIN_UNDERLAY "vmrecon_underlay"

/* HOST/vmrecon_truth-GUEST/...: read from the guest kernel's memory. */
#define VR_PLUGIN_TRUTH "vmrecon_truth"

/* HOST/virt_inferred-GUEST/...: what is published of the guest. */
#define VR_PLUGIN_INFERRED "virt_inferred"

/* HOST/virt_quality-GUEST/percent-COUNTER, gauge-COUNTER: how what is published
 * came about, and how good it is, where it is not measured. */
#define VR_PLUGIN_QUALITY "virt_quality"

/* HOST/virt_model-GUEST/...: the outputs of the models, published or not. */
#define VR_PLUGIN_MODEL "virt_model"

/* collectd's plugin that asks libvirt, and its name before collectd 5.5. */
#define VR_PLUGIN_VIRT "virt"
#define VR_PLUGIN_LIBVIRT "libvirt"

/* GUEST.inferred/...: the published values under the names that the guest's own
 * collectd would use. */
#define VR_NATIVE_SUFFIX ".inferred"

/* The filter target, and the plugin that holds it. */
#define VR_TARGET_NAME "vmrecon"
#define VR_PLUGIN_TARGET "target_vmrecon"

/* How the patterns of our own series begin. */
#define VR_PATTERN_HOST "%{host}/" VR_PLUGIN_READ "/"
#define VR_PATTERN_GUEST "%{host}/" VR_PLUGIN_READ "-%{guest}/"
#define VR_PATTERN_TRUTH "%{host}/" VR_PLUGIN_TRUTH "-%{guest}/"

/* The series of VR_PLUGIN_TRUTH that is written only where the operator allows
 * introspected values to be published. */
#define VR_PUBLISH_GATE "publish" /* of type gauge */

#endif
