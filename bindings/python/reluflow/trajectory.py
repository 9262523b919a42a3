"""A run: the exact flow or descent from one start, with its history.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING, Any, Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _arrays, _memory, lowlevel
from ._arrays import Array, real, whole
from ._running import Callbacks, Counter
from .answers import Certificate, NeuronCertificates, NeuronGroups, Support
from .constants import EventKind, Flag, InnerEnding, Quantity, Status, SupportKind
from .errors import ArgumentError, NotConvergedError, NotFiniteError, StateError, interrupted
from .model import Model, load_handle, named, save_handle, split_quantity

if TYPE_CHECKING:
    import pandas


class Trajectory:
    """The flow, or descent, from one start.  Made by ``Model.flow``, ``Model.gd``, ``Model.start``.

    A trajectory stands at a present time, remembers its past, and can go on with ``run``.  Once the
    limit is reached and certified, ``converged`` is True and the present time is infinity.

    Attributes
    ----------
    model : Model
    """

    model: Model
    _handle: Any
    _lock: Any
    _callback: Any

    def __init__(self) -> None:
        raise TypeError("a Trajectory is made by Model.flow, Model.gd or Model.start")

    @classmethod
    def _of(cls, model: Model, handle: Any) -> Trajectory:
        self = cls.__new__(cls)
        self.model = model
        self._handle = handle
        self._lock = threading.RLock()
        self._callback = None
        return self

    def _configure(self, max_events: int, record: bool) -> None:
        if max_events:
            limit = whole(max_events, "max_events", 0)
            lowlevel.rf_model_set_event_limit(self._handle, limit)
        if not record:
            lowlevel.rf_model_set_recording(self._handle, 0)

    def _start(self, w0: ArrayLike | None, direction: ArrayLike | None,
               scale: float | None) -> None:
        shape = self.model.weight_shape
        if (w0 is None) == (direction is None):
            raise ArgumentError("give either w0 or direction (with scale)")
        if w0 is not None:
            if scale is not None:
                raise ArgumentError("scale belongs to direction, not to w0")
            start = _arrays.weights(w0, shape, "w0")
            lowlevel.rf_model_init(self._handle, start, len(start))
        elif direction is not None:
            start = _arrays.weights(direction, shape, "direction")
            lowlevel.rf_model_init_direction(self._handle, start, len(start),
                                             0.0 if scale is None else real(scale, "scale"))

    # -- running ---------------------------------------------------------------------------

    def _drive(self, call: Callable[[], int], callback: Callable[..., Any] | None,
               progress: Any) -> Status:
        try:
            with self._lock, Callbacks(self, callback, progress) as watched:
                status = call()
                watched.check(self)
        except KeyboardInterrupt:
            raise interrupted(self) from None
        return Status(status)

    def run(self, t_end: float = np.inf, *, callback: Callable[..., Any] | None = None,
            progress: Any = False) -> Status:
        """Follows the exact flow on to ``t_end``; infinity is the certified limit.

        Parameters
        ----------
        t_end : float
            Not before the present time.
        callback, progress
            As for ``Model.flow``.

        Returns
        -------
        Status
            ``Status.OK``, or how the run ended before: ``STOPPED`` by the callback,
            ``EVENT_LIMIT``.  Then ``run`` goes on.

        Raises
        ------
        ArgumentError
            t_end lies before the present time.
        StateError
            This trajectory is one of descent.
        KeyboardInterrupt
            Ctrl-C.  The trajectory stands at its last event and can be resumed.
        """
        end = real(t_end, "t_end")
        return self._drive(lambda: lowlevel.rf_model_integrate(self._handle, end),
                           callback, progress)

    def step(self, eta: float, steps: int = 1, *, callback: Callable[..., Any] | None = None,
             progress: Any = False) -> Status:
        """Gradient descent: ``steps`` more steps of size ``eta``.

        See ``Model.gd``.  A trajectory steps or runs, not both (StateError).
        """
        size, count = real(eta, "eta"), whole(steps, "steps", 0)
        return self._drive(lambda: lowlevel.rf_model_step(self._handle, size, count),
                           callback, progress)

    def advance(self, t_max: float = np.inf) -> np.void | None:
        """Follows the flow to the next event, or to ``t_max`` if that comes first.

        Returns
        -------
        numpy.void or None
            The event, an element of ``events``; None if ``t_max`` (or the limit) was reached.

        Notes
        -----
        The events of one instant are handed out one at a time, with the state after all of them.
        Source: docs/mathematics.md 2.
        """
        event, end = np.empty(1, lowlevel.EVENT), real(t_max, "t_max")
        with self._lock:
            status = lowlevel.rf_model_advance(self._handle, end, event)
        return event[0] if status in (Status.OK, Status.STOPPED) else None

    # -- asking ----------------------------------------------------------------------------

    @property
    def recorded(self) -> bool:
        """Whether the run keeps its history."""
        with self._lock:
            try:
                lowlevel.rf_model_events(self._handle, 0, 0, None)
            except StateError:
                return False
        return True

    @contextlib.contextmanager
    def _asking(self, otherwise: str = "") -> Iterator[None]:
        """Holds the lock, and says in words why a question has no answer."""
        with self._lock:
            try:
                yield
            except StateError as error:
                text = otherwise if self.recorded else "this run keeps no history (record=False)"
                raise StateError(text or error.message, error.function) from None

    def query(self, quantity: str | int, t: ArrayLike | None = None) -> Any:
        """A quantity now, or at past times; at the time of an event its right limit.

        Parameters
        ----------
        quantity : str
            The name in lower case:

            - a number: time, loss, gradient_norm, weight_norm, norm_rate (w . w'), path_length,
              converged, flags, status, inner_ending;
            - (d,), or (m, d) with outer weights: weights, velocity, gradient, least_norm;
            - (n,), or (m, n): margins, pattern (1 active, 0 inactive, theta while sliding),
              coefficients, multipliers, deactivations, reactivations, first_active, last_active;
            - (n,): residuals, outputs;
            - (m*d,): rates, descending.
        t : float or array_like, optional
            0 <= t <= the present time; any t, infinity too, once the limit is reached.  Default: now.

        Returns
        -------
        float or numpy.ndarray
            Of the shape ``numpy.shape(t)`` followed by that of the quantity.

        Raises
        ------
        ArgumentError
            No such quantity, or a time out of range.
        NotFiniteError
            A time is NaN.
        StateError
            The past is asked of a run that did not record it.

        Notes
        -----
        Source: docs/mathematics.md 1, 3, 4.
        """
        which = split_quantity(quantity)
        size = np.empty(1, np.int64)
        lowlevel.rf_model_query_size(self._handle, int(which), size)
        length = int(size[0])
        shape = self.model._shape_of(which, length)
        with self._asking():
            if t is None:
                out = np.empty(length)
                lowlevel.rf_model_query(self._handle, int(which), out, length)
                return out.reshape(shape) if shape else float(out[0])
            times = _arrays._numbers(t, "t").astype(np.float64)
            flat = np.ascontiguousarray(times).reshape(-1)
            self._check_times(flat)
            out = np.empty((len(flat), length))
            if len(flat) == 1:
                lowlevel.rf_model_query_at(self._handle, flat[0], int(which), out, length)
            elif len(flat) > 1:
                lowlevel.rf_model_sample(self._handle, len(flat), flat, int(which), out, out.size)
        result = out.reshape(times.shape + shape)
        return result if result.ndim else float(result)

    def _check_times(self, times: Array) -> None:
        now = self.time
        if np.any(np.isnan(times)):
            raise NotFiniteError(f"t has NaN, at index {int(np.argmax(np.isnan(times)))}")
        wrong = np.flatnonzero((times < 0) | ((times > now) & (not self.converged)))
        if len(wrong):
            raise ArgumentError(f"t = {times[wrong[0]]:g} is not in the time so far, from 0 to {now:g}")

    def at(self, t: ArrayLike) -> Any:
        """w(t).

        Parameters
        ----------
        t : float or array_like
            As for ``query``.

        Returns
        -------
        numpy.ndarray
            The shape of t followed by (d,), or (m, d) with outer weights.
        """
        return self.query(Quantity.WEIGHTS, t)

    def loss(self, t: ArrayLike | None = None) -> Any:
        """L(w), now or at times t; in the shape of t.  Unit: c y^2."""
        return self.query(Quantity.LOSS, t)

    def norm(self, t: ArrayLike | None = None) -> Any:
        """The Euclidean norm of w, now or at times t; in the shape of t."""
        return self.query(Quantity.WEIGHT_NORM, t)

    def margins(self, t: ArrayLike | None = None) -> Any:
        """x_i . w, now or at times t; exactly 0 while on the kink."""
        return self.query(Quantity.MARGINS, t)

    def residuals(self, t: ArrayLike | None = None) -> Any:
        """f(x_i) - y_i, now or at times t."""
        return self.query(Quantity.RESIDUALS, t)

    def pattern(self, t: ArrayLike | None = None) -> Any:
        """The activation pattern: 1 active, 0 inactive, theta in [0, 1] while sliding."""
        return self.query(Quantity.PATTERN, t)

    def velocity(self, t: ArrayLike | None = None) -> Any:
        """w'(t) from the right; 0 at the limit."""
        return self.query(Quantity.VELOCITY, t)

    @property
    def states(self) -> NDArray[np.uint8]:
        """The state of each datum now: 0 inactive, 1 active, 2 sliding."""
        out = np.empty(self.model.neurons * self.model.n, np.uint8)
        with self._lock:
            lowlevel.rf_model_pattern(self._handle, out, len(out))
        return out.reshape(self.model._shape_of(Quantity.PATTERN, len(out)))

    @property
    def time(self) -> float:
        """The present time; infinity at the limit."""
        return float(self.query(Quantity.TIME))

    @property
    def weights(self) -> Array:
        """w now, in the shape (d,), or (m, d) with outer weights."""
        result: Array = self.query(Quantity.WEIGHTS)
        return result

    @property
    def converged(self) -> bool:
        """Whether the limit is reached and certified: no event is left."""
        return bool(self.query(Quantity.CONVERGED))

    @property
    def limit(self) -> Array:
        """w(infinity).

        Raises
        ------
        NotConvergedError
            The run has not reached its limit.
        """
        if not self.converged:
            raise NotConvergedError(
                f"the run stands at t = {self.time:g} and has not reached its limit; \"weights\" "
                "are those of now, \"run()\" goes on to the limit")
        return self.weights

    @property
    def status(self) -> Status:
        """How the last run ended."""
        return Status(int(self.query(Quantity.STATUS)))

    @property
    def flags(self) -> Flag:
        """All flags raised since the start."""
        return Flag(int(self.query(Quantity.FLAGS)))

    @property
    def inner_ending(self) -> InnerEnding:
        """How the inner flow of a vanishing initialization ended."""
        return InnerEnding(int(self.query(Quantity.INNER_ENDING)))

    @property
    def event_count(self) -> int:
        """The number of events since the start, inner ones included."""
        return int(lowlevel.rf_model_event_count(self._handle))

    @property
    def events(self) -> NDArray[np.void]:
        """The events, in order: a structured array with time, datum, neuron, kind, flags.

        ``EventKind`` and ``Flag`` name the numbers of kind and flags; datum is -1 at the origin.  See
        ``events_frame`` for a table with names.
        """
        with self._asking():
            out = np.empty(self.event_count, lowlevel.EVENT)
            lowlevel.rf_model_events(self._handle, 0, len(out), out if len(out) else None)
        return out

    def events_frame(self) -> pandas.DataFrame:
        """The events as a pandas.DataFrame, kinds and flags by name.

        Raises
        ------
        ImportError
            pandas is not installed.
        """
        import pandas
        events = self.events
        names = [str(EventKind(int(kind))) for kind in events["kind"]]
        known = [str(kind) for kind in EventKind]
        kinds = pandas.Categorical(names, [*known, *sorted(set(names) - set(known))])
        return pandas.DataFrame({
            "time": events["time"], "datum": events["datum"], "neuron": events["neuron"],
            "kind": kinds,
            "inner": (events["flags"] & Flag.INNER) != 0,
            "ambiguous": (events["flags"] & Flag.AMBIGUOUS) != 0,
            "doubtful": (events["flags"] & Flag.DOUBTFUL) != 0})

    def support_of(self, kind: str | int) -> NDArray[np.int64]:
        """The support vectors of one kind: "active", "trajectory" or "boundary"; ascending.

        With m neurons the index is ``neuron * n + datum``.
        Source: docs/mathematics.md 4.1.
        """
        which = named(SupportKind, kind, "kind of support vectors")
        count = np.empty(1, np.int64)
        with self._asking():
            lowlevel.rf_model_support(self._handle, int(which), None, 0, count)
            out = np.empty(int(count[0]), np.int64)
            if len(out):
                lowlevel.rf_model_support(self._handle, int(which), out, len(out), count)
        return out

    @property
    def support(self) -> Support:
        """The support vectors: ``active``, ``trajectory``, ``boundary``."""
        return Support(*(self.support_of(kind) for kind in SupportKind))

    @property
    def coefficients(self) -> Array:
        """alpha now, with w(t) = w(0) + sum_i alpha_i x_i.

        At the limit +-infinity for a datum that goes on pulling; only the sum converges.  For other
        times ``query("coefficients", t)``.  Source: docs/mathematics.md 4.1.
        """
        result: Array = self.query(Quantity.COEFFICIENTS)
        return result

    @property
    def certificate(self) -> Certificate:
        """Does the norm of the weight strictly increase, from t = 0+ to now?

        Raises
        ------
        StateError
            No history is kept, or this is descent.

        Notes
        -----
        Source: docs/mathematics.md 4.3.
        """
        increasing, failure = np.empty(1, np.int32), np.empty(1)
        with self._asking("the certificate is of the exact flow, and this run is descent"):
            lowlevel.rf_model_norm_certificate(self._handle, increasing, failure)
        return Certificate(bool(increasing[0]), float(failure[0]))

    @property
    def neuron_certificates(self) -> NeuronCertificates:
        """Does the norm of each neuron's weight strictly increase?

        Returns
        -------
        NeuronCertificates
            Two arrays of the shape (m,).  A neuron that rests at some time has False, and NaN unless
            its norm falls at another.

        Raises
        ------
        StateError
            No history is kept, or this is descent.

        Notes
        -----
        Source: docs/mathematics.md 4.3, 7.
        """
        m = self.model.neurons
        increasing, failure = np.empty(m, np.int32), np.empty(m)
        with self._asking("the certificates are of the exact flow, and this run is descent"):
            lowlevel.rf_model_neuron_certificates(self._handle, increasing, failure, m)
        return NeuronCertificates(increasing != 0, failure)

    def neuron_groups(self, angle: float = 1e-6) -> NeuronGroups:
        """Which neurons have the same direction now?

        Parameters
        ----------
        angle : float, default 1e-6
            In [0, pi], radians: neighbours in a group differ by at most this (single linkage).

        Returns
        -------
        NeuronGroups
            Two arrays of the shape (m,).  Of equal directions u a group acts as one neuron
            ``weight * sigma(x . u)``.

        Raises
        ------
        ArgumentError
            The angle is out of range.

        Notes
        -----
        Source: docs/mathematics.md 7.
        """
        m, largest = self.model.neurons, real(angle, "angle")
        if not 0 <= largest <= np.pi:
            raise ArgumentError(f"angle is {largest:g}, not in [0, pi]")
        group, weight = np.empty(m, np.int64), np.empty(m)
        with self._lock:
            lowlevel.rf_model_neuron_groups(self._handle, largest, group, weight, m)
        return NeuronGroups(group, weight)

    def leave_one_out(self, data: ArrayLike | None = None, *, progress: Any = False) -> Array:
        """The limit of the exact flow from the same start without each of the given data.

        Parameters
        ----------
        data : array_like of int, optional
            Indices in [0, n); default all.  One that never acts costs nothing.
        progress : bool or callable, default False
            True shows a bar if tqdm is installed; a callable is called as ``progress(done, total)``.

        Returns
        -------
        numpy.ndarray
            The shape (number of indices,) followed by that of w.

        Raises
        ------
        ArgumentError
            An index out of range.
        KeyboardInterrupt
            Ctrl-C; its ``partial`` has the rows that are done, NaN in the others.

        Notes
        -----
        Source: docs/mathematics.md 4.1.
        """
        model = self.model
        which = np.arange(model.n) if data is None else np.atleast_1d(np.asarray(data))
        if (which.dtype.kind not in "iu" and which.size) or which.ndim != 1:
            raise ArgumentError("data must be indices: integers with one axis")
        wrong = np.flatnonzero((which < 0) | (which >= model.n))
        if len(wrong):
            raise ArgumentError(f"index {which[wrong[0]]} is not in [0, {model.n})")
        out = np.full((len(which), model.neurons * model.d), np.nan)
        shaped = out.reshape((len(which), *model.weight_shape))
        if not len(which):
            return shaped
        with self._lock, Counter(progress, "data") as watched:
            try:
                lowlevel.rf_model_leave_one_out(
                    self._handle, len(which), np.ascontiguousarray(which, np.int64), out, out.size,
                    watched.callback, None)
            except KeyboardInterrupt:
                raise interrupted(self, shaped) from None
            watched.check(self, shaped)
        return shaped

    def predict(self, X: ArrayLike | None = None) -> Array:
        """f(x) with the present weights for every row of X, or of the data; see ``Model.predict``."""
        return self.model.predict(self.weights, X)

    def grid(self, count: int = 400, *, events: bool = True) -> Array:
        """Times that show the whole run: ascending, in geometric progression between its time scales.

        Parameters
        ----------
        count : int
            The number of times before those of events are added.
        events : bool, default True
            Add the times of the events, and a time just before each.

        Returns
        -------
        numpy.ndarray
            Finite times, beginning with 0.
        """
        from ._grid import time_grid
        number = whole(count, "count", 0)
        _memory.check(100.0 * number, f"{number} times")
        return time_grid(self, number, events)

    # -- Python's own ----------------------------------------------------------------------

    def clone(self) -> Trajectory:
        """An independent copy that shares the data."""
        out = lowlevel.ffi.new("rf_model **")
        with self._lock:
            lowlevel.rf_model_clone(self._handle, out)
        return Trajectory._of(self.model, lowlevel.ffi.gc(out[0], lowlevel.lib.rf_model_free))

    __copy__ = clone

    def __deepcopy__(self, memo: Any) -> Trajectory:
        return self.clone()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the model with its data, state and history: what ``rf_model_save`` writes.

        ``reluflow.load`` reads it, and so do C and other languages.
        """
        with self._lock:
            saved = save_handle(self._handle)
        with open(path, "wb") as file:
            file.write(saved)

    def __reduce__(self) -> tuple[Any, ...]:
        with self._lock:
            return _restore, (self.model, save_handle(self._handle))

    def ending(self) -> str:
        """How the run stands, in words."""
        if self.converged:
            return "limit reached and certified"
        words = {Status.STOPPED: "stopped", Status.EVENT_LIMIT: "event limit reached"}
        said = words.get(self.status)
        return f"at t = {self.time:.6g}" + (f", {said}" if said else "")

    def __repr__(self) -> str:
        count = self.event_count
        return (f"<reluflow.Trajectory: {self.ending()}, {count} event{'' if count == 1 else 's'}, "
                f"loss {self.loss():.6g}, |w| {self.norm():.6g}>")

    def _repr_html_(self) -> str:
        from ._html import trajectory_html
        return trajectory_html(self)



def _restore(model: Model, saved: bytes) -> Trajectory:
    return Trajectory._of(model, load_handle(saved))
