"""The K-weighting of loudness, run by run: two filters as one linear system of matrices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

RUN = 24
"""Samples taken at a time: half a millisecond."""

GROUP = 20
"""Runs taken at a time: 10 ms."""

# The filters at 48 kHz, ITU-R BS.1770-4 tables 1 and 2: numerator, denominator.
_FILTERS = (
    (
        (1.53512485958697, -2.69169618940638, 1.19839281085285),
        (1.0, -1.69065929318241, 0.73248077421585),
    ),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)
_STATES = 4
_FORGOTTEN = 1e-25  # of a state, after so long that it counts for nothing any more


@dataclass(frozen=True, slots=True)
class _System:
    """What RUN samples and the state before them do; rows are given, columns result."""

    through: NDArray[np.float64]
    """From samples to filtered samples."""
    kept: NDArray[np.float64]
    """From samples to the state after them."""
    heard: NDArray[np.float64]
    """From the state before to filtered samples."""
    carried: NDArray[np.float64]
    """From the state before to the state after."""


@dataclass(frozen=True, slots=True)
class _Group:
    """What GROUP runs do to the states between them; rows are given, columns result."""

    within: NDArray[np.float64]
    """From what each run adds to the states before each, and after the last."""
    across: NDArray[np.float64]
    """From the state before the group to the states before each run, and after the last."""


class KWeighting:
    """The filters with what they remember of a stream."""

    def __init__(self, channels: int) -> None:
        self._state = np.zeros((channels, _STATES))

    def powers(self, lines: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean square of each run of the weighted sound, (channels, runs).

        Args:
            lines: (channels, n) samples that follow those given before, n a multiple of
                RUN x GROUP.
        """
        system = _system()
        runs = lines.reshape(len(lines), -1, RUN)
        states = self._states(runs @ system.kept)
        weighted = runs @ system.through
        weighted += states @ system.heard
        return np.asarray(np.einsum("crk,crk->cr", weighted, weighted) / RUN, np.float64)

    def _states(self, kept: NDArray[np.float64]) -> NDArray[np.float64]:
        """The state before each run, of what each run adds; the last one is remembered.

        Within groups by one matrix. Across groups, s[g + 1] = s[g] P + added[g] is summed over
        ever longer spans, of one group, two, four…, until a state is forgotten.
        """
        group, channels = _group(), len(kept)
        inside = kept.reshape(channels, -1, GROUP * _STATES) @ group.within
        spans = np.concatenate((self._state[:, np.newaxis], inside[..., -_STATES:]), axis=1)
        carried, reach = group.across[:, -_STATES:], 1
        while reach < spans.shape[1] and np.abs(carried).max() > _FORGOTTEN:
            spans[:, reach:] += spans[:, :-reach] @ carried
            carried, reach = carried @ carried, 2 * reach
        self._state = spans[:, -1].copy()
        inside += spans[:, :-1] @ group.across
        return inside[..., :-_STATES].reshape(channels, -1, _STATES)


@cache
def _group() -> _Group:
    """The matrices of a group: powers of what a run does to a state."""
    powers = [np.eye(_STATES)]
    for _ in range(GROUP):
        powers.append(powers[-1] @ _system().carried)
    nothing = np.zeros((_STATES, _STATES))
    within = [
        [powers[after - 1 - run] if run < after else nothing for after in range(GROUP + 1)]
        for run in range(GROUP)
    ]
    return _Group(np.block(within), np.concatenate(powers, axis=1))


@cache
def _system() -> _System:
    """The matrices, by feeding the filters one unit at a time."""
    through, kept = np.zeros((RUN, RUN)), np.zeros((RUN, _STATES))
    for at in range(RUN):
        given = np.zeros(RUN)
        given[at] = 1.0
        through[at], kept[at] = _filtered(given, np.zeros(_STATES))
    heard, carried = np.zeros((_STATES, RUN)), np.zeros((_STATES, _STATES))
    for at in range(_STATES):
        heard[at], carried[at] = _filtered(np.zeros(RUN), np.eye(_STATES)[at])
    return _System(through, kept, heard, carried)


def _filtered(
    given: NDArray[np.float64], state: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Samples through both filters in the transposed direct form II, and the state after them."""
    line, after = given.copy(), state.copy()
    for number, (b, a) in enumerate(_FILTERS):
        first, second = after[2 * number : 2 * number + 2]
        for at, value in enumerate(line):
            out = b[0] * value + first
            first, second = b[1] * value - a[1] * out + second, b[2] * value - a[2] * out
            line[at] = out
        after[2 * number : 2 * number + 2] = first, second
    return line, after
