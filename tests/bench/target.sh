#!/bin/bash
# What the target costs inside collectd, next to target_set and aggregation:
# VMRECON_BUILD=BUILD tests/bench/target.sh
set -euo pipefail
# shellcheck source=tests/integration/target/daemon.sh
. "$(dirname "$(readlink -f "$0")")/../integration/target/daemon.sh"
target_begin
theirs=$(collectd -h | sed -n 's/^ *Plugin directory *//p')
cp "$theirs"/{aggregation,target_set}.so "$WORK/plugins/"
cp "${VMRECON_BUILD:-.}/tests/bench/.libs/vr_bench.so" "$WORK/plugins/"
daemon bench <<END
LoadPlugin csv
<Plugin csv>
  DataDir "$WORK/bench/csv"
</Plugin>
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
</Plugin>
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
# What comes out is thrown away: the writer is not what is measured.
<Chain "PostCache">
  Target "stop"
</Chain>
LoadPlugin vr_bench
END
wait_for 120 grep -q 'bench: done' "$WORK/bench/log" || die "the bench did not end"
sed -n 's/.*bench: //p' "$WORK/bench/log" | grep -v done
