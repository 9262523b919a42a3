"""What the norm of the initialization does.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from .._arrays import Array
from ..constants import Quantity
from ..model import Model
from ..sweep import Sweep, sweep
from . import _style


def _positions(scales: Array) -> tuple[Array, float | None]:
    """Where the scales stand on a logarithmic axis, 0 to the left of the others; and that place."""
    positive = scales[scales > 0]
    if len(positive) == len(scales):
        return scales, None
    if not len(positive):
        return np.ones(len(scales)), 1.0
    low, high = float(np.min(positive)), float(np.max(positive))
    zero = low / max((high / low) ** 0.12, 3.0)
    return np.where(scales > 0, scales, zero), zero


def _lines(ax: Axes, x: Array, values: Array, zero: float | None) -> None:
    """A thin line for each direction, the median of them above; 0 stands apart."""
    outer = np.ones(len(x), bool) if zero is None else x > zero
    alpha = float(np.clip(8 / len(values), 0.12, 0.7))
    for row in values:
        ax.plot(x[outer], row[outer], color=_style.SKY, alpha=alpha, linewidth=0.9)
    median = np.nanmedian(values, axis=0)
    ax.plot(x[outer], median[outer], color=_style.BLUE, linewidth=1.8, marker="o", markersize=3.5)
    if zero is not None:
        column = values[:, ~outer]
        ax.plot(np.full(column.size, zero), column.reshape(-1), linestyle="", marker="o",
                markersize=4, color=_style.SKY, alpha=min(1.0, 2 * alpha))
        ax.plot([zero], median[~outer][:1], linestyle="", marker="D", markersize=6,
                color=_style.RED, zorder=4)
    ax.set_xscale("log")


def _ticks(ax: Axes, x: Array, zero: float | None) -> None:
    """The place of 0 is named, and the axis shows a gap beside it."""
    if zero is None:
        return
    others = x[x > zero]
    if not len(others):
        ax.set_xticks([zero], ["→ 0"])
        ax.minorticks_off()
        return
    low, high = np.log10(np.min(others)), np.log10(np.max(others))
    step = max(1, int(np.ceil((high - low) / 7)))
    powers = np.arange(np.ceil(low - 1e-9), np.floor(high + 1e-9) + 1, step)
    if len(powers) < 2:
        ticks = [float(t) for t in np.unique([np.min(others), np.max(others)])]
        names = [f"{t:.3g}" for t in ticks]
    else:
        ticks = [10.0 ** p for p in powers]
        names = [f"$10^{{{int(p)}}}$" for p in powers]
    ax.set_xticks([zero, *ticks], ["→ 0", *names])
    ax.minorticks_off()
    ax.axvspan(zero * (np.min(others) / zero) ** 0.45, zero * (np.min(others) / zero) ** 0.55,
               color="white", zorder=3, clip_on=False, ymin=-0.01, ymax=0.02)
    ax.axvline(zero * (np.min(others) / zero) ** 0.5, color="#bbbbbb", linewidth=0.7, linestyle=":")


def scales(problem: Model | Sweep, directions: ArrayLike = 20,
           sizes: ArrayLike | None = None, **options: Any) -> Figure:
    """The end of the flow against the norm of its start: loss, norm of the weight, active data.

    Parameters
    ----------
    problem : Model or Sweep
        A model is swept here; a sweep is drawn as it stands.
    directions : int or array_like
        As for ``reluflow.sweep``; default 20 random ones.
    sizes : array_like, optional
        The scales; 0, the limit of vanishing initialization, stands apart on the left.  Default 0 and
        1e-6 to 1e2.
    **options
        As for ``reluflow.sweep``.

    Returns
    -------
    matplotlib.figure.Figure

    Notes
    -----
    Source: docs/mathematics.md 4.2.
    """
    if isinstance(problem, Model):
        sizes = [0.0, *np.geomspace(1e-6, 1e2, 17)] if sizes is None else sizes
        problem = sweep(problem, directions, sizes, **options)
    order = np.argsort(problem.scales, kind="stable")
    pattern = problem.query(Quantity.PATTERN)
    active = (pattern > 0).reshape(*problem.shape, -1).sum(axis=2).astype(float)
    active[np.isnan(problem.losses)] = np.nan
    with _style.style():
        x, zero = _positions(problem.scales[order])
        figure = _style.figure(7.4, 6.6)
        axes = figure.subplots(3, 1, sharex=True)
        for ax, values, name in zip(axes, (problem.losses, problem.query(Quantity.WEIGHT_NORM),
                                           active),
                                    ("loss at the end", "‖w‖ at the end", "active data at the end")):
            _lines(ax, x, values[:, order], zero)
            ax.set_ylabel(name)
            _style.value_axis(ax, values, log=False)
            _ticks(ax, x, zero)
        axes[-1].set_xlabel("scale of the start, w(0) = scale · direction")
        count = problem.shape[0]
        axes[0].set_title(f"norm of the initialization, {count} direction{'' if count == 1 else 's'} "
                          f"(thin) and their median, n = {problem.model.n}, d = {problem.model.d}",
                          loc="left")
        figure.align_ylabels(axes)
        return figure
