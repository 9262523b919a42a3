"""One trajectory over time.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..model import Model
from ..trajectory import Trajectory
from . import _panels, _style
from ._style import TimeAxis


def _loss(ax: Axes, run: Trajectory, time: TimeAxis) -> None:
    values = run.loss(time.times)
    ax.plot(time.times, values, color=_style.INK)
    _style.value_axis(ax, values)
    ax.set_ylabel("loss L(w)")


def _norm(ax: Axes, run: Trajectory, time: TimeAxis) -> None:
    values = run.norm(time.times)
    ax.plot(time.times, values, color=_style.INK)
    _style.value_axis(ax, values, log=False)
    ax.set_ylabel("norm ‖w‖")


def kind_of(model: Model) -> str:
    """The activation as a title says it."""
    text = model.activation_text()
    return "ReLU" if text == "relu" else text.replace("leaky:", "leaky ReLU of slope ")


def title_of(run: Trajectory) -> str:
    """How the run stands and what it is of."""
    model = run.model
    count = run.event_count
    what = f"{kind_of(model)} neuron"
    if model.neurons > 1:
        what = f"{model.neurons} {what}s"
    return (f"{what}, n = {model.n}, d = {model.d}: {run.ending()}, "
            f"{count} event{'' if count == 1 else 's'}")


def trajectory(run: Trajectory, *, first: int = 0) -> Figure:
    """Loss, norm and margins over time with the events marked, and the pattern as a raster below.

    Parameters
    ----------
    run : Trajectory
        With its history.
    first : int, default 0
        The number of the first datum: 0 as in Python, or 1 as the command line counts.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    StateError
        The run kept no history.

    Notes
    -----
    The axis of time is logarithmic where the times of the run differ much.  Of more than 60 data the
    60 margins that change most are drawn; the raster has all.
    """
    with _style.style():
        time = TimeAxis(run)
        figure = _style.figure(8.0, 7.4)
        rows = run.model.neurons * run.model.n
        heights = [1.0, 1.0, 1.6, float(np.clip(0.12 * rows, 0.8, 2.2))]
        axes = figure.subplots(4, 1, gridspec_kw={"height_ratios": heights})
        _loss(axes[0], run, time)
        _norm(axes[1], run, time)
        _panels.margins(axes[2], run, time)
        for ax in axes[:3]:
            _style.shade_events(ax, time.marks)
            time.apply(ax, False)
        states, _ = _panels.raster(axes[3], run, time, first=first)
        axes[0].set_title(title_of(run), loc="left")
        handles = [*_panels.margin_handles(run), *_style.event_handles(_style.kinds_present(run))]
        axes[2].legend(handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.02))
        axes[3].legend(handles=_panels.state_handles(states), loc="upper left",
                       bbox_to_anchor=(1.0, 1.04))
        figure.align_ylabels(axes)
        return figure
