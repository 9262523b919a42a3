"""test_many.py: sweeps, and random directions.
SPDX-License-Identifier: MIT"""
import json
import os
import pickle
import subprocess

import numpy as np
import pytest

import reluflow
from conftest import problem
from reluflow import Model, Quantity, Sweep
from test_model import close


def test_runs_are_flows():
    X, y, _ = problem(1)
    model = Model(X, y)
    U = np.random.default_rng(2).normal(size=(5, 4))
    scales = [2, 0.1, 0]
    sweep = reluflow.sweep(model, U, scales)
    assert sweep.shape == (5, 3) and len(sweep) == 15 and np.all(sweep.converged)
    assert sweep.weights.shape == (5, 3, 4) and sweep.losses.shape == (5, 3)
    assert sweep.query("margins").shape == (5, 3, 20)
    for i, u in enumerate(U):
        for k, scale in enumerate(scales):
            alone = model.flow(direction=u, scale=scale)
            assert sweep.weights[i, k].tobytes() == alone.limit.tobytes()
            run = sweep[i, k]
            assert run.events.tobytes() == alone.events.tobytes()
            assert sweep.losses[i, k] == run.loss()
    assert sweep[-1, -1].limit.tobytes() == sweep.weights[4, 2].tobytes()
    assert "15 of 15" in repr(sweep)


def test_threads_and_pickle():
    X, y, _ = problem(1)
    model = Model(X, y)
    one, two = model.sweep(6, [1, 0]), model.sweep(6, [1, 0], threads=2)
    assert one.weights.tobytes() == two.weights.tobytes()
    again = pickle.loads(pickle.dumps(one))
    assert again.weights.tobytes() == one.weights.tobytes() and again.shape == one.shape
    unrun = pickle.loads(pickle.dumps(Sweep(model, np.eye(4), [1])))
    assert np.all(np.isnan(unrun.losses))


def test_portions():
    """Runs shared out to two sweeps and brought together are those of one."""
    X, y, _ = problem(1)
    model = Model(X, y)
    whole = model.sweep(4, [1, 0.1, 0])
    U = whole.directions
    first, second = Sweep(model, U, whole.scales), Sweep(model, U, whole.scales)
    counts = []
    assert first.run_some([0, 7, 3], progress=lambda *count: counts.append(count)) == 0
    assert counts[-1] == (3, 3)
    assert np.isfinite(first.losses.reshape(-1)).nonzero()[0].tolist() == [0, 3, 7]
    rest = [k for k in range(12) if k not in (0, 3, 7)]
    second.run_some(rest)
    first.from_bytes(second.to_bytes(rest))
    assert first.weights.tobytes() == whole.weights.tobytes()
    for i, k in np.ndindex(4, 3):
        assert first[i, k].events.tobytes() == whole[i, k].events.tobytes()
    with pytest.raises(reluflow.ArgumentError):
        Sweep(model, 2 * U, whole.scales).from_bytes(second.to_bytes())
    with pytest.raises(reluflow.CorruptError):
        first.from_bytes(second.to_bytes()[:-1])
    for bad in ([12], [-1], [0.5], [[0]]):
        with pytest.raises(reluflow.ArgumentError):
            first.run_some(bad)
    assert first.run_some([]) == 0


def test_settings():
    X, y, _ = problem(1)
    model = Model(X, y)
    limited = Sweep(model, np.eye(4), [1], max_events=1, record=False)
    assert limited.run() == reluflow.Status.EVENT_LIMIT
    early = model.sweep(np.eye(4), [1], t_end=0.25)
    assert early.query(Quantity.TIME).tolist() == [[0.25]] * 4
    early.run()
    close(early.weights, model.sweep(np.eye(4), [1]).weights)
    outlives = model.sweep(np.eye(4), [1])[0, 0]
    assert outlives.converged


def test_network(network):
    model, W = network
    sweep = model.sweep(W, [1, 0.5])
    assert sweep.weights.shape == (1, 2, 3, 3) and sweep.query("residuals").shape == (1, 2, 12)
    assert sweep.weights[0, 1].tobytes() == model.flow(direction=W, scale=0.5).limit.tobytes()


@pytest.mark.parametrize("directions, scales, kind", [
    (np.eye(3), [1], reluflow.SizeError), (np.eye(4), [-1], reluflow.ArgumentError),
    (np.zeros((1, 4)), [0], reluflow.ArgumentError), (0, [1], reluflow.ArgumentError),
    (np.full((1, 4), np.nan), [1], reluflow.NotFiniteError), (np.eye(4), [], reluflow.SizeError),
    (np.eye(4), [[1]], reluflow.SizeError), (np.empty((0, 4)), [1], reluflow.SizeError),
])
def test_bad(directions, scales, kind):
    X, y, _ = problem(1)
    with pytest.raises(kind):
        Model(X, y).sweep(directions, scales)


def test_bad_index():
    X, y, _ = problem(1)
    sweep = Model(X, y).sweep(2, [1])
    for index in ((2, 0), (0, 1), (-3, 0)):
        with pytest.raises(IndexError):
            sweep[index]
    with pytest.raises(TypeError):
        sweep[0]
    with pytest.raises(reluflow.StateError):
        Sweep(sweep.model, np.eye(4), [1])[0, 0]


def test_failed_run_is_told():
    """A run that leaves the range of double does not end the others."""
    model = Model([[1e10, 0], [0, 1]], [1, 1])
    sweep = Sweep(model, [[1, 1]], [1, 1e300])
    with pytest.raises(reluflow.NumericalError):
        sweep.run()
    assert sweep.query("status")[0, 0] == 0 and sweep.losses[0, 0] < 1e-12


def test_random_directions():
    for d in (1, 2, 3, 8):
        u = np.stack([reluflow.random_direction(d, seed) for seed in range(400)])
        close(np.linalg.norm(u, axis=1), np.ones(400))
        # The mean of 400 vectors of covariance 1/d: five standard deviations.
        assert np.all(np.abs(u.mean(axis=0)) < 5 / np.sqrt(400 * d))
    assert np.array_equal(reluflow.random_direction(3, -1), reluflow.random_direction(3, 2**64 - 1))
    with pytest.raises(ValueError):
        reluflow.random_direction(0)


def test_same_as_the_command_line():
    """The bundled data, their standardization, the start and the limit are those of `reluflow flow`."""
    output = subprocess.run([os.environ["RELUFLOW_TOOL"], "flow", "--json", "--seed", "5"],
                            check=True, capture_output=True, text=True).stdout
    told = json.loads(output)
    data = reluflow.datasets.load_diabetes()
    model = Model(data.X, data.y, bias=True, weights="mean")
    assert [*data.names, "(bias)"] == told["data"]["columns"] and data.label == "progression"
    u = reluflow.random_direction(11, 5)
    assert u.tolist() == told["start"]["direction"]
    trajectory = model.flow(direction=u, scale=0.01)
    np.testing.assert_allclose(trajectory.limit, told["end"]["weights"], rtol=1e-9)
    assert trajectory.event_count == told["event_counts"]["total"]
    raw = reluflow.datasets.load_diabetes(standardize=False)
    np.testing.assert_allclose(raw.X.mean(axis=0), told["data"]["mean"][:10], rtol=1e-13)
