#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What may happen to a guest while it is introspected, on live guests (TAP).

faults.py --tool BUILD/vmrecon-introspect --kernel VMLINUZ --initrd FILE
"""

import argparse
import mmap
import os
import resource
import subprocess
import sys
import tempfile
import time

from compare import COUNTERS, RESTLESS, parse, within
from guest import Guest
from tap import Tool, check, finish

ENOENT, ESRCH, EAGAIN, EPERM, ENODATA, ESTALE, ETIME = 2, 3, 11, 1, 61, 116, 62


def readings(tool, seconds, step=0.5):
    """Readings for some time; each with the time it was taken."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield tool.read()
        time.sleep(step)


def wait_for(tool, condition, seconds, step=0.5):
    for reading in readings(tool, seconds, step):
        if condition(reading):
            return reading
    return None


def given(reading):
    return "error" not in reading


def bracketed(guest, tool, names):
    """Those of the counters that are not within a bracket of the guest's readings, or None
    when values were withheld."""
    before, ours, after = parse(guest.readings()), tool.read(), parse(guest.readings())
    if not given(ours):
        return None
    return {n for n in names if ours[n] is None or not within(n, before[n], ours[n], after[n])}


def agrees(guest, tool, names=frozenset(COUNTERS) - RESTLESS):
    """Names of the counters that are outside of three brackets of the guest's readings: one
    that is wrong always is, one that jumped within a bracket is not."""
    wrong, brackets = set(names), 0
    for _ in range(30):
        outside = bracketed(guest, tool, names)
        if outside is not None:
            wrong &= outside
            brackets += 1
        if brackets and (not wrong or brackets == 3):
            break
        time.sleep(1)
    return sorted(wrong)


def paused(guest, tool):
    wait_for(tool, given, 60)
    guest.monitor("stop")
    time.sleep(4)
    held = [tool.read() for _ in range(3)]
    check(all(r.get("error") == ENODATA for r in held), "paused: values are withheld", held[0])
    guest.monitor("cont")
    back = wait_for(tool, given, 60)
    check(back is not None, "paused: values come back when it goes on")
    wrong = agrees(guest, tool)
    check(not wrong, "paused: they agree with the guest's afterwards", wrong)


def unplugged(guest, tool):
    guest.command("online 1 0")
    time.sleep(1)
    reading = wait_for(tool, given, 60)
    check(reading and reading["cpus_online"] == 1 and reading["cpus"] == 2,
          "CPU taken offline: noticed")
    wrong = agrees(guest, tool)
    check(not wrong, "CPU taken offline: counters agree", wrong)
    guest.command("online 1 1")
    time.sleep(1)
    reading = wait_for(tool, given, 60)
    check(reading and reading["cpus_online"] == 2, "CPU back online: noticed")
    wrong = agrees(guest, tool)
    check(not wrong, "CPU back online: counters agree", wrong)


def rebooted(guest, tool):
    guest.command("load sleepers")
    time.sleep(2)
    before = wait_for(tool, given, 60)
    start = time.monotonic()
    guest.port.sendall(b"reboot\n")
    seen, wrong = [], []
    for reading in readings(tool, 90, 0.2):
        up = time.monotonic() - start
        if not given(reading):
            seen.append(reading["error"])
            if reading["error"] == ENOENT:
                break
            continue
        # Either the old kernel, still going on, or the new one, young (so young, maybe,
        # that its clock does not tell the time yet).
        reading["uptime"] = reading["uptime"] or 0
        old = reading["uptime"] >= before["uptime"] and reading["forks"] >= before["forks"]
        # A kernel that boots on a busy emulator measures its clock's rate wrong at first.
        young = reading["uptime"] < 1.5 * up + 1 and reading["forks"] < before["forks"]
        if not (old or young):
            wrong.append(reading)
        if young and reading["uptime"] < before["uptime"] + up - 1:
            break
    check(not wrong, "reboot: no value of neither kernel", wrong[:1])
    check(bool(seen), "reboot: noticed, values withheld", sorted(set(seen)))
    guest.wait_ready()
    reading = wait_for(tool, given, 60)
    check(reading and reading["uptime"] < before["uptime"] + 60 and
          reading["forks"] < before["forks"] + 60, "reboot: the new kernel is found")
    wrong = agrees(guest, tool)
    check(not wrong, "reboot: counters agree afterwards", wrong)


def migrated(args, guest, tool):
    path = os.path.join(guest.dir, "migration")
    other = Guest(args.kernel, args.initrd, smp=2, name="vri1", backend="memfd",
                  extra=["-incoming", f"unix:{path}"])
    try:
        while not os.path.exists(path):
            time.sleep(0.1)
        guest.monitor(f"migrate -d unix:{path}")
        end = time.monotonic() + 180
        while "completed" not in guest.monitor("info migrate") and time.monotonic() < end:
            time.sleep(0.2)
        there = Tool(args.tool, other.pid)
        time.sleep(4)
        left = tool.read()
        check(not given(left), "migrated: nothing more from the process it left", left.get("why"))
        reading = wait_for(there, given, 60)
        check(reading is not None, "migrated: values from the process it went to")
        guest.port, guest.pending, other_port = other.port, b"", guest.port
        wrong = agrees(guest, there)
        check(not wrong, "migrated: counters agree", wrong)
        guest.port = other_port
        there.close()
    finally:
        other.close()


def killed(args):
    guest = Guest(args.kernel, args.initrd)
    guest.wait_ready()
    tool = Tool(args.tool, guest.pid)
    wait_for(tool, given, 60)
    guest.process.kill()
    guest.process.wait()
    reading = tool.read()
    check(reading.get("error") == ESRCH, "killed: one line", reading.get("why"))
    tool.close()
    guest.close()


def not_linux(args):
    guest = Guest(None, None)
    try:
        time.sleep(5)
        run = subprocess.run([args.tool, "--json", str(guest.pid)], capture_output=True, text=True)
        # On a slow machine the search may end before all memory is seen.
        check('"error": 11' in run.stdout
              and ("no Linux kernel" in run.stderr or "used up its CPU time" in run.stderr),
              "no Linux, the BIOS finds no disk: one line", run.stderr.splitlines()[0])
    finally:
        guest.close()


BTF_HEADER = b"\x9f\xeb\x01\x00\x18\x00\x00\x00"
# What lies in structures of the kernel.
IN_STRUCTURES = {"running", "blocked", "contextswitch", "cpu_idle_ns", "cpu_iowait_ns",
                 "memory_buffered", "memory_cached", "memory_available"}


def without_btf(args):
    """As a kernel that was built without: its memory is a file, in which the begin of all
    type information is overwritten before anybody looks."""
    guest = Guest(args.kernel, args.initrd, backend="file")
    try:
        guest.wait_ready()
        with open(guest.ram_path, "r+b") as f, mmap.mmap(f.fileno(), 0) as ram:
            at, n = ram.find(BTF_HEADER), 0
            while at >= 0:
                ram[at:at + 2] = b"\0\0"
                n += 1
                at = ram.find(BTF_HEADER, at + 2)
        check(n > 0, "no type information: there was some", n)
        tool = Tool(args.tool, guest.pid)
        reading = wait_for(tool, given, 60) or {}
        check(reading.get("threads") and
              all(reading[n] is None for n in IN_STRUCTURES),
              "no type information: what it is needed for is not available")
        new = int(guest.command("cat /proc/version")[1].split()[2].split(".")[0]) >= 7
        names = {n for n in COUNTERS if n not in IN_STRUCTURES and not (new and "cpu_" in n)}
        wrong = agrees(guest, tool, names - RESTLESS)
        check(not wrong, "no type information: the other counters agree", wrong)
        tool.close()
    finally:
        guest.close()


def no_right(args, guest):
    run = subprocess.run(["setpriv", "--reuid", "65534", "--clear-groups", args.tool,
                          str(guest.pid)], capture_output=True, text=True)
    check("CAP_SYS_PTRACE" in run.stderr and run.stdout == "", "no right to read: one line",
          run.stderr.splitlines()[-1])


def forged(args):
    """The guest fills its memory with copies of its own kernel's read-only data: banners,
    symbol tables and type information, most of it sound."""
    with tempfile.TemporaryDirectory(prefix="vri-") as folder:
        source = os.path.join(folder, "forged")
        guest = Guest(args.kernel, args.initrd, mem="256")
        try:
            guest.wait_ready()
            iomem = [x for x in guest.command("cat /proc/iomem") if "Kernel rodata" in x]
            begin, end = (int(x, 16) for x in iomem[0].split(":")[0].strip().split("-"))
            answer = guest.monitor(f"pmemsave {begin:#x} {end + 1 - begin} \"{source}\"")
            check(os.path.exists(source), "the kernel's read-only data is there to forge", answer[-80:])
        finally:
            guest.close()
        initrd = os.path.join(folder, "initrd")
        with open(initrd, "wb") as out:
            out.write(open(args.initrd, "rb").read())
            out.flush()
            subprocess.run(["sh", "-c", "cd $0 && echo forged | cpio --quiet -o -H newc | zstd -q",
                            folder], stdout=out, check=True)
        guest = Guest(args.kernel, initrd, mem="1024")
        try:
            guest.wait_ready()
            guest.command("forge /forged", 120)
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            run = subprocess.run([args.tool, "--json", "-i", "1", "-n", "2", str(guest.pid)],
                                 capture_output=True, text=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            check(cpu < 2.1, "memory full of forged tables: at most 2 s of CPU",
                  f"{cpu:.2f} s; {run.stderr.splitlines()[0]}")
            own = run.stdout.splitlines()[-1]
            check('"error"' in own or '"threads": ' in own,
                  "memory full of forged tables: its own values, or none", own[:120])
            peak = subprocess.run(["sh", "-c", f"ulimit -v {(64 + 24) * 1024}; {args.tool} --json "
                                   f"{guest.pid}"], capture_output=True, text=True)
            check("memory" not in peak.stderr.replace("memory,", "").replace("memory (", "")
                  and peak.returncode in (0, 3, 5),
                  "memory full of forged tables: 64 MiB are enough", peak.stderr.splitlines()[0])
        finally:
            guest.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", required=True)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--initrd", required=True)
    args = parser.parse_args()
    forged(args)
    killed(args)
    not_linux(args)
    without_btf(args)
    guest = Guest(args.kernel, args.initrd, smp=2, backend="memfd")
    try:
        guest.wait_ready()
        no_right(args, guest)
        tool = Tool(args.tool, guest.pid)
        paused(guest, tool)
        unplugged(guest, tool)
        rebooted(guest, tool)
        migrated(args, guest, tool)
        tool.close()
    finally:
        guest.close()
    return finish()


if __name__ == "__main__":
    sys.exit(main())
