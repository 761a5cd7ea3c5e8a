"""Rates, proportions and their confidence intervals, in the public-health convention.

Pure arrays: what has no answer (nobody at risk, a missing count) is NaN, never 0. Nothing here rounds or
suppresses: callers give rounded counts, so that no interval gives away an exact one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

FloatArray = NDArray[np.float64]
Bounds = tuple[FloatArray, FloatArray]

BYAR_FROM = 10
"""Below this count Byar's approximation is replaced by the exact limits.

Source: Association of Public Health Observatories, Technical Briefing 3 (2008); PHE, "Technical guide:
confidence intervals" (2018).
"""

PER_1000 = 1000.0
PERCENT = 100.0


def wilson_interval(counts: ArrayLike, trials: ArrayLike, confidence: float = 0.95) -> Bounds:
    """Give Wilson's score interval of the proportions `counts / trials`; NaN where there can be none.

    Source: Wilson (1927); Newcombe (1998), method 3.
    """
    x, n = _floats(counts), _floats(trials)
    z = _normal_quantile(confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (2 * x + z**2) / (2 * (n + z**2))
        half = z * np.sqrt(z**2 + 4 * x * (1 - x / n)) / (2 * (n + z**2))
    possible = (n > 0) & (x >= 0) & (x <= n)
    lower = np.where(possible, np.maximum(middle - half, 0.0), np.nan)
    return lower, np.where(possible, np.minimum(middle + half, 1.0), np.nan)


def byar_interval(counts: ArrayLike, confidence: float = 0.95) -> Bounds:
    """Give Byar's approximate interval of Poisson counts; the lower limit is NaN where the formula has none.

    Source: Breslow and Day, Statistical Methods in Cancer Research, volume II (1987), page 69.
    """
    x = _floats(counts)
    z = _normal_quantile(confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        root = 1 - 1 / (9 * x) - z / (3 * np.sqrt(x))
        lower = np.where((x > 0) & (root > 0), x * root**3, np.nan)
        above = x + 1
        upper = np.where(x >= 0, above * (1 - 1 / (9 * above) + z / (3 * np.sqrt(above))) ** 3, np.nan)
    return np.where(x == 0, 0.0, lower), upper


def exact_interval(counts: ArrayLike, confidence: float = 0.95) -> Bounds:
    """Give the exact interval of Poisson counts from the chi-square distribution.

    Source: Ulm, American Journal of Epidemiology 131 (1990), 373–375.
    """
    x = _floats(counts)
    tail = (1 - confidence) / 2
    known = x >= 0
    with np.errstate(invalid="ignore"):
        lower = np.where(x > 0, stats.chi2.ppf(tail, 2 * x) / 2, 0.0)
        upper = stats.chi2.ppf(1 - tail, 2 * x + 2) / 2
    return np.where(known, lower, np.nan), np.where(known, upper, np.nan)


def count_interval(counts: ArrayLike, confidence: float = 0.95) -> Bounds:
    """Give the interval of counts: exact below ten, Byar's from ten."""
    x = _floats(counts)
    small = x < BYAR_FROM
    exact, byar = exact_interval(x, confidence), byar_interval(x, confidence)
    return np.where(small, exact[0], byar[0]), np.where(small, exact[1], byar[1])


def rate(counts: ArrayLike, at_risk: ArrayLike, per: float = PER_1000) -> FloatArray:
    """Give `counts / at_risk × per`; NaN where nobody is at risk."""
    x, n = _floats(counts), _floats(at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(n > 0, x / n * per, np.nan)


def rate_interval(counts: ArrayLike, at_risk: ArrayLike, per: float = PER_1000, confidence: float = 0.95) -> Bounds:
    """Give the interval of `rate`, by treating the population at risk as known."""
    lower, upper = count_interval(counts, confidence)
    return rate(lower, at_risk, per), rate(upper, at_risk, per)


def ratio_to(reference: ArrayLike, values: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> tuple[FloatArray, Bounds]:
    """Give values as a ratio to a reference that is taken as known, with their interval; NaN where it is 0.

    Source: Breslow and Day, volume II (1987), page 69: a ratio to a standard varies as its own count does.
    """
    known = _floats(reference)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio, low, high = (np.where(known > 0, _floats(each) / known, np.nan) for each in (values, lower, upper))
    return ratio, (low, high)


def difference_interval(
    count: ArrayLike, trials: ArrayLike, other_count: ArrayLike, other_trials: ArrayLike, confidence: float = 0.95
) -> tuple[FloatArray, Bounds]:
    """Give the difference of two proportions with its interval; NaN where either has no trials.

    Source: Newcombe, Statistics in Medicine 17 (1998), 873–890, method 10: from the two Wilson intervals.
    """
    one, other = rate(count, trials, 1.0), rate(other_count, other_trials, 1.0)
    low, high = wilson_interval(count, trials, confidence)
    other_low, other_high = wilson_interval(other_count, other_trials, confidence)
    difference = one - other
    below = np.sqrt((one - low) ** 2 + (other_high - other) ** 2)
    above = np.sqrt((high - one) ** 2 + (other - other_low) ** 2)
    return difference, (difference - below, difference + above)


def _floats(values: ArrayLike) -> FloatArray:
    return np.asarray(values, dtype=np.float64)


def _normal_quantile(confidence: float) -> float:
    return float(stats.norm.ppf(1 - (1 - confidence) / 2))
