"""How likely it is that bits nobody embedded agree with a payload as well as those read.

Both tests hold the payload's share of ones fixed and ask how often another order of the same bits
would agree as well. Codes read flat pictures as all zeros or all ones; under this question a
constant is no evidence at all, whatever the payload.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

CERTAIN = 1e-6
"""A payload counts as read where chance reads it as well less often than this."""

_STEPS = 60
_FLAT = 1e-9


def hypergeometric_tail(agreeing: int, ones: int, read: int, total: int) -> float:
    """Probability of `agreeing` or more ones in common, by Fisher's exact test.

    Of `total` bits `ones` are set in the payload and `read` in what was decoded.
    """
    most = min(ones, read)
    ways = sum(
        math.comb(ones, k) * math.comb(total - ones, read - k) for k in range(agreeing, most + 1)
    )
    return ways / math.comb(total, read)


def finest(payload: NDArray[np.bool_]) -> float:
    """The least probability by chance that a payload can show at all, read without an error."""
    return 1 / math.comb(payload.size, int(payload.sum()))


def chance_of_bits(read: NDArray[np.bool_], payload: NDArray[np.bool_]) -> tuple[float, float]:
    """Probabilities that decoded bits agree as well, and that they disagree as well, by chance."""
    total, ones, set_bits = payload.size, int(payload.sum()), int(read.sum())
    common = int((read & payload).sum())
    agree = hypergeometric_tail(common, ones, set_bits, total)
    disagree = hypergeometric_tail(ones - common, ones, total - set_bits, total)
    return min(1.0, agree), min(1.0, disagree)


def correlation(soft: NDArray[np.float64], payload: NDArray[np.bool_]) -> float:
    """Of soft values with a payload, both centred: -1 to 1; 0 where either is constant."""
    values = soft - soft.mean()
    signs = payload - payload.mean()
    scale = math.sqrt(float((values**2).sum() * (signs**2).sum()))
    return float(values @ signs) / scale if scale > _FLAT else 0.0


def chance_of_soft(soft: NDArray[np.float64], payload: NDArray[np.bool_]) -> float:
    """Probability that the same bits in another order correlate as well with soft values.

    Skovgaard's double saddlepoint approximation of the sum of a random choice of as many values
    as the payload has ones (Booth and Butler, Biometrika 77, 1990); it follows the values as they
    are, so one that stands out does not pass for many that agree. Within 20 % of the truth down
    to 1e-6 for payloads of 24 bits and more.
    """
    total, ones = payload.size, int(payload.sum())
    values = soft - soft.mean()
    spread = float(np.sqrt((values**2).mean()))
    if ones in (0, total) or spread < _FLAT:
        return 1.0
    values = values / spread
    summed = float(values[payload].sum())
    highest = np.sort(values)[::-1][:ones]
    if summed >= highest.sum() - _FLAT * total:
        # No choice sums to more; those that swap equal values sum to as much.
        equal = np.abs(values - highest[-1]) < _FLAT
        taken = int((np.abs(highest - highest[-1]) < _FLAT).sum())
        return math.comb(int(equal.sum()), taken) / math.comb(total, ones)
    deviation = math.sqrt(ones * (total - ones) / (total - 1))
    if summed < 0.5 * deviation:
        return _normal_tail(summed / deviation)
    return _saddlepoint(values, summed, ones)


def _normal_tail(z: float) -> float:
    return 0.5 * math.erfc(z / math.sqrt(2))


def _saddlepoint(values: NDArray[np.float64], summed: float, ones: int) -> float:
    """The tail above `summed`, for centred values of unit spread."""
    total = values.size
    share = ones / total
    odds = math.log(share / (1 - share))
    tilt, shift = _saddle(values, summed, ones)
    exponent = tilt * values + shift
    cumulant = float(np.logaddexp(0.0, exponent).sum()) - tilt * summed - shift * ones
    plain = total * math.log1p(math.exp(odds)) - odds * ones
    root = math.sqrt(max(0.0, 2 * (plain - cumulant)))
    weight = _weights(exponent)
    first, second = float(weight.sum()), float((weight * values).sum())
    determinant = first * float((weight * values**2).sum()) - second**2
    steep = tilt * math.sqrt(max(determinant, 0.0) / (total * share * (1 - share)))
    if root < _FLAT or steep < _FLAT:
        return _normal_tail(root)
    density = math.exp(-root * root / 2) / math.sqrt(2 * math.pi)
    tail = _normal_tail(root) + density * (1 / steep - 1 / root)
    return min(1.0, max(tail, 1 / math.comb(total, ones)))


def _weights(exponent: NDArray[np.float64]) -> NDArray[np.float64]:
    chosen = 0.5 * (1 + np.tanh(exponent / 2))
    return np.asarray(chosen * (1 - chosen), np.float64)


def _saddle(values: NDArray[np.float64], summed: float, ones: int) -> tuple[float, float]:
    """The tilt and shift under which the sum and the number chosen are what was seen."""
    total = values.size
    tilt, shift = 0.0, math.log(ones / (total - ones))
    for _ in range(_STEPS):
        exponent = tilt * values + shift
        chosen = 0.5 * (1 + np.tanh(exponent / 2))
        weight = chosen * (1 - chosen)
        gaps = np.array([float(chosen @ values) - summed, float(chosen.sum()) - ones])
        if float(np.abs(gaps).max()) < 1e-9 * total:
            break
        cross = float(weight @ values)
        matrix = np.array([[float(weight @ values**2), cross], [cross, float(weight.sum())]])
        step = np.linalg.solve(matrix + 1e-12 * np.eye(2), gaps)
        step /= max(1.0, float(np.abs(step).max()))
        tilt, shift = tilt - float(step[0]), shift - float(step[1])
    return tilt, shift
