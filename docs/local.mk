# docs: the manuals, and the pages that they refer to
dist_man_MANS += \
	docs/collectd-target_vmrecon.5 \
	docs/collectd-vmrecon.5 \
	docs/collectd-vmrecon_topology.5 \
	docs/collectd-vmrecon_net.5 \
	docs/collectd-vmrecon_overlay.5 \
	docs/vmrecon-introspect.1
if TRAINER
dist_man_MANS += docs/vmrecon-net.1 docs/vmrecon-train.1
endif
dist_doc_DATA = \
	docs/architecture.md \
	docs/dashboards.md \
	docs/estimation.md \
	docs/evaluation.md \
	docs/evaluation-network.md \
	docs/fleets.md \
	docs/training-fleets.md \
	docs/introspection.md \
	docs/model-file.md \
	docs/odd-hosts.md \
	docs/tutorial.md
EXTRA_DIST += docs/images/demo.png docs/images/traffic.png \
	docs/images/vmrecon-top.svg docs/images/vmrecon-top-detail.svg \
	docs/images/make-report-pictures docs/images/report-dark.png \
	docs/images/report-light.png docs/images/report-phone.png \
	docs/images/collection3-load.png \
	docs/images/collection3-percent.png docs/images/rrdtool-load.png
