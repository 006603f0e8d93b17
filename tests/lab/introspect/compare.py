# SPDX-License-Identifier: MIT
"""A guest's own readings of /proc beside those of introspection."""


def number(text):
    return int(text.split()[0])


def parse(files):
    """Guest readings (guest_init.c) as the counters of vmrecon-introspect, in its units
    where /proc has them, else in /proc's: see TOLERANCE."""
    stat = {line.split()[0]: line.split()[1:] for line in files["/proc/stat"]}
    vm = {line.split()[0]: int(line.split()[1]) for line in files["/proc/vmstat"]}
    mem = {line.split(":")[0]: number(line.split(":")[1]) * 1024
           for line in files["/proc/meminfo"]}
    load = files["/proc/loadavg"][0].split()
    cpu = [int(x) for x in stat["cpu"]]
    tick = 10_000_000  # USER_HZ, ns
    return {
        "load1": float(load[0]), "load5": float(load[1]), "load15": float(load[2]),
        "threads": int(load[3].split("/")[1]),
        "processes": int(files["processes"][0]),
        "forks": int(stat["processes"][0]),
        "running": int(stat["procs_running"][0]),
        "blocked": int(stat["procs_blocked"][0]),
        "contextswitch": int(stat["ctxt"][0]),
        "cpu_user_ns": cpu[0] * tick, "cpu_nice_ns": cpu[1] * tick,
        "cpu_system_ns": cpu[2] * tick, "cpu_idle_ns": cpu[3] * tick,
        "cpu_iowait_ns": cpu[4] * tick, "cpu_irq_ns": cpu[5] * tick,
        "cpu_softirq_ns": cpu[6] * tick, "cpu_steal_ns": cpu[7] * tick,
        "pgfault": vm["pgfault"], "pgmajfault": vm["pgmajfault"],
        "pgpgin_bytes": vm["pgpgin"] * 1024, "pgpgout_bytes": vm["pgpgout"] * 1024,
        "pswpin": vm["pswpin"], "pswpout": vm["pswpout"],
        "memory_total": mem["MemTotal"], "memory_free": mem["MemFree"],
        "memory_buffered": mem["Buffers"], "memory_cached": mem["Cached"],
        "memory_available": mem["MemAvailable"],
        "memory_slab_recl": mem["SReclaimable"],
        "memory_slab_unrecl": mem["SUnreclaim"],
        "uptime": float(files["/proc/uptime"][0].split()[0]),
    }


# What the guest's own text rounds away, per counter: one step of the text.
TOLERANCE = {"uptime": 0.02, "load1": 0.01, "load5": 0.01, "load15": 0.01,
             "pgpgin_bytes": 1024, "pgpgout_bytes": 1024}
# One USER_HZ tick for each CPU and state, as /proc/stat truncates; idle time also has
# the guest's clock in it, which is known from outside to a tick (4 ms).
for state in ("user", "nice", "system", "softirq", "irq", "steal"):
    TOLERANCE[f"cpu_{state}_ns"] = 10_000_000
for state in ("idle", "iowait"):
    TOLERANCE[f"cpu_{state}_ns"] = 20_000_000

GROWS = {"forks", "contextswitch", "pgfault", "pgmajfault", "pgpgin_bytes", "pgpgout_bytes",
         "pswpin", "pswpout", "uptime", "cpu_user_ns", "cpu_nice_ns", "cpu_system_ns",
         "cpu_softirq_ns", "cpu_irq_ns", "cpu_steal_ns", "cpu_idle_ns"}
# The guest's reader runs while it reads, and wakes kernel threads: its own readings of the run
# queue hold them, those from outside do not.
RESTLESS = {"running"}
LEVELS = {"load1", "load5", "load15", "threads", "processes", "running", "blocked",
          "memory_total", "memory_free", "memory_buffered", "memory_cached",
          "memory_available", "memory_slab_recl", "memory_slab_unrecl"}
COUNTERS = sorted(GROWS | LEVELS)


def within(name, before, ours, after):
    slack = TOLERANCE.get(name, 0)
    return min(before, after) - slack <= ours <= max(before, after) + slack


class Comparison:
    """Collects brackets: a reading of the guest, ours, a reading of the guest."""

    def __init__(self):
        self.total = dict.fromkeys(COUNTERS, 0)
        self.inside = dict.fromkeys(COUNTERS, 0)
        self.missing = dict.fromkeys(COUNTERS, 0)
        self.withheld = 0
        self.equal_checked = dict.fromkeys(COUNTERS, 0)
        self.examples = {}
        self.series = []

    def add(self, before, ours, after):
        if "error" in ours:
            self.withheld += 1
            return
        self.series.append((before, ours, after))
        for name in COUNTERS:
            if ours.get(name) is None:
                self.missing[name] += 1
                continue
            self.total[name] += 1
            self.equal_checked[name] += before[name] == after[name]
            if within(name, before[name], ours[name], after[name]):
                self.inside[name] += 1
            else:
                self.examples.setdefault(name, (before[name], ours[name], after[name]))

    def within_range(self, name):
        """How many of ours lie in the range of all the guest's readings: for levels that
        change faster than a bracket takes."""
        guest = [x[name] for b, _, a in self.series for x in (b, a)]
        if not guest:
            return 0
        # So few readings do not reach the ends of what there is.
        slack = (max(guest) - min(guest)) / 2
        return sum(within(name, min(guest) - slack, o[name], max(guest) + slack)
                   for _, o, _ in self.series if o.get(name) is not None)

    def rate_error(self, name):
        """Difference of the growth over the whole run, in percent of the guest's, beyond
        what the brackets at both ends leave open."""
        if len(self.series) < 2:
            return None
        (b0, o0, a0), (b1, o1, a1) = self.series[0], self.series[-1]
        if o0.get(name) is None or o1.get(name) is None:
            return None
        guest = ((b1[name] + a1[name]) - (b0[name] + a0[name])) / 2
        if guest <= 0:
            return None
        open_ends = (a0[name] - b0[name] + a1[name] - b1[name]) / 2
        slack = open_ends + 2 * TOLERANCE.get(name, 0)
        error = max(0, abs(o1[name] - o0[name] - guest) - slack)
        return 100 * error / guest
