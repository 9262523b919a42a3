"""The problem: data, labels, weights, activation.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import enum
import os
from typing import TYPE_CHECKING, Any, Callable, Sequence, TypeVar, Union

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _arrays, lowlevel
from ._arrays import Array, real, whole
from .constants import Activation, CreateFlag, Quantity
from .errors import ArgumentError, SizeError, StateError

if TYPE_CHECKING:
    from .landscape import Landscape
    from .sweep import Sweep
    from .trajectory import Trajectory

ActivationLike = Union[str, "tuple[str, float]", Activation]
_MESSAGE = 512
_OF_WEIGHTS = (Quantity.WEIGHTS, Quantity.LOSS, Quantity.GRADIENT, Quantity.GRADIENT_NORM,
               Quantity.WEIGHT_NORM, Quantity.MARGINS, Quantity.RESIDUALS, Quantity.PATTERN,
               Quantity.OUTPUTS)
_DATA_F32 = lowlevel.header.constants.get("RF_DATA_F32", 0)


def parse_activation(activation: ActivationLike) -> tuple[Activation, float]:
    """The activation and its slope for z < 0, from "relu", "linear", "leaky:0.1", ("leaky", 0.1)."""
    slope: Any = None
    name: Any = activation
    if isinstance(activation, Activation):
        name = activation.name.lower()
    elif isinstance(activation, tuple) and len(activation) == 2:
        name, slope = activation
    elif isinstance(activation, str) and ":" in activation:
        name, slope = activation.split(":", 1)
    if name == "relu" and slope is None:
        return Activation.RELU, 0.0
    if name == "linear" and slope is None:
        return Activation.LINEAR, 1.0
    if name in ("leaky", "leaky_relu") and slope is not None:
        try:
            return Activation.LEAKY_RELU, float(slope)
        except (TypeError, ValueError):
            pass
    raise ArgumentError(f"activation is {activation!r}, not \"relu\", \"linear\", \"leaky:SLOPE\" or "
                        "(\"leaky\", SLOPE)")


_Member = TypeVar("_Member", bound=enum.IntEnum)


def named(kind: type[_Member], value: str | int, what: str) -> _Member:
    """A member of an enumeration from its name in lower case, its number, or itself."""
    try:
        return kind[value.upper()] if isinstance(value, str) else kind(value)
    except (KeyError, ValueError):
        known = ", ".join(member.name.lower() for member in kind)
        raise ArgumentError(f"no {what} is called {value!r}; there are {known}") from None


def split_quantity(quantity: str | int) -> Quantity:
    """A quantity from its name in lower case, its number, or itself."""
    return named(Quantity, quantity, "quantity")


class Model:
    """One ReLU neuron, or several with fixed outer weights, and the data to fit.

    The loss is ``L(w) = 1/2 sum_i c_i (f(x_i) - y_i)^2`` with ``f(x) = sigma(x . w)``, or with m
    neurons ``f(x) = sum_j a_j sigma(x . w_j)`` for fixed a.

    Parameters
    ----------
    X : array_like, shape (n, d)
        The data, one row each, finite.  Any layout and any real type.  An array of double precision
        is *borrowed*: used where it is, and kept alive, if its rows are contiguous; so is one of single
        precision where the library can.  A borrowed array must not be changed while the model or
        anything made from it is in use.
    y : array_like, shape (n,) or (n, 1)
        The labels, of any sign.  Borrowed on the same terms.
    bias : bool or float, default False
        True appends a constant column 1 to X (which copies it), a number a column of that value.
    weights : array_like of shape (n,), float, or "mean", optional
        The weights c > 0 of the data.  Default 1; "mean" is 1/n, the mean loss.
    activation : {"relu", "linear", "leaky:SLOPE"} or ("leaky", SLOPE), default "relu"
        SLOPE in [0, 1) is the slope for z < 0.
    outer_weights : array_like, shape (m,), optional
        The outer weights a of m neurons, none of them 0.  Then weight vectors have the shape
        (m, d) and margins (m, n), also for m = 1.
    copy : bool, default False
        True copies X and y in any case, so that they may be changed afterwards.
    threads : int, default 1
        Threads that the kernels may use.  Results do not depend on it.

    Attributes
    ----------
    n, d : int
        The number of data and of columns, that of the bias included.
    neurons : int
        The number m of neurons.
    X, y : numpy.ndarray
        The data as used, the column of the bias included.
    weights : numpy.ndarray of shape (n,), or None
        The weights c; None in a model that came from a file.
    activation : Activation
    slope : float
        sigma'(z) for z < 0.
    outer_weights : numpy.ndarray of shape (m,), or None
    names : list of str
        The names of the columns, those of a data frame or x1, x2, ..., and "(bias)".

    Raises
    ------
    SizeError, NotFiniteError, ArgumentError
        With the index and the value.  They are ValueErrors.
    NumericalError
        The norm of a row overflows.

    Notes
    -----
    t has the unit of 1/(c x^2), w that of y/x, the loss that of c y^2.
    Source: docs/mathematics.md 0; 7 for several neurons.

    Examples
    --------
    >>> model = Model([[1, 0], [0, 1], [1, -1]], [1, 1.1875, 0.0625])
    >>> model.flow([2, 1]).limit
    array([1.    , 1.1875])
    """

    def __init__(self, X: ArrayLike, y: ArrayLike, *, bias: bool | float = False,
                 weights: ArrayLike | str | None = None, activation: ActivationLike = "relu",
                 outer_weights: ArrayLike | None = None, copy: bool = False, threads: int = 1):
        data = _arrays.matrix(X)
        self.bias = 0.0 if bias is None else real(bias, "bias")
        self.names = _arrays.names_of(X, data.shape[1])
        if bias is not False and bias is not None:
            data = _arrays.with_column(data, self.bias)
            self.names.append("(bias)")
        self.X: NDArray[Any] = data.copy() if copy else data
        self.y: Array = _arrays.labels(y, len(data))
        if copy:
            self.y = self.y.copy()
        self.n, self.d = data.shape
        self.activation, self.slope = parse_activation(activation)
        self._shaped = outer_weights is not None
        self.outer_weights = (None if outer_weights is None
                              else _arrays.vector(outer_weights, "outer_weights").copy())
        self.neurons = 1 if self.outer_weights is None else len(self.outer_weights)
        self.weights = self._data_weights(weights)
        self.threads = whole(threads, "threads", 1, 1024)
        self._handle = self._create()
        self._set(weights is not None)

    def _data_weights(self, weights: ArrayLike | str | None) -> Array | None:
        if weights is None:
            return np.ones(self.n)
        if isinstance(weights, str):
            if weights != "mean":
                raise ArgumentError(f"weights is {weights!r}, not an array, a number or \"mean\"")
            return np.full(self.n, 1 / self.n)
        if np.ndim(weights) == 0:
            return np.full(self.n, real(weights, "weights"))
        return _arrays.vector(weights, "weights", self.n).copy()

    def _create(self) -> Any:
        """The C model of the data; floats are given as they are if the library knows them."""
        if self.X.dtype == np.float32 and not _DATA_F32:  # the header is older
            self.X = self.X.astype(np.float64)
        if self.X.dtype == np.float32:
            try:
                return self._create_from(self.X, CreateFlag.BORROW_DATA | _DATA_F32)
            except ArgumentError:  # an older library: unknown flags
                self.X = self.X.astype(np.float64)
        return self._create_from(self.X, CreateFlag.BORROW_DATA)

    def _create_from(self, X: NDArray[Any], flags: int) -> Any:
        out = lowlevel.ffi.new("rf_model **")
        size = X.dtype.itemsize
        lowlevel.rf_model_create_ex(
            self.n, self.d, X, X.strides[0] // size, X.strides[1] // size, self.y, flags, None, out,
            bytearray(_MESSAGE), _MESSAGE)
        return lowlevel.ffi.gc(out[0], lowlevel.lib.rf_model_free)

    def _set(self, weighted: bool) -> None:
        handle = self._handle
        if self.outer_weights is not None:
            lowlevel.rf_model_set_outer_weights(handle, self.neurons, self.outer_weights,
                                                self.neurons)
        lowlevel.rf_model_set_activation(handle, int(self.activation), self.slope
                                         if self.activation is Activation.LEAKY_RELU else 0.0)
        if weighted:
            lowlevel.rf_model_set_data_weights(handle, self.weights, self.n)
        if self.threads != 1:
            lowlevel.rf_model_set_threads(handle, self.threads)

    @classmethod
    def _from_handle(cls, handle: Any) -> Model:
        """The problem of a model that was read from a file; its data are asked of the library."""
        self = cls.__new__(cls)
        self._handle = handle
        self.n, self.d = lowlevel.rf_model_count(handle), lowlevel.rf_model_dim(handle)
        self.neurons = lowlevel.rf_model_neurons(handle) if lowlevel.has("rf_model_neurons") else 1
        self._shaped = self.neurons > 1
        self.threads, self.bias, self.weights, self.outer_weights = 1, 0.0, None, None
        self.names = _arrays.names_of(None, self.d)
        unit = np.zeros(self.neurons * self.d)
        self.y = -self._evaluate(unit, Quantity.RESIDUALS)[:self.n]
        X = np.empty((self.n, self.d))
        for k in range(self.d):
            unit[:] = 0
            unit[k] = 1
            X[:, k] = self._evaluate(unit, Quantity.MARGINS)[:self.n]
        self.X = X
        self._recover_outer_weights()
        self._recover_activation()
        return self

    def _recover_activation(self) -> None:
        """f(x_i) = sigma(z) for a single neuron with z < 0 tells the slope."""
        self.activation, self.slope = Activation.RELU, 0.0
        rows = np.flatnonzero(np.any(self.X != 0, axis=1))
        if self.neurons > 1 or not len(rows):
            return
        row = rows[0]
        k = int(np.argmax(np.abs(self.X[row])))
        w = np.zeros(self.d)
        w[k] = -np.sign(self.X[row, k]) * 2.0 ** (1 - np.frexp(self.X[row, k])[1])
        z = self._evaluate(w, Quantity.MARGINS)[row]
        slope = (self._evaluate(w, Quantity.RESIDUALS)[row] + self.y[row]) / z
        if self.outer_weights is not None:
            slope /= self.outer_weights[0]
        if slope == 1:
            self.activation, self.slope = Activation.LINEAR, 1.0
        elif slope > 0:
            self.activation, self.slope = Activation.LEAKY_RELU, float(slope)

    def _recover_outer_weights(self) -> None:
        """f(x_i) = a_j z for one neuron j that sees z > 0, to a rounding; None if no datum tells."""
        at = np.argmax(np.abs(self.X))
        row, k = divmod(int(at), self.d)
        z = abs(self.X[row, k])
        if z == 0:
            return
        outer = np.empty(self.neurons)
        for j in range(self.neurons):
            w = np.zeros(self.neurons * self.d)
            w[j * self.d + k] = np.sign(self.X[row, k])
            outer[j] = self._evaluate(w, Quantity.OUTPUTS)[row] / z
        if self.neurons > 1 or abs(outer[0] - 1) > 1e-15:
            self.outer_weights = outer

    # -- at any weight vector --------------------------------------------------------------

    @property
    def weight_shape(self) -> tuple[int, ...]:
        """The shape of a weight vector: (d,), or (m, d) with outer weights."""
        return (self.neurons, self.d) if self._shaped else (self.d,)

    def _shape_of(self, quantity: int, size: int) -> tuple[int, ...]:
        """The shape in which a quantity is handed out."""
        per_neuron = (Quantity.MARGINS, Quantity.PATTERN, Quantity.COEFFICIENTS,
                      Quantity.MULTIPLIERS, Quantity.DEACTIVATIONS, Quantity.REACTIVATIONS,
                      Quantity.FIRST_ACTIVE, Quantity.LAST_ACTIVE)
        if quantity in per_neuron:
            return (self.neurons, self.n) if self._shaped else (self.n,)
        if quantity in (Quantity.WEIGHTS, Quantity.VELOCITY, Quantity.GRADIENT,
                        Quantity.LEAST_NORM):
            return self.weight_shape
        if quantity in (Quantity.RESIDUALS, Quantity.OUTPUTS, Quantity.RATES):
            return (size,)
        return ()

    def _evaluate(self, flat: Array, quantity: int) -> Array:
        size = np.empty(1, np.int64)
        lowlevel.rf_model_query_size(self._handle, int(quantity), size)
        out = np.empty(size[0])
        lowlevel.rf_model_evaluate(self._handle, flat, len(flat), int(quantity), out, len(out))
        return out

    def evaluate(self, w: ArrayLike, quantity: str | int) -> Any:
        """A quantity at any weight vector, the pattern being the sign of x . w.

        Parameters
        ----------
        w : array_like, shape (d,), or (m, d) with outer weights
        quantity : str
            "weights", "loss", "gradient", "gradient_norm", "weight_norm", "margins", "residuals",
            "pattern" or "outputs".

        Returns
        -------
        float or numpy.ndarray
            In the shape of the quantity, see ``Trajectory.query``.

        Raises
        ------
        ArgumentError
            Another quantity.
        SizeError, NotFiniteError
            w has another shape, or is not finite.

        Notes
        -----
        Source: docs/mathematics.md 0.
        """
        which = split_quantity(quantity)
        if which not in _OF_WEIGHTS:
            raise ArgumentError(f"{which.name.lower()} belongs to a trajectory; of a weight vector there "
                                f"are {', '.join(one.name.lower() for one in _OF_WEIGHTS)}")
        out = self._evaluate(_arrays.weights(w, self.weight_shape, "w"), which)
        shape = self._shape_of(which, len(out))
        return out.reshape(shape) if shape else float(out[0])

    def loss(self, w: ArrayLike) -> float:
        """L(w).  Unit: c y^2.  Source: docs/mathematics.md 0."""
        return float(self.evaluate(w, Quantity.LOSS))

    def gradient(self, w: ArrayLike) -> Array:
        """The gradient of L at w, with sigma'(0) the slope for z < 0; in the shape of w."""
        result: Array = self.evaluate(w, Quantity.GRADIENT)
        return result

    def predict(self, w: ArrayLike, X: ArrayLike | None = None) -> Array:
        """f(x) for every row of X, or of the data.

        Parameters
        ----------
        w : array_like, shape (d,), or (m, d) with outer weights
        X : array_like, shape (k, d), or one column less if the model has a bias; optional

        Returns
        -------
        numpy.ndarray, shape (k,)
        """
        data = self.X if X is None else _arrays.matrix(X)
        if X is not None and self.names[-1] == "(bias)" and data.shape[1] == self.d - 1:
            data = _arrays.with_column(data, self.bias)
        if data.shape[1] != self.d:
            raise SizeError(f"X has {data.shape[1]} columns, not {self.d}")
        inner = _arrays.weights(w, self.weight_shape, "w").reshape(self.neurons, self.d)
        z = data.astype(np.float64, copy=False) @ inner.T
        outputs = np.where(z > 0, z, self.slope * z)
        if self.outer_weights is None and self.neurons > 1:
            raise StateError("the outer weights are not known: the file does not tell them")
        outer = np.ones(1) if self.outer_weights is None else self.outer_weights
        result: Array = outputs @ outer
        return result

    # -- runs ------------------------------------------------------------------------------

    def _clone(self) -> Any:
        out = lowlevel.ffi.new("rf_model **")
        lowlevel.rf_model_clone(self._handle, out)
        return lowlevel.ffi.gc(out[0], lowlevel.lib.rf_model_free)

    def start(self, w0: ArrayLike | None = None, *, direction: ArrayLike | None = None,
              scale: float | None = None, max_events: int = 0,
              record: bool = True) -> Trajectory:
        """A trajectory at t = 0 that does not run yet.

        Its ``run``, ``step`` and ``advance`` follow the flow or descent.  The parameters are those of
        ``flow``.
        """
        from .trajectory import Trajectory
        trajectory = Trajectory._of(self, self._clone())
        trajectory._configure(max_events, record)
        trajectory._start(w0, direction, scale)
        return trajectory

    def flow(self, w0: ArrayLike | None = None, *, direction: ArrayLike | None = None,
             scale: float | None = None, t_end: float = np.inf, max_events: int = 0,
             record: bool = True, callback: Callable[..., Any] | None = None,
             progress: Any = False) -> Trajectory:
        """Follows the exact gradient flow from w(0) = w0, or from w(0) = scale * direction.

        Parameters
        ----------
        w0 : array_like, shape (d,), or (m, d) with outer weights
            The start.  Instead of it:
        direction : array_like of the same shape
            Need not have norm 1.
        scale : float, default 0
            0 is the exact limit of vanishing initialization, scale -> 0+.
        t_end : float, default infinity
            The end time; infinity is the certified limit.
        max_events : int, default 0
            Stop before more events than this; 0 is no limit.
        record : bool, default True
            False keeps no history: only the present state can be asked then.
        callback : callable, optional
            Called as ``callback(trajectory, event)`` after every event, with one element of
            ``Trajectory.events``.  A true value that it returns stops the run.
        progress : bool or callable, default False
            True shows a bar if tqdm is installed; a callable is called with the number of events.

        Returns
        -------
        Trajectory

        Raises
        ------
        SizeError, NotFiniteError, ArgumentError
            A start of another shape, not finite, or no start.
        NumericalError
            A value leaves the range of double.
        KeyboardInterrupt
            Ctrl-C.  Its attribute ``run`` is the trajectory, to be resumed with ``run.run()``.

        Notes
        -----
        The interpreter lock is released while the library runs.
        Source: docs/mathematics.md 1, 2, 3; 4.2 for scale 0.
        """
        trajectory = self.start(w0, direction=direction, scale=scale, max_events=max_events,
                                record=record)
        trajectory.run(t_end, callback=callback, progress=progress)
        return trajectory

    def gd(self, w0: ArrayLike | None = None, *, eta: float, steps: int,
           direction: ArrayLike | None = None, scale: float | None = None, max_events: int = 0,
           record: bool = True, callback: Callable[..., Any] | None = None,
           progress: Any = False) -> Trajectory:
        """Gradient descent, ``steps`` times ``w <- w - eta grad L(w)`` with sigma'(0) the slope of z < 0.

        While the pattern is constant the iterates are known in closed form: 10^9 steps cost what
        their events cost.

        Parameters
        ----------
        w0, direction, scale, max_events, record, callback, progress
            As for ``flow``; scale must be greater than 0.
        eta : float
            The step size, > 0, in the unit of t.
        steps : int
            The number of steps, >= 0.

        Returns
        -------
        Trajectory
            Its time is the sum of the step sizes.

        Raises
        ------
        StateError
            A start with scale 0.
        NumericalError
            The iterates overflow: eta is too large.

        Notes
        -----
        Source: docs/mathematics.md 5.
        """
        trajectory = self.start(w0, direction=direction, scale=scale, max_events=max_events,
                                record=record)
        trajectory.step(eta, steps, callback=callback, progress=progress)
        return trajectory

    def sweep(self, directions: ArrayLike, scales: ArrayLike | Sequence[float] = (0.0,), *,
              t_end: float = np.inf, threads: int | None = None, max_events: int = 0,
              record: bool = True, progress: Any = False) -> Sweep:
        """The flow from ``scale * direction`` for every direction and every scale.

        See ``reluflow.sweep``.
        """
        from .sweep import sweep
        return sweep(self, directions, scales, t_end=t_end, threads=threads, max_events=max_events,
                     record=record, progress=progress)

    def landscape(self) -> Landscape:
        """All stationary points of the loss, for d = 2.  See ``reluflow.landscape``."""
        from .landscape import landscape
        return landscape(self)

    # -- Python's own ----------------------------------------------------------------------

    def activation_text(self) -> str:
        """The activation in words: "relu", "linear", "leaky:0.1"."""
        if self.activation is Activation.LEAKY_RELU:
            return f"leaky:{self.slope:g}"
        return self.activation.name.lower()

    def __repr__(self) -> str:
        neurons = f", {self.neurons} neurons" if self._shaped else ""
        bias = ", bias included" if self.names[-1] == "(bias)" else ""
        return (f"<reluflow.Model: n = {self.n}, d = {self.d}{bias}{neurons}, "
                f"{self.activation_text()}>")

    def _repr_html_(self) -> str:
        from ._html import model_html
        return model_html(self)

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        del state["_handle"]
        if self.weights is None:
            state["_bytes"] = save_handle(self._handle)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        saved = state.pop("_bytes", None)
        self.__dict__.update(state)
        if saved is not None:
            self._handle = load_handle(saved)
        else:
            self._handle = self._create()
            self._set(True)


def save_handle(handle: Any) -> bytes:
    """What rf_model_save writes."""
    size = np.empty(1, np.int64)
    lowlevel.rf_model_save(handle, None, 0, size)
    buffer = bytearray(int(size[0]))
    lowlevel.rf_model_save(handle, buffer, len(buffer), size)
    return bytes(buffer)


def load_handle(saved: bytes) -> Any:
    """The C model of what rf_model_save wrote."""
    out = lowlevel.ffi.new("rf_model **")
    lowlevel.rf_model_load(saved, len(saved), None, out, bytearray(_MESSAGE), _MESSAGE)
    return lowlevel.ffi.gc(out[0], lowlevel.lib.rf_model_free)


def load(path: str | os.PathLike[str]) -> Trajectory:
    """Reads what ``Trajectory.save`` or ``rf_model_save`` wrote.

    Parameters
    ----------
    path : path

    Returns
    -------
    Trajectory
        It answers every question as the saved one would, and runs on to the same bits.  The file does
        not tell the weights of the data, which are None in its ``model``, nor names; its outer weights
        are found again to a rounding.

    Raises
    ------
    CorruptError
        The file is damaged or none of these.
    OSError
        It cannot be read.
    """
    from .trajectory import Trajectory
    with open(path, "rb") as file:
        handle = load_handle(file.read())
    out = lowlevel.ffi.new("rf_model **")
    lowlevel.rf_model_clone(handle, out)
    problem = lowlevel.ffi.gc(out[0], lowlevel.lib.rf_model_free)
    return Trajectory._of(Model._from_handle(problem), handle)
