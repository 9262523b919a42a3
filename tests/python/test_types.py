"""test_types.py: the type hints hold, and a user's program is checked against them.
SPDX-License-Identifier: MIT"""
import os
import subprocess
import sys

import reluflow

USER = """
import numpy as np
import reluflow
from typing import TYPE_CHECKING

model = reluflow.Model(np.eye(2), [1.0, 2.0], activation=("leaky", 0.1))
trajectory = model.flow([1.0, 1.0])
loss: float = model.loss(trajectory.limit)
reveal_type(trajectory.certificate.first_failure)
reveal_type(trajectory.support.active)
model.flow(start=3)
"""


def mypy(*words, cwd):
    cache = os.path.join(os.environ["RELUFLOW_BUILD"], "tests", "python", "mypy")
    return subprocess.run([sys.executable, "-m", "mypy", "--cache-dir", cache, *words],
                          capture_output=True, text=True, cwd=cwd)


def test_package(tmp_path, source):
    """Strictly; libraries without hints of their own are taken as they are."""
    config = source / "bindings" / "python" / "mypy.ini"
    done = mypy("--config-file", str(config), "-p", "reluflow", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_user(tmp_path, source):
    """py.typed is there, and what a user gets has the types that are written down."""
    (tmp_path / "user.py").write_text(USER)
    config = source / "bindings" / "python" / "mypy.ini"
    out = mypy("--config-file", str(config), "user.py", cwd=tmp_path).stdout
    assert 'Revealed type is "builtins.float"' in out
    assert "numpy.ndarray[Any, numpy.dtype[numpy.signedinteger" in out
    assert 'Unexpected keyword argument "start" for "flow"' in out
    assert "Found 1 error in 1 file" in out
    assert reluflow.__path__
