"""test_analysis.py: descent, certificates, leave-one-out, landscapes.
SPDX-License-Identifier: MIT"""
import pickle

import numpy as np
import pytest

import reluflow
from conftest import problem
from reluflow import EventKind, Model, PointKind
from test_model import close, neuron


@pytest.mark.parametrize("activation, beta", [("relu", 0), ("leaky:0.2", 0.2), ("linear", 1)])
def test_descent(activation, beta):
    """Step by step the iteration written down; at() is the last iterate not after t."""
    X, y, w0 = problem(1)
    eta, steps = 0.01, 60
    trajectory = reluflow.gd(Model(X, y, activation=activation), w0, eta=eta, steps=steps)
    w, iterates = w0.copy(), [w0]
    for _ in range(steps):
        w = w - eta * neuron(X, y, w, 1.0, beta)[1]
        iterates.append(w)
    close(trajectory.weights, w)
    t = eta * (np.arange(steps + 1) + 0.5)[:-1]
    close(trajectory.at(t), iterates[:-1])
    assert trajectory.time == pytest.approx(eta * steps, rel=1e-14)
    assert not trajectory.converged
    with pytest.raises(reluflow.StateError):
        trajectory.run()
    trajectory.step(eta, 10)
    assert trajectory.time == pytest.approx(eta * (steps + 10), rel=1e-14)


def test_descent_far():
    """10^9 small steps end where the flow ends."""
    X, y, w0 = problem(2, labels="positive")
    model = Model(X, y)
    far = model.gd(w0, eta=1e-4, steps=10**9)
    np.testing.assert_allclose(far.weights, model.flow(w0).limit, rtol=1e-9)


def test_descent_fails():
    X, y, w0 = problem(1)
    model = Model(X, y)
    with pytest.raises(reluflow.NumericalError):
        model.gd(w0, eta=1e3, steps=10**6)
    with pytest.raises(reluflow.StateError):
        model.gd(direction=w0, eta=0.1, steps=1)
    for eta, steps in ((0, 1), (-1, 1), (1, -1)):
        with pytest.raises(reluflow.ArgumentError):
            model.gd(w0, eta=eta, steps=steps)


def test_certificate():
    """The norm on a fine grid agrees with what is certified."""
    outcomes = set()
    for seed in range(12):
        X, y, w0 = problem(seed, labels="positive")
        trajectory = Model(X, y).flow(0.5 * w0)
        certificate = trajectory.certificate
        norm = trajectory.norm(trajectory.grid(300))
        falls = np.any(np.diff(norm) < -1e-9)
        outcomes.add(certificate.strictly_increasing)
        if certificate.strictly_increasing:
            assert not falls and np.isnan(certificate.first_failure)
        elif falls:
            t = certificate.first_failure
            assert trajectory.query("norm_rate", t * (1 + 1e-6) + 1e-12) < 0
            before = trajectory.grid(300)
            before = before[before < t]
            assert np.all(np.diff(trajectory.norm(before)) > -1e-9)
    assert outcomes == {True, False}


def test_certificates_of_neurons(network):
    """Each is what the norm of that neuron does on a fine grid; for one neuron the common one."""
    model, W = network
    trajectory = model.flow(W)
    certificates = trajectory.neuron_certificates
    t = trajectory.grid(400)
    norms = np.linalg.norm(trajectory.at(t), axis=2)
    for j in range(3):
        falls = np.flatnonzero(np.diff(norms[:, j]) < -1e-9)
        if certificates.strictly_increasing[j]:
            assert not len(falls) and np.isnan(certificates.first_failure[j])
        elif len(falls):
            assert certificates.first_failure[j] <= t[falls[0] + 1]
    X, y, w0 = problem(2)
    single = Model(X, y).flow(w0)
    assert single.neuron_certificates.strictly_increasing.tolist() \
        == [single.certificate.strictly_increasing]
    np.testing.assert_array_equal(single.neuron_certificates.first_failure,
                                  [single.certificate.first_failure])


def test_groups_of_neurons():
    """Neurons that begin in one direction are one group; its weight is the sum of a |w|."""
    X, y, w0 = problem(2)
    a = np.array([1.0, 0.5, 2.0])
    trajectory = Model(X, y, outer_weights=a).start([w0, 2 * w0, -w0])
    groups = trajectory.neuron_groups()
    assert groups.group.tolist() == [0, 0, 2]
    size = np.linalg.norm(w0)
    close(groups.weight, [2 * size, 2 * size, 2 * size])
    assert trajectory.neuron_groups(np.pi).group.tolist() == [0, 0, 0]
    assert Model(X, y, outer_weights=a).start(np.zeros((3, 4))).neuron_groups().group.tolist() \
        == [-1, -1, -1]
    with pytest.raises(reluflow.ArgumentError):
        trajectory.neuron_groups(-1)


def test_leave_one_out():
    """Against models that never had the datum."""
    X, y, w0 = problem(4)
    trajectory = Model(X, y).flow(w0)
    W = trajectory.leave_one_out()
    assert W.shape == (20, 4)
    for i in range(20):
        keep = np.arange(20) != i
        np.testing.assert_allclose(W[i], Model(X[keep], y[keep]).flow(w0).limit, rtol=1e-9,
                                   atol=1e-9)
    some = trajectory.leave_one_out([7, 3, 7])
    assert some.tobytes() == W[[7, 3, 7]].tobytes()
    assert trajectory.leave_one_out([]).shape == (0, 4)
    for bad in ([20], [-1], [0.5], [[0]]):
        with pytest.raises(reluflow.ArgumentError):
            trajectory.leave_one_out(bad)


def test_leave_one_out_of_a_network(network):
    model, W = network
    trajectory = model.flow(W)
    limits = trajectory.leave_one_out([2, 5])
    assert limits.shape == (2, 3, 3)
    keep = np.arange(12) != 2
    alone = Model(model.X[keep], model.y[keep], outer_weights=model.outer_weights).flow(W)
    np.testing.assert_allclose(limits[0], alone.limit, rtol=1e-7, atol=1e-7)


def test_landscape():
    """Every trajectory ends at a point that is listed, whose gradient vanishes where it should."""
    random = np.random.default_rng(3)
    X, y = random.normal(size=(25, 2)), random.normal(size=25) + 2
    model = Model(X, y)
    landscape = reluflow.landscape(model)
    assert len(landscape) == len(landscape.points) and landscape[0].kind == PointKind.ORIGIN
    minima = landscape.of_kind("interior_minimum")
    assert minima
    for point in landscape:
        if point.kind in (PointKind.INTERIOR_MINIMUM, PointKind.KINK_MINIMUM,
                          PointKind.KINK_SADDLE):
            close(model.loss(point.w), point.loss)
        if point.kind == PointKind.INTERIOR_MINIMUM:
            close(neuron(X, y, point.w)[1], [0, 0], size=np.abs(X.T @ y).max())
        if point.datum >= 0 and point.kind != PointKind.KINK_RAY:
            close(X[point.datum] @ point.w, 0, size=10)
    assert landscape.lowest.loss == landscape.points["loss"].min()
    ends = [(p.kind, p.w) for p in landscape if p.kind in (1, 3, 5)]
    for seed in range(20):
        trajectory = model.flow(3 * reluflow.random_direction(2, seed))
        if len(trajectory.support.active) or len(trajectory.support.boundary):
            nearest = min(np.linalg.norm(trajectory.limit - w) for _, w in ends)
            assert nearest < 1e-9 or not trajectory.support.active.size
    again = pickle.loads(pickle.dumps(landscape))
    assert again.points.tobytes() == landscape.points.tobytes()
    assert "stationary points" in repr(landscape) and "interior_minimum" in landscape._repr_html_()


def test_landscape_needs_the_plane(network):
    with pytest.raises(reluflow.SizeError):
        Model(*problem(1)[:2]).landscape()
    plane = Model(np.eye(2), [1, 1], outer_weights=[1, 1])
    with pytest.raises(reluflow.StateError):
        plane.landscape()


def test_origin_event():
    """Two kinks meet at the origin: the event has no datum."""
    trajectory = Model([[1, 1], [1, -1]], [-1, -1]).flow([1, 0.25])
    origins = trajectory.events[trajectory.events["kind"] == EventKind.ORIGIN]
    assert len(origins) == 1 and origins[0]["datum"] == -1
    assert not trajectory.limit.any()


def test_neurons():
    """Groups of one direction, and the certificate of each neuron against w_j . w_j' at many times."""
    X = np.array([[1, 0], [0, 1], [-1, 0], [0, -1.0]])
    model = Model(X, [1, 2, 0, -1], outer_weights=[1, 1, -1, 1])
    trajectory = model.flow([[0.5, 0.25], [0.5, 0.25], [-1, -0.5], [-1, -1]])
    group, weight = trajectory.neuron_groups()
    assert group.tolist() == [0, 0, 2, 3]
    close(weight, [5**0.5, 5**0.5, -41**0.5 / 4, 17**0.5 / 4])
    assert len(set(trajectory.neuron_groups(np.pi)[0])) == 1
    with pytest.raises(reluflow.ArgumentError):
        trajectory.neuron_groups(-1)
    t = np.linspace(0, 5, 200)
    rate = np.sum(trajectory.at(t) * trajectory.query("velocity", t), axis=2)
    certificates = trajectory.neuron_certificates
    assert certificates.strictly_increasing.tolist() == np.all(rate > 0, axis=0).tolist()
    assert np.isnan(certificates.first_failure).tolist() == np.all(rate >= 0, axis=0).tolist()
    with pytest.raises(reluflow.StateError):
        model.gd(np.ones((4, 2)), eta=0.01, steps=3).neuron_certificates
