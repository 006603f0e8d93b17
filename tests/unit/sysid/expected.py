#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes the numbers that the units of src/sysid expect, computed by numpy from
the definitions (direct sums, dense N x N likelihoods, linear solves) and not by
the library's ways.

    /usr/bin/python3 tests/unit/sysid/expected.py tests/data/sysid

A file is a list of arrays: a line "NAME COUNT", then COUNT values.
"""
import math
import os
import sys

import numpy as np


def write(path, arrays):
    with open(path, "w") as f:
        for name, values in arrays.items():
            values = np.atleast_1d(np.asarray(values, float)).ravel()
            f.write(f"{name} {len(values)}\n")
            f.write("".join(f"{v:.17g}\n" for v in values))


def gamma_q(a, x):
    """Upper regularised incomplete gamma function by its series."""
    term = total = 1 / a
    n = 0
    while term > 1e-17 * total:
        n += 1
        term *= x / (a + n)
        total += term
    return 1 - total * math.exp(-x + a * math.log(x) - math.lgamma(a))


def coloured(rng, n, poles, sd=1.0):
    e = rng.normal(0, sd, n + 200)
    x = np.zeros(n + 200)
    for t in range(n + 200):
        x[t] = e[t] - sum(a * x[t - k - 1] for k, a in enumerate(poles) if t > k)
    return x[200:]


def autocovariance(x, lags):
    d = np.where(np.isfinite(x), x - np.nanmean(x), np.nan)
    n = np.isfinite(x).sum()
    return np.array([np.nansum(d[k:] * d[:len(d) - k]) / n
                     for k in range(lags + 1)])


def yule_walker(c, order, n):
    """(a, variance, AIC) of every order, each by its own linear system."""
    out = [(np.array([1.0]), c[0], n * math.log(c[0]))]
    for p in range(1, order + 1):
        r = np.array([[c[abs(i - j)] for j in range(p)] for i in range(p)])
        a = np.linalg.solve(r, -c[1:p + 1])
        v = c[0] + a @ c[1:p + 1]
        out.append((np.r_[1, a], v, n * math.log(v) + 2 * p))
    return out


def welch(x, length):
    w = 0.5 * (1 - np.cos(2 * np.pi * np.arange(length) / length))
    total, count = 0, 0
    for s in range(0, len(x) - length + 1, length // 2):
        piece = x[s:s + length]
        if np.isfinite(piece).all():
            total = total + abs(np.fft.rfft(w * (piece - np.nanmean(x)))) ** 2
            count += 1
    p = total / (count * (w ** 2).sum())
    p[1:-1] *= 2
    return p, count


def local_whittle(x):
    n = len(x)
    m = int(n ** 0.65)
    j = np.arange(1, m + 1)
    i = abs(np.fft.fft(x - x.mean())[1:m + 1]) ** 2
    d = np.arange(-0.499, 0.999, 1e-5)
    value = [math.log((j ** (2 * k) * i).mean()) - 2 * k * np.log(j).mean()
             for k in d]
    return d[int(np.argmin(value))] + 0.5


def series(path):
    rng = np.random.default_rng(1)
    x = 5 + coloured(rng, 900, [-1.2, 0.5])
    x[300:310] = x[500] = np.nan
    n = np.isfinite(x).sum()
    c = autocovariance(x, 20)
    fits = yule_walker(c, 12, n)
    best = min(range(13), key=lambda p: fits[p][2])
    spectrum, windows = welch(x, 64)
    whole = np.cumsum(rng.normal(size=1000)) * 0.02 + rng.normal(size=1000)
    write(path, {
        "x": x, "mean": np.nanmean(x), "sd": np.nanstd(x, ddof=1),
        "median": np.nanmedian(x), "acf": c / c[0], "ar_order": best,
        "ar": fits[best][0], "ar_variance": fits[best][1],
        "welch": spectrum, "welch_windows": windows,
        "whole": whole, "hurst": local_whittle(whole),
    })


def responses(rng, n, nu, length):
    """Inputs, and an output of decaying responses in all of them."""
    u = np.array([coloured(rng, n, [-0.5]) for _ in range(nu)])
    phi = np.zeros((n, nu * length))
    for i in range(nu):
        for k in range(length):
            phi[k:, i * length + k] = u[i, :n - k]
    theta = np.concatenate([(2 - i) * (0.8 - 0.2 * i) ** np.arange(length)
                            for i in range(nu)])
    return u, phi, phi @ theta + rng.normal(0, 2, n)


def tc_prior(length, c, lam):
    k = np.arange(1, length + 1)
    return c * lam ** np.maximum.outer(k, k)


def gaussian(y, cov):
    """Log density of y ~ N(0, cov)."""
    sign, logdet = np.linalg.slogdet(cov)
    return -0.5 * (y @ np.linalg.solve(cov, y) + logdet
                   + len(y) * math.log(2 * math.pi))


def climb(f, x, step, tol):
    """Pattern search along the coordinates and the last move."""
    best = f(x)
    while step > tol:
        start, moved = x.copy(), False
        for i in range(len(x)):
            for s in (step, -step):
                y = x.copy()
                y[i] += s
                v = f(y)
                if v > best:
                    x, best, moved = y, v, True
                    break
        if moved:
            y = 2 * x - start
            v = f(y)
            if v > best:
                x, best = y, v
        else:
            step /= 2
    return x, best


def tc(path):
    rng = np.random.default_rng(2)
    n, nu, length = 220, 2, 25
    u, phi, y = responses(rng, n, nu, length)
    rows = slice(length - 1, n)

    def pieces(h):
        blocks = [tc_prior(length, math.exp(h[2 * i]),
                           1 / (1 + math.exp(-h[2 * i + 1])))
                  for i in range(nu)]
        prior = np.zeros((nu * length, nu * length))
        for i, b in enumerate(blocks):
            s = slice(i * length, (i + 1) * length)
            prior[s, s] = b
        return prior, math.exp(h[-1])

    def likelihood(h):
        prior, noise = pieces(h)
        p = phi[rows]
        return gaussian(y[rows], p @ prior @ p.T + noise * np.eye(len(p)))

    start = np.array([0.0, 1.0] * nu + [1.0])
    h, best = climb(likelihood, start, 0.5, 1e-4)
    prior, noise = pieces(h)
    p = phi[rows]
    theta = prior @ p.T @ np.linalg.solve(
        p @ prior @ p.T + noise * np.eye(len(p)), y[rows])
    hat = p @ prior @ p.T @ np.linalg.inv(
        p @ prior @ p.T + noise * np.eye(len(p)))
    write(path, {
        "u1": u[0], "u2": u[1], "y": y, "length": length, "theta": theta,
        "likelihood": best, "noise": noise, "effective": np.trace(hat),
        "lambda": [1 / (1 + math.exp(-h[2 * i + 1])) for i in range(nu)],
        "c": [math.exp(h[2 * i]) for i in range(nu)],
    })


def ridge(path):
    rng = np.random.default_rng(3)
    n, length = 150, 20
    u, phi, y = responses(rng, n, 1, length)
    p, y_rows = phi[length - 1:], y[length - 1:]
    p = p / np.sqrt((p ** 2).sum(0))

    def likelihood(x):
        # theta ~ N(0, s / ridge), e ~ N(0, s): s at its best value.
        cov = p @ p.T / math.exp(x[0]) + np.eye(len(p))
        s = y_rows @ np.linalg.solve(cov, y_rows) / len(p)
        return gaussian(y_rows, s * cov)

    x, _ = climb(likelihood, np.array([-3.0]), 0.5, 1e-5)
    write(path, {"u": u[0], "y": y, "length": length,
                 "ridge": math.exp(x[0])})


def correlation(path):
    """Prewhitened cross-correlation of two segments, and tests of residuals of
    a given model on them."""
    rng = np.random.default_rng(4)
    lags, order = 8, 6
    parts = []
    for n in (260, 340):
        u = 3 + coloured(rng, n, [-0.8])
        e = coloured(rng, n, [-0.3], 0.3)
        y = np.zeros(n)
        for t in range(n):
            y[t] = 7 + e[t] + (0.5 * u[t - 3] + 0.25 * u[t - 4] if t > 3 else 0)
        parts.append((u, y))
    mu = np.concatenate([u for u, _ in parts]).mean()
    my = np.concatenate([y for _, y in parts]).mean()
    total = sum(len(u) for u, _ in parts)
    c = np.array([sum(((u - mu)[k:] * (u - mu)[:len(u) - k]).sum()
                      for u, _ in parts) for k in range(order + 1)]) / total
    fits = yule_walker(c, order, total)
    best = min(range(order + 1), key=lambda p: fits[p][2])
    a = fits[best][0]
    white = [(np.convolve(u - mu, a)[best:len(u)],
              np.convolve(y - my, a)[best:len(u)]) for u, y in parts]
    xx = sum((x ** 2).sum() for x, _ in white)
    yy = sum((y ** 2).sum() for _, y in white)
    r = []
    for k in range(-lags, lags + 1):
        s = 0
        for x, y in white:
            s += ((y[k:] * x[:len(x) - k]).sum() if k >= 0
                  else (x[-k:] * y[:len(y) + k]).sum())
        r.append(s / math.sqrt(xx * yy))

    # y(t) = 0.4 y(t-1) + 0.5 u(t-3) on the data less its means.
    ee, eu, uu, m = np.zeros(lags + 1), np.zeros(lags + 1), np.zeros(lags + 1), 0
    for u, y in parts:
        u, y = u - mu, y - my
        res = np.array([y[t] - 0.4 * y[t - 1] - 0.5 * u[t - 3]
                        for t in range(3, len(u))])
        v = u[3:]
        m += len(res)
        for k in range(lags + 1):
            ee[k] += (res[k:] * res[:len(res) - k]).sum()
            eu[k] += (res[k:] * v[:len(v) - k]).sum()
            uu[k] += (v[k:] * v[:len(v) - k]).sum()
    re, ru = ee / ee[0], uu / uu[0]
    box = m * (m + 2) * sum(re[k] ** 2 / (m - k) for k in range(1, lags + 1))
    write(path, {
        "u1": parts[0][0] - mu, "y1": parts[0][1] - my,
        "u2": parts[1][0] - mu, "y2": parts[1][1] - my,
        "lags": lags, "order": order, "chosen": best, "r": r,
        "gain": math.sqrt(yy / xx), "samples": sum(len(x) for x, _ in white),
        "r_e": re, "r_eu": eu / np.sqrt(ee[0] * uu[0]), "residuals": m,
        "band_factor": math.sqrt(1 + 2 * (re[1:] * ru[1:]).sum()),
        "p_white": gamma_q((lags - 1) / 2, box / 2),
    })


def main():
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    for f in (series, tc, ridge, correlation):
        f(os.path.join(out, f.__name__ + ".txt"))


main()
