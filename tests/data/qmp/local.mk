# Answers of QEMU 7.2: about a guest of tests/lab/io-kinds, and about the queues of
# disks (tests/unit/host/test_virtqueues.c says of which).
EXTRA_DIST += \
	tests/data/qmp/blockstats-7.2.json \
	tests/data/qmp/guest-stats-7.2.json \
	tests/data/qmp/virtqueues-7.2.json
