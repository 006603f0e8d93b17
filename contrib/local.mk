# contrib
EXTRA_DIST += \
	contrib/completion/vmrecon \
	contrib/collectd/demo.conf.in \
	contrib/examples/windows.json \
	contrib/debian/changelog \
	contrib/debian/collectd-vmrecon.dirs \
	contrib/debian/collectd-vmrecon.install \
	contrib/debian/collectd-vmrecon.lintian-overrides \
	contrib/debian/collectd-vmrecon.postinst \
	contrib/debian/collectd-vmrecon.postrm \
	contrib/debian/collectd-vmrecon.prerm \
	contrib/debian/control \
	contrib/debian/copyright \
	contrib/debian/rules \
	contrib/debian/source/format \
	contrib/debian/vmrecon-tools.install \
	contrib/debian/vmrecon-tools.lintian-overrides \
	contrib/quickstart \
	contrib/quickstart.d/build.sh \
	contrib/quickstart.d/check.sh \
	contrib/quickstart.d/demo.sh \
	contrib/quickstart.d/evidence.sh \
	contrib/quickstart.d/jobs.sh \
	contrib/quickstart.d/packages.sh \
	contrib/quickstart.d/picture.gp \
	contrib/quickstart.d/progress.sh \
	contrib/rpm/vmrecon.rpmlintrc \
	contrib/rpm/vmrecon.spec
dist_models_DATA = contrib/models/generic.json contrib/models/generic-tcg.json \
	contrib/models/laws.json
modelsdir = $(pkgdatadir)/models
# For whoever runs collectd by systemd to copy: which of them a unit needs is in
# collectd-vmrecon(5). The service is for a collectd of the overlay's own.
dist_systemd_DATA = contrib/systemd/vmrecon.conf \
	contrib/systemd/collectd-overlay.service \
	contrib/systemd/vmrecon-retrain.service \
	contrib/systemd/vmrecon-retrain.timer \
	contrib/systemd/vmrecon-no-qmp.conf \
	contrib/systemd/vmrecon-sandbox.conf \
	contrib/systemd/vmrecon-capabilities.conf
systemddir = $(pkgdatadir)/systemd
# Dashboards for Grafana, and pictures by rrdtool; docs/dashboards.md says how.
dist_dashboards_DATA = contrib/dashboards/collection3.conf \
	contrib/dashboards/vmrecon-fleet-graphite.json \
	contrib/dashboards/vmrecon-fleet-influxdb.json \
	contrib/dashboards/vmrecon-fleet-prometheus.json \
	contrib/dashboards/vmrecon-guest-graphite.json \
	contrib/dashboards/vmrecon-guest-influxdb.json \
	contrib/dashboards/vmrecon-guest-prometheus.json \
	contrib/dashboards/vmrecon-host-graphite.json \
	contrib/dashboards/vmrecon-host-influxdb.json \
	contrib/dashboards/vmrecon-host-prometheus.json \
	contrib/dashboards/vmrecon-paths-graphite.json \
	contrib/dashboards/vmrecon-paths-influxdb.json \
	contrib/dashboards/vmrecon-paths-prometheus.json
dist_dashboards_SCRIPTS = contrib/dashboards/vmrecon-graphs
dashboardsdir = $(pkgdatadir)/dashboards
EXTRA_DIST += contrib/dashboards/make-dashboards
# Alerts: for Prometheus, and for collectd's threshold plugin.
dist_alerts_DATA = contrib/alerts/vmrecon.rules.yml contrib/alerts/threshold.conf
alertsdir = $(pkgdatadir)/alerts
# What a package links into collectd.conf.d, and examples of whole configurations.
dist_snippet_DATA = contrib/collectd/vmrecon.conf \
	contrib/collectd/central.conf \
	contrib/collectd/guest.conf \
	contrib/collectd/hypervisor.conf \
	contrib/collectd/network.conf \
	contrib/collectd/overlay-central.conf \
	contrib/collectd/overlay-host.conf \
	contrib/collectd/shard-central.conf \
	contrib/collectd/shard-host.conf
snippetdir = $(pkgdatadir)/collectd
# What collectd's RRD files will take, before there are any; training what drifted.
dist_pkgdata_SCRIPTS = contrib/rrd-cost contrib/retrain
dist_slurm_SCRIPTS = contrib/slurm/train-array
slurmdir = $(pkgdatadir)/slurm

# Where the target looks for models and keeps its state.
install-data-local:
	$(MKDIR_P) "$(DESTDIR)$(localstatedir)/lib/vmrecon/models"

# Where bash looks for it: by the name of the program.
completiondir = $(datadir)/bash-completion/completions
install-data-hook:
	$(MKDIR_P) '$(DESTDIR)$(completiondir)'
	for p in $(bin_PROGRAMS); do \
	  $(INSTALL_DATA) '$(srcdir)/contrib/completion/vmrecon' "$(DESTDIR)$(completiondir)/$$p" || exit 1; \
	done

# A collectd that is told to load what is not there does not start.
uninstall-hook:
	for p in $(bin_PROGRAMS); do rm -f "$(DESTDIR)$(completiondir)/$$p"; done
	@echo 'vmrecon: collectd does not start while its configuration loads what is gone. Take out of'
	@echo 'vmrecon: collectd.conf, and of the files that it includes: LoadPlugin vmrecon, vmrecon_net,'
	@echo 'vmrecon: vmrecon_topology, vmrecon_overlay, target_vmrecon; their <Plugin> blocks; and <Target "vmrecon">.'
	@test -n '$(DESTDIR)' || for dir in '$(sysconfdir)' /etc; do \
	  grep -rsnE '^[[:space:]]*<?(LoadPlugin|Plugin|Target)[[:space:]]+"?(target_)?vmrecon' "$$dir"/collectd* ; \
	done | sort -u | sed 's/^/vmrecon:   /'
	@echo 'vmrecon: Models and state stay in $(localstatedir)/lib/vmrecon.'

# Packages are made from the tarball's files, in the build folder. Results: BUILD/deb,
# BUILD/rpm. PACKAGE_FLAGS goes to dpkg-buildpackage, or to rpmbuild.
deb:
	rm -rf deb && $(MKDIR_P) deb
	$(MAKE) $(AM_MAKEFLAGS) distdir distdir=deb/vmrecon-$(PACKAGE_VERSION)
	cp -R deb/vmrecon-$(PACKAGE_VERSION)/contrib/debian deb/vmrecon-$(PACKAGE_VERSION)/debian
	cd deb/vmrecon-$(PACKAGE_VERSION) && unset MAKEFLAGS MFLAGS MAKELEVEL && \
	  dpkg-buildpackage --build=binary --no-sign $(PACKAGE_FLAGS)
	@ls deb/*.deb

rpm: dist
	rm -rf rpm && $(MKDIR_P) rpm/SOURCES
	cp vmrecon-$(PACKAGE_VERSION).tar.xz rpm/SOURCES/
	unset MAKEFLAGS MFLAGS MAKELEVEL && rpmbuild -ba --define "_topdir $$PWD/rpm" $(PACKAGE_FLAGS) \
	  '$(srcdir)/contrib/rpm/vmrecon.spec'
	@ls rpm/RPMS/*/*.rpm
.PHONY: deb rpm

clean-local:
	rm -rf deb rpm

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
