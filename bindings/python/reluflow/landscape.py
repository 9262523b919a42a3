"""Landscapes: all stationary points of the loss in the plane.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

from typing import Any, Iterator, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import lowlevel
from ._arrays import Array
from .constants import PointKind
from .errors import SizeError, StateError
from .model import Model, named


class StationaryPoint(NamedTuple):
    """One stationary point, or a line, ray or cone of them.  What a kind does not use is 0."""

    kind: PointKind
    #: The point; of a line that of least norm; of a cone one unit ray.
    w: Array
    loss: float
    #: The datum on whose kink it lies, or -1.
    datum: int
    #: The fraction of the active side of that datum.
    theta: float
    #: A unit vector along a line or ray; of a cone the other unit ray.
    direction: Array
    #: Of a line: w + s direction for s between these.
    range: Array
    flags: int


class Landscape:
    """Every stationary point of the loss for d = 2.

    Attributes
    ----------
    model : Model
    points : numpy.ndarray
        A structured array with kind, flags, datum, w, direction, range, loss, theta; the origin
        first, then counterclockwise from the first axis.

    Notes
    -----
    The limit of every trajectory is one of them.  Source: docs/mathematics.md 4.4.
    """

    def __init__(self, model: Model):
        if model.neurons > 1:
            raise StateError(f"a landscape is of one neuron, and the model has {model.neurons}")
        if model.d != 2:
            raise SizeError(f"a landscape needs d = 2 (the bias counted), not {model.d}")
        self.model = model
        out = lowlevel.ffi.new("rf_landscape **")
        lowlevel.rf_landscape_create(model._handle, out)
        handle = lowlevel.ffi.gc(out[0], lowlevel.lib.rf_landscape_free)
        self.points: NDArray[np.void] = np.empty(lowlevel.rf_landscape_count(handle),
                                                 lowlevel.POINT)
        for i in range(len(self.points)):
            lowlevel.rf_landscape_point(handle, i, self.points[i:i + 1])

    def __len__(self) -> int:
        return len(self.points)

    def __getitem__(self, i: int) -> StationaryPoint:
        p = self.points[i]
        return StationaryPoint(PointKind(int(p["kind"])), p["w"].copy(), float(p["loss"]),
                               int(p["datum"]), float(p["theta"]), p["direction"].copy(),
                               p["range"].copy(), int(p["flags"]))

    def __iter__(self) -> Iterator[StationaryPoint]:
        return (self[i] for i in range(len(self)))

    def of_kind(self, kind: str | int) -> list[StationaryPoint]:
        """The points of one kind, such as "interior_minimum"."""
        which = named(PointKind, kind, "kind of stationary points")
        return [point for point in self if point.kind == which]

    @property
    def lowest(self) -> StationaryPoint:
        """A point of least loss: a global minimum."""
        return self[int(np.argmin(self.points["loss"]))]

    def __repr__(self) -> str:
        return (f"<reluflow.Landscape: {len(self)} stationary points, least loss "
                f"{self.lowest.loss:.6g}>")

    def _repr_html_(self) -> str:
        from ._html import landscape_html
        return landscape_html(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return Landscape, (self.model,)


def landscape(model: Model) -> Landscape:
    """Lists every stationary point of the loss for d = 2, in O(n log n).

    Parameters
    ----------
    model : Model
        One neuron and two columns.

    Returns
    -------
    Landscape

    Raises
    ------
    SizeError
        d is not 2.
    StateError
        The model has several neurons.
    NumericalError
        A value leaves the range of double.
    """
    return Landscape(model)
