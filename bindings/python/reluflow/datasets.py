"""The data that come with the package.

SPDX-License-Identifier: MIT
"""
from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from ._arrays import Array


class Dataset(NamedTuple):
    """A table: variables, labels, and their names."""

    X: Array
    y: Array
    names: list[str]
    label: str


def standardized(X: Array) -> Array:
    """Every column to mean 0 and population variance 1; a constant column becomes 0."""
    constant = np.max(X, axis=0) == np.min(X, axis=0)
    # By a power of two, so that no square leaves the range of double.
    centred = np.ldexp(X, -np.frexp(np.max(np.abs(X), axis=0))[1])
    for _ in range(2):  # what rounding left of the mean goes in the second pass
        centred = centred - centred.mean(axis=0)
    deviation = np.sqrt(np.mean(centred * centred, axis=0))
    return np.where(constant, 0.0, centred / np.where(constant, 1.0, deviation))


def load_diabetes(*, standardize: bool = True) -> Dataset:
    """442 diabetes patients: ten variables, and the progression of the disease one year later.

    From Efron, Hastie, Johnstone, Tibshirani, "Least angle regression", Annals of Statistics 32
    (2004).

    Parameters
    ----------
    standardize : bool, default True
        Bring every variable to mean 0 and population variance 1.

    Returns
    -------
    Dataset
        With X of the shape (442, 10), y (442,), names and label.
    """
    path = Path(__file__).with_name("diabetes.csv")
    with open(path, encoding="utf-8") as file:
        header = file.readline().strip().split(",")
        table = np.loadtxt(file, delimiter=",", ndmin=2)
    X = np.ascontiguousarray(table[:, :-1])
    return Dataset(standardized(X) if standardize else X, np.ascontiguousarray(table[:, -1]),
                   header[:-1], header[-1])
