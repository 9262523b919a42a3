"""What happens while the library runs: callbacks, progress, and Ctrl-C.

The library calls back after every event.  Python handles a pending signal when that callback is
entered; the KeyboardInterrupt is caught there, the run is stopped as a callback stops it, and so the
model stays whole and can be resumed.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import threading
import warnings
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable

import numpy as np

from . import _memory, lowlevel
from .errors import ArgumentError, interrupted

if TYPE_CHECKING:
    from .trajectory import Trajectory

Report = Callable[..., Any]

# Of an event with what is recorded beside it; and the first number of events at which that is looked at.
_BYTES_OF_AN_EVENT = 128
_FIRST_LOOK = 1 << 20


def _bar(unit: str, total: int | None) -> Any:
    """A progress bar of tqdm, or None with a warning."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        warnings.warn("progress=True shows a bar only if tqdm is installed", stacklevel=5)
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tqdm(total=total, unit=f" {unit}")


def _check(callback: Any, progress: Any) -> None:
    """Refuses what cannot be called before the library would."""
    if callback is not None and not callable(callback):
        raise ArgumentError(f"callback is {callback!r}, which cannot be called")
    if not callable(progress) and not isinstance(progress, (bool, np.bool_)) and progress is not None:
        raise ArgumentError(f"progress is {progress!r}, not True, False or what can be called")


class _Watched:
    """Keeps what a callback raised until the library has returned."""

    error: BaseException | None = None
    bar: Any = None

    def _failed(self, kind: Any, error: BaseException, trace: Any) -> int:
        self.error = error
        return 1

    def check(self, run: Any, partial: Any = None) -> None:
        """Raises what a callback raised; Ctrl-C with the run that it stopped."""
        error, self.error = self.error, None
        if isinstance(error, KeyboardInterrupt):
            raise interrupted(run, partial) from None
        if error is not None:
            raise error

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()


class Callbacks(_Watched):
    """The callback of a trajectory while it runs: a user's, a progress bar, a look for Ctrl-C."""

    def __init__(self, trajectory: Trajectory, callback: Report | None, progress: Any):
        _check(callback, progress)
        self._trajectory = trajectory
        self._callback = callback
        self._report: Report | None = progress if callable(progress) else None
        self._want_bar = progress is True
        self._events = 0
        self._cdata: Any = None

    def __enter__(self) -> Callbacks:
        main = threading.current_thread() is threading.main_thread()
        if self._callback or self._report or self._want_bar or main:
            self._set()
        return self

    def _set(self) -> None:
        busy = self._callback or self._report or self._want_bar
        self._cdata = lowlevel.ffi.callback(
            "int32_t(const rf_model *, const rf_event *, void *)",
            self._event if busy else self._count, error=1, onerror=self._failed)
        # Kept there too: an interrupt may come before it is taken out of the model again.
        self._trajectory._callback = self._cdata
        lowlevel.rf_model_set_callback(self._trajectory._handle, self._cdata, None)
        if self._want_bar:
            self.bar = _bar("events", None)

    def _count(self, model: Any, event: Any, user: Any) -> int:
        """Descent may have an event at every step: its history stops while there is room to double it."""
        self._events += 1
        count = self._events
        if count >= _FIRST_LOOK and not count & (count - 1) and self._trajectory.recorded:
            _memory.check(count * _BYTES_OF_AN_EVENT, f"{count} more events, which a run without "
                          "record=False keeps,")
        return 0

    def _event(self, model: Any, event: Any, user: Any) -> int:
        self._count(model, event, user)
        if self.bar is not None:
            self.bar.update(1)
        stop = bool(self._report(self._events)) if self._report else False
        if self._callback:
            copied = np.frombuffer(bytes(lowlevel.ffi.buffer(event, 32)), lowlevel.EVENT)[0]
            stop = bool(self._callback(self._trajectory, copied)) or stop
        return int(stop)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if self._cdata is not None:
            lowlevel.rf_model_set_callback(self._trajectory._handle, None, None)
            self._trajectory._callback = None
        self.close()


class Counter(_Watched):
    """The callback of what counts: sweeps and leave-one-out."""

    def __init__(self, progress: Any, unit: str):
        _check(None, progress)
        self._report: Report | None = progress if callable(progress) else None
        self._want_bar = progress is True
        self._unit = unit
        self.callback: Any = None

    def __enter__(self) -> Counter:
        self.callback = lowlevel.ffi.callback("int32_t(int64_t, int64_t, void *)", self._count,
                                              error=1, onerror=self._failed)
        return self

    def _count(self, done: int, total: int, user: Any) -> int:
        if self._want_bar and self.bar is None:
            self.bar = _bar(self._unit, total)
            self._want_bar = self.bar is not None
        if self.bar is not None:
            self.bar.update(done - self.bar.n)
        return int(bool(self._report(done, total))) if self._report else 0

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()
