#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What estimation costs, beside Octave's arx and GSL in the same run.
#   tests/bench/sysid.sh [BUILD-DIRECTORY [OUTPUT-DIRECTORY]]
# Installs octave-control (Debian) when Octave is not there and we may; plots
# with gnuplot when that is there. CPU seconds of one core on both sides.
set -eu

build=${1:-build}
out=${2:-$build/bench-sysid}
here=$(dirname "$0")
bench=$build/tests/bench/sysid-bench

[ -x "$bench" ] || make -C "$build" tests/bench/sysid-bench >&2
mkdir -p "$out"

install_octave() {
  [ "$(id -u)" = 0 ] || return 1
  apt-get update -q >&2 && apt-get install -yq --no-install-recommends \
    octave octave-control >&2
}

have_octave() { octave-cli --norc --eval 'pkg load control' >/dev/null 2>&1; }

have_octave || install_octave || {
  echo "sysid.sh: Octave's control package is not there and cannot be installed" >&2
  exit 77
}

results=$out/results
"$bench" fits >"$results"
"$bench" search >>"$results"
"$bench" seed >>"$results"
"$bench" data "$out/data"
octave-cli --norc "$here/sysid.m" "$out/data" >>"$results" 2>"$out/octave.log" || {
  cat "$out/octave.log" >&2
  exit 1
}
rm -f "$out/data"
for growth in samples parameters structures; do
  "$bench" $growth >"$out/$growth"
done

awk '
  { v[$1] = $2 }
  function row(what, ours, others, name, aim) {
    printf "%-44s %10.4g s %10.4g s %-11s %8.0f x  %s\n", what, ours, others,
      name, others / ours, aim
  }
  END {
    printf "%-44s %12s %12s\n", "", "ours", "theirs"
    for (i = 1; i <= 3; i += 2) {
      what = "fit (20,17,50), N = 100 000, " i (i > 1 ? " inputs" : " input")
      row(what, v["fit" i], v["octave" i], "Octave arx", "aim 50 x")
      row(what, v["fit" i], v["gsl" i], "GSL TSQR", "")
      printf "  coefficients differ from those of GSL by %g (relative)\n",
        v["difference" i]
    }
    row("1000 structures, N = 10 000", v["search"], v["octave_search"],
      "Octave arx", "aim 2000 x")
    row("  and the best 50 run free", v["search_rescored"],
      v["octave_search"], "Octave arx", "")
    printf "%d structures, 3 inputs, N = 100 000, best 50 run free: %.3g s, peak %.1f MiB (aim 1 s, 64 MiB)\n",
      v["seed_structures"], v["seed"], v["seed_peak_mib"]
  }' "$results" | tee "$out/table"

# Growth: the exponent between the last two points of each table.
for growth in samples parameters structures; do
  awk -v name=$growth '
    { if (n++) { e = log($2 / y) / log($1 / x) } x = $1; y = $2 }
    END { printf "cost grows with %s to the power %.2f (at %d: %.3g s)\n",
      name, e, x, y }' "$out/$growth"
done | tee -a "$out/table"

command -v gnuplot >/dev/null || exit 0
gnuplot <<EOF
set terminal svg size 900,300 dynamic background rgb "white"
set output "$out/growth.svg"
set multiplot layout 1,3
set logscale xy
set format xy "10^{%T}"
set key left top
set ylabel "CPU seconds"
set xlabel "samples, fit (20,17,50)"
plot "$out/samples" with linespoints title "measured", \
  1.2e-8*x title "proportional to N"
set xlabel "parameters, N = 100 000, 3 inputs"
plot "$out/parameters" with linespoints title "measured", \
  3.5e-5*x + 1e-10*x**3 title "a p + b p^3"
set xlabel "structures, 2 inputs, N = 10 000"
plot "$out/structures" with linespoints title "measured", \
  1.1e-4 + 1e-7*x title "Gram + proportional to structures"
unset multiplot
EOF
echo "plots: $out/growth.svg"
