"""test_flow.py: trajectories satisfy what the mathematics says of them.
SPDX-License-Identifier: MIT"""
import copy
import pickle

import numpy as np
import pytest

import reluflow
from conftest import problem
from reluflow import EventKind, Model
from test_model import close, neuron


def times_of(trajectory):
    return trajectory.grid(40)


@pytest.mark.parametrize("activation", ["relu", "leaky:0.3", "linear"])
@pytest.mark.parametrize("seed", range(4))
def test_coefficients(seed, activation):
    """w(t) = w(0) + sum_i alpha_i x_i, at all times."""
    X, y, w0 = problem(seed)
    trajectory = Model(X, y, activation=activation).flow(w0)
    t = times_of(trajectory)
    alpha = trajectory.query("coefficients", t)
    assert alpha.shape == (len(t), len(y))
    close(trajectory.at(t), w0 + alpha @ X, size=np.abs(alpha).max())


@pytest.mark.parametrize("seed", range(4))
def test_loss_is_that_of_the_weights(seed):
    X, y, w0 = problem(seed)
    trajectory = Model(X, y).flow(w0)
    t = times_of(trajectory)
    w = trajectory.at(t)
    close(trajectory.loss(t), [neuron(X, y, one)[0] for one in w])
    close(trajectory.norm(t), np.linalg.norm(w, axis=1))
    close(trajectory.margins(t), w @ X.T)
    assert np.all(np.diff(trajectory.loss(t)) <= 1e-12 * trajectory.loss(0.0)), "the loss falls"


@pytest.mark.parametrize("seed", range(3))
def test_velocity(seed):
    """Off the kinks w' = -grad L; and w is the integral of w', by Gauss quadrature between events."""
    X, y, w0 = problem(seed, labels="positive")
    trajectory = Model(X, y).flow(w0, t_end=3)
    nodes, weights = np.polynomial.legendre.leggauss(20)
    cuts = np.unique(np.concatenate([[0, 3], trajectory.events["time"]]))
    total = np.zeros_like(w0)
    for a, b in zip(cuts[:-1], cuts[1:]):
        t = (a + b) / 2 + (b - a) / 2 * nodes
        v = trajectory.velocity(t)
        for one, velocity in zip(trajectory.at(t), v):
            close(velocity, -neuron(X, y, one)[1])
        total += (b - a) / 2 * (weights @ v)
    np.testing.assert_allclose(trajectory.weights - w0, total, atol=1e-10)


def test_vectorized(mixed):
    """at() of an array is at() of each, whatever the shape."""
    t = np.array([[0.0, 0.1, 2.0], [0.5, np.inf, 0.2]])
    w = mixed.at(t)
    assert w.shape == (2, 3, 4) and mixed.loss(t).shape == (2, 3)
    for index in np.ndindex(t.shape):
        assert w[index].tobytes() == mixed.at(t[index]).tobytes()
        assert mixed.loss(t)[index] == mixed.loss(t[index])
    assert isinstance(mixed.loss(0.1), float) and mixed.at(0.1).shape == (4,)
    assert mixed.at([]).shape == (0, 4) and mixed.loss(np.empty((0, 2))).shape == (0, 2)
    assert mixed.at(np.inf).tobytes() == mixed.limit.tobytes()
    assert mixed.at([0, 1]).tobytes() == mixed.at(np.array([0.0, 1.0])).tobytes()


def test_events(mixed):
    """At its event the margin of a datum is 0, and the pattern changes as the kind says."""
    after = {EventKind.DEACTIVATE: {0.0}, EventKind.ACTIVATE: {1.0},
             EventKind.SLIDE_EXIT_ACTIVE: {1.0}, EventKind.SLIDE_EXIT_INACTIVE: {0.0}}
    events = mixed.events
    assert events.dtype.names == ("time", "datum", "neuron", "kind", "flags")
    assert np.all(np.diff(events["time"]) >= 0) and len(events) == mixed.event_count > 5
    for event in events:
        i, t = event["datum"], event["time"]
        scale = np.linalg.norm(mixed.model.X[i]) * mixed.norm(t)
        assert abs(mixed.margins(t)[i]) <= 1e-13 * scale
        theta = mixed.pattern(t)[i]
        assert 0 <= theta <= 1
        if event["kind"] in after:
            assert theta in after[event["kind"]]


def test_events_frame(mixed):
    frame = mixed.events_frame()
    assert len(frame) == mixed.event_count
    assert frame["time"].tolist() == mixed.events["time"].tolist()
    names = [EventKind(kind).name.lower() for kind in mixed.events["kind"]]
    assert frame["kind"].tolist() == names
    assert not frame[["inner", "doubtful"]].any().any()


def test_limit(mixed):
    """At the limit the gradient on the tangent of the kinks vanishes and w' = 0."""
    assert mixed.converged and mixed.time == np.inf and mixed.status == reluflow.Status.OK
    assert mixed.limit.tobytes() == mixed.weights.tobytes()
    assert not mixed.velocity().any()
    X, y = mixed.model.X, mixed.model.y
    theta = mixed.pattern()
    balance = X.T @ (theta * (np.maximum(mixed.margins(), 0) - y))
    close(balance, np.zeros(4), size=np.abs(X.T @ y).max())
    # Late, the flow is there.
    np.testing.assert_allclose(mixed.at(1e6), mixed.limit, atol=1e-12)


def test_stopped_before_the_limit():
    X, y, w0 = problem(3)
    trajectory = Model(X, y).flow(w0, t_end=0.05)
    assert not trajectory.converged and trajectory.time == 0.05
    with pytest.raises(reluflow.NotConvergedError, match="t = 0.05"):
        trajectory.limit
    with pytest.raises(reluflow.ArgumentError, match="from 0 to 0.05"):
        trajectory.at([0.01, 0.06])
    with pytest.raises(reluflow.ArgumentError, match="t = -1"):
        trajectory.loss(-1)
    with pytest.raises(reluflow.NotFiniteError):
        trajectory.at([0.01, np.nan])
    with pytest.raises(reluflow.ArgumentError):
        trajectory.run(0.01)
    with pytest.raises(reluflow.ArgumentError, match="no quantity is called 'speed'"):
        trajectory.query("speed")
    # Going on is the same as not having stopped.
    whole = Model(X, y).flow(w0)
    assert trajectory.run() == reluflow.Status.OK
    assert [tuple(e)[1:] for e in trajectory.events] == [tuple(e)[1:] for e in whole.events]
    close(trajectory.limit, whole.limit)


def test_event_limit_and_advance():
    X, y, w0 = problem(3)
    model = Model(X, y)
    whole = model.flow(w0)
    short = model.flow(w0, max_events=3)
    assert short.status == reluflow.Status.EVENT_LIMIT and short.event_count >= 3
    while short.run() == reluflow.Status.EVENT_LIMIT:
        pass
    assert short.events.tobytes() == whole.events.tobytes()
    stepwise = model.start(w0)
    seen = list(iter(stepwise.advance, None))
    assert np.array(seen).tobytes() == whole.events.tobytes() and stepwise.converged
    assert model.start(w0).advance(1e-9) is None


def test_starts():
    X, y, w0 = problem(9)
    model = Model(X, y)
    close(model.flow(direction=w0, scale=2.0).limit, model.flow(2 * w0).limit)
    vanishing = model.flow(direction=w0)
    assert vanishing.inner_ending == reluflow.InnerEnding.ESCAPE
    small = model.flow(direction=w0, scale=1e-6)
    np.testing.assert_allclose(vanishing.limit, small.limit, atol=1e-4)
    for bad in ({}, {"w0": w0, "direction": w0}, {"w0": w0, "scale": 1.0}):
        with pytest.raises(reluflow.ArgumentError):
            model.flow(**bad)
    with pytest.raises(reluflow.SizeError, match=r"\(3,\), not \(4,\)"):
        model.flow(w0[:3])
    with pytest.raises(reluflow.ArgumentError):
        model.flow(direction=np.zeros(4), scale=0)
    with pytest.raises(reluflow.ArgumentError):
        model.flow(direction=w0, scale=-1)


def test_histories(mixed):
    """Counts and times of activity against the list of events."""
    events = mixed.events
    active = mixed.margins(0.0) > 0
    first = np.where(active, 0.0, np.nan)
    for event in events:
        i = event["datum"]
        if event["kind"] in (EventKind.ACTIVATE, EventKind.SLIDE_EXIT_ACTIVE) and np.isnan(first[i]):
            first[i] = event["time"]
    np.testing.assert_array_equal(mixed.query("first_active"), first)
    last = mixed.query("last_active")
    assert np.all(last[mixed.states == 1] == np.inf)
    ever = set(np.flatnonzero(~np.isnan(first)))
    slid = set(events["datum"][events["kind"] == EventKind.SLIDE_ENTER])
    assert set(mixed.support.trajectory) == ever | slid
    assert mixed.support.active.tolist() == np.flatnonzero(mixed.states == 1).tolist()
    assert set(np.flatnonzero(mixed.states == 2)) <= set(mixed.support.boundary)


def test_unrecorded():
    X, y, w0 = problem(3)
    trajectory = Model(X, y).flow(w0, record=False)
    assert trajectory.limit.tobytes() == Model(X, y).flow(w0).limit.tobytes()
    for ask in (lambda: trajectory.events, lambda: trajectory.at(0.1),
                lambda: trajectory.coefficients, lambda: trajectory.certificate):
        with pytest.raises(reluflow.StateError):
            ask()
    assert "<table>" in trajectory._repr_html_()


def test_several_neurons(network):
    """Shapes, outputs, coefficients and the balance a_k (w_j - w_j(0)) of a common pattern."""
    model, W = network
    trajectory = model.flow(W)
    X, y, a = model.X, model.y, model.outer_weights
    assert trajectory.limit.shape == (3, 3) and trajectory.at([0, 1]).shape == (2, 3, 3)
    assert trajectory.margins().shape == (3, 12) and trajectory.residuals().shape == (12,)
    assert trajectory.states.shape == (3, 12)
    t = times_of(trajectory)
    w = trajectory.at(t)
    outputs = np.einsum("j,tjn->tn", a, np.maximum(w @ X.T, 0))
    close(trajectory.query("outputs", t), outputs)
    close(trajectory.loss(t), 0.5 * np.sum((outputs - y) ** 2, axis=1))
    close(model.predict(w[3], X), outputs[3])
    close(trajectory.predict(), trajectory.query("outputs"))
    assert set(trajectory.events["neuron"]) <= {0, 1, 2} and trajectory.event_count > 0
    flat = model.flow(W.reshape(-1))
    assert flat.limit.tobytes() == trajectory.limit.tobytes()
    # One neuron with outer weight 1 is the single neuron, in the shape of a network.
    single = Model(X, y, outer_weights=[1.0]).flow(W[:1])
    assert single.limit.shape == (1, 3)
    close(single.limit[0], Model(X, y).flow(W[0]).limit)


def test_network_coefficients(network):
    model, W = network
    trajectory = model.flow(W)
    t = times_of(trajectory)
    alpha = trajectory.query("coefficients", t)
    close(trajectory.at(t), W + alpha @ model.X, size=np.abs(alpha).max())


def test_kept(mixed, network, tmp_path):
    """Pickled, copied, saved and loaded it answers the same and runs on to the same bits."""
    model, W = network
    halfway = model.start(W)
    halfway.run(0.1)
    for trajectory in (mixed, halfway):
        path = tmp_path / "run.reluflow"
        trajectory.save(path)
        for again in (pickle.loads(pickle.dumps(trajectory)), copy.copy(trajectory),
                      copy.deepcopy(trajectory), trajectory.clone(), reluflow.load(path)):
            t = trajectory.grid(20)
            assert again.at(t).tobytes() == trajectory.at(t).tobytes()
            assert again.events.tobytes() == trajectory.events.tobytes()
            original = trajectory.clone()
            again.run()
            original.run()
            assert again.limit.tobytes() == original.limit.tobytes()
    assert halfway.time == 0.1, "what a copy does leaves the original alone"


def test_loaded_network(tmp_path):
    """The outer weights are found again, so that a loaded network predicts what the saved one did."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(6, 3))
    for outer in ([2.5], [1.0, -0.3, 7.0]):
        trajectory = reluflow.Model(X, rng.normal(size=6), outer_weights=outer).flow(
            rng.normal(size=(len(outer), 3)))
        trajectory.save(tmp_path / "network")
        loaded = reluflow.load(tmp_path / "network")
        np.testing.assert_allclose(loaded.model.outer_weights, outer, rtol=4e-16)
        np.testing.assert_allclose(loaded.predict(X), trajectory.predict(X), rtol=1e-14, atol=1e-14)


def test_loaded(tmp_path):
    """A file tells data, labels and activation; not the weights."""
    X, y, w0 = problem(11)
    for activation, slope in (("relu", 0), ("leaky:0.3", 0.3), ("linear", 1)):
        Model(X, y, activation=activation, weights="mean").flow(w0).save(tmp_path / "run")
        model = reluflow.load(tmp_path / "run").model
        assert model.X.tobytes() == X.tobytes() and model.y.tobytes() == y.tobytes()
        close(model.slope, slope)
        assert model.weights is None
        again = pickle.loads(pickle.dumps(model))
        assert again.loss(w0) == model.loss(w0)
    damaged = bytearray((tmp_path / "run").read_bytes())
    damaged[100] ^= 1
    (tmp_path / "bad").write_bytes(damaged)
    with pytest.raises(reluflow.CorruptError) as caught:
        reluflow.load(tmp_path / "bad")
    assert caught.value.message and caught.value.status == -7
    with pytest.raises(FileNotFoundError):
        reluflow.load(tmp_path / "none")


def test_shown(mixed):
    assert repr(mixed).startswith("<reluflow.Trajectory: limit reached and certified, ")
    html = mixed._repr_html_()
    assert html.count("<svg") == 1 and "polyline" in html and "slide_enter" in html
    start = mixed.model.start(mixed.at(0.0))
    assert "at t = 0, 0 events" in repr(start) and "<table>" in start._repr_html_()
    dead = Model([[1.0, 0.0]], [1.0]).flow([-1.0, 0.0])
    assert "0 events" in repr(dead) and "<table>" in dead._repr_html_()
    with pytest.raises(TypeError, match="Model.flow"):
        reluflow.Trajectory()


def test_grid(mixed):
    t = mixed.grid(50)
    assert t[0] == 0 and np.all(np.diff(t) > 0) and np.all(np.isfinite(t))
    assert set(mixed.events["time"]) <= set(t)
    assert mixed.model.flow(mixed.at(0.0), t_end=0.5).grid(10)[-1] == 0.5
    for trivial in (Model([[1.0]], [1.0]).flow([-1.0]), Model([[1.0]], [1.0]).start([1.0]),
                    Model([[0.0]], [1.0]).flow([1.0])):
        assert trivial.grid(10)[0] == 0
