"""Exceptions.  Every one that comes from the library carries its status and its message.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

from typing import Any

from .constants import Status


class ReluflowError(Exception):
    """An error of the library.

    Attributes
    ----------
    status : int
        The status returned, negative; 0 where the library was not asked.
    message : str
        What was wrong, with the index and the value where the library tells them.
    function : str
        The C function that failed, or "".
    """

    status: int = 0

    def __init__(self, message: str, function: str = "", status: int | None = None):
        super().__init__(message)
        self.message = message
        self.function = function
        if status is not None:
            self.status = status

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.function, self.status)


class ArgumentError(ReluflowError, ValueError):
    """A value outside its range, or an unknown one (RF_ERROR_ARGUMENT)."""

    status = Status.ERROR_ARGUMENT.value


class NotFiniteError(ReluflowError, ValueError):
    """NaN or infinity in the input (RF_ERROR_NOT_FINITE)."""

    status = Status.ERROR_NOT_FINITE.value


class SizeError(ReluflowError, ValueError):
    """A wrong shape or length (RF_ERROR_SIZE)."""

    status = Status.ERROR_SIZE.value


class OutOfMemoryError(ReluflowError, MemoryError):
    """The allocator returned NULL (RF_ERROR_MEMORY)."""

    status = Status.ERROR_MEMORY.value


class StateError(ReluflowError, RuntimeError):
    """A call out of order (RF_ERROR_STATE)."""

    status = Status.ERROR_STATE.value


class NotConvergedError(StateError):
    """The limit was asked of a run that did not reach it."""


class NumericalError(ReluflowError, ArithmeticError):
    """A decomposition failed, or a value left the range of double (RF_ERROR_NUMERICAL)."""

    status = Status.ERROR_NUMERICAL.value


class CorruptError(ReluflowError, ValueError):
    """A saved state is damaged, or none (RF_ERROR_CORRUPT)."""

    status = Status.ERROR_CORRUPT.value


class CapacityError(ReluflowError, ValueError):
    """A buffer is too small (RF_ERROR_CAPACITY)."""

    status = Status.ERROR_CAPACITY.value


class LibraryError(ReluflowError, ImportError):
    """The C library was not found, or its version does not fit this package."""


def interrupted(run: Any, partial: Any = None) -> KeyboardInterrupt:
    """What Ctrl-C raises: a KeyboardInterrupt with the run that it stopped.

    Of no class of its own, so that a script that does not catch it ends as an interrupted script does.

    Returns
    -------
    KeyboardInterrupt
        With two attributes: ``run``, the Trajectory or Sweep, at its last completed event or run,
        to be resumed with ``run.run()``; and ``partial``, for leave_one_out the rows that are done,
        NaN in the others.
    """
    error = KeyboardInterrupt("interrupted; what is done is kept in the attribute run")
    error.run = run  # type: ignore[attr-defined]
    error.partial = partial  # type: ignore[attr-defined]
    return error
_BY_STATUS: dict[int, type[ReluflowError]] = {
    kind.status: kind
    for kind in (ArgumentError, NotFiniteError, SizeError, OutOfMemoryError, StateError,
                 NumericalError, CorruptError, CapacityError)
}


def from_status(status: int, message: str, function: str) -> ReluflowError:
    """The exception for a negative status; an unknown one is a plain ``ReluflowError``."""
    return _BY_STATUS.get(status, ReluflowError)(message, function, status)
