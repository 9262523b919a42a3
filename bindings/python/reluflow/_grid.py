"""Times at which a trajectory is worth looking at.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ._arrays import Array
from .constants import Flag, Quantity

if TYPE_CHECKING:
    from .trajectory import Trajectory

#: After the last event a mode has decayed to exp(-7) < 1e-3 of what it was.
_DECAYS = 7.0


def event_times(trajectory: Trajectory) -> Array:
    """The times of the events after t = 0+, ascending, each once."""
    events = trajectory.events
    outer = (events["flags"] & Flag.INNER) == 0
    times: Array = np.unique(events["time"][outer])
    return times


def time_range(trajectory: Trajectory) -> tuple[float, float]:
    """The shortest and the longest time that matter, both finite; both 0 at the start.

    From a tenth of the first event or of the fastest decay to the last event and the slowest decay
    after it; or to the present time if the limit is not reached.
    """
    times = event_times(trajectory)
    times = times[times > 0]
    now = trajectory.time
    rates = trajectory.query(Quantity.RATES)
    first = trajectory.query(Quantity.RATES, 0.0)
    positive, fast = rates[rates > 0], first[first > 0]
    last = float(times[-1]) if len(times) else 0.0
    high = now
    if not np.isfinite(now):
        high = last + (_DECAYS / float(positive[-1]) if len(positive) else last)
    if high == 0 and not np.isfinite(now):  # nothing ever moves
        high = 1.0
    scales = [high]
    scales += [float(times[0])] if len(times) else []
    scales += [1 / float(fast[0])] if len(fast) else []
    return min(0.1 * min(scales), 0.01 * high), high


def time_grid(trajectory: Trajectory, count: int, events: bool) -> Array:
    """See ``Trajectory.grid``."""
    low, high = time_range(trajectory)
    if high == 0:
        return np.zeros(1)
    parts = [np.zeros(1), np.geomspace(low, high, count), np.linspace(0, high, count)]
    if events:
        times = event_times(trajectory)
        parts += [times, np.nextafter(times, 0)]
    grid: Array = np.unique(np.concatenate(parts))
    return grid[grid <= high]
