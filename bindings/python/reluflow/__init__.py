"""The exact gradient flow of ReLU neurons.

Between the instants at which a margin x_i . w changes side the flow is linear.  The C library
libreluflow follows it in closed form from one such event to the next; a run to t = infinity ends at
the limit with a certificate that no event is left.

>>> import reluflow
>>> model = reluflow.Model([[1, 0], [0, 1], [1, -1]], [1, 1.1875, 0.0625])
>>> model.flow([2, 1]).limit
array([1.    , 1.1875])

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from . import _library, datasets
from ._version import __version__
from .answers import Certificate, NeuronCertificates, NeuronGroups, Support
from .constants import (Activation, EventKind, Flag, InnerEnding, PointKind, Quantity, Status,
                        SupportKind)
from .errors import (ArgumentError, CapacityError, CorruptError, LibraryError, NotConvergedError,
                     NotFiniteError, NumericalError, OutOfMemoryError, ReluflowError, SizeError,
                     StateError)
from .landscape import Landscape, StationaryPoint, landscape
from .model import Model, load
from .random import random_direction
from .sweep import Sweep, sweep
from .trajectory import Trajectory

if TYPE_CHECKING:
    from .estimator import ReLUNeuronRegressor

#: The version of the C library in use, and where it was found.
library_version: str = _library.version
library_path: str = _library.path


def flow(model: Model, w0: ArrayLike | None = None, **options: Any) -> Trajectory:
    """The exact gradient flow; see ``Model.flow``."""
    return model.flow(w0, **options)


def gd(model: Model, w0: ArrayLike | None = None, **options: Any) -> Trajectory:
    """Gradient descent; see ``Model.gd``."""
    return model.gd(w0, **options)


def __getattr__(name: str) -> Any:
    """The estimator is imported when it is asked for: it needs scikit-learn."""
    if name == "ReLUNeuronRegressor":
        from .estimator import ReLUNeuronRegressor
        return ReLUNeuronRegressor
    if name == "plot":
        import importlib
        return importlib.import_module(".plot", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "Model", "Trajectory", "Sweep", "Landscape", "StationaryPoint", "Certificate", "Support",
    "NeuronCertificates", "NeuronGroups",
    "ReLUNeuronRegressor", "flow", "gd", "sweep", "landscape", "load", "random_direction",
    "datasets", "Activation", "EventKind", "Flag", "InnerEnding", "PointKind", "Quantity", "Status",
    "SupportKind", "ReluflowError", "ArgumentError", "NotFiniteError", "SizeError",
    "OutOfMemoryError", "StateError", "NotConvergedError", "NumericalError", "CorruptError",
    "CapacityError", "LibraryError", "library_version", "library_path", "__version__",
]
