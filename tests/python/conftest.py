"""conftest.py: problems that the tests share.
SPDX-License-Identifier: MIT"""
import os
import pathlib

import numpy as np
import pytest

import reluflow


@pytest.fixture
def source():
    """The root of the source tree."""
    return pathlib.Path(os.environ["RELUFLOW_SOURCE"])


def problem(seed, n=20, d=4, labels="mixed"):
    """Gaussian data with labels of both signs, or positive ones."""
    random = np.random.default_rng(seed)
    X, y, w0 = random.normal(size=(n, d)), random.normal(size=n), random.normal(size=d)
    return X, np.abs(y) if labels == "positive" else y, w0


@pytest.fixture
def mixed():
    """A trajectory with slides, to its limit."""
    X, y, w0 = problem(3)
    trajectory = reluflow.Model(X, y).flow(w0)
    assert np.any(trajectory.events["kind"] == reluflow.EventKind.SLIDE_ENTER)
    return trajectory


@pytest.fixture
def network():
    """Three neurons with fixed outer weights."""
    X, y, _ = problem(5, n=12, d=3)
    W = np.random.default_rng(6).normal(size=(3, 3))
    return reluflow.Model(X, y, outer_weights=[1, -0.5, 2]), W
