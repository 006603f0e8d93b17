# contrib
EXTRA_DIST += \
	contrib/collectd/demo.conf.in \
	contrib/collectd/guest.conf \
	contrib/collectd/hypervisor.conf \
	contrib/quickstart \
	contrib/quickstart.d/build.sh \
	contrib/quickstart.d/check.sh \
	contrib/quickstart.d/demo.sh \
	contrib/quickstart.d/packages.sh \
	contrib/quickstart.d/picture.gp \
	contrib/quickstart.d/progress.sh \
	contrib/systemd/vmrecon.conf
dist_models_DATA = contrib/models/generic.json contrib/models/generic-tcg.json
modelsdir = $(pkgdatadir)/models

# Where the target looks for models and keeps its state.
install-data-local:
	$(MKDIR_P) "$(DESTDIR)$(localstatedir)/lib/vmrecon/models"
