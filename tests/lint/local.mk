# tests/lint: the rules of the house. "make check" holds them where python3 is; the
# format is contrib/quickstart check's, which installs the one clang-format.
EXTRA_DIST += tests/lint/format tests/lint/house tests/lint/pages
if TRAINER
if HAVE_PYTHON3
if !SANITIZERS
TESTS += tests/lint/house
endif
endif
endif
