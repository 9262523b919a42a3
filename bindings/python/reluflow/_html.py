"""What a notebook shows: a small table, and for a trajectory the loss over time as a sketch.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Iterable

import numpy as np

from .constants import EventKind, Flag

if TYPE_CHECKING:
    from .landscape import Landscape
    from .model import Model
    from .trajectory import Trajectory

_WIDTH, _HEIGHT = 280, 64


def _table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    body = "".join(
        f'<tr><th style="text-align:left;font-weight:normal;opacity:.7">{escape(name)}</th>'
        f'<td style="text-align:left">{escape(text)}</td></tr>' for name, text in rows)
    return f'<table><caption style="text-align:left"><b>{escape(title)}</b></caption>{body}</table>'


def _model_rows(model: Model) -> list[tuple[str, str]]:
    columns = f"{model.d}" + (", the bias included" if model.names[-1] == "(bias)" else "")
    rows = [("data", f"{model.n}"), ("columns", columns), ("activation", model.activation_text())]
    if model.outer_weights is not None:
        rows.insert(0, ("neurons", f"{model.neurons}"))
    return rows


def model_html(model: Model) -> str:
    """For ``Model``."""
    return _table("reluflow.Model", _model_rows(model))


def _sketch(trajectory: Trajectory) -> str:
    """The loss over the time, both from their least to their greatest, with a tick at each event."""
    from ._grid import event_times, time_range
    times = trajectory.grid(120, events=False)
    low, high = time_range(trajectory)
    if high == 0:
        return ""
    times = times[times >= low]
    loss = np.asarray(trajectory.loss(times))
    least, most = float(np.min(loss)), float(np.max(loss))
    ratio = np.log(high / low)
    if not (most > least and ratio > 0 and len(times) > 1):
        return ""
    x = _WIDTH * np.log(times / low) / ratio
    y = 4 + (_HEIGHT - 14) * (most - loss) / (most - least)
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y))
    marks = event_times(trajectory)
    marks = marks[(marks >= low) & (marks <= high)][:400]
    ticks = "".join(f'<line x1="{a:.1f}" x2="{a:.1f}" y1="{_HEIGHT - 7}" y2="{_HEIGHT}"/>'
                    for a in _WIDTH * np.log(marks / low) / ratio)
    return (f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" role="img">'
            f"<title>loss from {most:.4g} to {least:.4g}, t from {low:.3g} to {high:.3g} "
            "(logarithmic); ticks are events</title>"
            f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="1.5"/>'
            f'<g stroke="#d55e00" stroke-width="1">{ticks}</g></svg>')



def trajectory_html(trajectory: Trajectory) -> str:
    """For ``Trajectory``."""
    recorded = trajectory.recorded
    kinds = ""
    if recorded:
        events = trajectory.events
        counted = [(kind.name.lower(), int(np.sum(events["kind"] == kind))) for kind in EventKind]
        kinds = ", ".join(f"{count} {name}" for name, count in counted if count)
    rows = [("run", trajectory.ending()),
            ("events", f"{trajectory.event_count}" + (f": {kinds}" if kinds else "")),
            ("loss", f"{trajectory.loss():.8g}"), ("|w|", f"{trajectory.norm():.8g}"),
            ("active data", f"{int(np.sum(trajectory.states == 1))} of {trajectory.states.size}")]
    flags = trajectory.flags & (Flag.AMBIGUOUS | Flag.DOUBTFUL)
    if flags:
        names = [flag.name.lower() for flag in (Flag.AMBIGUOUS, Flag.DOUBTFUL)
                 if flag in flags and flag.name]
        rows.append(("flags", ", ".join(names)))
    return _table("reluflow.Trajectory", rows) + (_sketch(trajectory) if recorded else "")


def landscape_html(landscape: Landscape) -> str:
    """For ``Landscape``."""
    head = "".join(f"<th>{name}</th>" for name in ("", "kind", "w1", "w2", "loss", "datum"))
    body = "".join(
        f"<tr><td>{i}</td><td>{p.kind.name.lower()}</td><td>{p.w[0]:.6g}</td><td>{p.w[1]:.6g}</td>"
        f"<td>{p.loss:.6g}</td><td>{p.datum if p.datum >= 0 else ''}</td></tr>"
        for i, p in enumerate(landscape))
    return ('<table><caption style="text-align:left"><b>reluflow.Landscape</b></caption>'
            f"<tr>{head}</tr>{body}</table>")
