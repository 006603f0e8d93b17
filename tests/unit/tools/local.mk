# tests/unit/tools: what programs compute, against formulas that are written anew.
EXTRA_DIST += tests/unit/tools/test-play
if HAVE_PYTHON3
TESTS += tests/unit/tools/test-play
endif
