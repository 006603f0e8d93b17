# plugins: what collectd loads. Thin: collectd <-> src.
collectdplugindir = $(collectd_plugindir)
collectdplugin_LTLIBRARIES =
PLUGIN_CPPFLAGS = $(AM_CPPFLAGS) $(COLLECTD_CPPFLAGS) -DHAVE_CONFIG_H=1
PLUGIN_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -export-symbols-regex \
	'^(module_register|vr_target_instances|vr_target_details|vr_outbox_running)$$'

# How all of them dispatch.
OUTBOX_SOURCES = \
	plugins/outbox.c plugins/outbox.h \
	plugins/outbox_arrival.c plugins/outbox_arrival.h \
	plugins/outbox_own.c plugins/outbox_own.h \
	plugins/outbox_series.c plugins/outbox_series.h \
	plugins/sibling.c plugins/sibling.h

# The read plugin.
collectdplugin_LTLIBRARIES += plugins/vmrecon.la
plugins_vmrecon_la_SOURCES = \
	$(OUTBOX_SOURCES) \
	plugins/chain.c plugins/chain.h \
	plugins/chain_rule.c plugins/chain_rule.h \
	plugins/config_values.c plugins/config_values.h \
	plugins/emitted_list.c plugins/emitted_list.h \
	plugins/guest_options.c plugins/guest_options.h \
	plugins/identity.c plugins/identity.h \
	plugins/label_meta.c plugins/label_meta.h \
	plugins/read_config.c plugins/read_config.h \
	plugins/send_health.c plugins/send_health.h \
	plugins/vmrecon.c
plugins_vmrecon_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_vmrecon_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_vmrecon_la_LIBADD = libvr_introspect.la libvr_host.la

# The target.
collectdplugin_LTLIBRARIES += plugins/target_vmrecon.la
plugins_target_vmrecon_la_SOURCES = \
	$(OUTBOX_SOURCES) \
	plugins/answers.c plugins/answers.h \
	plugins/chain_rule.c plugins/chain_rule.h \
	plugins/config_values.c plugins/config_values.h \
	plugins/label_meta.c plugins/label_meta.h \
	plugins/native.c plugins/native.h \
	plugins/notify.c plugins/notify.h \
	plugins/pass_details.c plugins/pass_details.h \
	plugins/send_health.c plugins/send_health.h \
	plugins/target_config.c plugins/target_config.h \
	plugins/target_vmrecon.c
plugins_target_vmrecon_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_target_vmrecon_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_target_vmrecon_la_LIBADD = libvr_live.la -lpthread

# The topology plugin, of the central server or the one host.
collectdplugin_LTLIBRARIES += plugins/vmrecon_topology.la
plugins_vmrecon_topology_la_SOURCES = \
	$(OUTBOX_SOURCES) \
	plugins/config_values.c plugins/config_values.h \
	plugins/topology_config.c plugins/topology_config.h \
	plugins/topology_paths.c plugins/topology_paths.h \
	plugins/vmrecon_topology.c \
	src/host/vmm/selection.c src/host/vmm/selection.h
plugins_vmrecon_topology_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_vmrecon_topology_la_LDFLAGS = $(PLUGIN_LDFLAGS)
# libvr_host and libvr_topology both bring libvr_basic along, and a module can
# hold it once: of the former only the selection of guests is needed.
plugins_vmrecon_topology_la_LIBADD = libvr_topology.la -lpthread

# The read plugin that counts who talks to whom.
collectdplugin_LTLIBRARIES += plugins/vmrecon_net.la
plugins_vmrecon_net_la_SOURCES = \
	$(OUTBOX_SOURCES) \
	plugins/config_values.c plugins/config_values.h \
	plugins/emitted_list.c plugins/emitted_list.h \
	plugins/guest_options.c plugins/guest_options.h \
	plugins/phase.c plugins/phase.h \
	plugins/vmrecon_net.c
plugins_vmrecon_net_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_vmrecon_net_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_vmrecon_net_la_LIBADD = libvr_traffic.la libvr_host.la

# The overlay: a host's half, and that of a central.
collectdplugin_LTLIBRARIES += plugins/vmrecon_overlay.la
plugins_vmrecon_overlay_la_SOURCES = \
	$(OUTBOX_SOURCES) \
	plugins/chain_rule.c plugins/chain_rule.h \
	plugins/config_values.c plugins/config_values.h \
	plugins/guest_options.c plugins/guest_options.h \
	plugins/overlay_config.c plugins/overlay_config.h \
	plugins/vmrecon_overlay.c
plugins_vmrecon_overlay_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(MNL_CFLAGS)
plugins_vmrecon_overlay_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugins_vmrecon_overlay_la_LIBADD = libvr_overlay.la libvr_host.la
