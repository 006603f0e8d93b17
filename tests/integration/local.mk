# tests/integration: the daemon as a whole, with real guests; contrib/quickstart
# check runs every executable test-* here.
EXTRA_DIST += tests/integration/test-dashboards \
	tests/integration/dashboards/check-grafana tests/integration/dashboards/feed \
	tests/integration/dashboards/queries \
	tests/integration/test-check-again \
	tests/integration/test-dead-server \
	tests/integration/test-any-interval tests/integration/test-demo \
	tests/integration/test-demo-interrupted \
	tests/integration/test-disk-hung \
	tests/integration/test-demo-interrupted tests/integration/test-evidence \
	tests/integration/test-guest-life \
	tests/integration/test-introspect-faults \
	tests/integration/test-introspect-live \
	tests/integration/test-introspect-truth \
	tests/integration/test-kvm-definitions \
	tests/integration/test-libvirt-guest \
	tests/integration/test-macvtap-guest \
	tests/integration/package/beside.sh tests/integration/package/inside \
	tests/integration/test-package \
	tests/integration/test-real-guest \
	tests/integration/read/daemon.sh \
	tests/integration/net/lab.sh \
	tests/integration/test-net-pattern \
	tests/integration/test-net-real-guest \
	tests/integration/test-net-rights \
	tests/integration/test-net-values \
	tests/integration/test-read-faults \
	tests/integration/test-read-hangs \
	tests/integration/read/keep-posts tests/integration/test-read-labels \
	tests/integration/test-read-names \
	tests/integration/test-read-namespaces \
	tests/integration/test-read-order \
	tests/integration/test-read-rights \
	tests/integration/test-read-untrusted \
	tests/integration/test-read-values \
	tests/integration/test-units \
	tests/integration/test-train-intervals \
	tests/integration/test-retrain \
	tests/integration/test-train-ranks \
	tests/integration/test-train-pages tests/integration/train/check-pages \
	tests/integration/train/check-requests tests/integration/train/phone-page \
	tests/integration/train/check-requests \
	tests/integration/test-tcg-reader \
	tests/integration/test-train-finer tests/integration/train/coarser \
	tests/integration/test-train-prometheus \
	tests/integration/train/csv-to-openmetrics \
	tests/integration/train/proxy-prometheus \
	tests/integration/test-train-recorded \
	tests/integration/test-valgrind-daemon

# These need no guests and are quick: "make check" runs them too.
TRAIN_TESTS = \
	tests/integration/test-train-bad-input \
	tests/integration/test-train-compare-truth \
	tests/integration/test-train-known-guest \
	tests/integration/test-train-list \
	tests/integration/test-train-sources \
	tests/integration/test-train-table
if TRAINER
TESTS += $(TRAIN_TESTS)
endif
EXTRA_DIST += $(TRAIN_TESTS) \
	tests/integration/train/known-guest \
	tests/integration/train/table-to-csv \
	tests/integration/train/table-to-rrd

# The target in a real daemon, fed by the test.
EXTRA_DIST += tests/integration/target/daemon.sh \
	tests/integration/target/table-to-putval \
	tests/integration/test-target-central tests/integration/test-target-law \
	tests/integration/test-target-files tests/integration/test-target-interval tests/integration/test-target-order \
	tests/integration/test-target-hostile tests/integration/test-target-renumber \
	tests/integration/test-target-flood tests/integration/test-target-replay \
	tests/integration/test-target-move tests/integration/test-target-range \
	tests/integration/test-target-restart tests/integration/test-target-stream \
	tests/integration/test-target-valgrind

# Alerts, with promtool and with collectd's threshold plugin.
EXTRA_DIST += tests/integration/test-alerts tests/integration/alerts/calm tests/integration/alerts/hung \
	tests/integration/alerts/recorded-hour tests/integration/alerts/virtio-requests \
	tests/data/alerts/calm.json.xz \
	tests/integration/alerts/provoked.yml

# vmrecon-top, on a terminal and in batch mode.
EXTRA_DIST += tests/integration/test-top-guest tests/integration/test-top-screen \
	tests/integration/top/compare tests/integration/top/picture \
	tests/integration/top/terminal.py

# The topology plugin and its program.
EXTRA_DIST += tests/integration/test-net-doctor \
	tests/integration/test-net-train tests/integration/test-topology-stream

# A guest's devices one by one, and what stock dashboards ask.
EXTRA_DIST += tests/integration/test-details-guest \
	tests/data/dashboards/collectd.txt
EXTRA_DIST += tests/integration/test-target-details
# Programs and what is written about them.
EXTRA_DIST += tests/integration/test-completion tests/integration/test-exit-status tests/integration/test-manuals \
	tests/integration/documented/commands tests/integration/documented/extract \
	tests/integration/documented/machine.sh tests/integration/documented/table.sh tests/integration/test-documented-commands
# Hosts of an overlay, in network namespaces.
EXTRA_DIST += tests/integration/overlay/echo tests/integration/overlay/lab.py \
	tests/integration/overlay/machine.py \
	tests/integration/test-overlay-hosts \
	tests/integration/test-overlay-adapts \
	tests/integration/test-overlay-paths

# A fleet: several centrals, and one that is started again.
EXTRA_DIST += tests/integration/test-target-downtime tests/integration/test-target-shards
# The sampler beside collectd.
EXTRA_DIST += tests/integration/ns/compare tests/integration/test-ns-values tests/integration/test-play-guest
