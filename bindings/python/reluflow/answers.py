"""Answers of several parts that a trajectory gives.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._arrays import Array


class Certificate(NamedTuple):
    """Whether the norm of the weight strictly increases, decided exactly."""

    strictly_increasing: bool
    #: The first time from which the norm falls; NaN if there is none.
    first_failure: float


class NeuronCertificates(NamedTuple):
    """For the weight of every neuron: whether its norm strictly increases."""

    strictly_increasing: NDArray[np.bool_]
    #: The first times from which the norms fall; NaN if there is none.
    first_failure: Array


class NeuronGroups(NamedTuple):
    """Which neurons have the same direction."""

    #: The lowest index in the group of each neuron; -1 where w_j = 0.
    group: NDArray[np.int64]
    #: The sum of a_k |w_k| over the group of each neuron; 0 where w_j = 0.
    weight: Array


class Support(NamedTuple):
    """The support vectors of three kinds, as ascending indices; they may overlap."""

    #: Active now.
    active: NDArray[np.int64]
    #: Active or sliding at some time from 0 to now.
    trajectory: NDArray[np.int64]
    #: On their kink now.
    boundary: NDArray[np.int64]
