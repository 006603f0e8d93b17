#!/bin/bash
# What training costs, from RRD files to model file and report: CPU seconds of
# the recorded hour, for two guests x ten counters and for all three.
#
#   tests/bench/train.sh BUILD
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
train=$(readlink -f "${1:?the build directory}")/vmrecon-train
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$here/../data/recorded/restore" "$work/three"
cp -r "$work/three" "$work/two"
rm -r "$work/two/held" "$work/two/host/vmrecon-held"
TIMEFORMAT='%U user + %S system = CPU seconds, %R elapsed'
for tree in two three; do
  for how in --no-known --pool; do
    printf '%s guests, %s: ' "$tree" "$how"
    time "$train" "$how" "$work/$tree" -o "$work/models" > "$work/report" 2> "$work/progress"
  done
done
