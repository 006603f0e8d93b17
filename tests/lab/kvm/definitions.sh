# shellcheck shell=bash
# What a guest says of its processors beside what is published of it, and what the
# host measured: rows of "LOAD GUEST DEFINITION OWN OURS", in percent of all vCPUs.
# Needs lib/scenario.sh, and a daemon "truth" that receives the guests' collectd.

declare -A DEFINITION_VCPUS=()

# own_difference GUEST PLUGIN SERIES COLUMN FROM TO: as difference, of that guest's own
own_difference() {
  cat "$LAB_RUN/truth/csv/$1/$2/$3"-[0-9]* | grep -v '^epoch' | awk -F, -v c="$4" -v from="$5" -v to="$6" '
    $1 >= from && !begun {first = $c; begun = 1}
    $1 <= to {last = $c}
    END {printf "%.0f\n", last - first}'
}

# rate_percent PLUGIN SERIES COLUMN VCPUS FROM TO: growth of a counter of nanoseconds
rate_percent() {
  series truth "$1" "$2" | awk -F, -v c="$3" -v vcpus="$4" -v from="$5" -v to="$6" '
    $1 >= from && !begun {first = $c; at = $1; begun = 1}
    $1 <= to {last = $c; until = $1}
    END {if (begun && until > at) printf "%.6g\n", (last - first) / (until - at) / 1e7 / vcpus; else print "nan"}'
}

# own_percent GUEST FROM TO STATE…: sum of states of the guest's own collectd
own_percent() {
  local guest=$1 from=$2 to=$3 state
  shift 3
  for state in "$@"; do
    guest_average "$guest" "percent-$state" "$from" "$to"
  done | awk '{sum += $1} END {printf "%.6g\n", sum}'
}

# guest_average GUEST SERIES FROM TO: from the folder of that guest alone
guest_average() {
  cat "$LAB_RUN/truth/csv/$1/cpu/$2"-[0-9]* 2>/dev/null | grep -v '^epoch' | awk -F, -v from="$3" -v to="$4" '
    $1 >= from && $1 <= to && $2 != "nan" && last {sum += $2 * ($1 - last); time += $1 - last}
    {last = $1}
    END {if (time) printf "%.6g\n", sum / time; else print "nan"}'
}

published_percent() { time_average truth "virt_inferred-$1" "percent-$2" 2 "$3" "$4"; }

# definition_rows LOAD GUEST FROM TO
definition_rows() {
  local load=$1 guest=$2 from=$3 to=$4 vcpus=${DEFINITION_VCPUS[$2]}
  row() { echo "$load $guest $1 $2 $3"; }
  row run "$(own_percent "$guest" "$from" "$to" user nice system interrupt softirq)" \
    "$(rate_percent "vmrecon-$guest" derive-vcpu_run 2 "$vcpus" "$from" "$to")"
  row steal "$(own_percent "$guest" "$from" "$to" steal)" "$(published_percent "$guest" steal "$from" "$to")"
  row wait "$(own_percent "$guest" "$from" "$to" wait)" "$(published_percent "$guest" wait "$from" "$to")"
  row busy "$(own_percent "$guest" "$from" "$to" user nice system interrupt softirq)" \
    "$(published_percent "$guest" busy "$from" "$to")"
  row active "$(own_percent "$guest" "$from" "$to" user nice system interrupt softirq steal wait)" \
    "$(published_percent "$guest" active "$from" "$to")"
  row halt_poll 0 "$(for kind in success fail; do
    rate_percent "vmrecon-$guest" "derive-kvm_halt_poll_${kind}_ns" 2 "$vcpus" "$from" "$to"
  done | awk '{sum += $1} END {printf "%.6g\n", sum}')"
}

# measure LOAD SECONDS GUEST…: lets the load settle for two intervals, then rows. The
# guests have to live to its end.
measure() {
  local load=$1 seconds=$2 guest from to
  shift 2
  sleep $((2 * daemon_interval + 1))
  from=$(now)
  sleep "$seconds"
  to=$(now)
  sleep 2
  for guest in "$@"; do
    lab_guest_lives "$guest"
    definition_rows "$load" "$guest" "$from" "$to"
  done
}
