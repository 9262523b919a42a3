"""The support vectors: coefficients and histories.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .._arrays import Array, Whole
from ..trajectory import Trajectory
from . import _panels, _style
from ._style import TimeAxis
from .trajectory import title_of


def _bars(ax: Axes, run: Trajectory, rows: Whole, alpha: Array, when: float, first: int) -> None:
    """A bar for each coefficient, from the left if positive."""
    colors = [_style.GREEN if value >= 0 else _style.RED for value in alpha[rows]]
    ax.barh(range(len(rows)), alpha[rows], color=colors, height=0.72)
    ax.axvline(0, color=_style.INK, linewidth=0.8)
    labels = run.model.y[rows % run.model.n]
    ax.set_yticks(range(len(rows)),
                  [f"{_style.row_name(run.model, int(row), first)}   (y = {label:.3g})"
                   for row, label in zip(rows, labels)])
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    ax.set_xlabel(f"coefficient α at t = {when:.3g}")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x", linewidth=0.4, color="#cccccc")
    ax.set_axisbelow(True)


def _histories(ax: Axes, run: Trajectory, rows: Whole, time: TimeAxis) -> Whole:
    """When each datum is active and when it slides, as bars over time."""
    states = _style.states_at(run, time.times)
    edges = np.append(time.times, max(time.high, np.nextafter(time.times[-1], np.inf)))
    for k, row in enumerate(rows):
        cuts = np.flatnonzero(np.diff(states[row])) + 1
        for begin, end in zip([0, *cuts], [*cuts, len(time.times)]):
            state = states[row, begin]
            ax.barh(k, edges[end] - edges[begin], left=edges[begin], color=_style.STATES[state],
                    height=0.72 if state else 0.3)
    ax.set_yticks([])
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    time.apply(ax, True)
    ax.spines["left"].set_visible(False)
    shown: Whole = states[rows]
    return shown


def support(run: Trajectory, *, most: int = 25, first: int = 0) -> Figure:
    """The support vectors of a run: their coefficients, and when they were active.

    Parameters
    ----------
    run : Trajectory
        With its history.
    most : int, default 25
        Of more support vectors those of the largest coefficients are shown.
    first : int, default 0
        The number of the first datum: 0 as in Python, or 1 as the command line counts.

    Returns
    -------
    matplotlib.figure.Figure

    Notes
    -----
    ``w(t) = w(0) + sum_i alpha_i(t) x_i``.  At the limit alpha_i may be infinite (only the sum
    converges), so the coefficients are those of the last time shown, written at the axis.
    Source: docs/mathematics.md 4.1.
    """
    with _style.style():
        time = TimeAxis(run)
        when = float(time.times[-1])
        alpha = np.asarray(run.query("coefficients", when)).reshape(-1)
        involved = np.union1d(run.support.trajectory, np.flatnonzero(alpha))
        rows = involved[np.argsort(-np.abs(alpha[involved]), kind="stable")][:most]
        figure = _style.figure(8.6, 1.6 + 0.22 * max(len(rows), 4))
        left, right = figure.subplots(1, 2, gridspec_kw={"width_ratios": [1, 1.25]})
        _bars(left, run, rows, alpha, when, first)
        states = _histories(right, run, rows, time)
        shown = (f"{len(rows)} of {len(involved)}" if len(rows) < len(involved)
                 else f"all {len(involved)}")
        figure.suptitle(title_of(run), x=0.01, ha="left", fontsize=10, fontweight="bold")
        left.set_title(f"support vectors ({shown}), largest |α| first", loc="left",
                       fontweight="normal", fontsize=9)
        right.set_title("states over time", loc="left", fontweight="normal", fontsize=9)
        right.legend(handles=_panels.state_handles(states), loc="lower right",
                     bbox_to_anchor=(1.0, 1.0), ncol=3, borderaxespad=0.2, handlelength=1.2,
                     columnspacing=1.0)
        return figure
