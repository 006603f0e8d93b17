# contrib
EXTRA_DIST += \
	contrib/collectd/central.conf \
	contrib/collectd/demo.conf.in \
	contrib/examples/windows.json \
	contrib/collectd/guest.conf \
	contrib/collectd/hypervisor.conf \
	contrib/collectd/network.conf \
	contrib/quickstart \
	contrib/quickstart.d/build.sh \
	contrib/quickstart.d/check.sh \
	contrib/quickstart.d/demo.sh \
	contrib/quickstart.d/jobs.sh \
	contrib/quickstart.d/packages.sh \
	contrib/quickstart.d/picture.gp \
	contrib/quickstart.d/progress.sh
dist_models_DATA = contrib/models/generic.json contrib/models/generic-tcg.json \
	contrib/models/laws.json
modelsdir = $(pkgdatadir)/models
# For whoever runs collectd by systemd to copy: which of them a unit needs is in
# collectd-vmrecon(5).
dist_systemd_DATA = contrib/systemd/vmrecon.conf \
	contrib/systemd/vmrecon-capabilities.conf
systemddir = $(pkgdatadir)/systemd

# Where the target looks for models and keeps its state.
install-data-local:
	$(MKDIR_P) "$(DESTDIR)$(localstatedir)/lib/vmrecon/models"

# The models that follow from the tables of src/schema; the files are checked in.
noinst_PROGRAMS += src/tools/generic-models
src_tools_generic_models_SOURCES = src/tools/generic-models.c
src_tools_generic_models_LDADD = libvr_schema.la libvr_basic.la
generic.json: src/tools/generic-models$(EXEEXT)
	$(AM_V_GEN)src/tools/generic-models$(EXEEXT) >generic.json.new && \
	mv generic.json.new $(srcdir)/contrib/models/generic.json
	$(AM_V_GEN)src/tools/generic-models$(EXEEXT) laws >laws.json.new && \
	mv laws.json.new $(srcdir)/contrib/models/laws.json
.PHONY: generic.json
