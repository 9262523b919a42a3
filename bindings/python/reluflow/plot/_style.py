"""What the pictures share: colours, the axis of time, names of data.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import contextlib
from typing import Any, Iterator

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from .._arrays import Array
from .._grid import event_times, time_range
from ..constants import EventKind, Flag
from ..model import Model
from ..trajectory import Trajectory

BLUE, ORANGE, GREEN, RED = "#0072b2", "#e69f00", "#009e73", "#d55e00"
PURPLE, SKY, INK, GREY, PALE = "#cc79a7", "#56b4e9", "#222222", "#8a8a8a", "#ececec"

#: State of a datum: inactive, active, sliding.
STATES = (PALE, BLUE, ORANGE)

#: Marker and colour of every kind of event.
EVENTS = {
    EventKind.ACTIVATE: ("^", BLUE, "activate"),
    EventKind.DEACTIVATE: ("v", INK, "deactivate"),
    EventKind.SLIDE_ENTER: ("o", ORANGE, "slide begins"),
    EventKind.SLIDE_EXIT_ACTIVE: ("^", GREEN, "slide to active"),
    EventKind.SLIDE_EXIT_INACTIVE: ("v", RED, "slide to inactive"),
    EventKind.ORIGIN: ("X", PURPLE, "origin"),
    EventKind.ORIGIN_EXIT: ("P", PURPLE, "leaves the origin"),
}

_RC = {
    "font.size": 9.0, "axes.titlesize": 10.0, "axes.titleweight": "bold", "axes.labelsize": 9.0,
    "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": "#555555",
    "axes.linewidth": 0.8, "legend.frameon": False, "legend.fontsize": 8.0, "lines.linewidth": 1.4,
    "xtick.labelsize": 8.0, "ytick.labelsize": 8.0, "figure.dpi": 110, "savefig.dpi": 150,
    "axes.formatter.useoffset": False, "figure.constrained_layout.use": True, "figure.constrained_layout.w_pad": 0.08,
    "figure.constrained_layout.h_pad": 0.06,
}


@contextlib.contextmanager
def style() -> Iterator[None]:
    """The settings of these pictures, for as long as one is drawn; the user's are not changed."""
    with matplotlib.rc_context(_RC):
        yield


def figure(width: float, height: float) -> Figure:
    """An empty figure, size in inches."""
    return plt.figure(figsize=(width, height))


class TimeAxis:
    """Times of a run and whether they are shown on a logarithmic axis."""

    def __init__(self, trajectory: Trajectory, count: int = 500):
        self.low, self.high = time_range(trajectory)
        times = event_times(trajectory)
        times = times[times > 0]
        first = float(times[0]) if len(times) else self.high
        self.log = bool(self.high > 40 * min(first, 10 * self.low))
        grid = trajectory.grid(count)
        self.times = grid[grid >= self.low] if self.log else grid
        self.marks = times[(times >= self.times[0]) & (times <= self.high)]

    def join(self, other: TimeAxis) -> None:
        """Makes two axes the same.  Both runs must reach the later end."""
        self.low = other.low = min(self.low, other.low)
        self.high = other.high = max(self.high, other.high)
        self.log = other.log = self.log or other.log
        more = (np.geomspace(self.low, self.high, 600) if self.log
                else np.linspace(0.0, self.high, 600))
        self.times = other.times = np.unique(np.concatenate([self.times, other.times, more]))

    def apply(self, ax: Axes, label: bool) -> None:
        """Sets scale, limits and label of the horizontal axis."""
        if self.log:
            ax.set_xscale("log")
        ax.set_xlim(self.low if self.log else 0, self.high or 1)
        if label:
            ax.set_xlabel("time t (logarithmic)" if self.log else "time t")
        else:
            ax.tick_params(labelbottom=False)


def value_axis(ax: Axes, values: Array, log: bool = True) -> None:
    """Logarithmic where positive values span more than a factor of 50.

    Values that differ by rounding only are drawn as equal, not over the whole height.
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return
    low, high = float(np.min(finite)), float(np.max(finite))
    if log and low > 0 and high > 50 * low:
        ax.set_yscale("log")
    elif high - low <= 1e-9 * max(abs(low), abs(high)):
        half = 0.05 * max(abs(low), abs(high)) or 1.0
        ax.set_ylim(low - half, high + half)


def shade_events(ax: Axes, marks: Array) -> None:
    """A faint line at every event; fainter the more there are."""
    alpha = float(np.clip(6 / max(len(marks), 1), 0.04, 0.35))
    lines = [[(t, 0.0), (t, 1.0)] for t in marks]
    ax.add_collection(LineCollection(lines, transform=ax.get_xaxis_transform(), colors=INK,
                                     linewidths=0.6, alpha=alpha, zorder=0), autolim=False)


def kinds_present(trajectory: Trajectory) -> list[EventKind]:
    """The kinds of the events after t = 0+."""
    events = trajectory.events
    outer = events[(events["flags"] & Flag.INNER) == 0]
    return [kind for kind in EVENTS if np.any(outer["kind"] == kind)]


def event_handles(kinds: list[EventKind]) -> list[Line2D]:
    """Legend entries for kinds of events."""
    return [Line2D([], [], linestyle="", marker=EVENTS[kind][0], color=EVENTS[kind][1],
                   markersize=5, label=EVENTS[kind][2]) for kind in kinds]


def row_name(model: Model, row: int, first: int) -> str:
    """A datum, with its neuron if there are several; both are counted from first."""
    if model.outer_weights is None:
        return f"{row + first}"
    return f"{row // model.n + first}:{row % model.n + first}"


def states_at(trajectory: Trajectory, times: Array) -> Any:
    """States over time, (rows, times): 0 inactive, 1 active, 2 sliding.

    A datum slides between the event that begins a slide and the one that ends it.
    """
    model = trajectory.model
    rows = model.neurons * model.n
    states = (trajectory.pattern(times).reshape(len(times), rows) > 0).astype(np.int8).T
    events = trajectory.events
    events = events[(events["flags"] & Flag.INNER) == 0]
    sliding = np.zeros((rows, len(times)), bool)
    began = {row: 0.0 for row in slides_at_start(trajectory)}
    for event in events:
        row = int(event["neuron"] * model.n + event["datum"])
        if event["kind"] == EventKind.SLIDE_ENTER:
            began[row] = event["time"]
        elif row in began and event["datum"] >= 0:
            sliding[row] |= (times >= began.pop(row)) & (times < event["time"])
    for row, begin in began.items():
        sliding[row] |= times >= begin
    states[sliding] = 2
    return states


def slides_at_start(trajectory: Trajectory) -> list[int]:
    """Rows whose first event ends a slide that no event began: they slide from t = 0 on."""
    model = trajectory.model
    events = trajectory.events
    events = events[(events["flags"] & Flag.INNER) == 0]
    rows = events["neuron"] * model.n + events["datum"]
    found = []
    for row in range(model.neurons * model.n):
        own = events[(rows == row) & (events["datum"] >= 0)]
        ends = (EventKind.SLIDE_EXIT_ACTIVE, EventKind.SLIDE_EXIT_INACTIVE)
        if len(own) and own[0]["kind"] in ends:
            found.append(row)
        if not len(own) and trajectory.states.reshape(-1)[row] == 2:
            found.append(row)
    return found


def with_legend_row(figure: Figure, heights: list[float], columns: int) -> Any:
    """Axes in rows and columns, with room below for ``legend_row``."""
    grid = figure.add_gridspec(len(heights) + 1, columns, height_ratios=[*heights, 0.12])
    return np.array([[figure.add_subplot(grid[row, column]) for column in range(columns)]
                     for row in range(len(heights))])


def legend_row(figure: Figure, grid: Any, handles: list[Any]) -> None:
    """One legend below all panels."""
    ax = figure.add_subplot(grid[-1, :])
    ax.axis("off")
    ax.legend(handles=handles, loc="center", ncol=len(handles), columnspacing=1.2, handlelength=1.4)
