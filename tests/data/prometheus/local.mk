EXTRA_DIST += \
	tests/data/prometheus/identifiers.txt \
	tests/data/prometheus/metrics.txt \
	tests/data/prometheus/record \
	tests/data/prometheus/series.txt
