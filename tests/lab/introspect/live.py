#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Introspection against the guest's own readings, on one live guest (TAP).

live.py --tool BUILD/vmrecon-introspect --kernel VMLINUZ --initrd FILE [--smp N] [--mem MIB]
        [--backend anonymous|memfd|file] [--brackets N] [--seconds S]
"""

import argparse
import sys
import time

from compare import COUNTERS, GROWS, LEVELS, RESTLESS, Comparison, parse
from guest import Guest
from tap import Tool, check, finish

def bracket(guest, tool, comparison):
    before = parse(guest.readings())
    ours = tool.read()
    comparison.add(before, ours, parse(guest.readings()))


def wait_for_growth(guest, names, seconds=180):
    """Until the load has begun to do what it is for."""
    first = parse(guest.readings())
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        now = parse(guest.readings())
        if all(now[n] > first[n] for n in names):
            return
        time.sleep(0.5)


def compare(guest, tool, args, loads, label, restless=False, must_grow=()):
    """Brackets under some loads, spread over --seconds. With RESTLESS loads the levels
    change within a bracket: then ours must lie in the range of the guest's readings."""
    comparison = Comparison()
    for kind in loads:
        guest.command(f"load {kind}")
    wait_for_growth(guest, must_grow)
    pause = args.seconds / args.brackets
    for _ in range(args.brackets):
        bracket(guest, tool, comparison)
        time.sleep(pause)
    guest.command("stop")
    # A guest that gets no CPU for seconds is one whose values are withheld.
    check(comparison.withheld <= args.brackets // 4, f"{label}: values are given",
          f"{comparison.withheld} of {args.brackets} withheld")
    for name in COUNTERS:
        inside, total = comparison.inside[name], comparison.total[name]
        if name in RESTLESS:
            continue
        if restless and name in LEVELS:
            # Sixteen readings of the guest's do not see all of it: a wrong value would
            # always lie elsewhere.
            check(comparison.within_range(name) >= total * 3 / 4,
                  f"{label}: {name} in the range of the guest's readings",
                  f"{comparison.within_range(name)}/{total}; {inside}/{total} in the bracket")
            continue
        check(total > 0 and inside == total, f"{label}: {name} within the guest's readings",
              f"{inside}/{total}, {comparison.equal_checked[name]} with both equal, "
              f"e.g. {comparison.examples.get(name)}")
    busy = loads.count("cpu")
    most = max((x["running"] for b, _, a in comparison.series for x in (b, a)), default=0)
    check(comparison.series and all(busy <= ours["running"] <= most + 2
                                    for _, ours, _ in comparison.series),
          f"{label}: the {busy} busy processes are on the run queues, and at most {most + 2}",
          [ours["running"] for _, ours, _ in comparison.series])
    for name in sorted(GROWS):
        error = comparison.rate_error(name)
        if error is None and name in must_grow:
            check(False, f"{label}: {name} grows")
        if error is not None:
            check(error <= 0.5, f"{label}: growth of {name} within 0.5 %", f"{error:.3f} %")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", required=True)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--initrd", required=True)
    parser.add_argument("--smp", type=int, default=1)
    parser.add_argument("--mem", default="256")
    parser.add_argument("--brackets", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--touch", type=int, default=0, help="MiB the guest touches first")
    parser.add_argument("--backend", default="anonymous", choices=["anonymous", "memfd", "file"])
    args = parser.parse_args()
    guest = Guest(args.kernel, args.initrd, smp=args.smp, mem=args.mem, backend=args.backend)
    try:
        guest.wait_ready()
        if args.touch:
            guest.command(f"touch {args.touch}", 600)
        tool = Tool(args.tool, guest.pid)
        compare(guest, tool, args, [], "idle")
        compare(guest, tool, args, ["cpu", "cpu", "switch", "sleepers"], "steady")
        compare(guest, tool, args, ["cpu", "switch", "fork", "fault", "block", "sleepers"],
                "restless", restless=True)
        if int(args.mem) <= 1024:  # more takes long to fill
            guest.command("swap /dev/vdb")
            compare(guest, tool, args, ["swap"], "swapping", restless=True,
                    must_grow=("pswpin", "pswpout"))
        print("#", tool.close().strip())
    finally:
        guest.close()
    return finish()


if __name__ == "__main__":
    sys.exit(main())
