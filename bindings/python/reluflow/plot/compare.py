"""A ReLU neuron beside the linear neuron on the same data from the same start.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from ..model import Model
from ..trajectory import Trajectory
from . import _panels, _style
from ._style import TimeAxis
from .trajectory import kind_of


def _title(run: Trajectory, name: str) -> str:
    again = int(np.sum(run.query("reactivations")))
    count = run.event_count
    return (f"{name}: loss {run.loss():.4g}, {count} event{'' if count == 1 else 's'},\n"
            f"{again} reactivation{'' if again == 1 else 's'}")


def compare(model: Model, w0: ArrayLike | None = None, *, direction: ArrayLike | None = None,
            scale: float | None = None, t_end: float = np.inf, first: int = 0) -> Figure:
    """The flow of the model's neuron beside that of the linear neuron: loss, margins, pattern.

    Parameters
    ----------
    model : Model
        One neuron, not linear.
    w0, direction, scale, t_end
        As for ``Model.flow``.
    first : int, default 0
        The number of the first datum: 0 as in Python, or 1 as the command line counts.

    Returns
    -------
    matplotlib.figure.Figure

    Notes
    -----
    A linear neuron has no kinks; a datum is called active while x . w > 0.
    """
    linear = Model(model.X, model.y, weights=model.weights, activation="linear")
    runs = [m.flow(w0, direction=direction, scale=scale, t_end=t_end) for m in (model, linear)]
    with _style.style():
        figure = _style.figure(9.0, 6.4)
        times = [TimeAxis(run) for run in runs]
        times[0].join(times[1])
        grid = _style.with_legend_row(figure, [1, 1.5, 1.5], 2)
        names = (f"{kind_of(model)} neuron", "linear neuron")
        order, seen = None, np.empty((0, 0), int)
        for (top, middle, bottom), run, time, name in zip(grid.T, runs, times, names):
            values = run.loss(time.times)
            top.plot(time.times, values, color=_style.INK)
            top.set_title(_title(run, name), loc="left")
            _panels.margins(middle, run, time)
            states, order = _panels.raster(bottom, run, time, order=order, first=first)
            seen = states if not seen.size else np.concatenate([seen, states])
            for ax in (top, middle):
                _style.shade_events(ax, time.marks)
                time.apply(ax, False)
        losses = np.concatenate([run.loss(time.times) for run, time in zip(runs, times)])
        for ax in grid[0]:
            _style.value_axis(ax, losses)
        grid[0, 0].set_ylabel("loss L(w)")
        for row in (0, 1):
            low = min(ax.get_ylim()[0] for ax in grid[row])
            high = max(ax.get_ylim()[1] for ax in grid[row])
            for ax in grid[row]:
                ax.set_ylim(low, high)
        for row in range(3):
            grid[row, 1].set_ylabel("")
            if row < 2:
                grid[row, 1].tick_params(labelleft=False)
        kinds = sorted({k for run in runs for k in _style.kinds_present(run)})
        handles = [*_panels.state_handles(seen), *_style.event_handles(kinds)]
        _style.legend_row(figure, grid[0, 0].get_gridspec(), handles)
        return figure
