#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Numbers that tests of the trainer expect, by numpy alone: python3 expected.py

The series are those of recording.c: the same generator, the same laws as in
test_regression.c and test_pool.c. Nothing of the trainer is called.
"""
import numpy as np


class Noise:
    """recording_noise()"""

    def __init__(self, seed):
        self.x = seed

    def __call__(self):
        self.x = (self.x * 1664525 + 1013904223) % 2**32
        return (self.x >> 8) / 2**24 - 0.5


def on_off(seed, rows):
    """recording_on_off()"""
    noise, now, left, out = Noise(seed), 0.0, 0, []
    for _ in range(rows):
        if left == 0:
            left = 20 + int(40 * (noise() + 0.5))
            now = 1 - now
        out.append(now)
        left -= 1
    return np.array(out)


def ridge(columns, y, weight=1e-3):
    """Constant and coefficients: the correlation matrix plus the weight."""
    x = np.column_stack(columns)
    mean = x.mean(axis=0)
    c = x - mean
    size = np.sqrt((c**2).sum(axis=0))
    c /= size
    b = np.linalg.solve(c.T @ c + weight * np.eye(x.shape[1]), c.T @ (y - y.mean())) / size
    return y.mean() - b @ mean, b


def fit(y, yhat):
    return 100 * (1 - np.sqrt(((y - yhat) ** 2).sum() / ((y - y.mean()) ** 2).sum()))


def regression():
    """test_regression.c: y = 5 + 3 u(t-1) + v + noise, 600 rows, the first 60 not
    used; folds are i * 10 / 600 mod 5."""
    n, noise = 600, Noise(11)
    u, v, y = np.zeros(n), np.zeros(n), np.zeros(n)
    for i in range(n):
        u[i] = noise()
        v[i] = noise()
        y[i] = 5 + 3 * (u[i - 1] if i else 0) + v[i] + 0.5 * noise()
    t = np.arange(60, n)
    fold = t * 10 // n % 5
    names = ("all", "without fold 0")
    for name, rows in zip(names, (t, t[fold != 0])):
        constant, b = ridge([u[rows], u[rows - 1], v[rows]], y[rows])
        print("regression", name, repr(constant), [repr(x) for x in b])
    constant, b = ridge([u[t], u[t - 1], v[t]], y[t])
    print("regression error", repr(((y[t] - constant - np.column_stack([u[t], u[t - 1], v[t]]) @ b) ** 2).sum()))
    yhat = np.zeros(len(t))
    for k in range(5):
        on, off = fold != k, fold == k
        constant, b = ridge([u[t[on] - 1]], y[t[on]])
        yhat[off] = constant + b[0] * u[t[off] - 1]
    print("regression cross-validated on u(t-1)", repr(fit(y[t], yhat)))
    for name, x in (("u", u), ("v", v)):
        constant, b = ridge([x[t]], y[t])
        print("regression gain of", name, repr(constant), repr(b[0]), repr(((y[t] - constant - b[0] * x[t]) ** 2).sum()))


def pool():
    """test_pool.c: three guests of 400 rows; context switches are 100 + 3 u +
    noise on all, processes 50 + s u with s = 1, 1, -1."""
    n, data = 400, []
    for g in range(3):
        noise, on = Noise(21 + g), on_off(5 + g, n)
        u = np.zeros(n)
        y = np.zeros(n)
        z = np.zeros(n)
        for i in range(n):
            u[i] = 10 * (1 + g) * (1 + on[i]) + noise()
            y[i] = 100 + 3 * u[i] + 4 * noise()
            z[i] = 50 + (-1 if g == 2 else 1) * u[i] + noise()
        data.append((u, y, z))
    used = slice(40, n)
    for name, which in (("contextswitch", 1), ("processes", 2)):
        error = {"gain": 0.0, "mean": 0.0}
        spread = 0.0
        for g in range(3):
            u = np.concatenate([data[h][0][used] for h in range(3) if h != g])
            y = np.concatenate([data[h][which][used] for h in range(3) if h != g])
            constant, b = ridge([u], y)
            truth = data[g][which]
            error["gain"] += ((truth - constant - b[0] * data[g][0]) ** 2).sum()
            error["mean"] += ((truth - y.mean()) ** 2).sum()
            spread += ((truth - truth.mean()) ** 2).sum()
        for way, e in error.items():
            print("pool", name, way, repr(100 * (1 - np.sqrt(e / spread))))
    u = np.concatenate([d[0][used] for d in data])
    y = np.concatenate([d[1][used] for d in data])
    print("pool gain of all", [repr(x) for x in (ridge([u], y)[0], ridge([u], y)[1][0])])


def finer():
    """test_finer_host.c: per second run and delay of a vCPU; each value of the
    guest is the mean of what the law says of its ten seconds."""
    n, noise, on = 3000, Noise(3), on_off(1, 3000)
    u, w = np.zeros(n), np.zeros(n)
    for i in range(n):
        u[i] = 0.05 + 0.4 * on[i] + 0.1 * (0.5 + noise())
        w[i] = 0.5 * (0.5 + noise()) if i % 3 else 0
    law = np.minimum(100 * (u + 0.22 * w) / (1 - 0.78 * w), 100)
    ten = lambda x: x.reshape(-1, 10).mean(axis=1)
    mean = ten(law)
    of_means = 100 * (ten(u) + 0.22 * ten(w)) / (1 - 0.78 * ten(w))
    print("finer", [repr(x) for x in mean[[10, 100, 200]]], "fit of the law of means", repr(fit(mean, of_means)))


regression()
pool()
finer()
