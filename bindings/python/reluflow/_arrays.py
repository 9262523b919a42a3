"""What users pass, as arrays that the C library can read.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import ArgumentError, NotFiniteError, SizeError

Array = NDArray[np.float64]
Whole = NDArray[np.int64]


def _numbers(values: Any, what: str) -> NDArray[Any]:
    """An array of real numbers, of whatever type and layout."""
    if isinstance(values, np.ma.MaskedArray) and np.any(values.mask):
        raise NotFiniteError(f"{what} has masked elements")
    try:
        array = np.asarray(values)
        if array.dtype == object:
            array = array.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ArgumentError(f"{what} is not an array of numbers: {error}") from None
    if array.dtype.kind not in "biuf":
        raise ArgumentError(f"{what} must hold real numbers, not {array.dtype}")
    return array


def real(value: Any, what: str) -> float:
    """One real number, infinity and NaN too."""
    try:
        return float(value) if not isinstance(value, (str, bytes)) else float("no number")
    except (TypeError, ValueError, OverflowError):
        raise ArgumentError(f"{what} is {value!r}, not a number") from None


def whole(value: Any, what: str, least: int = -2 ** 63, most: int = 2 ** 63 - 1) -> int:
    """A whole number, 1e9 too; a number with a fraction is an error, not cut."""
    try:
        fits = isinstance(value, (float, np.floating)) and float(value).is_integer()
        number = int(value) if fits else operator.index(value)
    except TypeError:
        raise ArgumentError(f"{what} is {value!r}, not a whole number") from None
    if not least <= number <= most:
        raise ArgumentError(f"{what} is {value!r}, not from {least} to {most}")
    return number


def run_numbers(runs: ArrayLike, count: int) -> Whole:
    """Numbers of runs in [0, count)."""
    which = np.atleast_1d(np.asarray(runs))
    if (which.dtype.kind not in "iu" and which.size) or which.ndim != 1:
        raise ArgumentError("runs must be integers with one axis")
    wrong = np.flatnonzero((which < 0) | (which >= count)) if which.size else which
    if len(wrong):
        raise ArgumentError(f"run {which[wrong[0]]} is not in [0, {count})")
    return np.ascontiguousarray(which, np.int64)


def _in_place(array: NDArray[Any], dtype: Any) -> bool:
    """Whether C can read the elements where they are."""
    size = array.dtype.itemsize
    return bool(array.dtype == np.dtype(dtype) and array.dtype.isnative and array.flags.aligned
                and all(stride % size == 0 for stride in array.strides))


def vector(values: ArrayLike, what: str, length: int | None = None) -> Array:
    """A contiguous array of doubles with one axis; the values themselves where they are one."""
    array = _numbers(values, what)
    if array.ndim != 1:
        raise SizeError(f"{what} must have one axis, not the shape {array.shape}")
    if length is not None and len(array) != length:
        raise SizeError(f"{what} has {len(array)} elements, not {length}")
    return np.ascontiguousarray(array, dtype=np.float64)


def labels(values: ArrayLike, n: int) -> Array:
    """The labels y; an n x 1 matrix is taken as a vector."""
    array = _numbers(values, "y")
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    return vector(array, "y", n)


def matrix(values: ArrayLike, what: str = "X") -> NDArray[Any]:
    """A matrix of doubles or floats that C can read in place with two strides.

    Other types are converted to double.
    """
    array = _numbers(values, what)
    if array.ndim != 2:
        hint = "; one variable is X[:, None], one datum X[None, :]" if array.ndim == 1 else ""
        raise SizeError(f"{what} must have two axes, not the shape {array.shape}{hint}")
    if 0 in array.shape:
        raise SizeError(f"{what} is empty: its shape is {array.shape}")
    if _in_place(array, np.float64) or _in_place(array, np.float32):
        return array
    return np.ascontiguousarray(array, dtype=np.float32 if array.dtype == np.float32 else np.float64)


def with_column(X: NDArray[Any], value: float) -> NDArray[Any]:
    """A copy of X with a constant column behind the others, of doubles if a float cannot hold it."""
    if X.dtype == np.float32 and float(np.float32(value)) != value:
        X = X.astype(np.float64)
    column = np.full((len(X), 1), value, dtype=X.dtype)
    return np.hstack([X, column])


def names_of(values: Any, d: int) -> list[str]:
    """The names of the columns of a data frame, else x1, x2, ..."""
    columns = getattr(values, "columns", None)
    if columns is None or len(columns) != d:
        return [f"x{k + 1}" for k in range(d)]
    return [str(name) for name in columns]


def weights(values: ArrayLike, shape: tuple[int, ...], what: str) -> Array:
    """A weight vector in the layout of C: neurons x d, flat."""
    array = _numbers(values, what)
    if array.shape != shape and not (len(shape) == 2 and array.shape == (shape[0] * shape[1],)):
        raise SizeError(f"{what} has the shape {array.shape}, not {shape}")
    return np.ascontiguousarray(array, dtype=np.float64).reshape(-1)
