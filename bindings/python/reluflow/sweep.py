"""Sweeps: the flow from many starts.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import operator
import threading
from typing import Any, Sequence

import numpy as np
from numpy.typing import ArrayLike

from . import _arrays, _memory, lowlevel
from ._arrays import Array, real, run_numbers, whole
from ._running import Counter
from .constants import Quantity, Status
from .errors import ArgumentError, NotFiniteError, SizeError, interrupted
from .model import Model, split_quantity
from .random import random_direction
from .trajectory import Trajectory


class Sweep:
    """Runs of one problem from ``scale * direction``, for all directions and scales.

    Parameters
    ----------
    model : Model
    directions : array_like, shape (p, d), or (p, m, d) with outer weights
    scales : array_like, shape (q,)
        Numbers >= 0; 0 is the limit of vanishing initialization.
    threads : int, optional
        Default: that of the model.  Results have the same bits for every number.
    max_events : int, default 0
        The event limit of every run; 0 is none.
    record : bool, default True
        False saves memory: every run then keeps its last state only.

    Attributes
    ----------
    model : Model
    directions : numpy.ndarray, shape (p, d) or (p, m, d)
    scales : numpy.ndarray, shape (q,)

    Notes
    -----
    Source: docs/mathematics.md 4.2.
    """

    def __init__(self, model: Model, directions: ArrayLike, scales: ArrayLike | Sequence[float], *,
                 threads: int | None = None, max_events: int = 0, record: bool = True):
        self.model = model
        self.directions: Array = np.array(_arrays._numbers(directions, "directions"), np.float64)
        if self.directions.ndim == len(model.weight_shape):
            self.directions = self.directions[None]
        if self.directions.shape[1:] != model.weight_shape or not len(self.directions):
            raise SizeError(f"directions has the shape {self.directions.shape}, not (count, "
                            f"{', '.join(map(str, model.weight_shape))})")
        self.scales: Array = _arrays.vector(np.atleast_1d(_arrays._numbers(scales, "scales")),
                                            "scales").copy()
        self._check_starts()
        self._settings = (model.threads if threads is None else whole(threads, "threads", 1, 1024),
                          whole(max_events, "max_events", 0), record)
        self._lock = threading.RLock()
        self._handle = self._create()

    def _check_starts(self) -> None:
        """Says which direction or scale the library would refuse."""
        flat = self.directions.reshape(len(self.directions), -1)
        if not len(self.scales):
            raise SizeError("scales is empty")
        for values, what in ((flat, "directions"), (self.scales, "scales")):
            wrong = np.argwhere(~np.isfinite(values))
            if len(wrong):
                where = ", ".join(map(str, wrong[0]))
                raise NotFiniteError(f"{what}[{where}] = {values[tuple(wrong[0])]:g}")
        negative = np.flatnonzero(self.scales < 0)
        if len(negative):
            raise ArgumentError(f"scales[{negative[0]}] = {self.scales[negative[0]]:g}, and no scale is "
                                "negative")
        zero = np.flatnonzero(~np.any(flat != 0, axis=1))
        if len(zero) and np.any(self.scales == 0):
            raise ArgumentError(f"directions[{zero[0]}] is 0: no direction to vanish along")

    def _create(self) -> Any:
        threads, max_events, record = self._settings
        base = self.model._clone()
        if max_events:
            lowlevel.rf_model_set_event_limit(base, max_events)
        if not record:
            lowlevel.rf_model_set_recording(base, 0)
        out = lowlevel.ffi.new("rf_sweep **")
        flat = np.ascontiguousarray(self.directions).reshape(-1)
        lowlevel.rf_sweep_create(base, len(self.directions), flat, len(flat), len(self.scales),
                                 self.scales, out)
        handle = lowlevel.ffi.gc(out[0], lowlevel.lib.rf_sweep_free)
        lowlevel.rf_sweep_set_threads(handle, threads)
        return handle

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of directions and of scales."""
        return len(self.directions), len(self.scales)

    def __len__(self) -> int:
        return int(lowlevel.rf_sweep_count(self._handle))

    def run(self, t_end: float = np.inf, *, progress: Any = False) -> Status:
        """Takes every run to ``t_end``; infinity is its certified limit.

        A sweep that was stopped resumes.  A run that fails does not end the others.

        Parameters
        ----------
        t_end : float
        progress : bool or callable, default False
            True shows a bar if tqdm is installed; a callable is called as ``progress(done, total)``
            from time to time, and a true value that it returns stops the sweep.

        Returns
        -------
        Status
            ``OK``, ``STOPPED``, or ``EVENT_LIMIT`` if a run stands at its event limit.

        Raises
        ------
        NumericalError
            All runs are done, and one or more failed: ``query("status")`` tells which.
        KeyboardInterrupt
            Ctrl-C; ``run`` resumes the sweep.
        """
        end = real(t_end, "t_end")
        with self._lock, Counter(progress, "runs") as watched:
            lowlevel.rf_sweep_set_callback(self._handle, watched.callback, None)
            try:
                status = lowlevel.rf_sweep_run(self._handle, end)
            except KeyboardInterrupt:
                raise interrupted(self) from None
            finally:
                lowlevel.rf_sweep_set_callback(self._handle, None, None)
            watched.check(self)
        return Status(status)

    def run_some(self, runs: ArrayLike, t_end: float = np.inf, *, progress: Any = False) -> Status:
        """Takes some of the runs to ``t_end``; the others stay where they are.

        For a sweep that is shared out to several processes, or done in portions.

        Parameters
        ----------
        runs : array_like of int
            The numbers of runs, ``direction * len(scales) + scale``, in any order.
        t_end, progress
            As for ``run``.

        Returns
        -------
        Status

        Raises
        ------
        ArgumentError
            A number out of range.
        """
        which, end = run_numbers(runs, len(self)), real(t_end, "t_end")
        with self._lock, Counter(progress, "runs") as watched:
            try:
                status = lowlevel.rf_sweep_run_some(self._handle, len(which), which, end,
                                                    watched.callback, None)
            except KeyboardInterrupt:
                raise interrupted(self) from None
            watched.check(self)
        return Status(status)

    def to_bytes(self, runs: ArrayLike | None = None) -> bytes:
        """Some runs as they stand, or all: what ``from_bytes`` of the same sweep elsewhere takes.

        Data, settings and starts are not part of it, only a digest of them.
        """
        count = len(self) if runs is None else np.size(np.asarray(runs))
        which = None if runs is None else run_numbers(runs, len(self))
        size = np.empty(1, np.int64)
        with self._lock:
            lowlevel.rf_sweep_save(self._handle, count, which, None, 0, size)
            buffer = bytearray(int(size[0]))
            lowlevel.rf_sweep_save(self._handle, count, which, buffer, len(buffer), size)
        return bytes(buffer)

    def from_bytes(self, saved: bytes) -> None:
        """Puts runs that ``to_bytes`` gave in the places of the same runs.

        Raises
        ------
        ArgumentError
            They are of a sweep with other data, settings or starts.
        CorruptError
            They are damaged, or none.
        """
        if not isinstance(saved, (bytes, bytearray)):
            raise ArgumentError(f"saved is of the type {type(saved).__name__}, not bytes")
        with self._lock:
            lowlevel.rf_sweep_load(self._handle, saved, len(saved))

    def query(self, quantity: str | int) -> Any:
        """A quantity of every run as it stands; NaN for a run that was not begun.

        Returns
        -------
        numpy.ndarray
            The shape (p, q) followed by that of the quantity, see ``Trajectory.query``.
        """
        which = split_quantity(quantity)
        size = np.empty(1, np.int64)
        lowlevel.rf_model_query_size(self.model._handle, int(which), size)
        length = int(size[0])
        out = np.empty(len(self) * length)
        with self._lock:
            lowlevel.rf_sweep_query(self._handle, int(which), out, len(out))
        return out.reshape(self.shape + self.model._shape_of(which, length))

    @property
    def weights(self) -> Array:
        """w of every run, in the shape (p, q) followed by that of w; the limits after ``run()``."""
        result: Array = self.query(Quantity.WEIGHTS)
        return result

    @property
    def losses(self) -> Array:
        """L(w) of every run, in the shape (p, q)."""
        result: Array = self.query(Quantity.LOSS)
        return result

    @property
    def converged(self) -> Any:
        """Whether each run has reached its certified limit; in the shape (p, q)."""
        return self.query(Quantity.CONVERGED) == 1

    def __getitem__(self, index: tuple[int, int]) -> Trajectory:
        """The run of one direction and one scale as a trajectory of its own."""
        if not isinstance(index, tuple) or len(index) != 2:
            raise TypeError("a run is sweep[direction, scale]")
        position = []
        for value, length, what in zip(index, self.shape, ("direction", "scale")):
            try:
                value = operator.index(value)
            except TypeError:
                raise TypeError(f"a run is sweep[direction, scale]; {what} is {value!r}, not an "
                                "integer") from None
            if not -length <= value < length:
                raise IndexError(f"{what} {value} is not in [0, {length})")
            position.append(value % length)
        out = lowlevel.ffi.new("rf_model **")
        with self._lock:
            lowlevel.rf_sweep_model(self._handle, position[0] * self.shape[1] + position[1], out)
        return Trajectory._of(self.model, lowlevel.ffi.gc(out[0], lowlevel.lib.rf_model_free))

    def __repr__(self) -> str:
        done = int(np.sum(self.converged))
        return (f"<reluflow.Sweep: {self.shape[0]} directions x {self.shape[1]} scales, "
                f"{done} of {len(self)} at their limit>")

    def __getstate__(self) -> dict[str, Any]:
        state = {name: value for name, value in self.__dict__.items()
                 if name not in ("_handle", "_lock")}
        state["_runs"] = self.to_bytes()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        runs = state.pop("_runs")
        self.__dict__.update(state)
        self._lock = threading.RLock()
        self._handle = self._create()
        self.from_bytes(runs)


def random_starts(model: Model, count: int, scales: int, first: int = 0) -> Array:
    """The random unit vectors of so many seeds from the first, in the shape of weights.

    Refuses more than a sweep over them, with so many scales, has memory for: each run keeps its weights
    twice and a number for every margin at least.
    """
    if count < 1:
        raise ArgumentError(f"directions is {count}, not a count >= 1")
    size = int(np.prod(model.weight_shape))
    _memory.check(8.0 * count * (size + scales * (2 * size + model.neurons * model.n)),
                  f"{count} directions with {scales} scale{'' if scales == 1 else 's'}")
    out = np.empty((count, size))
    for k in range(count):
        out[k] = random_direction(size, first + k)
    return out.reshape(count, *model.weight_shape)


def sweep(model: Model, directions: ArrayLike, scales: ArrayLike | Sequence[float] = (0.0,), *,
          t_end: float = np.inf, threads: int | None = None, max_events: int = 0,
          record: bool = True, progress: Any = False) -> Sweep:
    """The flow from ``scale * direction`` for every direction and every scale.

    Parameters
    ----------
    model : Model
    directions : array_like, shape (p, d), or an int
        A number asks for so many random unit vectors, those of the seeds 0, 1, ...
    scales : array_like, shape (q,), default (0,)
        0 is the limit of vanishing initialization.
    t_end, threads, max_events, record, progress
        See ``Sweep`` and ``Sweep.run``.

    Returns
    -------
    Sweep
        Run to ``t_end``.
    """
    if isinstance(directions, (int, np.integer)):
        directions = random_starts(model, int(directions), np.size(np.asarray(scales)))
    result = Sweep(model, directions, scales, threads=threads, max_events=max_events,
                   record=record)
    result.run(t_end, progress=progress)
    return result
