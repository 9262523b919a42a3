"""The constants of the C header as enumerations.

A test compares every member with the header: none may be missing, and the values are the same.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

import enum
from typing import Any

class IntEnum(enum.IntEnum):
    """A number that is printed as its name in lower case."""

    def __str__(self) -> str:
        return self.name.lower()

    def __format__(self, spec: str) -> str:
        return format(int(self), spec) if spec else str(self)


class OpenEnum(IntEnum):
    """Numbers that the library tells: one that a newer library brought has its digits as its name."""

    @classmethod
    def _missing_(cls, value: object) -> Any:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_, member._value_ = str(value), value
        return member


class IntFlag(enum.IntFlag):
    """Flags that are printed as their names in lower case, or "none"."""

    def __str__(self) -> str:
        names = [str(flag.name).lower() for flag in type(self) if flag.value & self.value]
        return "|".join(names) or "none"

    def __format__(self, spec: str) -> str:
        return format(int(self), spec) if spec else str(self)


class Status(OpenEnum):
    """Result of a call: 0, positive (how a run ended), or negative (an error)."""

    OK = 0
    STOPPED = 1
    EVENT_LIMIT = 2
    NO_EVENT = 3
    ERROR_ARGUMENT = -1
    ERROR_NOT_FINITE = -2
    ERROR_SIZE = -3
    ERROR_MEMORY = -4
    ERROR_STATE = -5
    ERROR_NUMERICAL = -6
    ERROR_CORRUPT = -7
    ERROR_CAPACITY = -8


class CreateFlag(IntFlag):
    """Flags of ``rf_model_create_ex``."""

    BORROW_DATA = 1
    DATA_F32 = 2


class Activation(IntEnum):
    """The activation sigma."""

    RELU = 0
    LEAKY_RELU = 1
    LINEAR = 2


class EventKind(OpenEnum):
    """What happened to a datum, or to a neuron at the origin."""

    DEACTIVATE = 1
    ACTIVATE = 2
    SLIDE_ENTER = 3
    SLIDE_EXIT_ACTIVE = 4
    SLIDE_EXIT_INACTIVE = 5
    ORIGIN = 6
    ORIGIN_EXIT = 7


class Flag(IntFlag):
    """What a run says about the certainty of a decision, or that an event is an inner one."""

    AMBIGUOUS = 1
    DOUBTFUL = 2
    INNER = 4


class InnerEnding(OpenEnum):
    """How the inner flow of a vanishing initialization ended."""

    NONE = 0
    ESCAPE = 1
    DEAD = 2
    COLLAPSE = 3
    FROZEN = 4


class SupportKind(IntEnum):
    """Kinds of support vectors."""

    ACTIVE = 0
    TRAJECTORY = 1
    BOUNDARY = 2


class Quantity(IntEnum):
    """What can be asked of a trajectory; shapes are in the documentation of ``Trajectory.query``."""

    TIME = 1
    WEIGHTS = 2
    VELOCITY = 3
    LOSS = 4
    GRADIENT = 5
    GRADIENT_NORM = 6
    WEIGHT_NORM = 7
    NORM_RATE = 8
    MARGINS = 9
    RESIDUALS = 10
    PATTERN = 11
    COEFFICIENTS = 12
    MULTIPLIERS = 13
    DEACTIVATIONS = 14
    REACTIVATIONS = 15
    FIRST_ACTIVE = 16
    LAST_ACTIVE = 17
    PATH_LENGTH = 18
    CONVERGED = 19
    LEAST_NORM = 20
    FLAGS = 21
    STATUS = 22
    INNER_ENDING = 23
    RATES = 24
    OUTPUTS = 25


class PointKind(OpenEnum):
    """Kinds of stationary points of the loss in the plane."""

    INTERIOR_MINIMUM = 1
    FLAT_MINIMUM = 2
    KINK_MINIMUM = 3
    KINK_SADDLE = 4
    ZERO_LABEL_MINIMUM = 5
    KINK_RAY = 6
    DEAD_CONE = 7
    ORIGIN = 8


#: Which enumeration holds the constants of the header with a prefix.  The longest prefix counts.
PREFIXES = {
    "RF_": (Status, Quantity, CreateFlag, Activation),
    "RF_EVENT_": (EventKind, Status),
    "RF_FLAG_": (Flag,),
    "RF_INNER_": (InnerEnding, Quantity),
    "RF_SUPPORT_": (SupportKind,),
    "RF_POINT_": (PointKind,),
}
