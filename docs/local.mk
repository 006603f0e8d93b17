# docs
EXTRA_DIST += docs/model-file.md
dist_man_MANS += docs/vmrecon-train.1
dist_man_MANS += docs/collectd-vmrecon.5
dist_man_MANS += docs/collectd-target_vmrecon.5
EXTRA_DIST += docs/architecture.md
EXTRA_DIST += docs/estimation.md
EXTRA_DIST += docs/introspection.md
EXTRA_DIST += docs/images/demo.png
EXTRA_DIST += docs/evaluation.md
