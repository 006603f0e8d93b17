#!/bin/bash
# What the target costs inside collectd, next to target_set and aggregation:
# VMRECON_BUILD=BUILD tests/bench/target.sh [GUESTS...] (10 1000 100000, which
# takes some minutes, and 5 GB for the larger models). Ten models a guest, each of
# three inputs, of the orders that tests/bench/reconstructor-bench has.
set -euo pipefail
# shellcheck source=tests/integration/target/daemon.sh
. "$(dirname "$(readlink -f "$0")")/../integration/target/daemon.sh"
target_begin
theirs=$(collectd -h | sed -n 's/^ *Plugin directory *//p')
cp "$theirs"/{aggregation,target_set}.so "$WORK/plugins/"
cp "${VMRECON_BUILD:-.}/tests/bench/.libs/vr_bench.so" "$WORK/plugins/"
rm "$WORK/models/generic.json"
(($# > 0)) || set -- 10 1000 100000

# bench GUESTS QUALITY_EVERY: one daemon's life
bench() {
  export VR_BENCH_GUESTS=$1
  daemon bench <<END
LoadPlugin aggregation
<Plugin aggregation>
  <Aggregation>
    Plugin "cpu"
    Type "cpu"
    GroupBy "Host"
    GroupBy "TypeInstance"
    CalculateAverage true
  </Aggregation>
</Plugin>
LoadPlugin target_set
LoadPlugin target_vmrecon
<Plugin target_vmrecon>
  ModelDir "$WORK/models"
  ShippedModels false
  StateFile ""
  QualityEvery $2
</Plugin>
LoadPlugin vr_bench
<Chain "BenchSet">
  <Rule "one">
    <Target "set">
      TypeInstance "other"
    </Target>
  </Rule>
</Chain>
<Chain "BenchVmrecon">
  <Rule "one">
    Target "vmrecon"
  </Rule>
</Chain>
# What comes out is counted and thrown away: neither collectd's cache nor a
# writer is what is measured.
<Chain "PreCache">
  Target "vr_count"
</Chain>
END
  wait_for 900 grep -q 'bench: done' "$WORK/bench/log" || die "the bench did not end"
  sed -n 's/.*bench: //p' "$WORK/bench/log" | grep -v 'done$'
  daemon_stop bench
}

for orders in "2 4 1" "20 17 50"; do
  echo "orders ($orders), 3 inputs, 10 models a guest"
  # shellcheck disable=SC2086 # three words
  "${VMRECON_BUILD:-.}/tests/bench/reconstructor-bench" --models $orders "$WORK/models/bench.json"
  for guests in "$@"; do
    for every in 1 30; do
      echo "fit and provenance with one tick in $every:"
      bench "$guests" "$every"
    done
  done
done
