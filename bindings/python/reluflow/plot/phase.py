"""The phase portrait of a neuron in the plane.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

from typing import Any, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Polygon

from .._arrays import Array
from ..constants import PointKind, Quantity
from ..errors import SizeError
from ..landscape import Landscape, StationaryPoint
from ..model import Model
from ..sweep import Sweep
from ..trajectory import Trajectory
from . import _style
from .trajectory import kind_of

Extent = Sequence[float]

#: Pale, of different lightness, and unlike the colours of lines and points.
_BASINS = ("#cfe3f3", "#fbe3b5", "#c9e8dc", "#f3d3e3", "#e3e3c3", "#dcd3ee", "#f6cdb8", "#d5ecf7")
_DEAD, _OTHER = "#dddddd", "#ffffff"
#: Cells at the border of two basins are divided so often in each direction.
_FINER = 3

_POINTS = {
    PointKind.INTERIOR_MINIMUM: ("o", _style.GREEN, "minimum"),
    PointKind.KINK_MINIMUM: ("s", _style.GREEN, "minimum on a kink"),
    PointKind.KINK_SADDLE: ("X", _style.RED, "saddle on a kink"),
    PointKind.ZERO_LABEL_MINIMUM: ("D", _style.GREEN, "minimum, label 0"),
    PointKind.ORIGIN: ("P", _style.INK, "origin"),
}


def _extent(points: Landscape, runs: Sequence[Trajectory]) -> tuple[float, float, float, float]:
    """A square about 0, the stationary points and the runs."""
    shown = [np.zeros((1, 2))]
    for p in points:
        if p.kind in (PointKind.FLAT_MINIMUM, PointKind.KINK_RAY):
            ends = _range(p)
            shown += [p.w[None] + s * p.direction for s in ends[np.isfinite(ends)]]
        elif p.kind != PointKind.DEAD_CONE:
            shown.append(p.w[None])
    shown += [run.at(run.grid(100)) for run in runs]
    every = np.concatenate(shown)
    centre = (every.max(axis=0) + every.min(axis=0)) / 2
    half = 0.65 * float(np.max(np.ptp(every, axis=0))) or 1.0
    return (centre[0] - half, centre[0] + half, centre[1] - half, centre[1] + half)


def _grid(extent: Extent, count: int) -> tuple[Array, Array, Array]:
    """Centres of count x count cells, and the points as rows; none of them is 0."""
    x = extent[0] + (np.arange(count) + 0.5) * (extent[1] - extent[0]) / count
    y = extent[2] + (np.arange(count) + 0.5) * (extent[3] - extent[2]) / count
    both = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    both[~both.any(axis=1)] = 1e-9 * (extent[1] - extent[0])
    return x, y, both


def _range(point: StationaryPoint) -> Array:
    """From where to where a line or ray of points goes along its direction."""
    return point.range if point.kind == PointKind.FLAT_MINIMUM else np.array([0.0, np.inf])


def _place(point: StationaryPoint) -> Array:
    """The point itself; of a line that of least norm in its range."""
    if point.kind not in (PointKind.FLAT_MINIMUM, PointKind.KINK_RAY):
        return point.w
    place: Array = point.w + np.clip(0.0, *_range(point)) * point.direction
    return place


def _distance(point: StationaryPoint, w: Array) -> Array:
    """How far weights are from a point, or from the line or ray of points."""
    if point.kind in (PointKind.FLAT_MINIMUM, PointKind.KINK_RAY):
        s = np.clip((w - point.w) @ point.direction, *_range(point))
        away: Array = np.linalg.norm(w - point.w - s[:, None] * point.direction, axis=1)
        return away
    result: Array = np.linalg.norm(w - point.w, axis=1)
    return result


def _ends(model: Model, points: Landscape, starts: Array, size: float) -> Array:
    """Where the flow from each start ends: the number of a point, -1 for dead, -2 for none."""
    sweep = Sweep(model, starts, [1.0], record=False)
    sweep.run()
    w = sweep.weights[:, 0]
    candidates = [i for i, p in enumerate(points) if p.kind != PointKind.DEAD_CONE]
    away = np.stack([_distance(points[i], w) for i in candidates])
    nearest = np.argmin(away, axis=0)
    ends = np.where(np.min(away, axis=0) < 1e-6 * size, np.array(candidates)[nearest], -2)
    pattern = sweep.query(Quantity.PATTERN)[:, 0]
    if model.slope == 0:
        ends[~(pattern > 0).any(axis=1)] = -1
    return ends


def _fine(count: int, model: Model, points: Landscape, extent: Extent) -> Array:
    """Ends of count x count starts, and of _FINER x _FINER in each cell beside one that differs."""
    size = extent[1] - extent[0]
    coarse = _ends(model, points, _grid(extent, count)[2], size).reshape(count, count)
    beside = np.pad(coarse, 1, mode="edge")
    differs = np.zeros((count, count), bool)
    for row in range(3):
        for column in range(3):
            differs |= beside[row:row + count, column:column + count] != coarse
    ends: Array = np.kron(coarse, np.ones((_FINER, _FINER), coarse.dtype))
    again = np.kron(differs, np.ones((_FINER, _FINER), bool))
    if np.any(again):
        starts = _grid(extent, _FINER * count)[2][again.reshape(-1)]
        ends[again] = _ends(model, points, starts, size)
    return ends


def _basins(ax: Axes, model: Model, points: Landscape, extent: Extent, count: int,
            first: int) -> tuple[list[Patch], list[int]]:
    """Colours every start by the limit of its flow; legend entries, and the points they name."""
    ends = _fine(count, model, points, extent)
    x, y, _ = _grid(extent, len(ends))
    kinds = [i for i in np.unique(ends) if i >= 0]
    colors = [_OTHER, _DEAD] + [_BASINS[k % len(_BASINS)] for k in range(len(kinds))]
    number = {-2: 0, -1: 1, **{int(i): k + 2 for k, i in enumerate(kinds)}}
    image = np.vectorize(number.__getitem__)(ends)
    ax.pcolormesh(x, y, image, cmap=ListedColormap(colors), vmin=-0.5, vmax=len(colors) - 0.5,
                  shading="nearest", rasterized=True, zorder=0)
    named = [int(i) for i in kinds[:10]]
    handles = [Patch(color=colors[number[i]], label=f"flows to point {i + first}") for i in named]
    if np.any(ends == -1):
        handles.append(Patch(color=_DEAD, label="dies"))
    return handles, named


def _kinks(ax: Axes, model: Model, extent: Extent) -> None:
    """The lines x_i . w = 0, fainter the more there are."""
    X = model.X[np.any(model.X != 0, axis=1)].astype(np.float64)
    alpha = float(np.clip(10 / max(len(X), 1), 0.03, 0.8))
    long = 3 * float(np.max(np.abs(extent)))
    for row in X:
        along = np.array([-row[1], row[0]]) / np.hypot(*row) * long
        ax.plot([-along[0], along[0]], [-along[1], along[1]], color="#777777", linewidth=0.7,
                alpha=alpha, zorder=1)


def _flow(ax: Axes, model: Model, extent: Extent) -> None:
    """Stream lines of minus the gradient."""
    x, y, w = _grid(extent, 25)
    v = np.array([-model.gradient(one) for one in w]).reshape(25, 25, 2)
    speed = np.linalg.norm(v, axis=2)
    if np.max(speed) > 0:
        v[speed == 0] = np.nan
        ax.streamplot(x, y, v[..., 0], v[..., 1], density=0.9, color="#5b6b7a", linewidth=0.6,
                      arrowsize=0.7, zorder=2)


def _cones(ax: Axes, points: Landscape, extent: Extent) -> None:
    """The dead cones, hatched."""
    long = 4 * float(np.max(np.abs(extent)))
    for point in points.of_kind(PointKind.DEAD_CONE):
        first, last = np.arctan2(*point.w[::-1]), np.arctan2(*point.direction[::-1])
        angles = np.linspace(first, last if last > first else last + 2 * np.pi, 40)
        rim = long * np.column_stack([np.cos(angles), np.sin(angles)])
        ax.add_patch(Polygon(np.vstack([[0, 0], rim]), closed=True, facecolor="none",
                             edgecolor="#999999", hatch="////", linewidth=0, zorder=1))


def _stationary(ax: Axes, points: Landscape) -> list[Line2D]:
    """Points, lines and rays with their numbers; legend entries for the kinds."""
    present = []
    for i, point in enumerate(points):
        if point.kind in (PointKind.FLAT_MINIMUM, PointKind.KINK_RAY):
            ends = point.w + np.clip(_range(point), -1e6, 1e6)[:, None] * point.direction
            flat = point.kind == PointKind.FLAT_MINIMUM
            ax.plot(*ends.T, color=_style.GREEN if flat else _style.RED, linewidth=3, alpha=0.8,
                    solid_capstyle="butt", zorder=4, linestyle="-" if flat else "--")
        elif point.kind in _POINTS:
            marker, color, _ = _POINTS[point.kind]
            ax.plot(*point.w, marker=marker, color=color, markersize=7.5, markeredgecolor="white",
                    markeredgewidth=0.9, linestyle="", zorder=6)
        present.append(point.kind)
    handles = [Line2D([], [], linestyle="", marker=marker, color=color, markersize=6, label=name)
               for kind, (marker, color, name) in _POINTS.items() if kind in present]
    for kind, color, line, name in ((PointKind.FLAT_MINIMUM, _style.GREEN, "-", "line of minima"),
                                    (PointKind.KINK_RAY, _style.RED, "--", "stationary ray")):
        if kind in present:
            handles.append(Line2D([], [], color=color, linewidth=3, linestyle=line, label=name))
    return handles


def _numbers(ax: Axes, points: Landscape, basins: Sequence[int], extent: Extent, first: int) -> None:
    """Names the points that basins refer to; those that stand close together with one text."""
    groups: list[tuple[Array, list[int]]] = []
    for i in basins:
        place = _place(points[i])
        if not (extent[0] <= place[0] <= extent[1] and extent[2] <= place[1] <= extent[3]):
            continue
        near = [g for g in groups if np.linalg.norm(g[0] - place) < 0.05 * (extent[1] - extent[0])]
        if near:
            near[0][1].append(i)
        else:
            groups.append((place, [i]))
    for _, members in groups:
        places = np.array([_place(points[i]) for i in members])
        below = places[:, 1].max() > extent[2] + 0.93 * (extent[3] - extent[2])
        y = places[:, 1].min() if below else places[:, 1].max()
        ax.annotate(", ".join(str(i + first) for i in members), (places[:, 0].mean(), y),
                    xytext=(0, -8 if below else 8), textcoords="offset points", fontsize=9,
                    fontweight="bold", zorder=7, ha="center", va="top" if below else "bottom",
                    bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.75})


def phase(model: Model, runs: Sequence[Trajectory] = (), *, extent: Extent | None = None,
          cells: int | None = None, first: int = 0) -> Figure:
    """The phase portrait for d = 2: kinks, flow, stationary points, and the basins of the limits.

    Parameters
    ----------
    model : Model
        One neuron and two columns.
    runs : sequence of Trajectory, optional
        Trajectories to draw.
    extent : (left, right, bottom, top), optional
        Default: a square about the origin, the stationary points and the runs.
    cells : int, optional
        The basins are found from cells x cells starts, and 9 in each cell at a border; 0 leaves them
        out.  Default: 20 to 60, the more the fewer data.
    first : int, default 0
        The number of the first point: 0 as in Python, or 1 as the command line counts.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    SizeError
        d is not 2.

    Notes
    -----
    Every limit is one of the stationary points listed by ``Model.landscape``; the numbers are
    their places in it.  Source: docs/mathematics.md 4.4.
    """
    if model.d != 2:
        raise SizeError(f"a phase portrait needs d = 2, not {model.d}")
    points = Landscape(model)
    box = tuple(extent) if extent is not None else _extent(points, runs)
    if cells is None:
        cells = int(np.clip(np.sqrt(3e5 / model.n), 20, 60))
    with _style.style():
        figure = _style.figure(8.0, 6.0)
        ax = figure.subplots()
        handles: list[Any] = []
        basins, named = _basins(ax, model, points, box, cells, first) if cells else ([], [])
        _cones(ax, points, box)
        _kinks(ax, model, box)
        _flow(ax, model, box)
        for run in runs:
            w = run.at(run.grid(200))
            ax.plot(*w.T, color=_style.BLUE, linewidth=1.8, zorder=5)
            ax.plot(*w[0], marker="o", color="white", markeredgecolor=_style.BLUE, markersize=5,
                    linestyle="", zorder=5)
        handles += _stationary(ax, points)
        if runs:
            handles.append(Line2D([], [], color=_style.BLUE, marker="o", markerfacecolor="white",
                                  label="trajectory from its start"))
        handles.append(Line2D([], [], color="#777777", linewidth=0.8, label="kink x·w = 0"))
        if points.of_kind(PointKind.DEAD_CONE):
            handles.append(Patch(facecolor="white", edgecolor="#999999", hatch="////",
                                 linewidth=0, label="dead cone"))
        _numbers(ax, points, named, box, first)
        ax.set(xlim=box[:2], ylim=box[2:], aspect="equal")
        ax.set_xlabel(f"w₁ ({model.names[0]})")
        ax.set_ylabel(f"w₂ ({model.names[1]})")
        ax.set_title(f"{kind_of(model)} neuron, n = {model.n}: "
                     f"{len(points)} stationary points", loc="left")
        ax.legend(handles=handles + basins, loc="upper left", bbox_to_anchor=(1.01, 1.0),
                  borderaxespad=0)
        return figure
