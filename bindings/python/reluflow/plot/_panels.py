"""Panels that several pictures use: margins, and the pattern as a raster.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .._arrays import Array, Whole
from ..constants import Flag
from ..trajectory import Trajectory
from . import _style
from ._style import TimeAxis

#: Margins of more data than this are drawn for so many only: those that change most.
MOST_LINES = 60
#: More rows than this are not named one by one.
MOST_NAMES = 24


def state_handles(states: Whole) -> list[Patch]:
    """Legend entries for the states that occur."""
    names = ("inactive", "active", "sliding")
    return [Patch(facecolor=_style.STATES[k], edgecolor="#999999", linewidth=0.5, label=names[k])
            for k in (1, 0, 2) if np.any(states == k)]


def row_order(states: Whole, neurons: int) -> Whole:
    """Rows by how long they are active, the longest first, neuron by neuron; few stay in order."""
    rows = np.arange(len(states))
    if len(states) <= MOST_NAMES:
        return rows
    order: Whole = np.lexsort((rows, -(states > 0).mean(axis=1), rows // (len(states) // neurons)))
    return order


def _row_names(ax: Axes, trajectory: Trajectory, order: Whole, first: int) -> None:
    """Names of few rows, of neurons, or how many rows there are."""
    model = trajectory.model
    if len(order) <= MOST_NAMES:
        ax.set_yticks(range(len(order)), [_style.row_name(model, int(row), first) for row in order])
        ax.tick_params(axis="y", labelsize=7 if len(order) > 14 else 8, length=2)
        ax.set_ylabel("datum" if model.outer_weights is None else "neuron:datum")
        for k in range(1, len(order)):
            ax.axhline(k - 0.5, color="white", linewidth=0.6)
    elif 1 < model.neurons <= 20:
        ax.set_yticks((np.arange(model.neurons) + 0.5) * model.n - 0.5,
                      range(first, model.neurons + first))
        ax.tick_params(axis="y", length=0)
        ax.set_ylabel(f"neuron; {model.n} data each,\nlongest active first")
        for k in range(1, model.neurons):
            ax.axhline(k * model.n - 0.5, color="white", linewidth=2.0)
    else:
        what = f"{model.n} data" if model.neurons == 1 else f"{model.neurons} × {model.n} pairs"
        ax.set_ylabel(f"{what},\nlongest active first")
        ax.set_yticks([])


def raster(ax: Axes, trajectory: Trajectory, time: TimeAxis, label: bool = True,
           order: Whole | None = None, first: int = 0) -> tuple[Whole, Whole]:
    """The pattern over time, a row for each datum (and neuron); returns the states and the order."""
    states = _style.states_at(trajectory, time.times)
    order = row_order(states, trajectory.model.neurons) if order is None else order
    edges = np.append(time.times, time.high if time.times[-1] < time.high
                      else np.nextafter(time.times[-1], np.inf))
    if not time.log:
        edges[0] = 0
    ax.pcolormesh(edges, np.arange(len(order) + 1) - 0.5, states[order],
                  cmap=ListedColormap(_style.STATES), vmin=0, vmax=2, rasterized=True,
                  linewidth=0)
    ax.set_ylim(len(order) - 0.5, -0.5)
    _row_names(ax, trajectory, order, first)
    time.apply(ax, label)
    return states, order


def _chosen(margins: Array) -> Whole:
    """The rows whose margins are drawn."""
    if len(margins) <= MOST_LINES:
        return np.arange(len(margins))
    change = np.ptp(margins, axis=1)
    return np.sort(np.argsort(-change, kind="stable")[:MOST_LINES])


def margins(ax: Axes, trajectory: Trajectory, time: TimeAxis, events: bool = True) -> None:
    """The margins over time, coloured by the state at the end, with a marker at each event."""
    model = trajectory.model
    values = trajectory.margins(time.times).reshape(len(time.times), -1).T
    chosen = _chosen(values)
    ended = _style.states_at(trajectory, time.times[-1:])[:, 0]
    colors = (_style.GREY, _style.BLUE, _style.ORANGE)
    alpha = float(np.clip(12 / max(len(chosen), 1), 0.35, 0.9))
    for row in chosen:
        ax.plot(time.times, values[row], color=colors[ended[row]], alpha=alpha, linewidth=1.0)
    ax.axhline(0, color=_style.INK, linewidth=0.8)
    if events:
        outer = trajectory.events
        outer = outer[(outer["flags"] & Flag.INNER) == 0]
        few = len(outer) <= 40
        for kind in _style.kinds_present(trajectory):
            marker, color, _ = _style.EVENTS[kind]
            t = outer["time"][outer["kind"] == kind]
            t = t[(t >= time.times[0]) & (t <= time.high)]
            ax.plot(t, np.zeros(len(t)), linestyle="", marker=marker, color=color,
                    markersize=5 if few else 3, markeredgecolor="white",
                    markeredgewidth=0.4 if few else 0, alpha=1 if few else 0.7, zorder=3)
    name = "margins x·w" if len(chosen) == len(values) else f"margins x·w\n({len(chosen)} of {len(values)})"
    ax.set_ylabel(name if model.outer_weights is None else name.replace("x·w", "x·wⱼ"))


def margin_handles(trajectory: Trajectory) -> list[Line2D]:
    """Legend entries for the lines of margins: the state at the end."""
    ended = trajectory.states.reshape(-1)
    names = {1: ("active at the end", _style.BLUE), 0: ("inactive at the end", _style.GREY),
             2: ("sliding at the end", _style.ORANGE)}
    return [Line2D([], [], color=color, label=name) for state, (name, color) in names.items()
            if np.any(ended == state)]
