/* SPDX-License-Identifier: MIT
 *
 * Names of series, as collectd writes them, and patterns for them.
 *
 *   HOST/PLUGIN[-PLUGIN_INSTANCE]/TYPE[-TYPE_INSTANCE][:DATA_SOURCE]
 *
 * Plugin and type end at the first '-'. A pattern is a name in which the whole
 * host or the whole plugin instance may be %{host} or %{guest}:
 *
 *   %{host}/vmrecon-%{guest}/derive-vcpu_run:value    one guest, our own plugin
 *   %{guest}/virt/virt_cpu_total:value                one guest, virt's default
 *   %{host}/virt-%{guest}/virt_cpu_total:value        one guest, virt otherwise
 *   %{host}/vmrecon/load:shortterm                    the host itself
 *
 * Where the type instance of a guest's pattern ends with '*', it stands for all
 * series whose instance begins so, its members, which are summed:
 *
 *   %{guest}/virt/if_octets-vnet*:rx         libvirt numbers interfaces anew
 *   %{host}/virt-%{guest}/disk_octets-*:read           at each start of a guest
 */
#ifndef VR_SIGNAL_IDENTIFIER_H
#define VR_SIGNAL_IDENTIFIER_H

#include <stdbool.h>
#include <stddef.h>

/* Longest field, with its NUL (collectd's DATA_MAX_NAME_LEN), and longest name
 * of five fields and a data source. */
enum { VR_FIELD_SIZE = 128, VR_NAME_SIZE = 6 * VR_FIELD_SIZE };

/* The fields of a name, borrowed from whoever made it. No field is NULL; an
 * instance that is not there is "". */
struct vr_identifier {
  const char *host;
  const char *plugin, *plugin_instance;
  const char *type, *type_instance;
};

/* A name that owns its text. */
struct vr_name {
  struct vr_identifier id;
  const char *data_source; /* "" when the name has none */
  char text[VR_NAME_SIZE];
};

/* Takes TEXT apart into *ret_name, whose pointers point into itself: do not
 * copy it. Returns 0, or -EINVAL for a text that is not a name. */
int vr_identifier_parse(const char *text, struct vr_name *ret_name);

/* Writes the name; data_source may be NULL or "". Returns 0, or -ENOSPC. */
int vr_identifier_format(const struct vr_identifier *id,
                         const char *data_source, char *ret_text, size_t size);

enum vr_part { VR_PART_LITERAL, VR_PART_HOST, VR_PART_GUEST };

struct vr_pattern {
  struct vr_name name; /* the literal fields */
  enum vr_part host, plugin_instance;
  bool has_members; /* the type instance ends with '*' */
};

/* Compiles TEXT to *ret_pattern (not to be copied either). A pattern must have
 * a data source. Returns 0 or -EINVAL. */
int vr_signal_pattern_parse(const char *text, struct vr_pattern *ret_pattern);

/* Is the pattern about one guest, or about the whole host? */
bool vr_signal_pattern_has_guest(const struct vr_pattern *p);
bool vr_signal_pattern_has_host(const struct vr_pattern *p);

/* Is INSTANCE the pattern's type instance, or that of one of its members? */
bool vr_signal_pattern_has_instance(const struct vr_pattern *p,
                                    const char *instance);

/* Does ID match, whatever its data source? Then *ret_host and *ret_guest are
 * the parts that stand for host and guest, borrowed from ID, or NULL where the
 * pattern has no such part. */
bool vr_signal_pattern_match(const struct vr_pattern *p,
                             const struct vr_identifier *id,
                             const char **ret_host, const char **ret_guest);

/* The name that the pattern stands for with this HOST and GUEST, with its data
 * source when WITH_DATA_SOURCE. Returns 0 or -ENOSPC. */
int vr_signal_pattern_format(const struct vr_pattern *p, const char *host,
                             const char *guest, bool with_data_source,
                             char *ret_text, size_t size);

#endif
