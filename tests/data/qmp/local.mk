# Answers of QEMU 7.2 about a guest of tests/lab/io-kinds.
EXTRA_DIST += \
	tests/data/qmp/blockstats-7.2.json \
	tests/data/qmp/guest-stats-7.2.json
