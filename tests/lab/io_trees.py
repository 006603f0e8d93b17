# SPDX-License-Identifier: MIT
"""Reads what tests/lab/io-kinds has recorded: collectd's csv files and epochs."""
import glob
import os

import numpy as np


def series(tree, host, plugin, name):
    """Times and values (a row each, a column for each data source) of one series; empty where it is absent."""
    rows = []
    for path in sorted(glob.glob(os.path.join(tree, host, plugin, glob.escape(name) + "-[0-9]*"))):
        with open(path) as lines:
            next(lines, None)
            for line in lines:
                try:
                    rows.append([float(x) for x in line.split(",")])
                except ValueError:  # a line that is being written
                    continue
    width = max((len(r) for r in rows), default=1)
    table = np.array([r for r in rows if len(r) == width], dtype=float).reshape(-1, width)
    order = np.argsort(table[:, 0], kind="stable")
    return table[order, 0], table[order, 1:]


def rate(times, values, at):
    """What accumulators grow per second between consecutive AT, linear between their samples; NaN outside."""
    if len(times) < 2:
        return np.full((len(at), values.shape[1] if values.ndim > 1 and values.shape[1] else 1), np.nan)
    out = np.full((len(at), values.shape[1]), np.nan)
    for i in range(values.shape[1]):
        level = np.interp(at, times, values[:, i], left=np.nan, right=np.nan)
        out[1:, i] = np.diff(level) / np.diff(at)
    return out


def nearest(times, values, at, most):
    """The value nearest to each of AT, at most MOST seconds away; else NaN."""
    if len(times) == 0:
        return np.full((len(at), 1), np.nan)
    i = np.clip(np.searchsorted(times, at), 1, len(times) - 1)
    i -= (at - times[i - 1]) < (times[i] - at)
    out = values[i].astype(float).copy()
    out[np.abs(times[i] - at) > most] = np.nan
    return out


def epochs(recording, guest):
    """(begin, end, items) of the guest's load; the disk that hangs is one within another."""
    out = []
    with open(os.path.join(recording, "epochs.txt")) as lines:
        for line in lines:
            begin, seconds, name, items = line.split(None, 3)
            if name == guest:
                out.append((float(begin), float(begin) + float(seconds), items.strip()))
    return out


def guests(tree):
    """Names of the guests that the host measured."""
    return sorted(os.path.basename(p)[len("vmrecon-"):] for p in glob.glob(os.path.join(tree, "host", "vmrecon-*")))


HOST = [("run", "derive-vcpu_run", 1e-9), ("wait", "derive-vcpu_wait", 1e-9),
        ("wait_preempted", "derive-vcpu_wait_preempted", 1e-9), ("emulator_run", "derive-emulator_run", 1e-9),
        ("voluntary", "derive-vcpu_switches_voluntary", 1), ("involuntary", "derive-vcpu_switches_involuntary", 1),
        ("block_time", "disk_time-block", 1e-3), ("flush", "derive-block_flush_time", 1e-9),
        ("block_ops", "disk_ops-block", 1), ("block_octets", "disk_octets-block", 1)]


def table(recording, interval, guest):
    """Names of columns, and rows on the host's own instants: rates of what the host counts, what the guest says."""
    tree = os.path.join(recording, f"{interval}s", "csv")
    at, _ = series(tree, "host", "vmrecon-" + guest, "derive-vcpu_run")
    names, columns = ["time"], [at]
    for name, what, scale in HOST:
        r = rate(*series(tree, "host", "vmrecon-" + guest, what), at) * scale
        both = ("_read", "_written") if r.shape[1] == 2 else ("",)
        names += [name + b for b in both]
        columns += list(r.T)
    near = 0.6 * interval + 0.5
    load = nearest(*series(tree, guest, "load", "load"), at, near)
    load = load if load.shape[1] == 3 else np.full((len(at), 3), np.nan)
    names += ["guest_load1", "guest_load5", "guest_load15"]
    columns += list(load.T)
    for state in ("user", "system", "idle", "wait", "steal", "softirq", "interrupt"):
        names.append("guest_" + state)
        columns.append(nearest(*series(tree, guest, "cpu", "percent-" + state), at, near)[:, 0])
    names.append("guest_contextswitch")
    columns.append(rate(*series(tree, guest, "contextswitch", "contextswitch"), at)[:, 0])
    return names, np.column_stack(columns) if len(at) else np.empty((0, len(names)))
