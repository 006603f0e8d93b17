#!/bin/bash
# What training costs, from RRD files to model file and report: CPU seconds and memory
# of the recorded hour, for two guests x ten counters, for all three, and, where a
# number is given, for so many: copies of the three under other names.
#
#   tests/bench/train.sh BUILD [GUESTS]
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
train=$(readlink -f "${1:?the build directory}")/vmrecon-train
guests=${2:-0}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# copies FROM TO N: a tree of N guests out of those in FROM
copies() {
  local i name names=(held one two)
  mkdir -p "$2/host"
  cp -r "$1/host/vmrecon" "$2/host/"
  for ((i = 0; i < $3; i++)); do
    name=${names[i % 3]}
    cp -r "$1/$name" "$2/$name$i"
    cp -r "$1/host/vmrecon-$name" "$2/host/vmrecon-$name$i"
  done
}
# costs COMMAND…: CPU seconds, elapsed ones, and the most memory that it had
costs() {
  python3 - "$@" <<'END'
import resource, subprocess, sys, time
begin = time.monotonic()
with open("/dev/null", "w") as nothing:
    done = subprocess.run(sys.argv[1:], stdout=nothing, stderr=nothing)
u = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{u.ru_utime:.1f} user + {u.ru_stime:.1f} system = {u.ru_utime + u.ru_stime:.1f} CPU seconds, "
      f"{time.monotonic() - begin:.1f} elapsed, {u.ru_maxrss / 1024:.0f} MiB", flush=True)
sys.exit(done.returncode)
END
}

"$here/../data/recorded/restore" "$work/three"
cp -r "$work/three" "$work/two"
rm -r "$work/two/held" "$work/two/host/vmrecon-held"
trees=(two three)
if ((guests > 0)); then
  copies "$work/three" "$work/$guests" "$guests"
  trees+=("$guests")
fi
for tree in "${trees[@]}"; do
  for how in "--no-known" "--no-known --step 10" "--pool" "--pool --step 10"; do
    printf '%s guests, %s: ' "$tree" "$how"
    # shellcheck disable=SC2086
    costs "$train" $how "$work/$tree" -o "$work/models"
  done
done
