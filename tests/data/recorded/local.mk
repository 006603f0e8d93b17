EXTRA_DIST += \
	tests/data/recorded/README.md \
	tests/data/recorded/epochs.txt \
	tests/data/recorded/restore \
	tests/data/recorded/three-guests.tar.xz
